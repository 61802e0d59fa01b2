"""Child processes with bounds: on their time, on what they may print, and on the life of their own children."""

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import IO

_STDERR_LIMIT = 64 * 1024
_CHUNK = 64 * 1024


class Ending(Enum):
    """How a process ended."""

    EXITED = auto()  # by itself, or by a signal that is not ours (a negative code)
    TIMEOUT = auto()
    TOO_LARGE = auto()
    STOPPED = auto()  # by `Processes.close`


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that is gone. `stderr` is its last 64 KiB, in whole lines if there is more than one."""

    ending: Ending
    code: int
    stdout: bytes
    stderr: str


class Processes:
    """Starts processes, for many threads at once, and can end all that run."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        timeout: float,
        limit: int,
        stdin: IO[bytes] | None = None,
    ) -> Finished:
        """Run a program to its end; kill it after `timeout` seconds or when it prints more than `limit` bytes.

        `stdin` is an open file for it to read, from where the file stands. Raises OSError if it cannot be started.
        """
        with self._lock:
            if self._closed:
                return Finished(Ending.STOPPED, 0, b"", "")
            process = subprocess.Popen(
                list(arguments),
                stdin=stdin or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environment),
                start_new_session=True,  # so that its helpers can be ended with it
            )
            self._running.add(process)
        try:
            with process:
                ending, stdout, stderr = _read(process, time.monotonic() + timeout, limit)
                if ending is not Ending.EXITED:
                    _kill(process)
        finally:
            with self._lock:
                self._running.discard(process)
        if self._closed:
            ending = Ending.STOPPED
        return Finished(ending, process.returncode, stdout, _whole_lines(stderr).decode("utf-8", "replace"))

    def close(self) -> None:
        """Kill what runs and start nothing more."""
        with self._lock:
            self._closed = True
            for process in self._running:
                _kill(process)


def _read(process: subprocess.Popen[bytes], deadline: float, limit: int) -> tuple[Ending, bytes, bytes]:
    """Read both pipes together, so that a full one cannot block the process."""
    stdout, stderr = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for pipe, buffer in ((process.stdout, stdout), (process.stderr, stderr)):
            selector.register(_opened(pipe), selectors.EVENT_READ, buffer)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return Ending.TIMEOUT, bytes(stdout), bytes(stderr)
            for key, _ in selector.select(left):
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                key.data.extend(chunk)
            if len(stdout) > limit:
                return Ending.TOO_LARGE, b"", bytes(stderr)
            del stderr[:-_STDERR_LIMIT]
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(max(0.0, deadline - time.monotonic()))
        return Ending.EXITED, bytes(stdout), bytes(stderr)
    return Ending.TIMEOUT, bytes(stdout), bytes(stderr)


def _whole_lines(stderr: bytes) -> bytes:
    """Without a first line whose beginning was dropped: what is left of it could be taken for something else."""
    if len(stderr) < _STDERR_LIMIT:
        return stderr
    return stderr.partition(b"\n")[2] or stderr


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the process was started without pipes")
    return pipe


def _kill(process: subprocess.Popen[bytes]) -> None:
    # Until somebody waits for it a dead child keeps its id, so the group is still ours.
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
