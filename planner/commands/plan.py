"""`planner plan`: the steps to the declared targets, in an order in which nothing that works stops working."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from planner.again import commands
from planner.errors import ExitCode
from planner.options import (
    AskBy,
    Authfile,
    Config,
    CsvDelimiter,
    HostFiles,
    IncludeTags,
    Jobs,
    JobsPerRegistry,
    NoCache,
    Offline,
    OutputFiles,
    PlanFormatNames,
    ResolverName,
    ScanPath,
    ShowAll,
    StdinName,
    TicketProfile,
    Timeout,
    To,
    piped_or_path,
    to_place,
)
from planner.progress import progress_bar
from planner.say import say

if TYPE_CHECKING:
    from planner.model.plan import Plan

app = typer.Typer()
_CODES = (
    "Exit codes: 0 every target is reached, or there is nothing to do; 1 something is blocked; 2 the command line or "
    "the configuration is wrong; 3 nothing is blocked, but not everything could be checked; 4 no pinned reference "
    "found, or no host declared; 5 a defect in planner; 130 interrupted."
)


@app.command(
    epilog=_CODES,
    help="""Plan the way to the targets that planner.toml declares: what to convert, re-pin and upgrade, in which order.

\b
  planner plan ./infra                                    the waves, on the terminal
  planner plan ./infra -o plan.html -o plan.md            a runbook
  planner plan ./infra --to registry.corp.example/kept    where converted copies go
  planner plan ./infra --format tickets --profile jira -o changes.csv

\b
  planner convert ./infra --execute --map mapping.csv     the copies of all waves, and the list of re-pins
  planner repin ./infra --map mapping.csv --wave 2        the edits of one wave, as a diff

Do one wave after the other, and after each write into planner.toml what its hosts run now: `planner plan` then has what
is left. Give `planner convert` the same --to.

Every step was checked: no pull that works before it fails after it. Without any target, the plan says how far each
group of hosts can be upgraded with its pins as they are.
""",
)
def plan(  # noqa: PLR0913, PLR0917 - one parameter for each flag
    context: typer.Context,
    path: ScanPath = Path(),
    output: OutputFiles = None,
    format_: PlanFormatNames = None,
    to: To = "",
    hosts: HostFiles = None,
    config: Config = None,
    offline: Offline = None,
    profile: TicketProfile = "generic",
    csv_delimiter: CsvDelimiter = ",",
    resolver: AskBy = ResolverName.SKOPEO,
    jobs: Jobs = None,
    jobs_per_registry: JobsPerRegistry = 8,
    timeout: Timeout = 60.0,
    authfile: Authfile = None,
    no_cache: NoCache = False,
    include_tags: IncludeTags = False,
    show_all: ShowAll = False,
    stdin_name: StdinName = None,
) -> None:
    from planner.outcome import plan_code
    from planner.output import destinations, write
    from planner.report import PLAN_FORMATS, Options
    from planner.report.tickets import delimiter, known_profile, neutralised
    from planner.report.words import plural
    from planner.resolve.opening import Opening
    from planner.scan import PlanRequest, Request, scan
    from planner.settings import settings_beside, settings_unread

    piped, path = piped_or_path(path, stdin_name)
    wanted = destinations(format_ or [], output or [], known=PLAN_FORMATS)
    options = Options(
        show_all,
        profile=known_profile(profile),
        delimiter=delimiter(csv_delimiter),
        commands=commands(context, "" if piped else str(path)),
    )
    how = Opening(
        offline=offline,
        authfile=authfile,
        cache=not no_cache,
        http=resolver is ResolverName.HTTP,
        timeout=timeout,
        jobs=jobs,
        per_registry=jobs_per_registry,
    )
    request = Request(path, config, tuple(hosts or ()), how, include_tags, piped=piped, plan=PlanRequest(to_place(to)))
    with progress_bar() as bar:
        report = scan(request, datetime.now(UTC).astimezone(), bar, say)
    write(report, wanted, options)
    if any(each.format.name == "tickets" for each in wanted) and (count := neutralised(report, options)):
        cells = plural(count, "cell begins", "cells begin")
        say(f"{cells} with an apostrophe that is not in the plan: a spreadsheet would run or change them")
    if any(each.format.name == "mapping" for each in wanted) and (count := _without_digest(report.plan)):
        waits = plural(count, "re-pin waits for a copy and is", "re-pins wait for copies and are")
        say(f"{waits} not in the mapping; `planner convert --execute` writes all of it")
    files = [] if piped else [o.file for o in report.occurrences]
    for note in settings_unread(path, config or settings_beside(path), files, bool(report.hosts)):
        say(note)
    if (code := plan_code(report)) is ExitCode.NOTHING and not report.occurrences:
        say(f"no image reference with a digest in {report.root}: there is nothing to plan")
    raise typer.Exit(code)


def _without_digest(plan: "Plan | None") -> int:
    """How many re-pins are to a copy whose digest the plan does not know."""
    from planner.model.plan import StepKind

    repins = (step.new_reference for step in (plan.steps if plan else ()) if step.kind is StepKind.REPIN)
    return sum(new is not None and not new.digest for new in repins)
