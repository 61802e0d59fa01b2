"""`planner diff`: what became of the findings of an earlier report of the same tree."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.commands.reading import read_report_file
from planner.errors import UsageError
from planner.options import FailOn, FailOnNew, OutputFiles
from planner.say import say

if TYPE_CHECKING:
    from planner.model.report import Report

app = typer.Typer(rich_markup_mode=None)
_CODES = (
    "Exit codes: 0 compared; 2 the command line is wrong, or a file is no report. With --fail-on-new: 1 something is "
    "new at or above --fail-on; 3 nothing is, but something could not be checked any more; 0 neither."
)


@app.command(
    epilog=_CODES,
    help="""What is new, fixed, still open or newly unknown between two JSON reports of one tree.

\b
  planner diff last-week.json today.json
  planner diff last-week.json today.json --all               what is still open as well
  planner diff last-week.json today.json --format json -o changes.json
  planner diff main.json branch.json --fail-on-new           1 if something new breaks
  planner scan ./infra --baseline last-week.json             the same, with the scan

A finding is the same if its reference (the file, what the image is for, the image as written), its cause and its
verdict are: neither moved lines nor added hosts make it new. What could not be checked is never counted as fixed.
""",
)
def diff(  # noqa: PLR0913, PLR0917 - one parameter for each flag
    old: Annotated[Path, typer.Argument(metavar="OLD.json", help="The earlier report.")],
    new: Annotated[Path, typer.Argument(metavar="NEW.json", help="The later report.")],
    output: OutputFiles = None,
    format_: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="NAME", help="terminal, json; default: by the suffix of -o."),
    ] = None,
    fail_on_new: FailOnNew = False,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="With --fail-on-new: the least verdict that counts; default: breaks.")
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="List what is still open as well; do not shorten.")] = False,
) -> None:
    from planner.outcome import diff_code
    from planner.output import destinations, write
    from planner.report import DIFF_FORMATS, Options

    if fail_on and not fail_on_new:
        raise UsageError("--fail-on says how severe something new must be to count: give --fail-on-new as well")
    wanted = destinations(format_ or [], output or [], known=DIFF_FORMATS)
    then = read_report_file(old)
    report = compared(read_report_file(new), then, str(old), str(new))
    write(report, wanted, Options(show_all))
    raise typer.Exit(diff_code(report, fail_on or FailOn.BREAKS, only_new=fail_on_new))


def compared(report: "Report", baseline: "Report", old: str, new: str) -> "Report":
    """The report with what became of the findings of `baseline`; says on stderr what is doubtful about that."""
    from planner.merge import Named
    from planner.since import compare

    since = compare(Named(old, baseline), Named(new, report))
    for warning in since.warnings:
        say(f"warning: {warning}")
    return replace(report, since=since)
