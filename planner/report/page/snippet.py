"""What somebody writes who accepts a finding: a comment beside the reference, or a table of planner.toml.

The date and the reason are theirs, so both are left open; a snippet that still has YYYY-MM-DD in it is refused.
"""

import re

from planner.model.occurrence import Occurrence
from planner.report.page.aggregate import Entry

_GLOB = re.compile(r"[\\*?\[\]!#]")
# A whole entry of YAML, an instruction, a variable: what begins on its own line.
_KEYED = re.compile(r"(?:- )*[\"']?[\w.-]+[\"']?:\s")
_FROM = re.compile(r"from\s", re.IGNORECASE)
_SET = re.compile(r"[A-Za-z_]\w*=")
_DAY, _WHY = "YYYY-MM-DD", "why, and a ticket"


def comment(cause: str) -> str:
    """The comment that accepts a cause for the reference below it, or on its line."""
    return f"# planner: ignore[{cause}] until {_DAY}: {_WHY}"


def table(entry: Entry, part: str = "") -> list[str]:
    """The lines of an `[[ignore]]` table for an image with a cause, whatever tag is beside its digest, or for its file.

    `part` is the name before its files where the report is merged of several, each with settings of its own. The hosts
    are left open: a reference that is accepted for some of them is rare, and a longer list is misread.
    """
    files = [place.file.removeprefix(f"{part}/") if part else place.file for place in entry.places]
    lines = ["[[ignore]]", f"cause = {_string(entry.cause)}", f"image = {_string(entry.image.pinned)}"]
    if len(set(files)) == 1:
        anchored = "/" + _GLOB.sub(r"\\\g<0>", files[0])
        lines.append(f"path = {_string(anchored)}")
    return [*lines, f'reason = "{_WHY}"', f"expires = {_DAY}"]


def can_be_beside(place: Occurrence) -> bool:
    """Whether a comment may stand on a line of its own above the reference, and be none of the text that is run.

    Between the lines of a command, and within a text over several lines, it would be.
    """
    name = place.file.rpartition("/")[2].lower()
    is_yaml = name.endswith((".yml", ".yaml")) and place.confidence == "parsed"
    return bool(
        (is_yaml and _KEYED.match(place.excerpt))
        or (place.format == "dockerfile" and _FROM.match(place.excerpt))
        or (place.format == "dotenv" and _SET.match(place.excerpt))
    )


def _string(text: str) -> str:
    """A basic string of TOML 1.0, in which everything that does not print is escaped."""
    return '"' + "".join(map(_character, text)) + '"'


def _character(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    return f"\\u{ord(char):04X}" if ord(char) < 0x10000 else f"\\U{ord(char):08X}"
