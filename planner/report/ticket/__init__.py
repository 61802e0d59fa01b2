"""Change tickets: which changes there are, their levels, and their words."""
