"""A second process that walks the tree and reads it from its beginning, while the first one still imports itself.

Most of a scan's time goes into starting Python's modules and into opening files. The second process begins with the
files before the first has imported what reads formats; then the first helps, from the other end of the tree, and takes
what the second found. What is found and its order are those of one process. Where processes cannot be forked (Windows,
macOS, a program with threads) there is no second one.
"""

import gc
import os
import pickle
import select
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from planner.discover.search import Search
from planner.discover.walk import Listing, walk
from planner.model.source import Problem, SourceFile

_FILES_PER_PART = 250
_MAX_PARTS = 4096  # claims of parts wait in a pipe, which takes that many at once
_LENGTH = 8  # bytes before each message that say how long it is

_Part = list[Listing]


def look_ahead(root: Path) -> "Ahead":
    """Begin to read `root`, to be handed to `discover` for the same root, and closed in the end."""
    if not (_can_fork() and root.is_dir()):
        return Ahead()
    questions, answers, claims = os.pipe(), os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(questions[1])
            os.close(answers[0])
            _second(os.path.realpath(root), questions[0], answers[1], claims)
        finally:
            os._exit(0)  # whatever went wrong, the first process does it again and says so
    for descriptor in (questions[0], answers[1], claims[1]):
        os.close(descriptor)
    return Ahead(child, questions[1], answers[0], claims[0])


def _can_fork() -> bool:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return sys.platform == "linux" and cores > 1 and threading.active_count() == 1


def _second(base: str, questions: int, answers: int, claims: tuple[int, int]) -> None:
    """What the second process does: walk, send the parts, then read those that it can claim, in their order."""
    gc.disable()  # nothing here is a circle, and collecting would copy the memory shared with the first process
    parts = _parts(walk(base))
    os.write(claims[1], bytes(len(parts)))
    os.close(claims[1])
    search: Search = _receive(questions)
    _send(answers, [[(each.folder, each.names, each.problems) for each in part] for part in parts])
    for part in parts:
        if not os.read(claims[0], 1):
            return
        search.seen = 0
        found = [one for listing in part for one in search.files(listing)]
        _send(answers, (search.seen, found))


def _parts(listings: Iterator[Listing]) -> list[_Part]:
    """The folders of a tree in order, cut into parts of about as many files each."""
    every = list(listings)
    share = max(_FILES_PER_PART, sum(len(listing.names) + 1 for listing in every) // _MAX_PARTS + 1)
    parts: list[_Part] = [[]]
    files = 0
    for listing in every:
        if files >= share:
            parts.append([])
            files = 0
        parts[-1].append(listing)
        files += len(listing.names) + 1
    return parts


def _received(parts: list[list[tuple[str, tuple[str, ...], tuple[Problem, ...]]]]) -> list[_Part]:
    """Plain tuples are packed and unpacked in half the time."""
    return [[Listing(*each) for each in part] for part in parts]


def _send(descriptor: int, message: object) -> None:
    packed = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    rest = memoryview(len(packed).to_bytes(_LENGTH, "big") + packed)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _receive(descriptor: int) -> Any:
    """The next message; EOFError if the other process has ended."""
    packed = _exactly(descriptor, int.from_bytes(_exactly(descriptor, _LENGTH), "big"))
    return pickle.loads(packed)  # noqa: S301 - from our own child


def _exactly(descriptor: int, length: int) -> bytes:
    chunks = []
    while length:
        chunks.append(os.read(descriptor, min(length, 1 << 20)))
        if not chunks[-1]:
            raise EOFError
        length -= len(chunks[-1])
    return b"".join(chunks)


@dataclass(slots=True)
class Ahead:
    """The first process's end. Without a second process it finds the same."""

    child: int = 0
    questions: int = -1
    answers: int = -1
    claims: int = -1

    def files(self, search: Search) -> Iterator[tuple[int, SourceFile | Problem]]:
        """What `search` finds in the whole tree, each with its turn: sorted by that it is in the order of one process.

        This process reads the parts from the end, as long as the second has none ready.
        """
        parts = self._begin(search)
        back = len(parts)
        turn = 0
        while turn < back:
            if not self._is_ready() and self._claim():
                back -= 1
                yield from ((back, one) for listing in parts[back] for one in search.files(listing))
            else:
                yield from ((turn, one) for one in self._answer(search, parts[turn]))
                turn += 1
        self.close()

    def _begin(self, search: Search) -> list[_Part]:
        """Tell the second process what to look for, and take the list of files from it."""
        try:
            if self.child:
                _send(self.questions, search)
                return _received(_receive(self.answers))
        except (OSError, EOFError, pickle.PickleError, AttributeError):
            self.close()
        return _parts(walk(search.base))

    def _is_ready(self) -> bool:
        return bool(self.answers >= 0 and select.select([self.answers], [], [], 0)[0])

    def _claim(self) -> bool:
        return self.claims >= 0 and bool(os.read(self.claims, 1))

    def _answer(self, search: Search, part: _Part) -> Iterable[SourceFile | Problem]:
        """What the second process found in a part; if it has ended (somebody killed it), what is found here."""
        try:
            if self.answers >= 0:
                seen, found = _receive(self.answers)
                search.seen += seen
                return list(found)
        except (OSError, EOFError, pickle.PickleError):
            self.close()
        return (one for listing in part for one in search.files(listing))

    def close(self) -> None:
        """End the second process, if it has not ended yet."""
        for descriptor in (self.questions, self.answers, self.claims):
            if descriptor >= 0:
                os.close(descriptor)
        self.questions = self.answers = self.claims = -1
        if self.child:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
            self.child = 0

    def __enter__(self) -> "Ahead":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
