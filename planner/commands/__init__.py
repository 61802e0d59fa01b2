"""The commands beside `scan` and `snapshot`, which are in cli.py: each module reads flags and prints."""
