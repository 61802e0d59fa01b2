"""The part of docs/commands.md: each command with its examples, flags and exit codes, as `--help` has them."""

import re
from collections.abc import Iterator
from textwrap import dedent

from _commands import ENVIRONMENT, FILES, Command, commands
from _docs_knowledge import table


def pages() -> list[str]:
    """A section for each command."""
    return [line for each in commands() for line in _page(each)][:-1]


def files() -> list[str]:
    """The files that planner reads and writes by their names."""
    return table(["file", "is"], FILES.items())


def environment() -> list[str]:
    """The variables that planner heeds."""
    return table(["variable", "means"], ENVIRONMENT.items())


def _page(command: Command) -> Iterator[str]:
    yield from (f"## {command.name}", "", _text(command.summary), "")
    if command.examples:
        yield from ("```sh", *map(_commented, dedent("\n".join(command.examples)).splitlines()), "```", "")
    for paragraph in command.paragraphs:
        yield from (_text(paragraph), "")
    rows = [(f"`{each.names}`", _text(each.means)) for each in command.parameters]
    yield from (*table(["argument or option", "means"], rows), "")


def _commented(example: str) -> str:
    """What stands beside an example becomes a comment, so that the line can be pasted."""
    return re.sub(r"(\S) {3,}(\S)", lambda gap: f"{gap[1]}{' ' * (len(gap[0]) - 4)}# {gap[2]}", example)


def _text(words: str) -> str:
    """Help as Markdown: what is no code stands as it is written."""
    return "`".join(
        part if number % 2 else re.sub(r"([*_<\[\]])", r"\\\1", part) for number, part in enumerate(words.split("`"))
    )
