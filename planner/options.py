"""The flags that several commands share, with their help, and what `-` in place of PATH reads."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner import complete
from planner.errors import EXIT_MEANINGS, UsageError

if TYPE_CHECKING:
    from planner.discover import Piped


EXIT_CODES = "Exit codes: " + "; ".join(f"{code.value} {meaning}" for code, meaning in EXIT_MEANINGS.items()) + "."


class FailOn(StrEnum):
    """The least verdict that makes `scan` return 1."""

    BREAKS = "breaks"
    AT_RISK = "at-risk"
    UNKNOWN = "unknown"
    NEVER = "never"


class ResolverName(StrEnum):
    """How registries are asked."""

    SKOPEO = "skopeo"
    HTTP = "http"


class DepthName(StrEnum):
    """How much of an image is asked for."""

    FULL = "full"
    TYPE = "type"


ScanPath = Annotated[
    Path, typer.Argument(metavar="PATH", help="A folder or a file to scan; - is stdin.", allow_dash=True)
]
StdinName = Annotated[
    str | None,
    typer.Option(
        help="With -: the name of what is piped in, which says how to read it and which hosts run it.", metavar="NAME"
    ),
]
Config = Annotated[
    Path | None, typer.Option(help="Settings; default: planner.toml at PATH.", metavar="FILE", dir_okay=False)
]
Offline = Annotated[
    Path | None, typer.Option(help="Ask this recorded registry instead of the network.", metavar="FILE")
]
Authfile = Annotated[
    Path | None,
    typer.Option(help="Credentials, as of `skopeo login`.", metavar="FILE", exists=True, dir_okay=False),
]
OwnKnowledge = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Settings that name knowledge files; default: planner.toml in the current folder.",
        metavar="FILE",
        dir_okay=False,
    ),
]
AskBy = Annotated[
    ResolverName,
    typer.Option("--resolver", help="How to ask registries; http is faster and sees more.", metavar="skopeo|http"),
]
Depth = Annotated[
    DepthName,
    typer.Option(
        "--depth",
        help="type: only media types, by HEAD, which no rate limit counts; needs --resolver http.",
        metavar="full|type",
    ),
]
JobsPerRegistry = Annotated[int, typer.Option(min=1, max=64, help="The same, to any one registry.", metavar="N")]
MaxRequests = Annotated[
    int | None, typer.Option(min=0, help="Stop asking after so many; a later run goes on.", metavar="N")
]
Timeout = Annotated[float, typer.Option(min=1, max=3600, help="Seconds for one question.", metavar="SECONDS")]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, max=64, help="Questions to registries at a time; default: 8, of http 32.", metavar="N"),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache.")]
IncludeTags = Annotated[
    bool, typer.Option("--include-tags", help="Check references by tag too, and those with neither (latest).")
]
HostFiles = Annotated[
    list[Path] | None,
    typer.Option(help="More hosts: CSV, an Ansible inventory, or what kubectl or docker print.", metavar="FILE"),
]
OutputFiles = Annotated[
    list[str] | None,
    typer.Option("-o", "--output", metavar="FILE", help="Where to write; - is stdout. Repeatable."),
]
FormatNames = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="NAME",
        autocompletion=complete.report_formats,
        help="csv, github, gitlab, html, json, junit, markdown, sarif, terminal; default: by the suffix of -o.",
    ),
]
FailOnVerdict = Annotated[FailOn, typer.Option("--fail-on", help="The least verdict that makes the exit code 1.")]
FailOnNew = Annotated[
    bool, typer.Option("--fail-on-new", help="Exit with 1 only for findings that the earlier report does not have.")
]
Baseline = Annotated[
    Path | None, typer.Option(help="An earlier JSON report of this tree: say what is new since.", metavar="FILE")
]
PerHost = Annotated[bool, typer.Option("--per-host", help="CSV: a row for each host.")]
ShowAll = Annotated[bool, typer.Option("--all", help="List what pulls as well; do not shorten.")]


def piped_or_path(path: Path, name: str | None) -> "tuple[Piped | None, Path]":
    """What is piped in if `path` is `-`, and the folder or file for whose settings to look; UsageError for neither."""
    if path != Path("-"):
        if name is not None:
            raise UsageError("--stdin-name names what is piped in: give - in place of PATH, or leave it out")
        return None, path
    if name is not None and not name.strip():
        raise UsageError("--stdin-name is empty; give a file name such as pod.yaml, or leave it out")
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("- reads what is piped in, such as: kubectl get pods -A -o json | planner scan -")
    from planner.discover import read_piped

    try:
        return read_piped(sys.stdin.buffer, name), Path()
    except OSError as error:
        raise UsageError(f"cannot read stdin: {error.strerror}") from error


To = Annotated[
    str, typer.Option(help="Where converted copies go; default: beside the originals.", metavar="REGISTRY[/PREFIX]")
]
PlanFormatNames = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="NAME",
        autocompletion=complete.plan_formats,
        help="terminal, html, markdown, json, tickets, mapping; default: by the suffix of -o.",
    ),
]
TicketProfile = Annotated[
    str,
    typer.Option(
        "--profile",
        help="Whom tickets are for: generic, servicenow or jira.",
        metavar="NAME",
        autocompletion=complete.ticket_profiles,
    ),
]
CsvDelimiter = Annotated[str, typer.Option(help="Between the cells of tickets: , ; | or TAB.", metavar="CHARACTER")]


def to_place(text: str) -> str:
    """What --to names, without a slash at its end; UsageError where that is no registry with or without a prefix."""
    from planner.model.reference import InvalidReferenceError
    from planner.plan.copies.conversion import parse_place

    try:
        return parse_place(text) if text else ""
    except InvalidReferenceError as error:
        raise UsageError(f"--to: {error}") from error
