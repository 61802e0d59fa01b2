"""Of the files of a folder those worth extracting: those that hold a digest, and those that use one."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from planner.discover.problems import printable, too_large, unreadable, wrong_encoding
from planner.discover.read import TooLargeError, decode, has_digest, read, suspects
from planner.discover.walk import Listing
from planner.model.source import Indirect, Problem, SourceFile

# Whether a file is worth extracting although it holds no digest.
Wanted = Callable[[SourceFile], bool]


@dataclass(slots=True)
class Search:
    """What is looked for below `base`, a real path; see discover. `seen` counts the files that were read so far."""

    base: str
    indirect: tuple[Indirect, ...]
    max_bytes: int
    skip: frozenset[str]
    wanted: Wanted | None
    seen: int = 0
    _names: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        # One expression for all, since nearly every file of the tree is asked; it matches nothing if there is none.
        names = [use.names for use in self.indirect] + [re.escape(path.rpartition(os.sep)[2]) for path in self.skip]
        self._names = re.compile("|".join(f"(?:{name})" for name in names) or r"(?!)")

    def files(self, listing: Listing) -> Iterator[SourceFile | Problem]:
        """The problems of a listing, then its files that hold a digest, then those that use one of a file beside."""
        yield from listing.problems
        folder = listing.folder
        rest: list[tuple[str, bytes, bool]] = []
        holders: set[str] = set()
        for name in self._worth_reading(listing):
            data = self._read(folder, name)
            if isinstance(data, Problem):
                yield data
            elif data is None:
                continue
            elif has_digest(data):
                holders.add(name)
                yield from _source(folder + name, data)
            elif self.wanted and self.wanted(SourceFile(printable(folder + name), decode(data)[0])):
                yield from _source(folder + name, data)
            elif uses := self._uses(name):
                rest.append((name, data, any(_pattern(use.words).search(decode(data)[0]) for use in uses)))
        for name, data, named in rest:
            if named or any(use.beside & holders for use in self._uses(name)):
                yield from _source(folder + name, data)

    def _worth_reading(self, listing: Listing) -> Sequence[str]:
        """Those of its files whose bytes must be looked at closer, in their order; the others count as read."""
        if self.wanted:
            return listing.names
        digests = set(suspects(self.base + os.sep + listing.folder, listing.names, self.max_bytes))
        uses = self._names.fullmatch
        names = [name for name in listing.names if name in digests or uses(name)]
        self.seen += len(listing.names) - len(names)
        return names

    def _uses(self, name: str) -> list[Indirect]:
        return [use for use in self.indirect if _pattern(use.names).fullmatch(name)]

    def _read(self, folder: str, name: str) -> bytes | Problem | None:
        """A file's bytes; None for binary ones and those to be skipped."""
        path = self.base + os.sep + folder + name
        if self.skip and os.path.realpath(path) in self.skip:
            return None
        try:
            data = read(path, self.max_bytes)
        except TooLargeError:
            return too_large(folder + name, self.max_bytes)
        except OSError as error:
            return unreadable(folder + name, error, "its images were not checked")
        self.seen += 1
        return data


_pattern = lru_cache(maxsize=64)(re.compile)


def _source(path: str, data: bytes) -> Iterator[SourceFile | Problem]:
    text, wrong_line = decode(data)
    if wrong_line:
        yield wrong_encoding(path, wrong_line)
    yield SourceFile(printable(path), text)
