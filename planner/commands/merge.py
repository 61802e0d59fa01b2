"""`planner merge`: the reports, or the recorded registries, of several runs as one."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from planner.again import commands
from planner.commands.reading import read_report_file
from planner.errors import ExitCode, UsageError
from planner.options import EXIT_CODES, FailOn, FailOnVerdict, FormatNames, OutputFiles, PerHost, ShowAll
from planner.say import say

app = typer.Typer(rich_markup_mode=None)
_HELP = """The reports of several scans as one, so that each repository's pipeline can scan for itself.

\b
  planner merge shop.json billing.json
  planner merge shop.json billing.json -o fleet.html -o fleet.json
  planner merge shop=a/report.json billing=b/report.json -o fleet.csv --per-host
  planner merge --same-tree office.json datacentre.json -o report.html
  planner merge shop.jsonl billing.jsonl -o registry.jsonl

The files of each report stand below its name, which is that of the JSON file: shop/compose.yml. Nothing is asked or
judged again. With --same-tree the files keep their names, and of each reference the report counts whose registry
answered.
Recorded registries of `planner snapshot` (*.jsonl) become one: of two answers to one question the later counts, of an
answer and a failure the answer.
"""


@app.command(help=_HELP, epilog=EXIT_CODES)
def merge(  # noqa: PLR0913, PLR0917 - one parameter for each flag
    context: typer.Context,
    inputs: Annotated[
        list[str], typer.Argument(metavar="[NAME=]FILE...", help="JSON reports, or recorded registries (*.jsonl).")
    ],
    output: OutputFiles = None,
    format_: FormatNames = None,
    same_tree: Annotated[
        bool, typer.Option("--same-tree", help="All are of one tree, scanned where other registries are reached.")
    ] = False,
    fail_on: FailOnVerdict = FailOn.BREAKS,
    per_host: PerHost = False,
    show_all: ShowAll = False,
) -> None:
    """Read all, then write: what cannot be read ends the run before."""
    given = [_named(text) for text in inputs]
    recorded = [path for _, path in given if _is_recorded(path)]
    if recorded and len(recorded) < len(given):
        other = next(path for _, path in given if path not in recorded)
        raise UsageError(f"{recorded[0]} is a recorded registry and {other} is none: merge reports, or registries")
    if recorded:
        if format_ or same_tree or per_host or show_all:
            raise UsageError("--format, --same-tree, --per-host and --all are for reports, not for recorded registries")
        raise typer.Exit(_merge_snapshots(recorded, output or []))
    from planner.merge import Named
    from planner.merge import merge as merge_reports
    from planner.outcome import exit_code
    from planner.output import destinations, warn_of_idle_flags, write
    from planner.report import Options
    from planner.report.words import plural

    _refuse_twins([name or path.stem for name, path in given])
    reports = [Named(name or path.stem, read_report_file(path)) for name, path in given]
    wanted = destinations(format_ or [], output or [], only_list=any(each.report.is_list for each in reports))
    warn_of_idle_flags(wanted, per_host=per_host)
    merged = merge_reports(reports, same_tree=same_tree, apart=len(given) > 1 or bool(given[0][0]))
    for each in reports:
        if not each.report.occurrences:
            say(f"{each.name} has no image reference ({plural(each.report.provenance.files_seen, 'file')} read)")
    write(merged, wanted, Options(show_all, per_host, commands=commands(context, "")))
    raise typer.Exit(exit_code(merged, fail_on))


def _named(text: str) -> tuple[str, Path]:
    """The name and the file that an argument gives; the name is empty where it gives none. Raises UsageError."""
    name, equals, path = text.partition("=")
    if not equals or Path(text).exists():
        return "", Path(text)
    if not path or not name.strip() or name in (".", "..") or "/" in name or not name.isprintable():
        raise UsageError(f"{text}: write NAME=FILE, with a name that a folder may have, such as shop=a/report.json")
    return name, Path(path)


def _is_recorded(path: Path) -> bool:
    """Whether a file is a recorded registry: by its name, or as it begins."""
    from planner.resolve.snapshot import is_snapshot

    try:
        return path.suffix.lower() == ".jsonl" or (path.stat().st_size > 0 and is_snapshot(path))
    except OSError:
        return False  # who reads it says why it cannot


def _refuse_twins(names: Sequence[str]) -> None:
    twin = next((name for name, count in Counter(names).items() if count > 1), None)
    if twin is not None:
        raise UsageError(
            f"two reports are named {twin}, and names tell them apart: write NAME=FILE, such as shop=a/report.json "
            "billing=b/report.json"
        )


def _merge_snapshots(paths: Sequence[Path], outputs: Sequence[str]) -> ExitCode:
    """Write one recorded registry. A line that cannot be read is left out, said, and makes the result incomplete."""
    from planner.output import print_text, recording_file
    from planner.report.words import plural
    from planner.resolve.snapshot import is_snapshot, read_snapshot, snapshot_text, write_snapshot
    from planner.resolve.snapshot_merge import merged

    if len(outputs) > 1:
        raise UsageError("recorded registries become one file: give one -o")
    target = recording_file(Path(outputs[0])) if outputs and outputs[0] != "-" else None
    try:
        if target and target.exists() and not is_snapshot(target):
            raise UsageError(f"{target} is there and is no recorded registry: name another file, or remove it first")
        read = [read_snapshot(path) for path in paths]
    except OSError as error:
        raise UsageError(f"cannot read {error.filename}: {error.strerror}") from error
    problems = [problem for _, found in read for problem in found]
    for path, (answers, found) in zip(paths, read, strict=True):
        if found and not answers:
            raise UsageError(f"{path} is no recorded registry, line {found[0].line}: {found[0].text}")
    answers = merged(answers for answers, _ in read)
    if target is None:
        print_text(snapshot_text(answers, ""))
    else:
        write_snapshot(target, answers, "")
        of = plural(len(paths), "recorded registry", "recorded registries")
        say(f"wrote {plural(len(answers), 'answer')} of {of} to {target}")
    for problem in problems:
        say(f"{problem.subject}:{problem.line}: {problem.text}")
    return ExitCode.INCOMPLETE if problems else ExitCode.CLEAN if answers else ExitCode.NOTHING
