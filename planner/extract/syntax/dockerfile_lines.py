"""Dockerfile syntax: parser directives, continued lines, comments, heredocs; not what instructions mean."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from planner.extract.written import Piece, Written, written
from planner.model.source import SourceFile

_DIRECTIVE = r"[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(\S+)"
# A frontend may have another comment mark than `#`: what names the frontend is looked for behind `//` as well.
_MARKED = (re.compile("#" + _DIRECTIVE), re.compile("//" + _DIRECTIVE))
_HEREDOC_KEYWORDS = frozenset({"ADD", "COPY", "RUN"})
# Quoted text is matched too, up to the end where the quote stays open, so that no `<<` inside it counts.
_HEREDOC = re.compile(
    r"""(?:(?<=\s)|^)\d*<<(-?)(["']?)([^\s"'<>|&;()]+)\2(?=\s|$)|"(?:\\.|[^"\\])*(?:"|$)|'[^']*(?:'|$)"""
)
# A step that is larger than this is generated data; what it could name as an image stands at its beginning.
_MAX_INSTRUCTION = 256 * 1024


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction with its continued lines joined. `keyword` is in capitals, `arguments` is what follows it."""

    keyword: str
    arguments: Written


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """`directives` are the parser directives at the top by lower-case name, `instructions` follow in order."""

    directives: dict[str, Written]
    instructions: tuple[Instruction, ...]

    @property
    def escape(self) -> str:
        """The character that continues a line: a backslash, or a backtick where the directive says so."""
        named = self.directives.get("escape")
        return "`" if named and named.text == "`" else "\\"


class _Line(NamedTuple):
    """A line without its end, and where it starts."""

    start: int
    text: str


def parse(source: SourceFile) -> Dockerfile:
    """Read a Dockerfile as BuildKit's parser splits it. Never fails: any first word is a keyword."""
    lines = _lines(source.text)
    directives = _directives(source, lines)
    escape = Dockerfile(directives, ()).escape
    return Dockerfile(directives, tuple(_instructions(source, lines, escape)))


def _lines(text: str) -> list[_Line]:
    """Split at line feeds only, as the parser does."""
    lines = []
    start = 1 if text.startswith("\ufeff") else 0
    for line in text[start:].split("\n"):
        lines.append(_Line(start, line.removesuffix("\r")))
        start += len(line) + 1
    return lines


def _directives(source: SourceFile, lines: Sequence[_Line]) -> dict[str, Written]:
    hashed, slashed = (dict(_marked(source, lines, mark)) for mark in _MARKED)
    return {name: value for name, value in slashed.items() if name == "syntax"} | hashed


def _marked(source: SourceFile, lines: Sequence[_Line], mark: re.Pattern[str]) -> Iterator[tuple[str, Written]]:
    """The directives at the top; of one that is given twice the last."""
    for number, line in enumerate(lines):
        if number == 0 and line.text.startswith("#!"):
            continue
        found = mark.match(line.text)
        if not found:
            break
        yield found[1].lower(), written(source, line.start + found.start(2), line.start + found.end(2))


def _instructions(source: SourceFile, lines: Sequence[_Line], escape: str) -> Iterator[Instruction]:
    ends = _Ends(lines)
    position = size = 0
    parts: list[Written] = []
    while position < len(lines):
        start, text = lines[position]
        position += 1
        bare = text.strip()
        # Comments and empty lines are dropped between continued lines as well.
        if not bare or bare.startswith("#"):
            continue
        ending = text.rstrip(" \t")
        is_continued = ending.endswith(escape) and not ending.endswith(escape * 2)
        length = len(ending) - 1 if is_continued else len(text)
        if size < _MAX_INSTRUCTION:
            parts.append(written(source, start, start + length))
            size += length + 1
        if not is_continued:
            instruction = _instruction(parts)
            yield instruction
            position = _after_heredocs(instruction, ends, position)
            parts, size = [], 0
    if parts:
        yield _instruction(parts)


def _instruction(parts: Sequence[Written]) -> Instruction:
    whole = _joined(parts)[:_MAX_INSTRUCTION]
    found = re.match(r"\s*(\S+)\s*", whole.text)
    if not found:
        return Instruction("", whole)
    return Instruction(found[1].upper(), whole[found.end() :].strip())


def _joined(parts: Sequence[Written]) -> Written:
    """One piece, so that cutting words out of thousands of continued lines stays cheap."""
    pieces = [piece for part in parts for piece in part.pieces]
    if len(pieces) < 2:
        return Written(tuple(pieces))
    offsets = array("L", (offset for piece in pieces for offset in piece.offsets))
    return Written((Piece(pieces[0].source, "".join(piece.text for piece in pieces), offsets),))


class _Ends:
    """Where a line stands that ends a heredoc: every line by its text, read once however many heredocs there are."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._lines = lines
        self._numbers: dict[str, list[int]] | None = None

    def after(self, name: str, position: int, indented: bool) -> int | None:
        """The number of the line after the next one that is `name`, None where there is none."""
        if self._numbers is None:
            self._numbers = {}
            for number, line in enumerate(self._lines):
                self._numbers.setdefault(line.text, []).append(number)
                if line.text.startswith("\t"):
                    self._numbers.setdefault("\t" + line.text.lstrip("\t"), []).append(number)
        spellings = [name, "\t" + name] if indented else [name]
        candidates = []
        for spelling in spellings:
            numbers = self._numbers.get(spelling, [])
            candidates += numbers[bisect_left(numbers, position) :][:1]
        return min(candidates) + 1 if candidates else None


def _after_heredocs(instruction: Instruction, ends: _Ends, position: int) -> int:
    """The number of the line after the heredoc bodies; a heredoc without an end is none, so that it hides nothing."""
    keyword, arguments = unwrapped(instruction)
    if keyword not in _HEREDOC_KEYWORDS or "<<" not in arguments.text:
        return position
    for found in _HEREDOC.finditer(arguments.text):
        if found[3]:
            position = ends.after(found[3], position, indented=bool(found[1])) or position
    return position


def unwrapped(instruction: Instruction) -> tuple[str, Written]:
    """Keyword and arguments, of the inner instruction for ONBUILD."""
    if instruction.keyword != "ONBUILD":
        return instruction.keyword, instruction.arguments
    inner = _instruction([instruction.arguments])
    return inner.keyword, inner.arguments
