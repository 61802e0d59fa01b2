"""The tree of files below a folder, and which of them are worth extracting."""

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from planner.discover.ignore import IGNORE_FILES, MAX_IGNORE_BYTES, Rules, ignored, patterns
from planner.discover.problems import (
    link_outside,
    printable,
    too_large,
    too_many_stars,
    unreadable,
    wrong_encoding,
)
from planner.discover.read import TooLargeError, decode, has_digest, read
from planner.model.source import Indirect, Problem, SourceFile

MAX_BYTES = 10 * 1024 * 1024
_MAX_OUTSIDE = 30  # links out of the tree that are named one by one
# Of files that must not be looked into, those whose name says that an image may be in them.
_SOURCE_NAMES = re.compile(
    r"""
    (?:docker|container|jenkins)file | ^\.env | \.(?:
    ya?ml|json|env|txt|sh|toml|tf|tfvars|hcl|nomad|groovy|j2|tpl|tmpl|container|image|volume|kube|pod|service|conf)$
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Whether a file is worth extracting although it holds no digest.
Wanted = Callable[[SourceFile], bool]


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to be read: its path below the root ("" or ending in a slash), and the rules that hold in it."""

    path: str
    rules: tuple[Rules, ...] = ()
    linked: bool = False  # reached through a link: further links to folders are not followed


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
    seen: int = 0
    _base: str = field(init=False, default="")
    _outside: int = field(init=False, default=0)
    _looked_up: dict[str, SourceFile | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        folder = self.root if self.root.is_dir() else self.root.parent
        self._base = os.path.realpath(folder)

    def __iter__(self) -> Iterator[SourceFile | Problem]:
        """Every file worth extracting, and a Problem for each that could not be read; folder by folder, by name."""
        if self.root.is_dir():
            waiting, self._outside = [_Folder("")], 0
            while waiting:
                yield from self._folder(waiting.pop(), waiting)
            if self._outside > _MAX_OUTSIDE:
                yield link_outside(".", f"and {self._outside - _MAX_OUTSIDE:,} more links that lead")
        else:
            yield from self._files("", [self.root.name])

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
            os.lstat(self._path(path))  # most that are asked for do not exist, and this is the quickest way to know
            real = os.path.realpath(self._path(path))
            if not self._inside(real):
                return None
            data = read(real, self.max_bytes)
        except (OSError, ValueError):
            return None
        text, _ = decode(data) if data is not None else (None, 0)
        return SourceFile(printable(path), text) if text is not None else None

    def _inside(self, real: str) -> bool:
        return real == self._base or real.startswith(self._base.rstrip(os.sep) + os.sep)

    def _folder(self, folder: _Folder, waiting: list[_Folder]) -> Iterator[Problem | SourceFile]:
        """Read one folder: yield its files, and add its subfolders to those waiting."""
        try:
            with os.scandir(self._path(folder.path)) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            yield unreadable(folder.path or ".", error, "the images of the files in it were not checked")
            return
        names = {entry.name for entry in entries}
        rules = folder.rules
        for ignore_file in reversed(IGNORE_FILES):
            if ignore_file in names:
                own, problem = self._ignore_file(folder.path + ignore_file)
                rules = (own, *rules) if own else rules
                if problem:
                    yield problem
        files: list[str] = []
        folders: list[_Folder] = []
        for entry in entries:
            kind = self._kind(entry, folder)
            if kind is not None and not (rules and ignored(rules, folder.path + entry.name + kind.strip("@"))):
                if kind[:1] == "@":
                    self._outside += 1
                    if self._outside <= _MAX_OUTSIDE:
                        yield link_outside(folder.path + entry.name)
                elif kind == "/":
                    linked = folder.linked or entry.is_symlink()
                    folders.append(_Folder(f"{folder.path}{entry.name}/", rules, linked))
                else:
                    files.append(entry.name)
        waiting.extend(reversed(folders))
        yield from self._files(folder.path, files)

    def _kind(self, entry: "os.DirEntry[str]", folder: _Folder) -> str | None:
        """What an entry is to be taken for: "" a file, "/" a folder, "@" or "@/" one elsewhere, None for neither."""
        if entry.name == ".git" or (not folder.path and entry.name == "planner.toml"):
            return None
        try:
            if entry.is_file(follow_symlinks=False):
                return ""
            if entry.is_dir(follow_symlinks=False):
                return "/"
            if not entry.is_symlink():
                return None
            return self._kind_of_link(entry, folder)
        except OSError:
            return None

    def _kind_of_link(self, entry: "os.DirEntry[str]", folder: _Folder) -> str | None:
        """Links are followed within the root only, and to a folder only where that cannot go round in circles."""
        real = os.path.realpath(entry.path)
        if not self._inside(real):
            if entry.is_dir():
                return "@/"
            return "@" if entry.is_file() and _SOURCE_NAMES.search(entry.name) else None
        if f"{os.sep}.git{os.sep}" in real + os.sep:
            return None
        if entry.is_file():
            return ""
        here = os.path.realpath(self._path(folder.path)) + os.sep
        return "/" if entry.is_dir() and not folder.linked and not here.startswith(real + os.sep) else None

    def _path(self, path: str) -> str:
        return self._base + os.sep + path if path else self._base

    def _ignore_file(self, path: str) -> tuple[Rules | None, Problem | None]:
        """The rules of one ignore file, for the folder in which it stands."""
        try:
            text = (read(self._path(path), MAX_IGNORE_BYTES) or b"").decode("utf-8", "replace")
            spec, whole = patterns(text)
        except (OSError, ValueError) as error:
            return None, unreadable(path, error, "nothing was ignored for its sake")
        return Rules(path[: path.rfind("/") + 1], spec), None if whole else too_many_stars(path)

    def _files(self, folder: str, names: list[str]) -> Iterator[SourceFile | Problem]:
        """Of the files of one folder those that hold a digest, and those that use one of a file beside or elsewhere."""
        rest: list[tuple[str, bytes, bool]] = []
        holders: set[str] = set()
        for name in names:
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
            elif uses := [use for use in self.indirect if _pattern(use.names).fullmatch(name)]:
                named = any(_pattern(use.words).search(data.decode("utf-8", "replace")) for use in uses)
                rest.append((name, data, named))
        for name, data, named in rest:
            beside = any(use.beside & holders for use in self.indirect if _pattern(use.names).fullmatch(name))
            if named or beside:
                yield from _source(folder + name, data)

    def _read(self, folder: str, name: str) -> bytes | Problem | None:
        """A file's bytes; None for binary ones and those to be skipped."""
        path = self._base + os.sep + folder + name
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


def discover(
    root: Path,
    *,
    indirect: Iterable[Indirect] = (),
    max_bytes: int = MAX_BYTES,
    skip: Iterable[Path] = (),
    wanted: Wanted | None = None,
) -> Tree:
    """The tree of files below `root`; see Tree. Nothing is read before it is iterated over.

    `indirect` are the files that use digests of others (`extract.indirect()`), `max_bytes` bounds what is read of one
    file, `skip` are files that are no image sources, such as those that declare hosts. `wanted` tells of a file without
    any digest whether it is to be extracted all the same; None: no such file is.
    """
    return Tree(root, tuple(indirect), max_bytes, frozenset(os.path.realpath(path) for path in skip), wanted)


_pattern = lru_cache(maxsize=64)(re.compile)


def _source(path: str, data: bytes) -> Iterator[SourceFile | Problem]:
    text, wrong_line = decode(data)
    if wrong_line:
        yield wrong_encoding(path, wrong_line)
    yield SourceFile(printable(path), text)
