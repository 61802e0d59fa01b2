"""Stage 6: a Report as text. One module per output format, each of which registers itself."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import PurePath
from pkgutil import walk_packages

from planner.report.format import DIFF_FORMATS, FORMATS, PLAN_FORMATS, Format, Options

__all__ = ["DIFF_FORMATS", "FORMATS", "PLAN_FORMATS", "Format", "Options", "format_for"]

for _module in walk_packages(__path__, f"{__name__}."):
    import_module(_module.name)


def format_for(path: str, among: Mapping[str, Format] = FORMATS) -> Format | None:
    """The format that a file of this name is in, by its suffix; None if no format claims it."""
    suffix = PurePath(path).suffix.lower()
    return next((known for known in among.values() if suffix and suffix in known.suffixes), None)
