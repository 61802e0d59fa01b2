"""What stands between the quotes of HCL, or in its heredocs: characters as they are meant, and templates."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from planner.extract.written import Piece, Written, written
from planner.model.source import SourceFile

_QUOTED = re.compile(
    r"""(?P<plain>(?:[^"\\$%\n]|[$%](?!\{|[$%]\{))+)|(?P<escaped>[$%]{2}\{)|(?P<template>[$%]\{)|(?P<escape>\\.[^"]?)"""
)
_LINES = re.compile(
    r"(?P<plain>(?:[^$%\n]|[$%](?!\{|[$%]\{))+)|(?P<escaped>[$%]{2}\{)|(?P<template>[$%]\{)|(?P<end>\n)"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}

_MAX_PARTS = 100_000  # of one string

T = TypeVar("T")
# Reads a template that begins with the sign `$` or `%` and whose brace is read; returns also where it ends.
ReadTemplate = Callable[[str, int], tuple[T, int]]


@dataclass(frozen=True, slots=True)
class Lines:
    """The body of a heredoc: where it ends, and how many characters of indentation its lines lose."""

    stop: int
    indentation: int


def quoted(source: SourceFile, start: int, read: ReadTemplate[T]) -> tuple[list[Written | T], int]:
    """The parts of a string up to its quote, and the offset after that; -1 if it does not end on its line."""
    parts: list[Written | T] = []
    at = start
    while len(parts) < _MAX_PARTS and (found := _QUOTED.match(source.text, at)):
        at = found.end()
        match found.lastgroup:
            case "plain":
                parts.append(written(source, found.start(), at))
            case "escaped":
                parts.append(written(source, found.start() + 1, at))
            case "template":
                part, at = read(found[0][0], at)
                parts.append(part)
            case _:
                piece, at = _escape(source, found.start())
                parts.append(Written((piece,)))
    return parts, at + 1 if source.text.startswith('"', at) else -1


def heredoc(source: SourceFile, start: int, lines: Lines, read: ReadTemplate[T]) -> list[Written | T]:
    """The parts of a heredoc's body; its directives (`%{ if … }`) are left out, since they stand around lines."""
    parts: list[Written | T] = []
    at = _indented(source, start, lines)
    while at < lines.stop and (found := _LINES.match(source.text, at, lines.stop)):
        at = found.end()
        match found.lastgroup:
            case "template":
                part, at = read(found[0][0], at)
                if found[0][0] == "$":
                    parts.append(part)
            case "end":
                parts.append(written(source, found.start(), at))
                at = _indented(source, at, lines)
            case group:
                parts.append(written(source, found.start() + (group == "escaped"), at))
    return parts


def _indented(source: SourceFile, at: int, lines: Lines) -> int:
    """Where the text of a line begins that begins at `at`."""
    stop = min(at + lines.indentation, lines.stop)
    while at < stop and source.text[at] in " \t":
        at += 1
    return at


def _escape(source: SourceFile, at: int) -> tuple[Piece, int]:
    found = _ESCAPE.match(source.text, at)
    if not found:
        return Piece(source, "\\", [at]), at + 1
    code = found[1] or found[2]
    meant = chr(min(int(code, 16), 0x10FFFF)) if code else _ESCAPED.get(found[3], found[3])
    return Piece(source, meant, [at]), found.end()
