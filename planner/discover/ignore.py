"""Ignore files: what .gitignore and .plannerignore keep out of a scan."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILES = (".plannerignore", ".gitignore")  # the first outranks the second
MAX_IGNORE_BYTES = 1024 * 1024
MAX_STARS = 3  # in one pattern: each further one multiplies the time that matching takes


@dataclass(frozen=True, slots=True)
class Rules:
    """One ignore file: its patterns hold for paths that begin with `folder`."""

    folder: str
    spec: "GitIgnoreSpec"


def patterns(text: str) -> tuple["GitIgnoreSpec", bool]:
    """The patterns of an ignore file, and whether all were taken: those with more than MAX_STARS stars are not."""
    from pathspec import GitIgnoreSpec

    lines = text.splitlines()
    kept = [line for line in lines if line.startswith("#") or _stars(line) <= MAX_STARS]
    return GitIgnoreSpec.from_lines(kept), len(kept) == len(lines)


def _stars(pattern: str) -> int:
    """The stars among which a path can be shared in many ways: not `*` as a whole name, nor `**` at an end."""
    names = pattern.rstrip().removeprefix("!").strip("/").split("/")
    return sum(name.count("*") for name in names if name not in ("*", "**")) + names[1:-1].count("**")


def ignored(rules: Iterable[Rules], path: str) -> bool:
    """Whether the deepest rule that says anything about a path (a folder's ends in a slash) says to ignore it."""
    for rule in rules:
        decision = rule.spec.check_file(path[len(rule.folder) :]).include
        if decision is not None:
            return decision
    return False
