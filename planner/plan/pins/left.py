"""What a re-pin leaves: pins that no format could tell apart, files that were not read, rows that found nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from planner.model.occurrence import Occurrence
from planner.model.plan import Move
from planner.model.source import Problem
from planner.plan.pins.repin import Refused, holds_for

_UNREAD = frozenset({"link-outside", "too-large", "unreadable"})


def unread(
    problems: Iterable[Problem], moves: Sequence[Move], text_of: Callable[[str], str | None]
) -> Iterator[Refused]:
    """The problems that may hide a pin which is to move: of files that were not read, or of the place where it stands.

    `text_of` gives the text of a file after the edit.
    """
    digests = tuple({digest for move in moves for digest in _spellings(move)})
    for problem in problems:
        if problem.about != "file":
            continue
        if problem.kind in _UNREAD:
            yield Refused(problem.subject, 0, 0, f"pins in it were not looked for: {problem.text}")
            continue
        text = text_of(problem.subject) or ""
        if problem.kind == "unparsable":
            stands = any(digest in text for digest in digests)
        else:
            line = text.split("\n")[problem.line - 1] if problem.line else ""
            stands = problem.column > 0 and line[problem.column - 1 :].startswith(digests)
        if stands:
            why = f"a digest that is to move stands there and was not edited: {problem.text}"
            yield Refused(problem.subject, problem.line, problem.column, why)


def _spellings(move: Move) -> tuple[str, ...]:
    """What stands no more where a move was made: its digest, also as fields have it that are named `sha256`."""
    old, digest = move.old, move.old.digest or ""
    if digest == move.new.digest:
        return (f"{old.name}@{digest}", f"{old.repository}@{digest}")
    return digest, digest.partition(":")[2]


def idle(occurrences: Sequence[Occurrence], moves: Iterable[Move]) -> Iterator[tuple[Move, bool]]:
    """The moves whose old pin stands nowhere that they are for, and whether the new one does."""
    by_pin: dict[str, list[Occurrence]] = {}
    for occurrence in occurrences:
        by_pin.setdefault(occurrence.reference.pinned, []).append(occurrence)
    for move in moves:
        if not any(holds_for(move, each) for each in by_pin.get(move.old.pinned, ())):
            yield move, any(holds_for(move, each) for each in by_pin.get(move.new.pinned, ()))
