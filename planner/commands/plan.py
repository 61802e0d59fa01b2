"""`planner plan`: the steps to the declared targets, in an order in which nothing that works stops working."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from planner.options import (
    EXIT_CODES,
    AskBy,
    Authfile,
    Config,
    CsvDelimiter,
    HostFiles,
    Jobs,
    JobsPerRegistry,
    NoCache,
    Offline,
    OutputFiles,
    PlanFormatNames,
    ResolverName,
    ScanPath,
    ShowAll,
    TicketProfile,
    Timeout,
    To,
    to_place,
)
from planner.progress import progress_bar
from planner.say import say

app = typer.Typer()


@app.command(
    epilog=EXIT_CODES,
    help="""Plan the way to the targets that planner.toml declares: what to convert, re-pin and upgrade, in which order.

\b
  planner plan ./infra                                    the waves, on the terminal
  planner plan ./infra -o plan.html -o plan.md            a runbook
  planner plan ./infra --to registry.corp.example/kept    where converted copies go
  planner plan ./infra --format tickets --profile jira -o changes.csv
  planner convert ./infra --to registry.corp.example/kept --execute --map mapping.csv
  planner repin ./infra --map mapping.csv --wave 1 | git apply

Every step was checked: no pull that works before it fails after it. Without any target, the plan says how far each
group of hosts can be upgraded with its pins as they are.
""",
)
def plan(  # noqa: PLR0913, PLR0917 - one parameter for each flag
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
    show_all: ShowAll = False,
) -> None:
    from planner.outcome import plan_code
    from planner.output import destinations, write
    from planner.report import PLAN_FORMATS, Options
    from planner.report.tickets import delimiter, known_profile, neutralised
    from planner.resolve.opening import Opening
    from planner.scan import PlanRequest, Request, scan

    wanted = destinations(format_ or [], output or [], known=PLAN_FORMATS)
    options = Options(show_all, profile=known_profile(profile), delimiter=delimiter(csv_delimiter))
    how = Opening(
        offline=offline,
        authfile=authfile,
        cache=not no_cache,
        http=resolver is ResolverName.HTTP,
        timeout=timeout,
        jobs=jobs,
        per_registry=jobs_per_registry,
    )
    request = Request(path, config, tuple(hosts or ()), how, plan=PlanRequest(to_place(to)))
    with progress_bar() as bar:
        report = scan(request, datetime.now(UTC).astimezone(), bar, say)
    write(report, wanted, options)
    if any(each.format.name == "tickets" for each in wanted) and (count := neutralised(report, options)):
        say(f"{count} cells begin with an apostrophe that is not in the plan: a spreadsheet would run or change them")
    raise typer.Exit(plan_code(report))
