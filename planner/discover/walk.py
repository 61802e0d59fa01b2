"""The folders below a root in a fixed order, each with the files in it that no rule keeps out. Nothing is opened."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from planner.discover.ignore import IGNORE_FILES, MAX_IGNORE_BYTES, Rules, ignored, patterns
from planner.discover.problems import link_outside, too_many_stars, unreadable
from planner.discover.read import read
from planner.model.source import Problem

_MAX_OUTSIDE = 30  # links out of the tree that are named one by one
# Of files that must not be looked into, those whose name says that an image may be in them.
_SOURCE_NAMES = re.compile(
    r"""
    (?:docker|container|jenkins)file | ^\.env | \.(?:
    ya?ml|json|env|txt|sh|toml|tf|tfvars|hcl|nomad|groovy|j2|tpl|tmpl|container|image|volume|kube|pod|service|conf)$
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NAME = attrgetter("name")
_NO_SOURCES = frozenset({".git", "planner.toml"})  # the second at the root only


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of one folder by name, and what could not be read on the way to them.

    `folder` is the path below the root: "" or ending in a slash.
    """

    folder: str
    names: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to be read: its path below the root ("" or ending in a slash), and the rules that hold in it."""

    path: str
    rules: tuple[Rules, ...] = ()
    linked: bool = False  # reached through a link: further links to folders are not followed


def inside(base: str, real: str) -> bool:
    """Whether a real path is `base` or lies below it."""
    return real == base or real.startswith(base.rstrip(os.sep) + os.sep)


def walk(base: str) -> Iterator[Listing]:
    """Every folder below `base`, a real path; ignore files above it do not count."""
    return _Walk(base).listings()


class _Walk:
    def __init__(self, base: str) -> None:
        self._base = base
        self._outside = 0

    def listings(self) -> Iterator[Listing]:
        waiting = [_Folder("")]
        while waiting:
            listing, below = self._read(waiting.pop())
            waiting.extend(reversed(below))
            yield listing
        if self._outside > _MAX_OUTSIDE:
            more = link_outside(".", f"and {self._outside - _MAX_OUTSIDE:,} more links that lead")
            yield Listing("", (), (more,))

    def _read(self, folder: _Folder) -> tuple[Listing, list[_Folder]]:
        """One folder's listing, and the folders in it."""
        try:
            with os.scandir(self._path(folder.path)) as scan:
                entries = sorted(scan, key=_NAME)
        except OSError as error:
            why = unreadable(folder.path or ".", error, "the images of the files in it were not checked")
            return Listing(folder.path, (), (why,)), []
        rules, problems = self._rules(folder, set(map(_NAME, entries)))
        names: list[str] = []
        below: list[_Folder] = []
        for entry in entries:
            kind = self._kind(entry, folder)
            if kind is None or (rules and ignored(rules, folder.path + entry.name + kind.removeprefix("@"))):
                continue
            if kind == "":
                names.append(entry.name)
            elif kind == "/":
                below.append(_Folder(f"{folder.path}{entry.name}/", rules, folder.linked or entry.is_symlink()))
            else:
                self._outside += 1
                if self._outside <= _MAX_OUTSIDE:
                    problems.append(link_outside(folder.path + entry.name))
        return Listing(folder.path, tuple(names), tuple(problems)), below

    def _kind(self, entry: "os.DirEntry[str]", folder: _Folder) -> str | None:
        """What an entry is to be taken for: "" a file, "/" a folder, "@" or "@/" one elsewhere, None for neither."""
        try:
            if entry.name in _NO_SOURCES and (entry.name == ".git" or not folder.path):
                return None
            if entry.is_file(follow_symlinks=False):
                return ""
            if entry.is_dir(follow_symlinks=False):
                return "/"
            return self._kind_of_link(entry, folder) if entry.is_symlink() else None
        except OSError:
            return None

    def _kind_of_link(self, entry: "os.DirEntry[str]", folder: _Folder) -> str | None:
        """Links are followed within the root only, and to a folder only where that cannot go round in circles."""
        real = os.path.realpath(entry.path)
        if not inside(self._base, real):
            if entry.is_dir():
                return "@/"
            return "@" if entry.is_file() and _SOURCE_NAMES.search(entry.name) else None
        if f"{os.sep}.git{os.sep}" in real + os.sep:
            return None
        if entry.is_file():
            return ""
        here = os.path.realpath(self._path(folder.path)) + os.sep
        return "/" if entry.is_dir() and not folder.linked and not here.startswith(real + os.sep) else None

    def _rules(self, folder: _Folder, names: set[str]) -> tuple[tuple[Rules, ...], list[Problem]]:
        """The rules that hold in a folder: those from above, and before them those of its own ignore files."""
        rules, problems = folder.rules, []
        for name in reversed(IGNORE_FILES):
            if name not in names:
                continue
            path = folder.path + name
            try:
                spec, whole = patterns((read(self._path(path), MAX_IGNORE_BYTES) or b"").decode("utf-8", "replace"))
            except (OSError, ValueError) as error:
                problems.append(unreadable(path, error, "nothing was ignored for its sake"))
                continue
            rules = (Rules(folder.path, spec), *rules)
            if not whole:
                problems.append(too_many_stars(path))
        return rules, problems

    def _path(self, path: str) -> str:
        return self._base + os.sep + path if path else self._base
