"""What a file format is, the list of all of them, and how written text becomes an occurrence."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from planner.extract.written import Place, Written, spans
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
class Example:
    """A file of a format that names one image by digest, for people; `sha256:…` stands for a digest.

    `path` is below the scanned folder. The tests read it with the format.
    """

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that names images.

    `name` is kebab-case, and that of its module with underscores; `title` is for people, and so is `files`: which
    files are read, as globs or words. The module's docstring says what is read in them. `claims` tells cheaply, by
    path and content, whether a file is of this kind; formats are asked in the order of `rank` and the first that
    claims a file is the one that extracts. By custom, ranks are 0 where the path decides, 50 where the content
    decides, and 1000 for what takes anything.
    """

    name: str
    title: str
    claims: Callable[[SourceFile], bool]
    extract: Extract
    rank: int = 0
    indirect: Indirect | None = None
    files: str = ""
    example: Example | None = None


FORMATS: dict[str, Format] = {}


def register(format: Format) -> Format:  # noqa: A002 - the field's word
    """Add a format to FORMATS; each module of this package does so when it is imported."""
    FORMATS[format.name] = format
    return format


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
    used_at: tuple[int, ...] = (),
) -> Found | None:
    """Make an occurrence of a reference that `source` uses; None if it is not pinned by a digest and `tags` is false.

    The place is that of the digest's text, which may be in another file than `source` (then `used_in` is `source`).
    A text with a digest that no engine would accept becomes a Problem "invalid-reference", one that still has a
    variable or a template in it a Problem "variable-unset"; with `tags`, one without a digest does so as well. The
    place of a reference by tag is its beginning, or `start` where several texts were put together; `start` is also
    the line of use where the digest stands in another file.
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
    if used_in and start and start.file == source.path:
        used_at = used_at or (start.line,)
    return Occurrence(
        *(place.file, place.line, place.column, format, role, name, raw, parsed, platform, used_in, confidence),
        used_at=used_at,
        spans=spans(reference),
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
