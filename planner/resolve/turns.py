"""Whose turn it is: bounds on open questions, in all and to each registry, so that a slow one starves no other."""

from collections import Counter, deque
from dataclasses import dataclass

from planner.resolve.follow import Question


@dataclass(frozen=True, slots=True)
class Asking:
    """A question of a run, and how many indexes deep it came up."""

    question: Question
    depth: int

    @property
    def registry(self) -> str:
        """Who is asked."""
        return self.question.reference.registry


class Turns:
    """Questions that wait for their turn. Not for several threads at once."""

    def __init__(self, in_all: int, per_registry: int) -> None:
        self._in_all = in_all
        self._per_registry = per_registry
        self._waiting: dict[str, deque[Asking]] = {}
        self._open: Counter[str] = Counter()

    def wait(self, asking: Asking) -> None:
        """Put a question into the queue of its registry."""
        self._waiting.setdefault(asking.registry, deque()).append(asking)

    def next(self) -> Asking | None:
        """A question that may be asked now, of the registry with the fewest open ones; None if none may."""
        free = [registry for registry in self._waiting if self._open[registry] < self._per_registry]
        if not free or self._open.total() >= self._in_all:
            return None
        registry = min(free, key=lambda each: self._open[each])
        self._open[registry] += 1
        queue = self._waiting[registry]
        asking = queue.popleft()
        if not queue:
            del self._waiting[registry]
        return asking

    def end(self, asking: Asking) -> None:
        """The question was answered."""
        self._open[asking.registry] -= 1
