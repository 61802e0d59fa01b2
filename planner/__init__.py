"""planner: which image pulls, pinned by digest, will break today or after a planned upgrade."""

__version__ = "0.1.0"
