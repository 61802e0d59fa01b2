"""The lines of a makefile that say something: what variables are set to, and what recipes run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from planner.extract.syntax.shell_commands import Branch
from planner.extract.written import NOTHING, Piece, Written, written
from planner.model.source import SourceFile

_LINE = re.compile(r"(?:[^\n\\]+|\\\r?\n|\\[^\n]|\\)*\n?")
_ASSIGNMENT = re.compile(
    r"""
    [ ]* (?P<target>[^\s=:\#][^=:\#\n]*:[ \t]*)?
    (?:(?:export|override|private|unexport)[ \t]+)*
    (?P<name>[\w.-]+) [ \t]* (?P<operator>:{1,3}=|\?=|\+=|!=|=) [ \t]*
    """,
    re.VERBOSE,
)
_DEFINE = re.compile(r"[ ]*(?:export[ \t]+|override[ \t]+)*define[ \t]+(?P<name>[\w.-]+)")
_CONDITION = re.compile(r"[ \t]*(if(?:n?eq|n?def)|else|endif)\b")
_INCLUDE = re.compile(r"[ ]*[-s]?include[ \t]+")
_INLINE = re.compile(r"[^\s=#:;][^=#:;\n]*::?(?!=)[^=;#:\n]*;")
_COMMENT = re.compile(r"(?:^|[ \t])#|(?<=\S)#(?=\s)")
_CONTINUED = re.compile(r"[ \t]*\\\r?\n[ \t]*")
_BEFORE_COMMAND = re.compile(r"[\t ]*[@+-]*[\t ]*")


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line.

    `kind`: "recipe", "include", or how a variable is set: "=", "?=" or "+=", and `name` is then which one. `branch`
    are the conditions around it.
    """

    source: SourceFile
    kind: str
    text: Written
    name: str = ""
    branch: Branch = ()


def lines(source: SourceFile) -> Iterator[Line]:
    """The lines of a makefile without comments; conditions are told by their branch."""
    blocks: list[tuple[int, int]] = []
    number, defining = 0, ""
    for found in _LINE.finditer(source.text):
        if not found[0]:
            continue
        number += 1
        line = found[0].rstrip("\r\n")
        stop = found.start() + len(line)
        if defining:
            if line.strip() == "endef":
                defining = ""
            elif not line.lstrip().startswith("#"):
                yield _recipe(source, found.start(), stop, tuple(blocks))
        elif define := _DEFINE.match(line):
            defining = define["name"]
        elif condition := _CONDITION.match(line):
            _turn(blocks, condition[1], number)
        else:
            yield from _line(source, found.start(), stop, (tuple(blocks), number))


def _turn(blocks: list[tuple[int, int]], word: str, number: int) -> None:
    if word.startswith("if"):
        blocks.append((number, 0))
    elif blocks:
        block, turn = blocks.pop()
        if word == "else":
            blocks.append((block, turn + 1))


def _line(source: SourceFile, start: int, stop: int, where: tuple[Branch, int]) -> Iterator[Line]:
    branch, number = where
    line = source.text[start:stop]
    if line.startswith("\t"):
        if not line.lstrip().startswith("#"):
            yield _recipe(source, start, stop, branch)
    elif line.lstrip().startswith("#"):
        return
    elif include := _INCLUDE.match(line):
        yield Line(source, "include", _value(source, start + include.end(), stop))
    elif found := _ASSIGNMENT.match(line):
        kind = found["operator"].lstrip(":")
        value = _value(source, start + found.end(), stop)
        # For one target only: another target may have another value.
        branch = (*branch, (-number, 0)) if found["target"] else branch
        yield Line(source, "recipe" if kind == "!=" else kind, value, found["name"], branch)
    elif inline := _INLINE.match(line):
        yield _recipe(source, start + inline.end(), stop, branch)


def _recipe(source: SourceFile, start: int, stop: int, branch: Branch) -> Line:
    prefix = _BEFORE_COMMAND.match(source.text, start, stop)
    return Line(source, "recipe", written(source, prefix.end() if prefix else start, stop), branch=branch)


def _value(source: SourceFile, start: int, stop: int) -> Written:
    """What a line says after its head, on one line and without a comment."""
    comment = _COMMENT.search(source.text, start, stop)
    stop = comment.start() if comment else stop
    result = NOTHING
    for found in _CONTINUED.finditer(source.text, start, stop):
        result += written(source, start, found.start())
        result += Written((Piece(source, " ", [found.start()]),))
        start = found.end()
    return (result + written(source, start, stop)).strip()
