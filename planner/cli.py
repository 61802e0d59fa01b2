"""The command line: read flags, call scan, write reports, choose the exit code. Messages on stderr, data on stdout."""

import logging
import signal
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from planner import __version__
from planner.again import again, commands
from planner.commands import cache, convert, diff, explain, init, merge, plan, repin
from planner.commands.reading import read_report_file
from planner.errors import ExitCode, PlannerError, UsageError
from planner.options import (
    EXIT_CODES,
    AskBy,
    Authfile,
    Baseline,
    Config,
    Depth,
    DepthName,
    FailOn,
    FailOnNew,
    FailOnVerdict,
    FormatNames,
    HostFiles,
    IncludeTags,
    Jobs,
    JobsPerRegistry,
    MaxRequests,
    NoCache,
    Offline,
    OutputFiles,
    PerHost,
    ResolverName,
    ScanPath,
    ShowAll,
    StdinName,
    Timeout,
    piped_or_path,
)
from planner.progress import progress_bar
from planner.say import keep_streams
from planner.say import say as _say
from planner.shell import typed_path

if TYPE_CHECKING:
    from planner.model.report import Report


class _Commands(TyperGroup):
    """Complaints about a value without the words that pydantic, by which typer reads it, puts before them."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises typer.BadParameter with our own words."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise


app = typer.Typer(
    cls=_Commands,
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="""Which image pulls, pinned by digest, will break: today, or after the upgrade you plan?

\b
  planner init ./infra --hosts nodes.json      a first planner.toml
  planner scan ./infra                         a table on the terminal
  planner scan ./infra -o report.html          the report as one HTML file
  planner scan ./infra -o findings.csv         rows for a change ticket
  planner scan ./infra --no-resolve            every reference with its place; no registry is asked
  planner plan ./infra -o plan.html            what to convert, re-pin and upgrade, in which order
  planner convert ./infra --execute            the copies of images that the plan needs
  planner repin ./infra --map mapping.csv      the edits that the plan needs, as a diff
  planner merge shop.json billing.json         the reports of several repositories as one
  planner diff last-week.json today.json       what is new, fixed, still open or newly unknown
  planner explain alpine@sha256:...            what each engine version does with one image
  planner explain "manifest unknown: ..."      which engines print a message, why, and the ways out
  planner engines docker                       what planner knows, and from where
  planner formats                              which files are read
""",
)
app.add_typer(init.app)
app.add_typer(explain.app)
app.add_typer(plan.app)
app.add_typer(merge.app)
app.add_typer(diff.app)
app.add_typer(convert.app)
app.add_typer(repin.app)
app.add_typer(cache.app, name="cache")


@app.command(
    epilog=EXIT_CODES,
    help="""Find the pulls by digest that break, now and after the planned upgrade.

\b
  planner scan ./infra
  planner scan ./infra -o report.html -o findings.csv
  planner scan ./infra --hosts fleet.csv --format json > report.json
  planner scan ./infra --offline registry.jsonl --fail-on at-risk
  planner scan ./infra --baseline last-week.json --fail-on-new
  planner scan ./infra --no-resolve --format csv
  kubectl get pods -A -o json | planner scan -

Hosts are declared in planner.toml at PATH, see the README. Without any, planner still says for each image which
engine versions pull it.
""",
)
def scan(  # noqa: PLR0913, PLR0917 - one parameter for each flag
    context: typer.Context,
    path: ScanPath = Path(),
    output: OutputFiles = None,
    format_: FormatNames = None,
    hosts: HostFiles = None,
    config: Config = None,
    offline: Offline = None,
    fail_on: FailOnVerdict = FailOn.BREAKS,
    baseline: Baseline = None,
    fail_on_new: FailOnNew = False,
    resolver: AskBy = ResolverName.SKOPEO,
    depth: Depth = DepthName.FULL,
    jobs: Jobs = None,
    jobs_per_registry: JobsPerRegistry = 8,
    max_requests: MaxRequests = None,
    timeout: Timeout = 60.0,
    authfile: Authfile = None,
    no_cache: NoCache = False,
    include_tags: IncludeTags = False,
    no_resolve: Annotated[
        bool, typer.Option("--no-resolve", help="Only list the references (terminal, csv, json); ask no registry.")
    ] = False,
    per_host: PerHost = False,
    show_all: ShowAll = False,
    stdin_name: StdinName = None,
) -> None:
    from planner.discover import look_ahead

    if baseline is None and fail_on_new:
        raise UsageError("--fail-on-new needs an earlier report to tell what is new: give --baseline FILE")
    if baseline and no_resolve:
        raise UsageError("--baseline compares findings, and --no-resolve has none; leave one of them out")
    piped, path = piped_or_path(path, stdin_name)
    earlier = read_report_file(baseline) if baseline else None
    with (
        nullcontext() if piped else look_ahead(path) as ahead
    ):  # what is imported from here on is, while a second process reads
        from planner.outcome import exit_code
        from planner.output import destinations, warn_of_idle_flags, write
        from planner.report import Options
        from planner.settings import settings_beside, settings_unread

        wanted = destinations(format_ or [], output or [], only_list=no_resolve)
        warn_of_idle_flags(wanted, per_host=per_host)
        if no_resolve:
            from planner.listing import list_references

            report = list_references(path, _now(), config=config, include_tags=include_tags, ahead=ahead, piped=piped)
        else:
            from planner import scan as stages
            from planner.resolve.opening import Opening

            how = Opening(
                offline=offline,
                authfile=authfile,
                cache=not no_cache,
                http=resolver is ResolverName.HTTP,
                types=depth is DepthName.TYPE,
                timeout=timeout,
                jobs=jobs,
                per_registry=jobs_per_registry,
                max_requests=max_requests,
            )
            request = stages.Request(path, config, tuple(hosts or ()), how, include_tags, ahead, piped)
            with progress_bar() as progress:
                report = stages.scan(request, _now(), progress, _say)
    if earlier:
        report = diff.compared(report, earlier, str(baseline), "this scan")
    known = commands(context, "" if piped else str(path))
    used = config or settings_beside(path)
    write(report, wanted, Options(show_all, per_host, commands=known, settings=str(used or "")))
    for note in settings_unread(path, used, [] if piped else (o.file for o in report.occurrences), bool(report.hosts)):
        _say(note)
    code = exit_code(report, fail_on, only_new=fail_on_new)
    if code is ExitCode.NOTHING:
        _say(_nothing_found(report, include_tags=include_tags, is_piped=piped is not None))
    raise typer.Exit(code)


def _nothing_found(report: "Report", *, include_tags: bool, is_piped: bool) -> str:
    from planner.report.words import plural

    read = f"in {report.root} ({plural(report.provenance.files_seen, 'file')} read)"
    if include_tags:
        return f"no image reference {read}"
    why = "the command before the pipe may have failed" if is_piped else ".gitignore is honoured"
    pin = f"a pin looks like name@sha256:…, and {why}; --include-tags looks for tags as well"
    return f"no image reference with a digest {read}; {pin}"


@app.command(
    help="""Record what the registries answer, for scans without them.

\b
  planner snapshot ./infra -o registry.jsonl
  planner scan ./infra --offline registry.jsonl
""",
    epilog="Exit codes: 0 recorded; 2 the command line or the configuration is wrong; 3 recorded, but not everything "
    "could be asked or read; 4 no pinned reference found: nothing to record; 5 a defect in planner; 130 interrupted.",
)
def snapshot(  # noqa: PLR0913, PLR0917 - one parameter for each flag
    context: typer.Context,
    path: ScanPath = Path(),
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")] = Path(
        "registry.jsonl"
    ),
    hosts: HostFiles = None,
    config: Config = None,
    resolver: AskBy = ResolverName.SKOPEO,
    depth: Depth = DepthName.FULL,
    jobs: Jobs = None,
    jobs_per_registry: JobsPerRegistry = 8,
    max_requests: MaxRequests = None,
    timeout: Timeout = 60.0,
    authfile: Authfile = None,
    no_cache: NoCache = False,
    include_tags: IncludeTags = False,
    stdin_name: StdinName = None,
) -> None:
    from planner import scan as stages
    from planner.output import recording_file
    from planner.report.words import plural
    from planner.resolve.opening import Opening

    recording_file(output)
    piped, path = piped_or_path(path, stdin_name)
    known = tuple(hosts or ())
    how = Opening(
        authfile=authfile,
        cache=not no_cache,
        http=resolver is ResolverName.HTTP,
        types=depth is DepthName.TYPE,
        timeout=timeout,
        jobs=jobs,
        per_registry=jobs_per_registry,
        max_requests=max_requests,
    )
    request = stages.Request(path, config, known, how, include_tags, piped=piped)
    with progress_bar() as progress:
        count, problems = stages.record(request, output, _now(), progress, _say)
    for problem in problems:
        _say(f"{problem.about} {problem.subject}: {problem.text}")
    where = "pipe the same into: planner scan -" if piped else f"replay them with: planner scan {typed_path(str(path))}"
    how_again = f"{where}{again(context, 'scan')} --offline {typed_path(str(output))}"
    _say(f"recorded {plural(count, 'reference')} in {output}; {how_again}")
    raise typer.Exit(ExitCode.INCOMPLETE if problems else ExitCode.CLEAN if count else ExitCode.NOTHING)


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"planner {__version__}")
        raise typer.Exit


def main() -> NoReturn:
    """The entry point: exceptions become messages and exit codes."""
    keep_streams()
    # As an interrupt: what runs is ended, what was answered is kept. nohup's wish not to be told stays.
    for name in ("SIGTERM", "SIGHUP"):
        ending = getattr(signal, name, None)  # Windows has no SIGHUP
        if ending and signal.getsignal(ending) is signal.SIG_DFL:
            signal.signal(ending, signal.default_int_handler)
    logging.basicConfig(format="planner: %(message)s", level=logging.WARNING)
    logging.getLogger("stamina").setLevel(logging.ERROR)  # a retry is news only if it was in vain: the report says so
    try:
        app()
    except PlannerError as error:
        for line in str(error).split("\n"):  # a file may have several mistakes
            _say(line)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        # Who reads stdout has seen enough (`| head`). Keep the interpreter from complaining at its end.
        sys.stderr.close()
        raise SystemExit(ExitCode.INTERNAL) from None
    except Exception as error:
        import traceback

        traceback.print_exc()
        _say(f"a defect in planner: {type(error).__name__}: {error}; please report it with the lines above")
        raise SystemExit(ExitCode.INTERNAL) from None
    raise SystemExit(ExitCode.CLEAN)


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


if __name__ == "__main__":
    main()
