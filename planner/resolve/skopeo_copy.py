"""Copies images with skopeo: a process for each call, with the logins, certificates and proxies that questions have."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from planner.model.reference import Reference
from planner.model.resolution import State
from planner.resolve.answer import BODY_LIMIT, plain
from planner.resolve.credentials import Credentials
from planner.resolve.failures import failed, last_words
from planner.resolve.process import Ending, Finished, Processes
from planner.resolve.skopeo import environment, logins

_GRACE = 5.0  # seconds after the timeout, at which skopeo should end by itself
_STRANGERS = ("--src-no-creds", "--dest-no-creds")
_WORDS = 300  # characters of what skopeo says
_MISSING = "skopeo is not installed, and planner copies with it: apt-get install skopeo, or brew install skopeo"


class Copier:
    """Runs `skopeo copy`. `timeout` is in seconds, for one call."""

    def __init__(self, credentials: Credentials, timeout: float = 3600.0, program: str = "skopeo") -> None:
        self._credentials = credentials
        self._timeout = timeout
        self._program = program
        self._processes = Processes()

    def copy(self, calls: Sequence[Sequence[str]], source: Reference, target: Reference) -> str:
        """Make the calls, whose arguments are skopeo's own, one after the other. Why that failed; empty if it did not.

        An interrupt ends what runs, and is raised.
        """
        for arguments in calls:
            place = list(arguments).index("copy") + 1
            try:
                with logins(self._credentials, (source, target), _STRANGERS) as (flags, stdin):
                    bounds = ["--command-timeout", f"{self._timeout:g}s"]
                    quietly = ["--quiet", *flags]
                    command = [self._program, *bounds, *arguments[:place], *quietly, *arguments[place:]]
                    finished = self._run(command, stdin)
            except FileNotFoundError:
                return _MISSING
            except OSError as error:
                return f"skopeo cannot be started ({error.strerror})"
            if why := self._why(finished, target):
                return why
        return ""

    def _run(self, command: Sequence[str], stdin: IO[bytes] | None) -> Finished:
        """In a thread of its own: an interrupt of this one then finds the process, and ends it."""
        limit = self._timeout + _GRACE
        with ThreadPoolExecutor(1, "copy") as pool:
            try:
                run = self._processes.run
                return pool.submit(run, command, environment(os.environ), limit, BODY_LIMIT, stdin).result()
            except KeyboardInterrupt:
                self._processes.close()
                raise

    def close(self) -> None:
        """End what runs; nothing is started any more."""
        self._processes.close()

    def _why(self, finished: Finished, target: Reference) -> str:
        if finished.ending is Ending.EXITED and finished.code == 0:
            return ""
        if finished.ending is Ending.STOPPED:
            return "interrupted"
        state = failed(finished.stderr).state
        if finished.ending is Ending.TIMEOUT or state is State.TIMEOUT:
            return f"it took longer than {self._timeout:g} seconds; run again, with a larger --copy-timeout"
        words = plain(self._credentials.hide(last_words(finished.stderr)), _WORDS)
        advice = ""
        if state is State.DENIED:
            advice = f". Log in with `skopeo login {target.registry}`, or name a place that you may write to with --to"
        return f"skopeo: {words or f'it ended with code {finished.code}'}{advice}"
