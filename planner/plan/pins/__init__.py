"""Pins changed in files: which characters, in which text, and whether it then says what was meant. Pure."""
