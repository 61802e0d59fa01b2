"""Suppressions beside references: `# planner: ignore[cause] reason`, in a comment on the same line or the line above.

It is the text that counts, so that it works in every format: a comment may begin with `#`, `//`, `--`, `;` or `<!--`.
"""

import re
from collections.abc import Iterator

from planner.model.source import Problem, SourceFile
from planner.model.suppression import Rule, Suppression
from planner.suppress.expiry import divided, refuse_end

_WORD = "planner:"  # what every mark has in it, and few files have
_BEGIN = re.compile(r"(?:^|(?<=\s))(?:\#|//|--|;|<!--)[ \t]*planner:[ \t]*ignore\b(?P<rest>.*)")
_REST = re.compile(r"[ \t]*\[(?P<causes>[^\]]*)\](?P<reason>.*)")
_BLANK = " \t\r-"  # a list's dash may stand before a comment that is alone on its line
_FORM = "write # planner: ignore[cause] reason, or # planner: ignore[cause] until YYYY-MM-DD: reason"


def marks(source: SourceFile) -> Iterator[Rule | Problem]:
    """Every suppression in a file's text, and a Problem for each that cannot be understood and is not applied."""
    if _WORD not in source.text:
        return
    for number, line in enumerate(source.text.split("\n"), 1):
        if _WORD in line and (found := _BEGIN.search(line)):
            try:
                alone = not line[: found.start()].strip(_BLANK) and not _after(found["rest"]).strip(_BLANK)
                yield _rule(source.path, number, found["rest"], alone=alone)
            except ValueError as error:
                text = f"this suppression was not applied: {error}; {_FORM}"
                yield Problem("file", source.path, "suppression-invalid", text, number, found.start() + 1)


def _rule(path: str, line: int, rest: str, *, alone: bool) -> Rule:
    """The rule that is written as `rest`, what follows `ignore`. Raises ValueError."""
    found = _REST.match(rest)
    causes = tuple(filter(None, map(str.strip, found["causes"].split(",")))) if found else ()
    if not found or not causes:
        raise ValueError("it names no cause in brackets")
    refuse_end(found["causes"])
    expires, reason = divided(_text(found["reason"]))
    if not any(map(str.isalnum, reason)):
        raise ValueError("it gives no reason")
    return Rule(Suppression(path, line, reason, expires=expires), causes, inline=True, alone=alone)


def _text(rest: str) -> str:
    """What somebody wrote for others, without the end of the comment."""
    return rest.partition("-->")[0].strip()


def _after(rest: str) -> str:
    """What follows the comment on its line."""
    return rest.partition("-->")[2]
