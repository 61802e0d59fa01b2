"""`planner convert`: the copies that a plan needs, as commands or carried out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.again import commands
from planner.errors import ExitCode, UsageError
from planner.options import (
    AskBy,
    Authfile,
    Config,
    HostFiles,
    IncludeTags,
    Jobs,
    JobsPerRegistry,
    MaxRequests,
    NoCache,
    Offline,
    ResolverName,
    ScanPath,
    StdinName,
    Timeout,
    To,
    piped_or_path,
    to_place,
)
from planner.say import say
from planner.shell import typed_path

if TYPE_CHECKING:
    from planner.conversions import Copied, Tools
    from planner.model.plan import Conversion, Move, Plan
    from planner.model.report import Report
    from planner.resolve.opening import Opening

app = typer.Typer(rich_markup_mode=None)
_HELP = """Make the copies of images that the plan needs: in another form, under a name that nothing has yet.

\b
  planner convert ./infra                                   a shell script with the commands
  planner convert ./infra --execute --map mapping.csv       make them, verify each, write what to re-pin
  planner convert ./infra --to registry.example/old --execute

Nothing is deleted or written over. Run it again to go on: what is there already and is what would be made counts as
done. Copies that a registry takes only after its upgrade wait for that. The mapping keeps its rows for what a run did
not reach. It says to which wave of the plan each re-pin belongs; when that wave has come (`planner plan ./infra`):
planner repin ./infra --map mapping.csv --wave 2
"""
_CODES = (
    "Exit codes: 0 every copy that can be made now is made, or there is none; 2 the command line or the configuration "
    "is wrong; 3 a copy failed or was refused, or not everything could be checked; 4 no pinned reference found; 5 a "
    "defect in planner; 130 interrupted."
)


@app.command(help=_HELP, epilog=_CODES)
def convert(  # noqa: PLR0913, PLR0917 - one parameter for each flag
    context: typer.Context,
    path: ScanPath = Path(),
    to: To = "",
    execute: Annotated[bool, typer.Option("--execute", help="Make the copies, with skopeo.")] = False,
    map_: Annotated[
        Path, typer.Option("--map", help="With --execute: the file to write for `planner repin`.", metavar="FILE")
    ] = Path("mapping.csv"),
    copy_timeout: Annotated[
        float, typer.Option(min=1, max=86400, help="Seconds for one copy.", metavar="SECONDS")
    ] = 3600.0,
    hosts: HostFiles = None,
    config: Config = None,
    offline: Offline = None,
    resolver: AskBy = ResolverName.SKOPEO,
    jobs: Jobs = None,
    jobs_per_registry: JobsPerRegistry = 8,
    max_requests: MaxRequests = None,
    timeout: Timeout = 60.0,
    authfile: Authfile = None,
    no_cache: NoCache = False,
    include_tags: IncludeTags = False,
    stdin_name: StdinName = None,
) -> None:
    """Take the plan of a scan; print its copies, or make them."""
    from planner import scan as stages
    from planner.output import print_text
    from planner.report.plan.script import script
    from planner.resolve.opening import Opening

    if execute and offline:
        raise UsageError("--execute copies from registries, and --offline asks none: leave one of them out")
    if execute:
        _check_mapping(map_)
    piped, path = piped_or_path(path, stdin_name)
    how = Opening(
        offline=offline,
        authfile=authfile,
        cache=not no_cache,
        http=resolver is ResolverName.HTTP,
        timeout=timeout,
        jobs=jobs,
        per_registry=jobs_per_registry,
        max_requests=max_requests,
    )
    request = stages.Request(
        path, config, tuple(hosts or ()), how, include_tags, piped=piped, plan=stages.PlanRequest(to_place(to))
    )
    try:
        report = stages.scan(request, datetime.now(UTC).astimezone(), say=say)
    except KeyboardInterrupt:
        say("interrupted before anything was copied")  # Typer would end the process without a word
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if not report.occurrences:
        say(f"no image reference with a digest in {report.root}: there is nothing to copy")
        raise typer.Exit(ExitCode.NOTHING)
    if report.plan is None:
        raise UsageError("this run has no plan: there is nothing to copy")
    _announce(report.plan)
    code = ExitCode.CLEAN
    if execute:
        code = _executed(context, report, how, map_, copy_timeout)
    else:
        print_text(script(report.plan, insecure_registries(report)))
    raise typer.Exit(_unchecked(report) if code is ExitCode.CLEAN else code)


def _executed(context: typer.Context, report: "Report", how: "Opening", mapping: Path, copy_timeout: float) -> ExitCode:
    """Make the copies where the plan has a re-pin for them, and say what is next."""
    from planner.model.plan import StepKind

    plan = report.plan
    if plan is None or not any(step.kind is StepKind.REPIN for step in plan.steps):
        say("nor any re-pin, so that no mapping was written")
        return ExitCode.CLEAN
    code = carry_out(plan, how, insecure_registries(report), mapping, copy_timeout)
    if code is ExitCode.CLEAN:
        say(f"next: {_following(plan, commands(context, report.root), mapping)}")
    return code


def _announce(plan: "Plan") -> None:
    """Say whether there is something to copy, and what the plan says of the places of copies."""
    from planner.plan.copies.conversion import conversions

    if not conversions(plan):
        say("the plan needs no copies of images")
    for note in plan.notes:
        if "--to" in note:
            say(note)


def _unchecked(report: "Report") -> ExitCode:
    """Whether the plan has all copies that are needed: what could not be asked or read is in none.

    A copy that nobody knows to be stored is none of that: it is made or fails.
    """
    steps = [step for step in (report.plan.steps if report.plan else ()) if not step.conversion]
    unproven = {why for step in steps for why in step.unproven}
    problems = (f"{each.about} {each.subject}: {each.text}" for each in report.problems)
    lines = (*problems, *sorted(unproven))
    if not lines:
        return ExitCode.CLEAN
    for line in lines:
        say(line)
    say("what could not be checked may need copies as well: mend it and run the same command again")
    return ExitCode.INCOMPLETE


def _following(plan: "Plan", known: "Mapping[str, str]", mapping: Path) -> str:
    """What to do when the mapping is written: the first re-pins that it has, once what comes before them is done."""
    from planner.model.plan import StepKind
    from planner.plan.copies.turn import waiting

    waits = {conversion.destination: step.wave for conversion, step in waiting(plan).items()}
    waves = [s.wave for s in plan.steps if s.kind is StepKind.REPIN and s.new_reference not in waits]
    wave = min(waves, default=None)
    if wave is None:
        return f"the steps up to wave {max(waits.values())} ({known['plan']} lists them), and then this again"
    earlier = [step for step in plan.steps if step.wave < wave and step.kind is not StepKind.CONVERT]
    command = f"{known['repin']} --map {typed_path(str(mapping))} --wave {wave}"
    if not earlier:
        return command
    return f"the other steps before wave {wave} ({known['plan']} lists them), and only then: {command}"


def insecure_registries(report: "Report") -> frozenset[str]:
    """The registries that need no certificate, as they or the routes of hosts are declared."""
    declared = frozenset(registry.host for registry in report.registries if registry.insecure)
    return declared.union(*(host.route.insecure for host in report.hosts if host.route))


def carry_out(plan: "Plan", how: "Opening", insecure: frozenset[str], mapping: Path, copy_timeout: float) -> ExitCode:
    """Make the copies of a plan and write the mapping, after an interrupt too, of what is done by then."""
    from dataclasses import replace

    from planner.conversions import Tools
    from planner.plan.copies.turn import waiting, why_waiting
    from planner.resolve.credentials import Credentials
    from planner.resolve.opening import open_resolver
    from planner.resolve.skopeo_copy import Copier

    # What the cache has may be gone by now.
    opened = open_resolver(replace(how, offline=None, cache=False, types=False, insecure=insecure))
    credentials = opened.credentials or Credentials(how.authfile)
    copier = Copier(credentials, copy_timeout)
    done: list[Copied] = []
    try:
        _copy(plan, Tools(opened.resolver, copier, insecure), done.append)
        code = ExitCode.CLEAN
        had = {each.conversion.destination for each in done if each.digest}
        if missing := sum(each.conversion.destination not in had for each in done):
            are = "copies are" if missing > 1 else "copy is"
            say(f"{missing} {are} missing, of {len(done)}: run the same command to go on")
            code = ExitCode.INCOMPLETE
        for conversion, upgrade in waiting(plan).items():
            say(why_waiting(conversion, upgrade))
    except KeyboardInterrupt:
        say("interrupted; run the same command to go on: what is copied stays, and is not copied again")
        code = ExitCode.INTERRUPTED
    finally:
        copier.close()
        opened.resolver.close()
    for notice in credentials.notices:
        say(notice)
    _write_mapping(plan, done, mapping)
    return code


def _copy(plan: "Plan", tools: "Tools", keep: "Callable[[Copied], None]") -> None:
    """Make one copy after the other of those that can be made now, with a line before and after each."""
    from planner.conversions import convert as each_copy
    from planner.plan.copies.conversion import conversions
    from planner.plan.copies.turn import waiting
    from planner.report.plan.words import form

    waits, numbers = waiting(plan), count(1)
    wanted = [conversion for conversion in conversions(plan) if conversion not in waits]

    def begin(conversion: "Conversion") -> None:
        what = f"{conversion.source.pinned} as {form(conversion)} to {conversion.destination}"
        say(f"copy {next(numbers)} of {len(wanted)}: {what}")

    for copied in each_copy(wanted, tools, begin):
        keep(copied)
        say(f"  {copied.ending}{f' {copied.digest}' if copied.digest else ''}: {copied.text}")


def _write_mapping(plan: "Plan", done: "Iterable[Copied]", target: Path) -> None:
    from planner.files import write_file
    from planner.model.plan import StepKind
    from planner.plan.copies.conversion import with_digests
    from planner.plan.pins.mapping import merged, moves, write_mapping
    from planner.report.words import plural

    digests = {copied.conversion.destination: copied.digest for copied in done if copied.digest}
    filled = with_digests(plan, digests)
    known = list(moves(filled))
    left = [
        step
        for step in filled.steps
        if step.kind is StepKind.REPIN and not (step.new_reference and step.new_reference.digest)
    ]
    every = merged(known, _rows_of(target), left)
    write_file(target, write_mapping(every))
    without = f"; left out {len(left)} whose new digest is not known, for want of a copy" if left else ""
    say(f"wrote {plural(len(known), 'move')} to {target}{without}")
    if kept := len(every) - len(known):
        say(f"kept {plural(kept, 'move')} that {target} had and this run did not reach; their waves are as they were")


def _rows_of(target: Path) -> "list[Move]":
    """The moves of a mapping that is there already. Raises UsageError where some of it cannot be read."""
    from planner.plan.pins.mapping import read_mapping

    if not target.exists():
        return []
    try:
        moves, problems = read_mapping(target.read_bytes().decode("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {target}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{target} is not in UTF-8: save it so, or name another file with --map") from error
    for problem in problems:
        say(f"{target}:{problem.line}: {problem.text}")
    if problems:
        raise UsageError(f"{target} has rows that would be lost: correct them, or name another file with --map")
    return moves


def _check_mapping(target: Path) -> None:
    """Raise UsageError where the mapping could not be written, or would take the place of something else."""
    from planner.plan.pins.mapping import COLUMNS

    if target.is_dir() or not target.parent.is_dir():
        what = "it is a folder" if target.is_dir() else "its folder does not exist"
        raise UsageError(f"cannot write to {target}: {what}")
    try:
        with target.open("rb") as file:
            start = file.read(1000).decode("utf-8-sig", "replace").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"cannot read {target}: {error.strerror}") from error
    if start and start[0].strip() != ",".join(COLUMNS):
        raise UsageError(f"{target} is there and is no mapping: name another file with --map, or remove it first")
    _rows_of(target)
