"""Unit files as systemd and Podman read them: sections of settings, each with its value on one line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from planner.extract.written import NOTHING, Piece, Written, written
from planner.model.source import SourceFile

_LINE = re.compile(r"[^\n]*\n?")
_SECTION = re.compile(r"[ \t]*\[([^\]\n]*)\]")
_COMMENT = re.compile(r"[ \t]*[#;]")
_KEY = re.compile(r"[ \t]*([A-Za-z][\w.-]*)[ \t]*=[ \t]*")
_DOUBLED = re.compile(r"\$\$|%%")
_PAIR = re.compile(
    r"""
    (?:(?<=\s)|^) (?:
        "(?P<a>[A-Za-z_]\w*)=(?P<av>[^"\n]*)" | '(?P<b>[A-Za-z_]\w*)=(?P<bv>[^'\n]*)'
        | (?P<c>[A-Za-z_]\w*)= (?: "(?P<cv>[^"\n]*)" | '(?P<dv>[^'\n]*)' | (?P<ev>[^\s"']\S*) )
    )
    """,
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """`key=value` in a section; the lines of a value that goes on are joined by blanks."""

    section: str
    key: str
    value: Written


def settings(source: SourceFile) -> Iterator[Setting]:
    """Every setting of a file in its order; comments, also those between the lines of a value, are left out."""
    section = key = ""
    value, goes_on = NOTHING, False
    for found in _LINE.finditer(source.text):
        start, line = found.start(), found[0].rstrip("\r\n")
        if _COMMENT.match(line):
            continue
        if not goes_on:
            if key:
                yield Setting(section, key, value.strip())
            key = ""
            if header := _SECTION.match(line):
                section = header[1]
                continue
            if not (named := _KEY.match(line)):
                continue
            key, value = named[1], NOTHING
            start, line = start + named.end(), line[named.end() :]
        goes_on = line.endswith("\\")
        stop = start + len(line) - goes_on
        value += written(source, start, stop)
        if goes_on:
            value += Written((Piece(source, " ", [stop]),))
    if key:
        yield Setting(section, key, value.strip())


def doubled(value: Written) -> Written:
    """`$$` and `%%` stand for one sign each."""
    result, position = NOTHING, 0
    for found in _DOUBLED.finditer(value.text):
        result += value[position : found.start() + 1]
        position = found.end()
    return result + value[position:] if position else value


def pairs(value: Written) -> dict[str, Written]:
    """The variables that `Environment=` sets: `A=b "C=d e" F='g'`."""
    found = {}
    for pair in _PAIR.finditer(value.text):
        name, group = next((pair[each], each) for each in "abc" if pair[each])
        of = next((each for each in (f"{group}v", "cv", "dv", "ev") if pair[each] is not None), None)
        if of:
            start, stop = pair.span(of)
            found[name] = value[start:stop]
    return found


def environment_file(source: SourceFile) -> dict[str, Written]:
    """The variables of a file that `EnvironmentFile=` names: one on each line, in quotes or not."""
    found: dict[str, Written] = {}
    for each in settings(source):
        quoted = each.value.text[:1] in ('"', "'") and each.value.text[-1:] == each.value.text[:1]
        found[each.key] = each.value[1:-1] if quoted and len(each.value.text) > 1 else each.value
    return found
