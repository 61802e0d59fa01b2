"""JSON with comments, as editors write their settings: made JSON, each character at its place."""

import re
from dataclasses import replace

from planner.model.source import SourceFile

_TOKEN = re.compile(r'(?P<string>"(?:\\.|[^"\\\n])*"?)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_NO_LINE_END = re.compile(r"[^\r\n]")


def without_comments(source: SourceFile) -> SourceFile:
    """The file with spaces in place of comments; all else stays where it is.

    Commas that nothing follows stay as well: what reads JSON as YAML takes them.
    """
    return replace(source, text=_TOKEN.sub(_blank, source.text))


def _blank(found: re.Match[str]) -> str:
    return found[0] if found["string"] is not None else _NO_LINE_END.sub(" ", found[0])
