"""What has to be written where, so that a reference becomes another: its digest, and its name where that moves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from planner.model.occurrence import Occurrence
from planner.model.reference import HUB, OFFICIAL, Reference, written_registry


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
    alike = (replace(occurrence, spans=spans, alike=()) for spans in occurrence.alike)
    return tuple(dict.fromkeys(edit for each in (occurrence, *alike) for edit in _edits(each, new)))


def _edits(occurrence: Occurrence, new: Reference) -> list[Edit]:
    raw = occurrence.raw
    name, at, digest = raw.rpartition("@")
    found: list[Edit] = []
    if at and occurrence.reference.name != new.name:
        found += _of_name(occurrence, name.partition("@")[0], new)
    if new.digest and new.digest != digest:
        found += _located(occurrence, [_Change(len(raw) - len(digest), len(raw), new.digest, "digest")])
    return found


def _of_name(occurrence: Occurrence, name: str, new: Reference) -> list[Edit]:
    """The edits of registry and repository, as few components as can be; short names stay short if they may."""
    old = occurrence.reference
    registry = written_registry(name)
    start = len(registry) + 1 if registry else 0
    colon = name.find(":", start)
    written = name[start : colon if colon >= 0 else len(name)]
    repository = new.repository
    found: list[Edit] = []
    if registry:
        if new.registry != old.registry:
            found += _located(occurrence, [_Change(0, len(registry), new.registry, "registry")])
    elif new.registry != HUB:
        repository = new.name
    if new.registry == HUB and written == old.repository.removeprefix(OFFICIAL):
        repository = repository.removeprefix(OFFICIAL)
    what = "repository" if registry else "name"
    before, after = written.split("/"), repository.split("/")
    try:
        return found + _located(occurrence, _changes(start, what, before, _in_one(before, after)))
    except NotLocatedError:
        if len(before) > len(after):
            raise
        return found + _located(occurrence, _changes(start, what, before, _one_by_one(before, after)))


# Components from one to another (exclusive, at least one), and what they become.
_Becomes = tuple[int, int, str]


def _changes(start: int, what: str, old: list[str], becomes: Iterable[_Becomes]) -> Iterator[_Change]:
    for first, last, text in becomes:
        begin = start + sum(len(each) + 1 for each in old[:first])
        yield _Change(begin, begin + len("/".join(old[first:last])), text, what)


def _one_by_one(old: list[str], new: list[str]) -> Iterator[_Becomes]:
    """Each component by itself, from the last on; the first takes what is new before it."""
    more = len(new) - len(old)
    paired = ["/".join(new[: more + 1]), *new[more + 1 :]]
    yield from ((i, i + 1, text) for i, text in enumerate(paired) if old[i] != text)


def _in_one(old: list[str], new: list[str]) -> Iterator[_Becomes]:
    """All that differs as one text, but of equally many components each by itself."""
    if len(old) == len(new):
        yield from _one_by_one(old, new)
        return
    shorter = min(len(old), len(new))
    tail = next((i for i in range(shorter) if old[-1 - i] != new[-1 - i]), shorter)
    head = next((i for i in range(shorter - tail) if old[i] != new[i]), shorter - tail)
    # Something must be left on both sides: the first component after it takes what is put in or out before it.
    if head in (len(old) - tail, len(new) - tail):
        tail, head = (tail - 1, head) if tail else (tail, head - 1)
    yield head, len(old) - tail, "/".join(new[head : len(new) - tail])


def _located(occurrence: Occurrence, changes: Iterable[_Change]) -> list[Edit]:
    return [edit for change in changes for edit in _places(occurrence, change)]


def _places(occurrence: Occurrence, change: _Change) -> Iterator[Edit]:
    """Where a change is to be made: in one piece, or character by character where the length stays."""
    old = occurrence.raw[change.start : change.stop]
    for span in occurrence.spans:
        if span.start <= change.start and change.stop <= span.start + span.length:
            offset = span.offset - span.start
            yield Edit(span.file, offset + change.start, offset + change.stop, old, change.text)
            return
    if len(old) != len(change.text):
        raise NotLocatedError(_by_hand(occurrence, change, old))
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
        raise NotLocatedError(_by_hand(occurrence, change, old))
    yield from parts


def _by_hand(occurrence: Occurrence, change: _Change, old: str) -> str:
    why = f"its {change.what} {old} does not stand in the file as one text that can be replaced"
    if occurrence.role == "image override" and change.what != "digest":
        # A Kustomization's `name` says which image is meant: what is pulled instead is `newName`.
        return f"{why}: add `newName` with the new name by hand"
    return f"{why}: write {change.text} in its place by hand"
