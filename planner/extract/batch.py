"""Batch files of Windows: what container tools are told to pull, with the variables that the file sets."""

import re
from collections.abc import Iterator

from planner.extract import scripts
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.shell_script import occurrences
from planner.extract.syntax.comments import blanked
from planner.extract.syntax.templates import fill
from planner.extract.written import written
from planner.model.source import SourceFile

_COMMENTS = re.compile(r"^(?P<comment>[ \t]*@?(?:rem(?=\s|$)|::)[^\n]*)", re.IGNORECASE | re.MULTILINE)
_CONTINUED = re.compile(r"\^(?=\r?\n)")
_HIDDEN = re.compile(r"^([ \t]*)@", re.MULTILINE)
_SET = re.compile(r"""\bset[ \t]+(?:"(\w+)=([^"\n]*)"|(\w+)=([^\s&|]*))""", re.IGNORECASE)
_VARIABLE = re.compile(r"[%!](\w+)[%!]")


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    text = _HIDDEN.sub(r"\1 ", _CONTINUED.sub(r"\\", blanked(source, _COMMENTS).text))
    clean = SourceFile(source.path, text)
    known = {}
    for found in _SET.finditer(text):
        name, value = (1, 2) if found[1] else (3, 4)
        known[found[name].lower()] = written(clean, *found.span(value))
    script = fill(written(clean, 0, len(text)), _VARIABLE, lambda name: known.get(name.lower()))
    return occurrences(clean, scripts.pulls(script, tags=tags), "batch", tags)


register(
    Format(
        name="batch",
        title="Batch files of Windows",
        claims=lambda source: source.path.lower().endswith((".cmd", ".bat")),
        extract=_extract,
        files="*.cmd, *.bat",
        example=Example("up.cmd", "docker run --rm ^\n  registry.example/app:1@sha256:… serve\n"),
    )
)
