"""What is piped into planner, as a tree of one file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from planner.discover.problems import printable, wrong_encoding
from planner.discover.read import decode, has_digest, is_binary
from planner.discover.search import Wanted
from planner.discover.tree import MAX_BYTES
from planner.model.source import Problem, SourceFile

# What clusters say of themselves is longer than what people write.
MAX_PIPED_BYTES = 5 * MAX_BYTES
STDIN = "stdin"
_SNIFFED = 64 * 1024
_JSON = re.compile(r"\s*[\[{]")
# A tag has no space after its colon, so that lists of references are no YAML.
_YAML = re.compile(r"""^(?:---(?:\s|$)|%YAML|(?:- )*["']?[\w./-]+["']?:(?:[ \t]|\r?$))""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piped:
    """The bytes that were piped in, at most one more than MAX_PIPED_BYTES, and the name that their user gave them."""

    data: bytes
    name: str | None = None


@dataclass(slots=True)
class PipedTree:
    """What was piped in, as the only file of a tree; see Tree, whose place it takes.

    Its name is what the user calls it, else `stdin` with an ending for JSON and YAML, so that formats claim it.
    """

    piped: Piped
    wanted: Wanted | None = None
    seen: int = 0
    name: str = field(init=False)
    _text: str = field(init=False)
    _wrong_line: int = field(init=False)

    def __post_init__(self) -> None:
        self._text, self._wrong_line = decode(self.piped.data)
        self.name = printable(self.piped.name or STDIN + _ending(self._text[:_SNIFFED]))

    def by_turns(self) -> Iterator[tuple[int, SourceFile | Problem]]:
        """The file if it is worth extracting, or the Problem that it could not be read, with a turn of no meaning."""
        yield from ((0, one) for one in self._found())

    def _found(self) -> Iterator[SourceFile | Problem]:
        data = self.piped.data
        if is_binary(data):
            text = "what was piped in is binary, so its images were not checked; pipe in text, JSON or YAML say"
            yield Problem("file", self.name, "unreadable", text)
            return
        if len(data) > MAX_PIPED_BYTES:
            text = (
                f"more than {MAX_PIPED_BYTES:,} bytes were piped in, so its images were not checked; pipe it in parts, "
                "one namespace after the other say"
            )
            yield Problem("file", self.name, "too-large", text)
            return
        self.seen = 1 if data else 0
        source = SourceFile(self.name, self._text)
        if has_digest(data) or (self.wanted and self.wanted(source)):
            if self._wrong_line:
                yield wrong_encoding(self.name, self._wrong_line)
            yield source

    def lookup(self, _path: str) -> SourceFile | None:
        """No other file: what lies in the current folder need not belong to what is piped in."""
        return None

    def paths(self) -> Iterator[str]:
        """The path of every file: its name."""
        yield self.name


def read_piped(stream: BinaryIO, name: str | None) -> Piped:
    """All that a pipe gives, up to a byte beyond the limit. Raises OSError."""
    return Piped(stream.read(MAX_PIPED_BYTES + 1), name)


def _ending(start: str) -> str:
    if _JSON.match(start):
        return ".json"
    return ".yaml" if _YAML.search(start) else ""
