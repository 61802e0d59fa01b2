"""How many requests a run may send, over all registries and threads."""

import threading

from planner.model.resolution import State
from planner.resolve.answer import ObstacleError


class Allowance:
    """Counts requests; with a `limit`, refuses those beyond it. Shared by threads."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._used = 0
        self._lock = threading.Lock()

    def take(self) -> None:
        """Count one request. Raises ObstacleError when all are used up."""
        with self._lock:
            if self._limit is not None and self._used >= self._limit:
                detail = f"not asked: all {self._limit} requests of --max-requests are used up; run again to go on"
                raise ObstacleError(State.NOT_ASKED, detail)
            self._used += 1
