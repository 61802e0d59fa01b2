"""What has to be written where, so that a reference becomes another: its digest, and its name where that moves."""

from collections.abc import Iterator
from dataclasses import dataclass

from planner.model.occurrence import Occurrence
from planner.model.reference import Reference, written_registry

_HUB = "docker.io"
_OFFICIAL = "library/"


class NotLocatedError(Exception):
    """A part of a reference does not stand in the files as text of its own; the message says what to do by hand."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Characters `start` to `stop` of a file's text (without a byte order mark), and what is written in their place.

    `old` is what stands there.
    """

    file: str
    start: int
    stop: int
    old: str
    text: str


@dataclass(frozen=True, slots=True)
class _Change:
    """Characters of a reference as written, what becomes of them, and what they are, for people."""

    start: int
    stop: int
    text: str
    what: str


def edits(occurrence: Occurrence, new: Reference) -> tuple[Edit, ...]:
    """The edits that make the reference of `occurrence` that of `new`; the tag stays as it is written.

    Raises NotLocatedError.
    """
    raw = occurrence.raw
    name, at, digest = raw.rpartition("@")
    changes = list(_name_changes(name.partition("@")[0], occurrence.reference, new)) if at else []
    if new.digest and new.digest != digest:
        changes.append(_Change(len(raw) - len(digest), len(raw), new.digest, "digest"))
    return tuple(edit for change in changes for edit in _located(occurrence, change))


def _name_changes(name: str, old: Reference, new: Reference) -> Iterator[_Change]:
    """What changes of registry and repository, as few components as can be; short names stay short if they may."""
    if old.name == new.name:
        return
    registry = written_registry(name)
    start = len(registry) + 1 if registry else 0
    colon = name.find(":", start)
    written = name[start : colon if colon >= 0 else len(name)]
    repository = new.repository
    if registry:
        if new.registry != old.registry:
            yield _Change(0, len(registry), new.registry, "registry")
    elif new.registry != _HUB:
        repository = new.name
    if new.registry == _HUB and written == old.repository.removeprefix(_OFFICIAL):
        repository = repository.removeprefix(_OFFICIAL)
    what = "repository" if registry else "name"
    for first, last, text in _components(written.split("/"), repository.split("/")):
        begin = start + sum(len(each) + 1 for each in written.split("/")[:first])
        stop = start + sum(len(each) + 1 for each in written.split("/")[:last]) - 1
        yield _Change(begin, stop, text, what)


def _components(old: list[str], new: list[str]) -> Iterator[tuple[int, int, str]]:
    """Which components become what: from, to (exclusive, at least one), and the text with its slashes."""
    if len(old) == len(new):
        yield from ((i, i + 1, new[i]) for i in range(len(old)) if old[i] != new[i])
        return
    shorter = min(len(old), len(new))
    tail = next((i for i in range(shorter) if old[-1 - i] != new[-1 - i]), shorter)
    head = next((i for i in range(shorter - tail) if old[i] != new[i]), shorter - tail)
    # Something must be left on both sides: the first component after it takes what is put in or out before it.
    if head in (len(old) - tail, len(new) - tail):
        tail, head = (tail - 1, head) if tail else (tail, head - 1)
    yield head, len(old) - tail, "/".join(new[head : len(new) - tail])


def _located(occurrence: Occurrence, change: _Change) -> Iterator[Edit]:
    """Where a change is to be made: in one piece, or character by character where the length stays."""
    old = occurrence.raw[change.start : change.stop]
    for span in occurrence.spans:
        if span.start <= change.start and change.stop <= span.start + span.length:
            offset = span.offset - span.start
            yield Edit(span.file, offset + change.start, offset + change.stop, old, change.text)
            return
    if len(old) != len(change.text):
        raise NotLocatedError(_by_hand(change, old))
    missing = {index for index, (one, other) in enumerate(zip(old, change.text, strict=True)) if one != other}
    parts = []
    for span in occurrence.spans:
        start, stop = max(span.start, change.start), min(span.start + span.length, change.stop)
        if start < stop:
            part = slice(start - change.start, stop - change.start)
            missing.difference_update(range(part.start, part.stop))
            offset = span.offset - span.start
            parts.append(Edit(span.file, offset + start, offset + stop, old[part], change.text[part]))
    if missing:
        raise NotLocatedError(_by_hand(change, old))
    yield from parts


def _by_hand(change: _Change, old: str) -> str:
    return (
        f"its {change.what} {old} does not stand in the file as one text that can be replaced: write {change.text} in "
        "its place by hand"
    )
