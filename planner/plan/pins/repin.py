"""Which occurrences move, and the edits that move them all and nothing else; what cannot be done is refused.

An occurrence moves if a Move names its registry, repository and digest: a tag beside a digest decides nothing.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.errors import UsageError
from planner.model.occurrence import Occurrence, Span
from planner.model.plan import Move
from planner.model.reference import Reference
from planner.plan.pins.edits import Edit, NotLocatedError, edits
from planner.plan.pins.mapping import overlap

_MAX_USERS = 5  # of a shared text that are named


@dataclass(frozen=True, slots=True)
class Change:
    """An occurrence, what it becomes, and the edits for it."""

    occurrence: Occurrence
    new: Reference
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """What was not done at a place, why, and what to do. Line and column are 0 where there is no place."""

    file: str
    line: int
    column: int
    why: str


@dataclass(frozen=True, slots=True)
class Repin:
    """The changes to make, all of which can be made together, and what is refused."""

    changes: tuple[Change, ...]
    refused: tuple[Refused, ...]

    @property
    def edits(self) -> dict[str, list[Edit]]:
        """The edits by file, in order, each once."""
        found = defaultdict(list)
        for edit in sorted({edit for change in self.changes for edit in change.edits}):
            found[edit.file].append(edit)
        return dict(found)


def of_wave(moves: Sequence[Move], wave: int | None) -> list[Move]:
    """The moves of one wave, with those that have none. Raises UsageError where that cannot be one run.

    Between two waves lie upgrades, so that a pin which moves twice cannot be edited at once.
    """
    waves = sorted({move.wave for move in moves if move.wave is not None})
    known = ", ".join(map(str, waves)) or "none"
    if wave is None and len(waves) > 1:
        raise UsageError(f"the mapping has several waves ({known}), with upgrades between them: name one with --wave N")
    if wave is not None and wave not in waves:
        raise UsageError(f"the mapping has no wave {wave}; its waves: {known}")
    chosen = [move for move in moves if move.wave in (None, wave) or wave is None]
    by_old = defaultdict(list)
    for move in chosen:
        by_old[move.old.pinned].append(move)
    for move in chosen:
        if next((each for each in by_old[move.new.pinned] if overlap(move, each)), None):
            raise UsageError(
                f"the mapping moves {move.old.pinned} to {move.new.pinned}, and that to another: "
                "give each row its wave, and name one with --wave N"
            )
    return chosen


def reader(occurrence: Occurrence) -> str:
    """The file by whose rules an occurrence was read."""
    return occurrence.used_in or occurrence.file


def repin(
    occurrences: Sequence[Occurrence],
    moves: Iterable[Move],
    closed: Mapping[str, str],
    distrusted: Mapping[Occurrence, str],
) -> Repin:
    """The changes that `moves` ask for. `occurrences` are all there are, also by tag: they may share a text.

    `closed` are files that must not be edited, `distrusted` what must not move, with the reason.
    """
    changes: dict[Occurrence, Change] = {}
    refused: dict[Occurrence, str] = {}
    for occurrence, new in _moving(occurrences, moves):
        try:
            if len(new) > 1:
                raise NotLocatedError(f"rows of the mapping disagree: {' or '.join(sorted(map(str, new)))}; correct it")
            found = edits(occurrence, new[0])
            why = distrusted.get(occurrence, "")
            if why := why or next((closed[edit.file] for edit in found if edit.file in closed), ""):
                raise NotLocatedError(why)
            changes[occurrence] = Change(occurrence, new[0], found)
        except NotLocatedError as error:
            refused[occurrence] = str(error)
    while shared := _shared(occurrences, changes):
        for occurrence in shared:
            del changes[occurrence]
        refused |= shared
    told = [Refused(each.file, each.line, each.column, f"{each.raw}: {why}") for each, why in refused.items()]
    return Repin(tuple(changes.values()), tuple(told))


def holds_for(move: Move, occurrence: Occurrence) -> bool:
    """Whether a move is for the file in which an occurrence stands, or for the one that uses it."""
    return not move.files or occurrence.file in move.files or occurrence.used_in in move.files


def _moving(occurrences: Iterable[Occurrence], moves: Iterable[Move]) -> Iterator[tuple[Occurrence, list[Reference]]]:
    """The occurrences that move, each with what it is to become; several where moves disagree."""
    by_old = defaultdict(list)
    for move in moves:
        by_old[move.old.pinned].append(move)
    for occurrence in occurrences:
        new: dict[str, Reference] = {}
        for move in by_old[occurrence.reference.pinned] if occurrence.reference.digest else ():
            if holds_for(move, occurrence):
                new.setdefault(move.new.pinned, move.new)
        if new:
            yield occurrence, list(new.values())


def _shared(occurrences: Iterable[Occurrence], changes: Mapping[Occurrence, Change]) -> dict[Occurrence, str]:
    """Changes that would change another occurrence as well, or otherwise than that has to change."""
    owners: dict[Edit, list[Occurrence]] = defaultdict(list)
    by_file: dict[str, list[Edit]] = defaultdict(list)
    for change in changes.values():
        for edit in change.edits:
            if edit not in owners:
                by_file[edit.file].append(edit)
            owners[edit].append(change.occurrence)
    for found in by_file.values():
        found.sort()
    users: dict[Occurrence, dict[Occurrence, str]] = defaultdict(dict)
    for occurrence in occurrences:
        own = changes[occurrence].edits if occurrence in changes else ()
        for span in occurrence.all_spans:
            for edit in _touching(by_file.get(span.file, []), span):
                if edit not in own:
                    for owner in owners[edit]:
                        users[owner].setdefault(occurrence, edit.text)
    return {owner: _shared_with(others, changes) for owner, others in users.items()}


def _touching(edits: Sequence[Edit], span: Span) -> Iterator[Edit]:
    """The edits, sorted, that change characters of a span."""
    stop = span.offset + span.length
    first = bisect_left(edits, span.offset, key=lambda edit: edit.start)
    # One that begins before may reach into the span; longer ones than references are do not exist.
    while first > 0 and edits[first - 1].start > span.offset - 512:
        first -= 1
    for edit in edits[first:]:
        if edit.start >= stop:
            return
        if edit.stop > span.offset:
            yield edit


def _shared_with(others: Iterable[Occurrence], changes: Mapping[Occurrence, Change]) -> str:
    named = []
    for each in list(others)[:_MAX_USERS]:
        becomes = f"is to become {changes[each].new.pinned}" if each in changes else "is to stay"
        whose = f"{each.role} {each.name}".strip()
        named.append(f"{reader(each)}:{each.line} ({whose}), which {becomes}")
    more = f" and {len(list(others)) - _MAX_USERS} more" if len(list(others)) > _MAX_USERS else ""
    return (
        f"a shared pin: the same text is used by {'; '.join(named)}{more}; write the reference out where it differs, "
        "or move all of them"
    )
