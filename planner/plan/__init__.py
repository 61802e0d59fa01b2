"""Stage 5, plan: the ways out of what assess found. Pure."""
