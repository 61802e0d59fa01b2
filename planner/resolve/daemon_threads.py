"""Threads that nobody waits for at the end: a name server that hangs must not outlast a run."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class DaemonThreads(ThreadPoolExecutor):
    """Runs each call in a daemon thread of its own, and leaves it behind when the program ends.

    A ThreadPoolExecutor by name alone, for an event loop takes no other; the threads of a real one are joined at exit.
    """

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Begin a call."""
        future = Future[_T]()

        def work() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # it is the caller's, who waits for it
                future.set_exception(error)

        future.set_running_or_notify_cancel()
        threading.Thread(target=work, daemon=True).start()
        return future
