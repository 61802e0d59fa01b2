"""Text whose comments are blanked: what is left stands at the same offsets."""

import re

from planner.model.source import SourceFile

_NO_LINE_END = re.compile(r"[^\r\n]")

XML = re.compile(r"(?P<comment><!--.*?(?:-->|\Z))", re.DOTALL)
# Strings first, so that what looks like a comment in one is none.
SLASHES = re.compile(
    r"""
    \"{3}.*?(?:\"{3}|\Z) | '{3}.*?(?:'{3}|\Z) | "(?:[^"\\\n]|\\.)*"? | '(?:[^'\\\n]|\\.)*'?
    | (?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
    """,
    re.DOTALL | re.VERBOSE,
)


def blanked(source: SourceFile, pattern: re.Pattern[str]) -> SourceFile:
    """The file with spaces in place of what the group "comment" of `pattern` matches; line ends stay."""

    def blank(found: re.Match[str]) -> str:
        return found[0] if found["comment"] is None else _NO_LINE_END.sub(" ", found[0])

    return SourceFile(source.path, pattern.sub(blank, source.text))
