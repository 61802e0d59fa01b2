"""Justfiles: what recipes pull, with the variables and the parameters' defaults of the same file."""

import re
from collections.abc import Iterator

from planner.extract import scripts
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.shell_script import occurrences
from planner.extract.syntax.templates import fill
from planner.extract.written import written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)(?:\.?justfile|[\w.-]+\.just)$", re.IGNORECASE)
_SETTING = re.compile(
    r"""(?:^|[ \t])(?:export[ \t]+)?\$?([A-Za-z_][\w-]*)[ \t]*:?=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)')""", re.MULTILINE
)
_TEMPLATE = re.compile(r"\{\{[ \t]*([A-Za-z_][\w-]*)[ \t]*\}\}")
# `@` and `-` before a command say how just runs it; after a backslash they are the command's own.
_SIGNS = re.compile(r"(?m:(?<!\\\n)^([ \t]+)([@-]+)(?=\S))")
_DOC = re.compile(r"(?m:^\[[^\n]*\][ \t]*$)")
_ASSIGNED = re.compile(r"""(?m:\b([A-Za-z_]\w*)([ \t]*:=[ \t]*)(?=["']))""")


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    text = source.text.replace("\\\r\n", " \\\n").replace("\r\n", " \n")
    text = _SIGNS.sub(lambda found: found[1] + " " * len(found[2]), text)
    text = _DOC.sub(lambda found: " " * len(found[0]), text)
    text = _ASSIGNED.sub(lambda found: f"{found[1]}=".rjust(len(found[0])), text)  # as a shell writes it
    clean = SourceFile(source.path, text)
    known = {found[1]: written(clean, *found.span(found.lastindex or 0)) for found in _SETTING.finditer(text)}
    recipes = fill(written(clean, 0, len(text)), _TEMPLATE, known.get)
    return occurrences(clean, scripts.pulls(recipes, tags=tags), "justfile", tags)


register(
    Format(
        name="justfile",
        title="Justfile",
        claims=lambda source: _PATH.search(source.path) is not None,
        extract=_extract,
        files="justfile, .justfile, *.just",
        example=Example(
            "justfile", 'tool := "registry.example/lint@sha256:…"\n\nlint:\n    docker run --rm {{tool}} check\n'
        ),
    )
)
