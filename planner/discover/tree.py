"""The tree of files below a folder, and which of them are worth extracting."""

import os
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from planner.discover.ahead import Ahead
from planner.discover.problems import printable
from planner.discover.read import decode, read
from planner.discover.search import Search, Wanted
from planner.discover.walk import Listing, inside, walk
from planner.model.source import Indirect, Problem, SourceFile

_One = TypeVar("_One")
MAX_BYTES = 10 * 1024 * 1024


@dataclass(slots=True)
class Tree:
    """The files below `root`, a folder or a single file.

    `seen` counts the files that were read so far, with digest or without. Paths are relative to `root` (to its folder,
    if it is a file). Ignore files above the root do not count: who names a folder wants it read.
    """

    root: Path
    indirect: tuple[Indirect, ...] = ()
    max_bytes: int = MAX_BYTES
    skip: frozenset[str] = frozenset()
    wanted: Wanted | None = None
    ahead: Ahead | None = None
    seen: int = 0
    _base: str = field(init=False, default="")
    _looked_up: dict[str, SourceFile | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._base = base_of(self.root)

    def __iter__(self) -> Iterator[SourceFile | Problem]:
        """Every file worth extracting, and a Problem for each that could not be read; folder by folder, by name."""
        search = self._search()
        listings = walk(self._base) if self.root.is_dir() else [Listing("", (self.root.name,))]
        yield from self._counted(search, (one for listing in listings for one in search.files(listing)))

    def by_turns(self) -> Iterator[tuple[int, SourceFile | Problem]]:
        """As iterating, but as soon as they are read: each with its turn, by which they are to be sorted."""
        ahead, self.ahead = self.ahead, None  # what was read ahead is there once
        if ahead and self.root.is_dir():
            search = self._search()
            yield from self._counted(search, ahead.files(search))
        else:
            yield from ((0, one) for one in self)

    def _search(self) -> Search:
        return Search(self._base, self.indirect, self.max_bytes, self.skip, self.wanted)

    def _counted(self, search: Search, found: Iterable[_One]) -> Iterator[_One]:
        before = self.seen
        for one in found:
            self.seen = before + search.seen
            yield one
        self.seen = before + search.seen

    def paths(self) -> Iterator[str]:
        """The path of every file, ignored or not, as globs see it."""
        root = self.root if self.root.is_dir() else self.root.parent
        folders = ((Path(folder).relative_to(root), names) for folder, _, names in os.walk(root))
        return ((folder / name).as_posix() for folder, names in folders for name in names)

    def lookup(self, path: str) -> SourceFile | None:
        """A text file by its path relative to the root; None if there is none, or if it lies outside of the root."""
        path = posixpath.normpath(path)
        if path not in self._looked_up:
            self._looked_up[path] = self._look_up(path)
        return self._looked_up[path]

    def _look_up(self, path: str) -> SourceFile | None:
        if path.startswith(("../", "/")):
            return None
        try:
            whole = self._base + os.sep + path if path else self._base
            os.lstat(whole)  # most that are asked for do not exist, and this is the quickest way to know
            real = os.path.realpath(whole)
            data = read(real, self.max_bytes) if inside(self._base, real) else None
        except (OSError, ValueError):
            return None
        return SourceFile(printable(path), decode(data)[0]) if data is not None else None


def base_of(root: Path) -> str:
    """The real path of the folder to which the paths of the files are relative."""
    return os.path.realpath(root if root.is_dir() else root.parent)


def discover(  # noqa: PLR0913 - what is looked for, each by its name
    root: Path,
    *,
    indirect: Iterable[Indirect] = (),
    max_bytes: int = MAX_BYTES,
    skip: Iterable[Path] = (),
    wanted: Wanted | None = None,
    ahead: Ahead | None = None,
) -> Tree:
    """The tree of files below `root`; see Tree. Nothing is read before it is iterated over.

    `indirect` are the files that use digests of others (`extract.indirect()`), `max_bytes` bounds what is read of one
    file, `skip` are files that are no image sources, such as those that declare hosts. `wanted` tells of a file without
    any digest whether it is to be extracted all the same; None: no such file is. `ahead` is what `look_ahead` began
    at the same root: it makes the first iteration quicker, and changes nothing else.
    """
    skipped = frozenset(os.path.realpath(path) for path in skip)
    return Tree(root, tuple(indirect), max_bytes, skipped, wanted, ahead)
