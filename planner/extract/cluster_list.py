"""What a cluster prints of its workloads as JSON, shortened to what names images: most of it is status and defaults.

To read two thousand pods as nodes takes five seconds; nearly all of that is saved by leaving out what cannot matter.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, cast

from planner.extract.format import DIGEST, Found
from planner.extract.written import place_at
from planner.model.occurrence import Occurrence
from planner.model.source import SourceFile

_WORKLOADS = frozenset(
    {"Pod", "Deployment", "ReplicaSet", "ReplicationController", "DaemonSet", "StatefulSet", "Job", "CronJob"}
)
_NEEDED = frozenset({"metadata", "nodeSelector", "spec", "template"})  # names and platforms, though no digest is there
_WHOLE = frozenset({"env"})  # one variable may go on with another
_IS_LIST = re.compile(r'\s*\{[^{}\[\]]*"items"\s*:\s*\[')
_TAGGED = re.compile(rf'[iI]mage"|"reference"|{DIGEST.pattern}', re.IGNORECASE)
_BLANK = re.compile(r"[ \t\r\n]*")
_scan = cast("Callable[[str, int], tuple[Any, int]]", JSONDecoder().scan_once)  # type: ignore[attr-defined]
_string = cast("Callable[[str, int], tuple[str, int]]", scanstring)


@dataclass(frozen=True, slots=True)
class Shortened:
    """A shorter text that reads the same as YAML, and where its pieces stand in the file."""

    whole: SourceFile
    source: SourceFile
    _starts: list[int]
    _offsets: list[int]

    def restored(self, every: Iterable[Found]) -> Iterator[Found]:
        """What was found in the shorter text, at its place in the file."""
        lines = [0, *(end.end() for end in re.finditer("\n", self.source.text))]
        for found in every:
            if not found.line:
                yield found
                continue
            place = place_at(self.whole, self._origin(lines[found.line - 1] + found.column - 1))
            if isinstance(found, Occurrence):
                # A text is in one piece, and so is what stands in it.
                spans = tuple(replace(span, offset=self._origin(span.offset)) for span in found.spans)
                yield replace(found, line=place.line, column=place.column, spans=spans)
            else:
                yield replace(found, line=place.line, column=place.column)

    def _origin(self, at: int) -> int:
        piece = bisect_right(self._starts, at) - 1
        return self._offsets[piece] + at - self._starts[piece]


def shortened(source: SourceFile, skipped: frozenset[str], tags: bool) -> Shortened | None:
    """A JSON list of objects without what cannot name an image in its workloads; None for anything else.

    Members whose key is in `skipped` are nowhere read; others go where they have neither a digest nor, with `tags`,
    an image. Other objects are left as they are.
    """
    if not _IS_LIST.match(source.text):
        return None
    matters = _TAGGED if tags else DIGEST
    work = _Shortening(source.text, skipped, [found.start() for found in matters.finditer(source.text)])
    try:
        stop = work.list_of_objects()
    except (ValueError, IndexError, StopIteration, RecursionError):
        return None  # who reads all of it says what is wrong
    if source.text[stop:].strip():
        return None
    starts = [0, *accumulate(map(len, work.pieces))][:-1]
    return Shortened(source, SourceFile(source.path, "".join(work.pieces)), starts, work.offsets)


@dataclass(slots=True)
class _Shortening:
    """The pieces of a JSON text that are kept, each with its offset there. `hits` are the offsets of what matters."""

    text: str
    skipped: frozenset[str]
    hits: list[int]
    pieces: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)

    def list_of_objects(self) -> int:
        """Keep the list itself and go through its items; returns where it ends. Raises ValueError for bad JSON."""
        return self._each(self._blank(0), "}", self._root_member)

    def _root_member(self, at: int) -> int:
        key, value = self._key(at)
        if key != "items":
            return self._keep(at, _scan(self.text, value)[1])
        self._keep(at, value)
        return self._each(value, "]", self._item)

    def _item(self, at: int) -> int:
        item, stop = _scan(self.text, at)
        if not (isinstance(item, dict) and item.get("kind") in _WORKLOADS):
            return self._keep(at, stop)
        return self._each(at, "}", self._member) if self._matters(at, stop) else stop

    def _member(self, at: int) -> int:
        key, value = self._key(at)
        opens = self.text[value] in "{["
        if key in self.skipped or not opens or key not in _NEEDED:
            _, stop = _scan(self.text, value)
            if key in self.skipped or (opens and not self._matters(value, stop)):
                return stop
            if not opens or key in _WHOLE:
                return self._keep(at, stop)
        self._keep(at, value)
        return self._value(value)

    def _element(self, at: int) -> int:
        if self.text[at] in "{[":
            _, stop = _scan(self.text, at)
            if not self._matters(at, stop):
                return stop
        return self._value(at)

    def _value(self, at: int) -> int:
        match self.text[at]:
            case "{":
                return self._each(at, "}", self._member)
            case "[":
                return self._each(at, "]", self._element)
            case _:
                return self._keep(at, _scan(self.text, at)[1])

    def _each(self, at: int, closing: str, read: Callable[[int], int]) -> int:
        """Go through what stands between brackets; a comma too many does no harm in YAML, two in a row do."""
        self._keep(at, at + 1)
        at = self._blank(at + 1)
        while self.text[at] != closing:
            count = len(self.pieces)
            at = self._blank(read(at))
            if len(self.pieces) > count:
                self.pieces.append(",\n")
                self.offsets.append(at)
            if self.text[at] == ",":
                at = self._blank(at + 1)
            elif self.text[at] != closing:
                raise ValueError
        return self._keep(at, at + 1)

    def _keep(self, start: int, stop: int) -> int:
        """Keep a part of the text; returns where reading goes on."""
        self.pieces.append(self.text[start:stop])
        self.offsets.append(start)
        return stop

    def _key(self, at: int) -> tuple[str, int]:
        """A member's key, and where its value begins."""
        if self.text[at] != '"':
            raise ValueError
        key, stop = _string(self.text, at + 1)
        stop = self._blank(stop)
        if self.text[stop] != ":":
            raise ValueError
        return key, self._blank(stop + 1)

    def _blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def _matters(self, start: int, stop: int) -> bool:
        return bisect_left(self.hits, start) < bisect_left(self.hits, stop)
