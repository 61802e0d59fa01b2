"""Text for the terminal: safe to show, and no wider than the window. Pipes get every line whole."""

import re
import shutil
import sys
import textwrap
from collections.abc import Iterable

from planner.report.escape import visible

_NARROWEST = 40
# The width of the column of version ranges.
RANGE = 22
_CODE = re.compile(r"`[^`]*`")
_COLUMN = re.compile(r"^\s*(?:- )?|\S  +(?=\S)")


def page(lines: Iterable[str]) -> str:
    """The lines as text for stdout. What comes from files and registries may hold what a terminal obeys."""
    safe = [visible(line).rstrip() for line in lines]
    if sys.stdout is not None and sys.stdout.isatty():
        width = max(shutil.get_terminal_size().columns, _NARROWEST)
        safe = [part for line in safe for part in wrapped(line, width)]
    return "".join(f"{line}\n" for line in safe)


def wrapped(line: str, width: int) -> list[str]:
    """The line in parts of at most `width` columns, continued below the column where its last part begins.

    What stands in `backticks`, and words longer than that, stay whole: they are there to be copied.
    """
    if len(line) <= width:
        return [line]
    hang = max((found.end() for found in _COLUMN.finditer(line) if found.end() <= width // 2), default=0)
    whole = _CODE.sub(lambda code: code.group().replace(" ", "\xa0"), line)
    parts = textwrap.wrap(whole[hang:], width - hang, break_long_words=False, break_on_hyphens=False)
    margins = (" " * hang if number else line[:hang] for number in range(len(parts)))
    return [margin + part.replace("\xa0", " ") for margin, part in zip(margins, parts, strict=True)]
