"""Stage 1: the text files below a folder that hold a digest, or use one. Reads bytes and decides; parses nothing."""

import codecs
import os
import posixpath
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from planner.model.source import Indirect, Problem, SourceFile

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_BYTES = 10 * 1024 * 1024
_CHUNK = 64 * 1024
_SNIFFED = 8 * 1024  # a NUL byte up to here makes a file binary, as git and ripgrep decide
_MAX_IGNORE_BYTES = 1024 * 1024
_MAX_OUTSIDE = 30  # links out of the tree that are named one by one
# Of files that must not be looked into, those whose name says that an image may be in them.
_SOURCE_NAMES = re.compile(
    r"""
    (?:docker|container|jenkins)file | ^\.env | \.(?:
    ya?ml|json|env|txt|sh|toml|tf|tfvars|hcl|nomad|groovy|j2|tpl|tmpl|container|image|volume|kube|pod|service|conf)$
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MAX_STARS = 3  # in one pattern: each further one multiplies the time that matching takes
_IGNORE_FILES = (".plannerignore", ".gitignore")  # the first outranks the second
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY if os.name == "posix" else os.O_RDONLY | getattr(os, "O_BINARY", 0)
# UTF-32 before UTF-16: the byte order mark of one begins with that of the other.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)
_WIDE = tuple(mark for mark, encoding in _BYTE_ORDER_MARKS if encoding != "utf-8")
# Runs over every byte of the tree. One expression with a fixed beginning is four times as fast as three plain searches.
_DIGEST = re.compile(rb"sha(?:256|384|512):")


class TooLargeError(OSError):
    """The file is text and longer than the limit."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """One ignore file: its patterns hold for paths that begin with `folder`."""

    folder: str
    spec: "GitIgnoreSpec"


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to be read: its path below the root ("" or ending in a slash), and the rules that hold in it."""

    path: str
    rules: tuple[_Rules, ...] = ()
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
                yield _link_outside(".", f"and {self._outside - _MAX_OUTSIDE:,} more links that lead")
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
            data = _read(real, self.max_bytes)
        except (OSError, ValueError):
            return None
        text, _ = _decode(data) if data is not None else (None, 0)
        return SourceFile(_printable(path), text) if text is not None else None

    def _inside(self, real: str) -> bool:
        return real == self._base or real.startswith(self._base.rstrip(os.sep) + os.sep)

    def _folder(self, folder: _Folder, waiting: list[_Folder]) -> Iterator[Problem | SourceFile]:
        """Read one folder: yield its files, and add its subfolders to those waiting."""
        try:
            with os.scandir(self._path(folder.path)) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            yield _unreadable(folder.path or ".", error, "the images of the files in it were not checked")
            return
        names = {entry.name for entry in entries}
        rules = folder.rules
        for ignore_file in reversed(_IGNORE_FILES):
            if ignore_file in names:
                spec, problem = self._ignore_file(folder.path + ignore_file)
                rules = (_Rules(folder.path, spec), *rules)
                if problem:
                    yield problem
        files: list[str] = []
        folders: list[_Folder] = []
        for entry in entries:
            kind = self._kind(entry, folder)
            if kind is not None and not (rules and _ignored(rules, folder.path + entry.name + kind.strip("@"))):
                if kind[:1] == "@":
                    self._outside += 1
                    if self._outside <= _MAX_OUTSIDE:
                        yield _link_outside(folder.path + entry.name)
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

    def _ignore_file(self, path: str) -> tuple["GitIgnoreSpec", Problem | None]:
        from pathspec import GitIgnoreSpec

        try:
            data = _read(self._path(path), _MAX_IGNORE_BYTES)
            lines = (data or b"").decode("utf-8", "replace").splitlines()
            kept = [line for line in lines if line.startswith("#") or _stars(line) <= _MAX_STARS]
            problem = None if len(kept) == len(lines) else _too_many_stars(path)
            return GitIgnoreSpec.from_lines(kept), problem
        except (OSError, ValueError) as error:
            return GitIgnoreSpec([]), _unreadable(path, error, "nothing was ignored for its sake")

    def _files(self, folder: str, names: list[str]) -> Iterator[SourceFile | Problem]:
        """Of the files of one folder those that hold a digest, and those that use one of a file beside or elsewhere."""
        rest: list[tuple[str, bytes, bool]] = []
        holders: set[str] = set()
        prefix = self._path(folder) if folder else self._base + os.sep
        for name in names:
            if self.skip and os.path.realpath(prefix + name) in self.skip:
                continue
            try:
                data = _read(prefix + name, self.max_bytes)
            except TooLargeError:
                yield _too_large(folder + name, self.max_bytes)
                continue
            except OSError as error:
                yield _unreadable(folder + name, error, "its images were not checked")
                continue
            self.seen += 1
            if data is None:
                continue
            if _has_digest(data):
                holders.add(name)
                yield from _source(folder + name, data)
            elif uses := [use for use in self.indirect if _pattern(use.names).fullmatch(name)]:
                named = any(_pattern(use.words).search(data.decode("utf-8", "replace")) for use in uses)
                rest.append((name, data, named))
        for name, data, named in rest:
            beside = any(use.beside & holders for use in self.indirect if _pattern(use.names).fullmatch(name))
            if named or beside:
                yield from _source(folder + name, data)


def discover(
    root: Path, *, indirect: Iterable[Indirect] = (), max_bytes: int = MAX_BYTES, skip: Iterable[Path] = ()
) -> Tree:
    """The tree of files below `root`; see Tree. Nothing is read before it is iterated over.

    `indirect` are the files that use digests of others (`extract.indirect()`), `max_bytes` bounds what is read of one
    file, `skip` are files that are no image sources, such as those that declare hosts.
    """
    return Tree(root, tuple(indirect), max_bytes, frozenset(os.path.realpath(path) for path in skip))


_pattern = lru_cache(maxsize=64)(re.compile)


def _stars(pattern: str) -> int:
    """The stars among which a path can be shared in many ways: not `*` as a whole name, nor `**` at an end."""
    names = pattern.rstrip().removeprefix("!").strip("/").split("/")
    return sum(name.count("*") for name in names if name not in ("*", "**")) + names[1:-1].count("**")


def _ignored(rules: tuple[_Rules, ...], path: str) -> bool:
    """Whether the deepest rule that says anything about a path (a folder's ends in a slash) says to ignore it."""
    for rule in rules:
        decision = rule.spec.check_file(path[len(rule.folder) :]).include
        if decision is not None:
            return decision
    return False


def _read(path: str, max_bytes: int) -> bytes | None:
    """A regular file's bytes, None for binary and special files; raise TooLargeError for text beyond the limit."""
    descriptor = os.open(path, _OPEN)
    try:
        data = os.read(descriptor, _CHUNK)
        if _is_binary(data):
            return None
        if len(data) < min(_CHUNK, max_bytes + 1):
            return data
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        chunks, size = [data], len(data)
        while data and size <= max_bytes:
            data = os.read(descriptor, max(_CHUNK, min(max_bytes + 1 - size, 16 * _CHUNK)))
            chunks.append(data)
            size += len(data)
        if size > max_bytes:
            raise TooLargeError
        return b"".join(chunks)
    finally:
        os.close(descriptor)


def _is_binary(data: bytes) -> bool:
    return b"\0" in data[:_SNIFFED] and not data.startswith(_WIDE)


def _has_digest(data: bytes) -> bool:
    if _DIGEST.search(data):
        return True
    return data.startswith(_WIDE) and bool(re.search(r"sha(256|384|512):", _decode(data)[0]))


def _decode(data: bytes) -> tuple[str, int]:
    """The text without byte order mark, and the 1-based line of the first byte that is wrong in its encoding, or 0."""
    mark, encoding = next(((m, e) for m, e in _BYTE_ORDER_MARKS if data.startswith(m)), (b"", "utf-8"))
    data = data[len(mark) :]
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError as error:
        return data.decode(encoding, "replace"), data[: error.start].decode(encoding, "replace").count("\n") + 1


def _source(path: str, data: bytes) -> Iterator[SourceFile | Problem]:
    text, wrong_line = _decode(data)
    shown = _printable(path)
    if wrong_line:
        message = (
            "this file is not in UTF-8; references in it were read, but engines and tools may refuse the file or read "
            "names differently; save it as UTF-8"
        )
        yield Problem("file", shown, "wrong-encoding", message, wrong_line)
    yield SourceFile(shown, text)


def _printable(path: str) -> str:
    r"""Bytes of a file name that are no UTF-8 as `\xff`, so that every report can be encoded."""
    path = path.replace(os.sep, "/")
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _too_large(path: str, max_bytes: int) -> Problem:
    text = (
        f"larger than {max_bytes:,} bytes, so its images were not checked; split the file, raise the limit, or name it "
        "in .plannerignore"
    )
    return Problem("file", _printable(path), "too-large", text)


def _link_outside(path: str, links: str = "a link that leads") -> Problem:
    text = (
        f"{links} out of the scanned folder: not followed, so that the images behind it were not checked; scan its "
        "target, or name the link in .plannerignore"
    )
    return Problem("file", _printable(path), "link-outside", text)


def _too_many_stars(path: str) -> Problem:
    text = (
        f"a pattern has more than {_MAX_STARS} stars inside names, which takes too long to match, and was left out: "
        "files that it names were read, or ignored if it is to keep them; write it with fewer"
    )
    return Problem("file", _printable(path), "ignore-pattern", text)


def _unreadable(path: str, error: Exception, meaning: str) -> Problem:
    why = error.strerror if isinstance(error, OSError) else str(error)
    text = f"cannot be read ({why}): {meaning}; make it readable, or name it in .plannerignore"
    return Problem("file", _printable(path), "unreadable", text)
