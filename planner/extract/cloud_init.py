"""cloud-init: what `bootcmd` and `runcmd` pull, and the files of `write_files`, each read as what it is.

Not read: content that is compressed or encoded, and parts of a multi-part archive.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from planner.extract import scripts
from planner.extract.format import DIGEST, FORMATS, Example, Format, Found, Lookup, register
from planner.extract.shell_script import occurrences
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, documents, elements, get, text, value
from planner.extract.written import NOTHING, Place, Written, glue, spans_within
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile

_HEAD = re.compile(r"\ufeff?(?:\s*|##[ \t]*template:[^\n]*\n\s*|#[^\n]*\n\s*)*?#cloud-config\b", re.IGNORECASE)
_COMMANDS = ("bootcmd", "runcmd")
_MAX_FILES = 200


def _claims(source: SourceFile) -> bool:
    return _HEAD.match(source.text[:1000]) is not None


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    for root in documents(source, tags):
        if isinstance(root, Problem):
            yield root
            continue
        pulls = scripts.once(pull for each in _commands(source, root) for pull in scripts.pulls(each, tags=tags))
        yield from occurrences(source, pulls, "cloud-init", tags)
        for file in elements(get(root, "write_files"))[:_MAX_FILES]:
            content, path = get(file, "content"), text(get(file, "path"))
            if isinstance(content, ScalarNode) and path and not text(get(file, "encoding")):
                yield from _of_file(value(source, content), path.lstrip("/"), lookup, tags)


def _commands(source: SourceFile, root: Node) -> Iterator[Written]:
    """Each command as a line of a shell; in a list of arguments, quotes keep together what has blanks in it."""
    for key in _COMMANDS:
        for command in elements(get(root, key)):
            if isinstance(command, ScalarNode):
                yield value(source, command)
                continue
            line = NOTHING
            for argument in elements(command):
                word = value(source, argument)
                if word.text:
                    quote = glue("'" if re.search(r"[\s;&|<>()#]", word.text) and "'" not in word.text else "", word)
                    line += quote + word + quote + glue(" ", word)
            yield line


def _of_file(content: Written, path: str, lookup: Lookup, tags: bool) -> Iterator[Found]:
    """What a file pulls that is written at the first boot; the places are those of its text in this one."""
    if not (tags or DIGEST.search(content.text)):
        return
    inner = SourceFile(path, content.text)
    every = sorted(FORMATS.values(), key=lambda each: (each.rank, each.name))
    format = next((each for each in every if each.name != "cloud-init" and each.claims(inner)), None)  # noqa: A001
    for found in format.extract(inner, lookup, tags) if format else ():
        place = _outside(content, found.line, found.column)
        if isinstance(found, Problem):
            if place:
                yield replace(found, subject=place.file, line=place.line, column=place.column)
        elif place and found.file == path:
            yield _moved(found, content, place, inner)


def _moved(found: Occurrence, content: Written, place: Place, inner: SourceFile) -> Occurrence:
    lines = [_outside(content, line, 1) for line in found.used_at]
    used_at = tuple(sorted({each.line for each in lines if each}))
    return replace(
        found,
        file=place.file,
        line=place.line,
        column=place.column,
        used_at=used_at,
        used_in=None,
        spans=spans_within(content, inner, found.spans),
    )


def _outside(content: Written, line: int, column: int) -> Place | None:
    """Where a place of the inner file stands in the outer one."""
    start = 0
    for _ in range(line - 1):
        start = content.text.find("\n", start) + 1
    return content.place(start + max(column - 1, 0))


register(
    Format(
        name="cloud-init",
        title="cloud-init",
        files="user-data and other files that begin with #cloud-config",
        example=Example(
            "user-data.yaml", "#cloud-config\nruncmd:\n  - docker run -d registry.example/agent:1@sha256:…\n"
        ),
        claims=_claims,
        extract=_extract,
    )
)
