"""`planner formats`: which files are read, and what in them."""

import sys
from collections.abc import Iterator
from difflib import get_close_matches
from inspect import getdoc

from planner.errors import UsageError
from planner.explain.layout import page
from planner.extract import FORMATS, Format

_WHERE_TO_GO = ("", "What is read in one of them, with an example: planner formats NAME")


def format_text(name: str | None) -> str:
    """Every file format in a list, or what is read in one; UsageError for an unknown name."""
    if name is None:
        return page([*_list(), *_WHERE_TO_GO])
    known = FORMATS.get(name.lower())
    if known is None:
        near = get_close_matches(name.lower(), FORMATS, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`planner formats` lists them"
        raise UsageError(f"there is no file format {name!r}; {hint}")
    return page(_one(known))


def _list() -> Iterator[str]:
    width = max(map(len, FORMATS))
    for name, each in sorted(FORMATS.items()):
        yield f"{name:<{width}}  {each.title}"


def _one(known: Format) -> Iterator[str]:
    yield f"{known.title} ({known.name})"
    if known.files:
        yield f"files: {known.files}"
    yield from ("", " ".join(about(known).split()))
    if known.example:
        yield from ("", f"{known.example.path}:", "")
        yield from (f"    {line}" for line in known.example.text.splitlines())


def about(known: Format) -> str:
    """What is read in files of a format: the docstring of its module, which bears its name."""
    return getdoc(sys.modules[f"planner.extract.{known.name.replace('-', '_')}"]) or ""
