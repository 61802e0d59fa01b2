"""What a re-pin leaves: pins that no format could tell apart, files that were not read, rows that found nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from planner.model.occurrence import Occurrence
from planner.model.plan import Move
from planner.model.source import Problem
from planner.plan.repin import Refused, holds_for

# Of what may be wrong with a file, that for whose sake a pin in it may have been missed.
_UNREAD = frozenset({"link-outside", "too-large", "unparsable", "unreadable"})


def unread(
    problems: Iterable[Problem], moves: Sequence[Move], text_of: Callable[[str], str | None]
) -> Iterator[Refused]:
    """The problems that may hide a pin which has to move: all of files that were not read, others if it stands there."""
    digests = {move.old.digest.partition(":")[2] for move in moves if move.old.digest}
    for problem in problems:
        if problem.about != "file":
            continue
        lines = (text_of(problem.subject) or "").split("\n") if problem.line else []
        line = lines[problem.line - 1] if problem.line <= len(lines) and problem.line else ""
        if problem.kind in _UNREAD:
            why = f"{problem.text}; pins in it were not looked for"
        elif any(digest in line for digest in digests):
            why = f"a pin that is to move stands here and was not edited: {problem.text}"
        else:
            continue
        yield Refused(problem.subject, problem.line, problem.column, why)


def idle(occurrences: Sequence[Occurrence], moves: Iterable[Move]) -> Iterator[tuple[Move, bool]]:
    """The moves whose old pin stands nowhere that they are for, and whether the new one does."""
    by_pin: dict[str, list[Occurrence]] = {}
    for occurrence in occurrences:
        by_pin.setdefault(occurrence.reference.pinned, []).append(occurrence)
    for move in moves:
        if not any(holds_for(move, each) for each in by_pin.get(move.old.pinned, ())):
            yield move, any(holds_for(move, each) for each in by_pin.get(move.new.pinned, ()))
