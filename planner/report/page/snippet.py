"""What somebody writes who accepts a finding: a comment beside the reference, or a table of planner.toml.

The date and the reason are theirs, so both are left open; a snippet that still has YYYY-MM-DD in it is refused.
"""

import re

from planner.model.occurrence import Occurrence
from planner.report.page.aggregate import Entry

_GLOB = re.compile(r"[\\*?\[\]!#]")
_DAY, _WHY = "YYYY-MM-DD", "why, and a ticket"


def comment(cause: str) -> str:
    """The comment that accepts a cause for the reference below it, or on its line."""
    return f"# planner: ignore[{cause}] until {_DAY}: {_WHY}"


def table(entry: Entry) -> list[str]:
    """The lines of an `[[ignore]]` table for an image with a cause, whatever tag is beside its digest, or for its file.

    The hosts are left open: a reference that is accepted for some of them is rare, and a longer list is misread.
    """
    files = [place.file for place in entry.places]
    lines = ["[[ignore]]", f"cause = {_string(entry.cause)}", f"image = {_string(entry.image.pinned)}"]
    if len(set(files)) == 1:
        anchored = "/" + _GLOB.sub(r"\\\g<0>", files[0])
        lines.append(f"path = {_string(anchored)}")
    return [*lines, f'reason = "{_WHY}"', f"expires = {_DAY}"]


def can_be_beside(place: Occurrence) -> bool:
    """Whether the file may have comments at all."""
    return not place.file.endswith(".json")


def _string(text: str) -> str:
    """A basic string of TOML 1.0, in which everything that does not print is escaped."""
    return '"' + "".join(map(_character, text)) + '"'


def _character(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"
