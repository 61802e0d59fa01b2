"""Text that knows where each of its characters stands, whatever it was cut out of or put together from."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from planner.model.occurrence import Span
from planner.model.source import SourceFile


@dataclass(frozen=True, slots=True)
class Place:
    """A character of a file; line and column are 1-based."""

    file: str
    line: int
    column: int


@lru_cache(maxsize=8)
def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", text))]


def place_at(source: SourceFile, offset: int) -> Place:
    """Line and column (both 1-based, in characters) of the character at `offset` of the file's text."""
    starts = _line_starts(source.text)
    line = bisect_right(starts, offset)
    return Place(source.path, line, offset - starts[line - 1] + 1)


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of one file: `text[i]` is what was written at `source.text[offsets[i]]`."""

    source: SourceFile
    text: str
    offsets: Sequence[int]


@dataclass(frozen=True, slots=True)
class Written:
    """Text that knows where each of its characters stands, even if it was put together from several files.

    Slicing, `+` and `strip` keep that knowledge, so that a reference can be cut out of a longer text, or filled in
    with the value of a variable, and its digest is still found in the file.
    """

    pieces: tuple[Piece, ...] = ()

    @property
    def text(self) -> str:
        """The characters alone."""
        if len(self.pieces) == 1:
            return self.pieces[0].text
        return "".join(piece.text for piece in self.pieces)

    def __add__(self, other: "Written") -> "Written":
        return Written(self.pieces + other.pieces)

    def __getitem__(self, part: slice) -> "Written":
        """Characters `start` to `stop`; a step is not understood."""
        length = len(self.text)
        start, stop, _ = part.indices(length)
        if start == 0 and stop == length:
            return self
        pieces = []
        for piece in self.pieces:
            length = len(piece.text)
            if start < length and stop > 0:
                inside = slice(max(start, 0), stop)
                pieces.append(Piece(piece.source, piece.text[inside], piece.offsets[inside]))
            start, stop = start - length, stop - length
        return Written(tuple(pieces))

    def strip(self) -> "Written":
        """Without white space at both ends."""
        text = self.text
        start = len(text) - len(text.lstrip())
        return self[start : max(start, len(text.rstrip()))]

    def lifted(self, inner: Sequence["Piece"]) -> "Written":
        """Text that was read out of this one (`inner` counts offsets in `self.text`), with the places of this one."""
        if len(self.pieces) == 1:
            origin = self.pieces[0]
            return Written(
                tuple(Piece(origin.source, part.text, [origin.offsets[i] for i in part.offsets]) for part in inner)
            )
        origins = [(piece.source, offset) for piece in self.pieces for offset in piece.offsets]
        lifted = []
        for part in inner:
            for source, run in groupby(zip(part.text, part.offsets, strict=True), lambda one: origins[one[1]][0]):
                pairs = [(character, origins[offset][1]) for character, offset in run]
                lifted.append(Piece(source, "".join(pair[0] for pair in pairs), [pair[1] for pair in pairs]))
        return Written(tuple(lifted))

    def place(self, offset: int = 0) -> Place | None:
        """Where the character `offset` stands; None beyond the end."""
        for piece in self.pieces:
            if offset < len(piece.text):
                return place_at(piece.source, piece.offsets[offset])
            offset -= len(piece.text)
        return None


NOTHING = Written()


def written(source: SourceFile, start: int, stop: int) -> Written:
    """The file's characters `start` to `stop`, as they stand."""
    return Written((Piece(source, source.text[start:stop], range(start, stop)),))


def glue(text: str, before: Written) -> Written:
    """Characters that nobody wrote, such as the "@" between two fields: they stand where `before` begins."""
    first = before.pieces[0]
    return Written((Piece(first.source, text, [first.offsets[0]] * len(text)),))


def spans(text: Written) -> tuple[Span, ...]:
    """Where the characters of `text` stand as they are; what was glued in or is written as an escape is left out."""
    found: list[Span] = []
    start = 0
    for piece in text.pieces:
        for span in _runs(piece, start):
            last = found[-1] if found else None
            if last and _follows(last, span):
                found[-1] = replace(last, length=last.length + span.length)
            else:
                found.append(span)
        start += len(piece.text)
    return tuple(found) if len(found) == 1 else tuple(span for span in found if not _is_glue(span, found))


def _runs(piece: Piece, start: int) -> Iterator[Span]:
    """The runs of characters of a piece that follow one another in the file as well."""
    path, written, offsets = piece.source.path, piece.source.text, piece.offsets
    if isinstance(offsets, range) and offsets and written.startswith(piece.text, offsets[0]):
        yield Span(start, path, offsets[0], len(piece.text))
        return
    for index, (character, offset) in enumerate(zip(piece.text, offsets, strict=True)):
        if written[offset : offset + 1] == character:
            yield Span(start + index, path, offset, 1)


def _follows(one: Span, other: Span) -> bool:
    return (one.file, one.start + one.length, one.offset + one.length) == (other.file, other.start, other.offset)


def _is_glue(span: Span, found: Iterable[Span]) -> bool:
    """Whether a character was glued in: it stands where a longer part of the text does, and is the same by chance."""
    return span.length == 1 and any(
        each.file == span.file and each.length > 1 and each.offset <= span.offset < each.offset + each.length
        for each in found
    )


def spans_within(outer: Written, inner: SourceFile, found: Iterable[Span]) -> tuple[Span, ...]:
    """Spans of `inner`, whose text is that of `outer`, as those of the files in which `outer` stands."""
    return tuple(
        replace(each, start=each.start + span.start)
        for span in found
        if span.file == inner.path
        for each in spans(outer[span.offset : span.offset + span.length])
    )
