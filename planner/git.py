"""What git knows of files: which work tree they are in, and whether it has them as they are."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

_AT_ONCE = 200  # paths for one command
_SECONDS = 120
IGNORED = "!!"


class GitError(Exception):
    """git is not there, or says no; the message has its words."""


def work_tree(folder: Path) -> Path | None:
    """The nearest folder at or above a real one that has a `.git`; None outside of work trees."""
    return next((each for each in (folder, *folder.parents) if os.path.lexists(each / ".git")), None)


def states(top: Path, paths: Sequence[str]) -> dict[str, str]:
    """The two letters of `git status --porcelain` of those files that are not as committed, by their paths below `top`.

    Raises GitError.
    """
    found: dict[str, str] = {}
    for start in range(0, len(paths), _AT_ONCE):
        found |= dict(_status(top, paths[start : start + _AT_ONCE]))
    return found


def _status(top: Path, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    # A file system monitor is a program that the repository names: nothing of it is to run.
    command = ["git", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-C", str(top), "status", "--porcelain=v1"]
    command += ["-z", "--no-renames", "--ignored", "--untracked-files=all", "--", *paths]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git cannot be run ({error})") from error
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip()
        raise GitError(f"git status says: {words or done.returncode}")
    for line in os.fsdecode(done.stdout).split("\0"):
        if line:
            yield line[3:], line[:2]
