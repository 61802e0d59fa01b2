"""Mappings for every pin of a tree, and a check that nothing but what was to be edited has changed."""

import hashlib
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from planner.discover import discover
from planner.extract import distinct, extract, indirect
from planner.model.occurrence import Occurrence
from planner.model.plan import Move
from planner.model.reference import Reference
from planner.model.source import Problem
from tests.support.command import PLANNER, environment

_DIGEST = re.compile(rb"[0-9a-f]{64,128}")
Moved = Callable[[Reference], Reference]


def other_digest(digest: str) -> str:
    """Another digest of the same algorithm, always the same."""
    algorithm, _, digits = digest.partition(":")
    return f"{algorithm}:{hashlib.new(algorithm, digits.encode()).hexdigest()}"


def found_in(folder: Path) -> list[Occurrence]:
    """Every pinned occurrence below a folder, as a scan finds it."""
    tree = discover(folder, indirect=indirect())
    found = [[one] if isinstance(one, Problem) else extract(one, tree.lookup) for one in tree]
    return [one for one in distinct(one for each in found for one in each) if isinstance(one, Occurrence)]


def moves_of(occurrences: Iterable[Occurrence], moved: Moved) -> list[Move]:
    """A move for each pin, whose tag does not count."""
    pins = {each.reference.pinned: each.reference for each in occurrences}
    old = (Reference(each.registry, each.repository, None, each.digest) for each in pins.values())
    return [Move(each, moved(each), "for the test") for each in old]


def seen(occurrences: Iterable[Occurrence], moves: Iterable[Move] = ()) -> list[tuple[object, ...]]:
    """What and where the occurrences are, once `moves` are made that keep every length."""
    new = {move.old.pinned: move.new for move in moves}
    rows = []
    for each in occurrences:
        pin = new.get(each.reference.pinned, each.reference).pinned
        rows.append((each.file, each.line, each.column, each.role, each.used_in or "", each.reference.tag or "", pin))
    return sorted(rows)


def only_digests_differ(old: bytes, new: bytes, moves: Iterable[Move]) -> bool:
    """Whether `new` is `old` with digests in place of the ones that they follow."""
    known = {(m.old.digest or "").partition(":")[2]: (m.new.digest or "").partition(":")[2] for m in moves}
    if len(old) != len(new):
        return False
    old, new = old.replace(b"\0", b""), new.replace(b"\0", b"")  # UTF-16
    was, now = _DIGEST.findall(old), _DIGEST.findall(new)
    return _DIGEST.sub(b"", old) == _DIGEST.sub(b"", new) and all(
        before == after or known.get(before.decode()) == after.decode() for before, after in zip(was, now, strict=True)
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder, but for git's own."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def shown(folder: Path, mapping: Path, home: Path) -> bytes:
    """What `planner repin` prints, which has bytes of files in any encoding."""
    command: list[str | Path] = [PLANNER, "repin", folder, "--map", mapping]
    return subprocess.run(command, cwd=home, env=environment(home), capture_output=True, check=False).stdout


def git(folder: Path, *arguments: str | Path, stdin: bytes = b"") -> bytes:
    """Run git without the settings of this machine and user; fails with its words."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}
    names = {
        f"GIT_{who}_{what}": "planner@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["git", "-C", folder, *arguments], input=stdin, capture_output=True, env=environment | names, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def committed(folder: Path) -> Path:
    """Make a git repository of a folder, with all of its files committed."""
    git(folder, "init", "-q")
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", "as it was")
    return folder
