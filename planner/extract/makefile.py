"""What recipes and `$(shell ...)` pull, with the variables of the makefile and of those that it includes.

Values of variables that name an image by digest count as well, unless they are commented out.
"""

import posixpath
import re
from collections.abc import Iterator

from planner.extract import plain_text, scripts
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, register
from planner.extract.shell_script import occurrences
from planner.extract.syntax.make_lines import Line, lines
from planner.extract.syntax.shell_values import Known, Values
from planner.extract.written import NOTHING, Written, glue
from planner.model.source import Indirect, SourceFile

_NAMES = r"(?:GNUm|[Mm])akefile(?:[.-][\w.-]+)?|.+\.(?:mk|mak|make)"
_PATH = re.compile(rf"(?:^|/)(?:{_NAMES})$")
_VARIABLE = re.compile(r"\$(?:(\$)|\(([\w.-]+)\)|\{([\w.-]+)\}|(\w)|\(shell[ \t]+)")
_SIGN = re.compile(r"[@$]|sha\d")
_MAX_DEPTH = 8  # variables in the values of variables
_MAX_LENGTH = 8192
_COST = 20  # of filling in one variable, in characters of what may be filled in altogether
_MAX_INCLUDED = 20
_INCLUDES = re.compile(r"^[ \t]*[-s]?include[ \t]+", re.MULTILINE)


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and not plain_text.is_no_pull(source)


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    own = list(lines(source))
    values = Values({})
    for line in _included(source, own, lookup):
        _set(values, line)
    found = scripts.once(pull for line in own for pull in _of_line(values, line, tags))
    return occurrences(source, found, "makefile", tags)


def _included(source: SourceFile, own: list[Line], lookup: Lookup) -> Iterator[Line]:
    """The lines of a file with those of the files that it includes in their places."""
    left = _MAX_INCLUDED
    waiting = list(reversed(own))
    folder = posixpath.dirname(source.path)
    while waiting:
        line = waiting.pop()
        yield line
        for name in line.text.text.split() if line.kind == "include" else ():
            included = lookup(posixpath.join(folder, name)) if left > 0 and "$" not in name else None
            left -= 1
            waiting += reversed(list(lines(included))) if included else ()


def _set(values: Values, line: Line) -> None:
    if line.kind not in ("=", "?="):
        return
    known = values.by_name.get(line.name, {})
    if line.kind == "=" or not any(line.branch[: len(each)] == each for each in known):
        values.set(line.branch, [(line.branch, line.name, line.text)])


def _of_line(values: Values, line: Line, tags: bool) -> Iterator[scripts.Pull]:
    if line.kind == "include" or not (tags or _SIGN.search(line.text.text)):
        return
    for _, known in values.worlds(_names(values, line.text.text), line.branch):
        text = _filled(line.text, known, values)
        if line.kind == "recipe" or "$(shell" in line.text.text:
            yield from scripts.pulls(text, path=line.source.path, tags=tags and line.kind == "recipe")
        elif DIGEST.search(text.text):
            yield from scripts.mentioned(text, line.source.path, line.name)


def _names(values: Values, text: str) -> list[str]:
    """The variables that a text uses, and those that their values use."""
    found: dict[str, None] = {}
    waiting = [text]
    while waiting and len(found) < 100:
        for each in _VARIABLE.finditer(waiting.pop()):
            name = each[2] or each[3] or each[4]
            if name and name not in found:
                found[name] = None
                waiting += [value.text for value in values.by_name.get(name, {}).values()]
    return list(found)


def _filled(text: Written, known: Known, values: Values, depth: int = 0) -> Written:
    """Variables of make filled in, and `$$` as one dollar.

    One that is not known, or that a function gives, becomes one of the shell, and `$(shell x)` becomes `$(x)`.
    """
    if "$" not in text.text or values.left < 0:
        return text
    result = NOTHING
    position = 0
    for found in _VARIABLE.finditer(text.text):
        name = found[2] or found[3] or found[4]
        piece = text[found.start() : found.end()]
        if found[1] or not name:
            value = piece[:1] if found[1] else piece[:2]
        else:
            value = _filled(known[name], known, values, depth + 1) if name in known and depth < _MAX_DEPTH else NOTHING
            if name not in known or "$(" in value.text or len(value.text) > _MAX_LENGTH:
                value = glue(f"${{{name}}}", piece)
        values.left -= len(value.text) + _COST
        result += text[position : found.start()] + value
        position = found.end()
    return result + text[position:]


register(
    Format(
        name="makefile",
        title="Makefile",
        files="Makefile, GNUmakefile, Makefile.*, *.mk, *.mak",
        example=Example(
            "Makefile", "TOOL := registry.example/lint@sha256:…\n\nlint:\n\tdocker run --rm $(TOOL) check\n"
        ),
        claims=_claims,
        extract=_extract,
        indirect=Indirect(_NAMES, frozenset(), _INCLUDES.pattern.replace("^", r"(?m:^)", 1)),
    )
)
