"""`planner explain` and `planner engines`: the knowledge, for one image, one message or by itself, as text."""
