"""Suppressions beside references: `# planner: ignore[cause] reason`, in a comment on the same line or the line above.

It is the text that counts, so that it works in every format. What has those words in it and is not understood is a
Problem: whoever wrote it believes that it works.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from planner.model.source import Problem, SourceFile
from planner.model.suppression import Rule, Suppression
from planner.suppress.expiry import divided, refuse_end

_WORDS = re.compile(r"(?<![\w-])planner[ \t]*:[ \t]*ignore", re.IGNORECASE)
# Comments to the end of the line, and those with an end. REM is of batch files, {{ of Helm, {# of Jinja.
_SIGN = r"\#+|//+|--|;+|::|@?rem(?=[ \t])|<!--|(?:\{\{-?[ \t]*)?/\*+|<\#|\{\#-?"
_LIKE = re.compile(rf"(?:(?:^|(?<=\s))(?P<sign>{_SIGN})[ \t]*)?(?P<words>{_WORDS.pattern})", re.IGNORECASE)
_ENDS = {"<!--": "-->", "/*": "*/", "<#": "#>", "{#": "#}"}
_MARK = re.compile(r"planner:[ \t]*ignore\b[ \t]*(?P<rest>.*)")
_REST = re.compile(r"\[(?P<causes>[^\]]*)\](?P<reason>.*)")
_BLANK = " \t\r"
_PROSE = frozenset({".md", ".mdx", ".markdown", ".rst", ".adoc", ".asciidoc"})
_FORM = "write # planner: ignore[cause] reason, or # planner: ignore[cause] until YYYY-MM-DD: reason"


def marks(source: SourceFile) -> Iterator[Rule | Problem]:
    """Every suppression in a file's text, and a Problem for each that cannot be understood and is not applied."""
    if not any(word in source.text for word in ("planner", "Planner", "PLANNER")):
        return  # most files: the expression is slower
    for number, line in enumerate(source.text.removeprefix("\ufeff").split("\n"), 1):
        if not _WORDS.search(line):
            continue
        alike = list(_LIKE.finditer(line))
        found = next((each for each in alike if each["sign"]), alike[0])
        if found["sign"] or not _is_no_mark(source.path, line, found):
            try:
                yield _rule(source.path, number, line, found)
            except ValueError as error:
                text = f"this suppression was not applied: {error}; {_FORM}"
                yield Problem("file", source.path, "suppression-invalid", text, number, found.start() + 1)


def _is_no_mark(path: str, line: str, found: re.Match[str]) -> bool:
    """Whether words in no comment speak of marks, as a README does, or are a key `planner` with its value."""
    before, after = line[: found.start()].rstrip(_BLANK + "-"), line[found.end() :]
    is_key = (not before or before.endswith(("{", ","))) and "[" not in after
    return is_key or PurePosixPath(path).suffix.lower() in _PROSE


def _rule(path: str, number: int, line: str, written: re.Match[str]) -> Rule:
    """The rule that is written on a line. Raises ValueError."""
    mark = _MARK.match(line, written.start("words"))
    if not written["sign"] or not mark:
        raise ValueError("it is misspelt, or in no comment that planner knows (without comments, use planner.toml)")
    if "\r" in mark["rest"].rstrip("\r"):
        raise ValueError("lines end neither as on Unix nor as on Windows, so it would be for the whole file")
    if _WORDS.search(mark["rest"]):
        raise ValueError("there are two of them on the line")
    words, after = _comment(written["sign"], mark["rest"])
    found = _REST.match(words)
    causes = tuple(filter(None, map(str.strip, found["causes"].split(",")))) if found else ()
    if not found or not causes:
        raise ValueError("it names no cause in brackets")
    refuse_end(found["causes"])
    expires, reason = divided(found["reason"].strip())
    if not any(map(str.isalnum, reason)):
        raise ValueError("it gives no reason")
    # A list's dash may stand before what is alone on its line, the end of a template's action behind it.
    alone = not line[: written.start()].strip(_BLANK + "-") and not after.strip(_BLANK + "-}")
    return Rule(Suppression(path, number, reason, expires=expires), causes, inline=True, alone=alone)


def _comment(sign: str, rest: str) -> tuple[str, str]:
    """What is in the comment, and what follows it on the line."""
    for opened, closed in _ENDS.items():
        if opened in sign:
            words, _, after = rest.partition(closed)
            return words.rstrip(_BLANK + "*-"), after
    return rest.rstrip(_BLANK), ""
