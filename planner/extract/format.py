"""What a file format is, the list of all of them, and how written text becomes an occurrence."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal

from planner.model.occurrence import Occurrence
from planner.model.platform import Platform
from planner.model.reference import InvalidReferenceError, parse_reference
from planner.model.source import Indirect, Problem, SourceFile

# What a file names: references and, where one cannot be read, why not.
Found = Occurrence | Problem
# Another file below the scanned root, by its path relative to the root (forward slashes). None if there is no such
# text file, or if the path leads out of the tree.
Lookup = Callable[[str], SourceFile | None]
# The last argument: whether references by tag count too.
Extract = Callable[[SourceFile, Lookup, bool], Iterable[Found]]

# What makes a text worth a problem when it does not parse: somebody meant a digest.
DIGEST = re.compile(r"sha(?:256|384|512):", re.IGNORECASE)
# No reference has braces, parentheses or "%" in it; a slash after what closes a placeholder goes on with its value.
_LEFT_OPEN = re.compile(r"""\$[A-Za-z_(\[]|[(){}%]|<<|<%|[]>!@+"'`]/""")
_SCHEME = re.compile(r"[a-z]+://")
_DIGEST_AT_END = re.compile(r"@sha\d+:[^@]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that names images.

    `name` is kebab-case, `title` is for people. `claims` tells cheaply, by path and content, whether a file is of this
    kind; formats are asked in the order of `rank` and the first that claims a file is the one that extracts. By
    custom, ranks are 0 where the path decides, 50 where the content decides, and 1000 for what takes anything.
    """

    name: str
    title: str
    claims: Callable[[SourceFile], bool]
    extract: Extract
    rank: int = 0
    indirect: Indirect | None = None


FORMATS: dict[str, Format] = {}


def register(format: Format) -> Format:  # noqa: A002 - the field's word
    """Add a format to FORMATS; each module of this package does so when it is imported."""
    FORMATS[format.name] = format
    return format


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
        return "".join(piece.text for piece in self.pieces)

    def __add__(self, other: "Written") -> "Written":
        return Written(self.pieces + other.pieces)

    def __getitem__(self, part: slice) -> "Written":
        """Characters `start` to `stop`; a step is not understood."""
        start, stop, _ = part.indices(len(self.text))
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


def written(source: SourceFile, start: int, stop: int) -> Written:
    """The file's characters `start` to `stop`, as they stand."""
    return Written((Piece(source, source.text[start:stop], range(start, stop)),))


def is_pinned(raw: str) -> bool:
    """Whether a text means a digest, well or badly written."""
    return "@" in raw or DIGEST.search(raw) is not None


def occurrence(  # noqa: PLR0913 - an occurrence has that many members
    source: SourceFile,
    reference: Written,
    *,
    format: str,  # noqa: A002 - the field's word
    role: str,
    name: str,
    platform: Platform | None = None,
    confidence: Literal["parsed", "text"] = "parsed",
    tags: bool = False,
    start: Place | None = None,
) -> Found | None:
    """Make an occurrence of a reference that `source` uses; None if it is not pinned by a digest and `tags` is false.

    The place is that of the digest's text, which may be in another file than `source` (then `used_in` is `source`).
    A text with a digest that no engine would accept becomes a Problem "invalid-reference", one that still has a
    variable or a template in it a Problem "variable-unset"; with `tags`, one without a digest does so as well. The
    place of a reference by tag is its beginning, or `start` where several texts were put together.
    """
    reference = reference.strip()
    raw = reference.text
    pinned = is_pinned(raw)
    if not raw or not (pinned or tags):
        return None
    place = reference.place(raw.rfind("@") + 1) or reference.place() or Place(source.path, 0, 0)
    if start and not pinned and len(reference.pieces) > 1:
        place = start
    try:
        parsed = parse_reference(raw)
    except InvalidReferenceError as error:
        return _refused(source, raw, place, str(error))
    used_in = source.path if place.file != source.path else None
    return Occurrence(
        place.file, place.line, place.column, format, role, name, raw, parsed, platform, used_in, confidence
    )


def redacted(raw: str) -> str:
    """`raw` with `***` for a user and password before the host: what goes into a message is read by many.

    Too much is taken rather than too little, since a password may hold any character.
    """
    pinned = _DIGEST_AT_END.search(raw)
    name = raw[: pinned.start()] if pinned else raw
    before, at, host = name.rpartition("@")
    if not at or not ("://" in before or "/" in host or (pinned and ":" in before)):
        return raw
    scheme = _SCHEME.match(before)
    return f"{scheme[0] if scheme else ''}***@{host}{raw[len(name) :]}"


def _refused(source: SourceFile, raw: str, place: Place, why: str) -> Problem:
    shown = redacted(raw)
    if shown != raw:
        # Why the grammar refuses it may quote the password.
        why = "it has a user or password in it, which belongs into the engine's credentials"
    shown = shown if len(shown) <= 200 else shown[:200] + "…"
    user = f" (used in {source.path})" if place.file != source.path else ""
    if _LEFT_OPEN.search(raw):
        text = (
            f"{shown!r}{user} has a variable or template that only another tool fills in, so this pull was not "
            "checked; write the reference out, or check it by hand"
        )
        return Problem("file", place.file, "variable-unset", text, place.line, place.column)
    text = (
        f"{shown!r}{user} is no reference that an engine accepts: {why}; the pull fails before any registry is asked; "
        "correct the reference"
    )
    return Problem("file", place.file, "invalid-reference", text, place.line, place.column)
