"""Text from outside as Markdown: words in which nothing is a mark, code that nothing ends."""

import re
from collections.abc import Iterable

from planner.report.escape import visible

# What Markdown takes for a mark anywhere in a line, or at its beginning.
_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~&$]")
_FIRST = re.compile(r"^(\s*\d*)([-+=]|(?<=\d)[.)](?=\s|$))")
_LINK = re.compile(r"(?i)\b(https?|ftp)(?=://)|\bwww(?=\.)")
# What calls a person or a team on GitHub and GitLab, except in code.
_MENTION = re.compile(r"(?<!\w)(@\w[\w./-]*)")


def text(words: str) -> str:
    """Words on one line in which nothing is a mark, and nobody is called."""
    parts = _MENTION.split(visible(words))
    return "".join(code(part) if n % 2 else _unmarked(part) for n, part in enumerate(parts))


def _unmarked(words: str) -> str:
    return _LINK.sub(r"\g<0>\\", _MARKS.sub(r"\\\g<0>", words))


def prose(words: str) -> str:
    """A sentence of planner's own, in which what stands in backticks is code; it may begin a line."""
    parts = words.split("`")
    # Two code spans without anything between them would be one; no sentence of ours has such, but a name may.
    if len(parts) % 2 == 0 or "``" in words:
        parts = [words]
    told = "".join(text(part) if n % 2 == 0 else code(part) for n, part in enumerate(parts))
    return _FIRST.sub(r"\1\\\2", told)


def code(words: str) -> str:
    """Words as they are, in a code span that no backtick in them ends."""
    shown = visible(words)
    if not shown.strip():
        return _unmarked(shown)
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or shown.strip() != shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def block(commands: Iterable[str], indent: str = "") -> list[str]:
    """Commands, one a line, in a fence that no backtick in them ends."""
    shown = [visible(command) for command in commands]
    fence = "`" * max(3, *(_longest_run(command) + 1 for command in shown))
    return ["", *(indent + line for line in (f"{fence}sh", *shown, fence)), ""]


def _longest_run(words: str) -> int:
    return max(map(len, re.findall("`+", words)), default=0)
