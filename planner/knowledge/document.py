"""A knowledge file as text: read within bounds, parsed, and every mistake in it told with its line."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from planner.errors import KnowledgeError

# A place in a document: the keys that lead to it, a number for each of several tables of one name.
Place = tuple[str | int, ...]
Mistake = tuple[Place, str]

_LARGEST = 4_000_000  # bytes; the largest shipped file has a twentieth
_MOST_TOLD = 20
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_MEMBER = re.compile(r"""\s*(["']?)([\w.-]+)\1\s*=\s*(.*)$""")
_BARE = re.compile(r"(?:[v<>=*~]*\d[\w.,<>=~+-]*|\*|[<>]=?.*)$")


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds; `path` as it was given, `members` as TOML has them."""

    path: Path
    text: str
    members: dict[str, Any]

    def line(self, place: Place) -> int:
        """The line of a place, else of the closest table around it."""
        known = _lines(self.text)
        return next((known[place[:end]] for end in range(len(place), 0, -1) if place[:end] in known), 1)

    def written(self, place: Place) -> str:
        """What stands behind the `=` of a member, without a comment; empty where it is not on a line of its own."""
        found = _MEMBER.match(self.text.split("\n")[self.line(place) - 1])
        return found[3].partition("#")[0].strip() if found else ""

    def refuse(self, mistakes: Iterable[Mistake]) -> None:
        """Raise KnowledgeError for the mistakes, a line each; return where there is none."""
        told = sorted({(self.line(place), _where(place), what) for place, what in mistakes})
        lines = [f"{self.path}:{line}: {where}{what}" for line, where, what in told[:_MOST_TOLD]]
        if len(told) > _MOST_TOLD:
            lines.append(f"and {len(told) - _MOST_TOLD} more mistakes in {self.path}")
        if lines:
            raise KnowledgeError("\n".join(lines))


def read_document(path: Path) -> Document:
    """Read and parse a file. Raises KnowledgeError for what cannot be read, is too large or is no TOML."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        text = data.decode("utf-8").replace("\r\n", "\n")
    except (OSError, ValueError) as error:
        raise KnowledgeError(f"cannot read the knowledge file {path}: {error}") from error
    if len(data) > _LARGEST:
        raise KnowledgeError(f"{path} has more than {_LARGEST // 1_000_000} MB: no knowledge file is as large")
    try:
        return Document(path, text, tomllib.loads(text))
    except (ValueError, RecursionError) as error:
        raise KnowledgeError(_no_toml(path, text, str(error))) from error


def _no_toml(path: Path, text: str, error: str) -> str:
    """The words of tomllib with the line in front; an unquoted version or range is the mistake that people make."""
    found = re.search(r" \(at line (\d+), column \d+\)$", error)
    line = int(found[1]) if found else text.count("\n") + 1
    reason = error[: found.start()] if found else error.removesuffix(" (at end of document)")
    member = _MEMBER.match(text.split("\n")[line - 1])
    value = member[3].partition("#")[0].strip() if member else ""
    if member and _BARE.match(value):
        reason = f"a version or range stands in quotes; write {member[2]} = {quoted(value)}"
    return f"{path}:{line}: {reason}"


def quoted(value: str) -> str:
    """A value as TOML text."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(maxsize=1)  # asked for every mistake in one file
def _lines(text: str) -> dict[Place, int]:
    """The line where each place begins."""
    return dict(reversed(list(_places(text))))


def _places(text: str) -> Iterator[tuple[Place, int]]:
    """Every table and member that begins a line, with the line. Text in several lines may look like one: no harm."""
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _keys(header[2])
            for end in range(1, len(table) + 1):
                yield table[:end], number
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield table, number
        elif member := _MEMBER.match(line):
            yield (*table, *([member[2]] if member[1] else _keys(member[2]))), number


def _keys(dotted: str) -> Place:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _where(place: Sequence[str | int]) -> str:
    """The table that a place is in, for people: `need.schema1: `."""
    numbers = [index for index, part in enumerate(place) if isinstance(part, int)]
    # What is behind the number of a table is its member, which the text names.
    names = place[: numbers[0]] if numbers else place[:-1]
    return f"{'.'.join(map(str, names))}: " if names else ""
