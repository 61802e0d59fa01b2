"""planner's commands as its command line declares them, for docs/commands.md and the man page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from typer.core import TyperArgument, TyperCommand, TyperGroup
from typer.main import get_command

from planner.cli import app

_OF_TYPER = re.compile(r" <(?:path|str|list\[\w+\]|float range)>")  # said of an argument, after a name that says it


@dataclass(frozen=True)
class Parameter:
    """An argument or an option: its names with what follows them, and its help with default and bounds."""

    names: str
    means: str
    is_argument: bool


@dataclass(frozen=True)
class Command:
    """A command: `name` with those of its parents, what it is for, examples with more words, and its flags."""

    name: str
    usage: str
    summary: str
    examples: tuple[str, ...]
    paragraphs: tuple[str, ...]
    parameters: tuple[Parameter, ...]


def commands() -> list[Command]:
    """planner itself, and each command below it, in the order of the help."""
    return list(_below(get_command(app), ("planner",)))


def _below(command: object, names: tuple[str, ...]) -> Iterator[Command]:
    assert isinstance(command, TyperCommand | TyperGroup)
    name = " ".join(names)
    context = command.make_context(name, [], resilient_parsing=True)
    parts = [part for part in (command.help or "").split("\n\n") if part.strip()]
    shown = [part.lstrip("\b\n").rstrip() for part in parts[1:] if part.startswith("\b")]
    said = [part for part in parts[1:] if not part.startswith("\b")]
    yield Command(
        name,
        _OF_TYPER.sub("", " ".join((name, *command.collect_usage_pieces(context)))),
        _sentence(parts[0]),
        tuple(line for part in shown for line in part.splitlines()),
        tuple(_sentence(part) for part in [*said, command.epilog or ""] if part),
        tuple(
            Parameter(_OF_TYPER.sub("", record[0]), _sentence(record[1]), isinstance(parameter, TyperArgument))
            for parameter in command.get_params(context)
            if (record := parameter.get_help_record(context))
        ),
    )
    if isinstance(command, TyperGroup):
        for each, inner in command.commands.items():
            yield from _below(inner, (*names, each))


def _sentence(text: str) -> str:
    return " ".join(text.split())


FILES = {
    "`planner.toml`": "settings, at the scanned path or named by `--config`; or `[tool.planner]` of `pyproject.toml`",
    "`.plannerignore`": "as `.gitignore`, which counts as well: what is not scanned",
    "`registry.jsonl`": "a recorded registry, of `planner snapshot`",
    "`mapping.csv`": "what to re-pin, of `planner convert --execute` for `planner repin`",
    "`planner/registry.sqlite3`": "the cache, below the user's cache folder: what registries answered and was verified",
}
ENVIRONMENT = {
    "`PLANNER_CACHE_DIR`": "the folder of the cache",
    "`REGISTRY_AUTH_FILE`, `DOCKER_CONFIG`, `XDG_RUNTIME_DIR`, `XDG_CONFIG_HOME`": "where logins are looked for",
    "`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`": "how registries are reached",
    "`SSL_CERT_FILE`, `SSL_CERT_DIR`": "who vouches for registries",
    "`GITHUB_STEP_SUMMARY`": "the file to which `--format github` adds the summary of the job",
    "`NO_COLOR`": "the terminal without colours",
    "`COLUMNS`": "how wide the terminal is",
}
