"""Files are read, their pins moved as a mapping says, and the result shown as a diff or written. See plan/repin.py."""

import os
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from planner.discover import MAX_BYTES
from planner.discover.read import encoding_of, read
from planner.discover.tree import Tree, base_of
from planner.errors import UsageError
from planner.extract import distinct, extract
from planner.git import IGNORED, GitError, states, work_tree
from planner.inventory import take_inventory
from planner.model.occurrence import Occurrence
from planner.model.plan import Move
from planner.model.source import Problem, SourceFile
from planner.plan.pins.encoded import Encoded
from planner.plan.pins.left import idle, unread
from planner.plan.pins.patch import patch
from planner.plan.pins.repin import Refused, Repin
from planner.plan.pins.verify import Files, edited, proven

_CHANGED = "it was changed while planner read it; run again"


@dataclass(frozen=True, slots=True)
class Edited:
    """A file, its bytes, and those that it is to have."""

    path: Path
    old: bytes
    new: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mapping makes of the files below a path.

    `places` are those whose pins move. `idle` are rows whose old pin stands nowhere, with whether the new one does.
    """

    files: tuple[Edited, ...]
    places: tuple[Occurrence, ...]
    refused: tuple[Refused, ...]
    idle: tuple[tuple[Move, bool], ...]


@dataclass(slots=True)
class _Texts:
    """The files of a tree by their real paths below its root: two names may lead to one file."""

    tree: Tree
    base: str = field(init=False)
    loaded: dict[str, Encoded] = field(init=False, default_factory=dict)
    closed: dict[str, str] = field(init=False, default_factory=dict)
    _real: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.base = base_of(self.tree.root)

    def real(self, name: str) -> str:
        """The path of the file itself, of which `name` may be a link."""
        if name not in self._real:
            self._real[name] = os.path.relpath(os.path.realpath(self.path(name)), self.base).replace(os.sep, "/")
        return self._real[name]

    def path(self, name: str) -> Path:
        return Path(self.base, name)

    def load(self, real: str) -> None:
        """Take a file's bytes, or note why it cannot be edited."""
        source = self.tree.lookup(real)
        try:
            data = read(str(self.path(real)), MAX_BYTES)
        except OSError as error:
            self.closed[real] = f"it cannot be read ({error.strerror or 'too large'})"
            return
        if source is None or data is None or real.startswith("../"):
            self.closed[real] = "planner cannot open it by this name; rename it, or edit it by hand"
            return
        mark, encoding = encoding_of(data)
        encoded = Encoded(data, len(mark), encoding)
        if encoded.text == source.text:
            self.loaded[real] = encoded
        else:
            self.closed[real] = _CHANGED

    def text(self, name: str, texts: Mapping[str, str]) -> str | None:
        """A file's text, from `texts` if it is there."""
        text = texts.get(self.real(name))
        source = self.tree.lookup(name) if text is None else None
        return source.text if source else text

    def read(self, names: Collection[str], texts: Mapping[str, str]) -> list[Occurrence | Problem]:
        """What files name, with `texts` in place of what is on the disk."""

        def lookup(name: str) -> SourceFile | None:
            text = self.text(name, texts)
            return None if text is None else SourceFile(name, text)

        sources = filter(None, map(lookup, sorted(names)))
        return distinct(one for source in sources for one in extract(source, lookup, tags=True))


def repin(path: Path, moves: Sequence[Move], mapping: Path, *, write: bool) -> Outcome:
    """The files below `path` with their pins moved; nothing is written yet. No registry is asked.

    `mapping` is the file of the moves, which is no image source. With `write`, files that git has not as they are
    stay. Raises UsageError.
    """
    inventory = take_inventory(path, skip=[mapping], include_tags=True)
    if not isinstance(inventory.tree, Tree):
        raise UsageError("what is piped in cannot be edited: name a folder or a file")
    texts = _Texts(inventory.tree)
    occurrences = [_by_real_path(each, texts) for each in inventory.occurrences]
    old = {move.old.pinned for move in moves}
    moving = [each for each in occurrences if each.reference.pinned in old]
    for real in {span.file for each in moving for span in each.all_spans}:
        texts.load(real)
    if write:
        texts.closed |= dict(_unclean(texts, list(texts.loaded)))
    names = {name for each in occurrences for name in (each.file, each.used_in) if name}
    names |= {span.file for each in inventory.occurrences for span in each.all_spans}
    files = Files({real: each.text for real, each in texts.loaded.items()}, {name: texts.real(name) for name in names})
    done = proven(occurrences, moves, texts.closed, files, texts.read)
    after = {real: edited(files.texts[real], edits) for real, edits in done.edits.items()}
    left = unread(inventory.problems, moves, lambda name: texts.text(name, after))
    return Outcome(
        tuple(_edited(done, texts)),
        tuple(change.occurrence for change in done.changes),
        (*done.refused, *left),
        tuple(idle(occurrences, moves)),
    )


def _by_real_path(occurrence: Occurrence, texts: _Texts) -> Occurrence:
    spans, *alike = (
        tuple(replace(span, file=texts.real(span.file)) for span in each)
        for each in (occurrence.spans, *occurrence.alike)
    )
    return replace(occurrence, spans=spans, alike=tuple(alike))


def _edited(done: Repin, texts: _Texts) -> Iterator[Edited]:
    for real, edits in sorted(done.edits.items()):
        encoded = texts.loaded[real]
        yield Edited(texts.path(real), encoded.data, encoded.edited(edits))


def _unclean(texts: _Texts, reals: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The files that git has not as they are, with what to do; those that it does not keep have no way back anyway."""
    by_tree: dict[Path, dict[str, str]] = defaultdict(dict)
    for real in reals:
        path = texts.path(real)
        if top := work_tree(path.parent):
            by_tree[top][path.relative_to(top).as_posix()] = real
    for top, below in by_tree.items():
        try:
            found = states(top, list(below))
        except GitError as error:
            yield from (
                (real, f"whether it has changes that are not committed is unknown: {error}") for real in below.values()
            )
            continue
        for name, state in found.items():
            if state != IGNORED and name in below:
                why = (
                    "is not in git yet: commit it first" if state == "??" else "has changes: commit or stash them first"
                )
                yield below[name], f"the file {why}, so that the edit can be told apart and undone"


def diff(files: Iterable[Edited], root: Path) -> bytes:
    """One unified diff; its paths are relative to `root`, see `diff_root`."""
    return b"".join(patch(os.fsencode(each.path.relative_to(root).as_posix()), each.old, each.new) for each in files)


def diff_root(path: Path) -> Path:
    """Where the diff of what is below `path` is to be applied: the top of its git work tree, else the folder itself."""
    base = Path(base_of(path))
    return work_tree(base) or base


def write(files: Sequence[Edited]) -> Iterator[tuple[Path, str]]:
    """Write the files, each at once or not at all; yields those that were not, with the reason."""
    for each in files:
        try:
            if each.path.read_bytes() != each.old:
                yield each.path, f"not written: {_CHANGED}"
                continue
            _replace(each)
        except OSError as error:
            yield each.path, f"not written ({error.strerror}): make it and its folder writable, and run again"


def _replace(edited: Edited) -> None:
    """Put a new file in place of the old one, with its mode, and its owner where we may."""
    known = edited.path.stat()
    descriptor, name = tempfile.mkstemp(dir=edited.path.parent, prefix=".planner-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(edited.new)
            file.flush()
            os.fsync(file.fileno())
        new = Path(name)
        if hasattr(os, "chown"):
            with suppress(PermissionError):  # only root may give a file to another
                os.chown(name, known.st_uid, known.st_gid)
        new.chmod(known.st_mode & 0o7777)
        if edited.path.read_bytes() != edited.old:
            raise OSError(0, _CHANGED)
        new.replace(edited.path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def is_kept_by_git(path: Path) -> bool:
    """Whether a real path is in a git work tree."""
    return work_tree(path.parent) is not None
