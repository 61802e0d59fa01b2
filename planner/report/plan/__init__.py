"""The plan in each format."""
