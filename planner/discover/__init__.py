"""Stage 1: the text files below a folder that hold a digest, or use one. Reads bytes and decides; parses nothing."""

from planner.discover.ahead import Ahead, look_ahead
from planner.discover.piped import Piped, PipedTree, read_piped
from planner.discover.tree import MAX_BYTES, Tree, discover

__all__ = ["MAX_BYTES", "Ahead", "Piped", "PipedTree", "Tree", "discover", "look_ahead", "read_piped"]
