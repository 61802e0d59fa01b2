"""Files that a template engine makes YAML of (Go templates, Jinja), read without running it; offsets stay true."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Stands for each character that a template fills in; no file that people write has it, and YAML allows it.
FILLED = "\ue000"
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPENING = re.compile(r"\{\{|(?<!\$)\{[%#]")  # `${#name}` is a shell's
_COMMENT = re.compile(r"\{\{-?\s*/\*")
_CONTROL = re.compile(
    r"\{%|\{\{-?\s*(?:(?:if|else|end|range|with|define|block|template|break|continue|fail)\b|\$\w+\s*:?=)"
)

_LINES = re.compile(r"\bn?indent\b|\btoYaml\b")  # what gives whole lines, for which the key before has no value


@dataclass(frozen=True, slots=True)
class Mark:
    """A template's own words in a file, from `{{` to `}}`; control words fill in no value."""

    start: int
    stop: int
    is_comment: bool
    is_control: bool


def marks(text: str) -> Iterator[Mark]:
    """Every mark of a file in its order; what is never closed is none."""
    position = 0
    unclosed: set[str] = set()
    while opening := _OPENING.search(text, position):
        if opening[0] in unclosed:
            position = opening.end()
            continue
        start = opening.start()
        is_comment = opening[0] == "{#" or _COMMENT.match(text, start) is not None
        inner = text.find("*/", start) if is_comment and opening[0] == "{{" else start + 2
        end = text.find(_ENDS[opening[0]], inner) if inner >= 0 else -1
        if end < 0:
            unclosed.add(opening[0])
            continue
        position = end + 2
        is_control = _CONTROL.match(text, start) is not None or _LINES.search(text, start, position) is not None
        yield Mark(start, position, is_comment, is_control)


def blanked(text: str) -> str:
    """The text without its marks: blanks for comments, control and lines of marks alone, FILLED for values."""
    parts: list[str] = []
    position = 0
    for mark in marks(text):
        between = text[position : mark.start]
        parts += [between, _blank(text, mark)]
        position = mark.stop
    return _LONE.sub(lambda found: " " * len(found[0]), "".join([*parts, text[position:]]))


_LONE = re.compile(rf"^[ \t]*{FILLED}[{FILLED} \t]*$", re.MULTILINE)


def _blank(text: str, mark: Mark) -> str:
    first, line_end, rest = text[mark.start : mark.stop].partition("\n")
    filler = " " if mark.is_comment or mark.is_control else FILLED
    return filler * len(first) + line_end + re.sub(r"[^\n]", " ", rest)
