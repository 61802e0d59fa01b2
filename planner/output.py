"""Where reports go: pairs of format and file, worked out before anything is asked, written after."""

import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from planner.errors import UsageError
from planner.files import is_stdout, write_file
from planner.git import work_tree
from planner.model.report import Report
from planner.report import FORMATS, Format, Options, format_for
from planner.report.plan.words import summary_line as plan_summary
from planner.report.since.words import counts_line
from planner.report.words import summary_line
from planner.say import say

_STDOUT = "-"
CLOSED = "cannot write to stdout: it is closed; open it, or write to a file, and run again"
# Where GitHub Actions takes the summary of a job from; earlier steps may have written to it.
_JOB_SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True)
class Destination:
    """One report to write; `path` None is stdout."""

    format: Format
    path: Path | None


def destinations(
    formats: list[str],
    outputs: list[str],
    *,
    only_list: bool = False,
    known: Mapping[str, Format] = FORMATS,
) -> list[Destination]:
    """Pair `--format` and `-o` in their order. Without formats the suffix decides, without either: the terminal table.

    `known` are the formats to choose from. Raises UsageError for unknown names, suffixes that name no format, numbers
    that do not fit and, for `only_list`, formats that cannot list references without verdicts.
    """
    unknown = [name for name in formats if name not in known]
    if unknown:
        raise UsageError(f"there is no format {unknown[0]!r}; there are {', '.join(sorted(known))}")
    if formats and outputs and len(formats) != len(outputs):
        raise UsageError(
            f"{len(formats)} --format and {len(outputs)} -o: give one -o for each --format, in the same order"
        )
    if len(formats) > 1 and not outputs:
        raise UsageError("more than one --format needs one -o for each")
    given, outputs = outputs, [_STDOUT if is_stdout(Path(path)) else path for path in outputs]
    chosen = [known[name] for name in formats] or [_by_suffix(path, known) for path in outputs] or [known["terminal"]]
    paths = [None if path == _STDOUT else Path(path) for path in outputs] or [None]
    real = [path if path == _STDOUT else os.path.realpath(path) for path in outputs]
    if twice := next((path for path, where in zip(given, real, strict=True) if real.count(where) > 1), None):
        raise UsageError(f"-o {twice} is given twice: give each report a file of its own")
    if only_list and (unfit := next((each.name for each in chosen if each.render_list is None), None)):
        fit = ", ".join(sorted(name for name, each in FORMATS.items() if each.render_list))
        raise UsageError(f"--no-resolve only lists references, and {unfit} has no such form; take one of {fit}")
    for path in filter(None, paths):
        if why := _unusable(path):
            raise UsageError(f"cannot write to {path}: {why}")
    return [Destination(chosen, path) for chosen, path in zip(chosen, paths, strict=True)]


def _unusable(path: Path) -> str:
    """Why no report can be written to it, as far as that is known before; empty where nothing speaks against it."""
    if path.is_dir():
        return "it is a folder"
    if not path.parent.is_dir():
        return "its folder does not exist"
    return "it is a link that leads to itself" if Path(os.path.realpath(path)).is_symlink() else ""


def warn_of_idle_flags(wanted: list[Destination], *, per_host: bool) -> None:
    """Say which flag none of the reports heeds."""
    if per_host and all(each.format.name != "csv" for each in wanted):
        say("--per-host changes nothing: it makes rows of a CSV, and none is written; add -o findings.csv")


def recording_file(path: Path) -> Path:
    """The file for a recorded registry; UsageError for what is none: `-`, or a name that says report."""
    if str(path) == _STDOUT or format_for(str(path)):
        raise UsageError(f"a recorded registry is no report, and goes to a file such as registry.jsonl, not to {path}")
    return path


def _by_suffix(path: str, known: Mapping[str, Format]) -> Format:
    if path == _STDOUT:
        return known["terminal"]
    if found := format_for(path, known):
        return found
    suffixes = ", ".join(suffix for f in known.values() for suffix in f.suffixes)
    names = ", ".join(sorted(known))
    raise UsageError(f"{path}: no format has this suffix ({suffixes} do); add --format, one of {names}")


def write(report: Report, wanted: list[Destination], options: Options) -> None:
    """Render and write every report; say on stderr where the files are and what they amount to.

    Formats of a CI system add to the summary of its job as well, where there is one. Raises UsageError for what could
    not be written, after all the others were.
    """
    written, failed = [], []
    options = replace(options, base=_base(report))
    for destination in wanted:
        try:
            if destination.path is None:
                print_text(_rendered(destination.format, report, _on_stdout(report, options)))
            else:
                text = _rendered(destination.format, report, replace(options, bom=True))
                write_file(destination.path, text)
                written.append(str(destination.path))
        except UsageError as error:
            failed.append(str(error))
    failed += _write_summaries(report, wanted, options)
    if written:
        say(plan_summary(report) if report.plan else summary_line(report))
        if report.since:
            say(counts_line(report.since))
        say(f"wrote {', '.join(written)}")
    if failed:
        raise UsageError("\n".join(failed))


def _base(report: Report) -> str:
    """Where the scanned folder is below the top of its repository, else below the current folder; empty if neither.

    What was piped in, or merged, has no folder of its own.
    """
    folder = _folder(report)
    if folder is None:
        return ""
    folder = folder.resolve()
    top = work_tree(folder) or Path.cwd()
    return "" if folder == top or top not in folder.parents else folder.relative_to(top).as_posix()


def _write_summaries(report: Report, wanted: list[Destination], options: Options) -> Iterator[str]:
    """Add to the summary of the job, as the CI system wants it; say what failed."""
    path = os.environ.get(_JOB_SUMMARY)
    summary = next((each.format.render_summary for each in wanted if each.format.render_summary), None)
    if not path or summary is None:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(summary(report, options))
    except OSError as error:
        yield f"cannot write to {path}, which {_JOB_SUMMARY} names: {error.strerror}"


def _rendered(known: Format, report: Report, options: Options) -> str:
    return (known.render_list if report.is_list and known.render_list else known.render)(report, options)


def print_text(text: str) -> None:
    """Write to stdout. Who reads it may have seen enough (`| head`): that changes nothing of the result.

    Raises UsageError where stdout cannot take it.
    """
    if sys.stdout is None:
        raise UsageError(CLOSED)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"cannot write to stdout: {error.strerror}") from error


def _on_stdout(report: Report, options: Options) -> Options:
    """The options for what stands before us: a window, or a pipe, which has neither width nor colours."""
    here = _here(report)
    if sys.stdout is None or not sys.stdout.isatty():
        width = os.environ.get("COLUMNS", "")
        return replace(options, here=here, width=int(width) if width.isascii() and width.isdigit() else 0)
    window = shutil.get_terminal_size()
    is_plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return replace(
        options,
        here=here,
        links="" if is_plain else _links(report),
        colour=not is_plain,
        width=window.columns,
        height=window.lines,
    )


def _folder(report: Report) -> Path | None:
    """The scanned folder; None where the files are in none: what was piped in, merged, or is not here any more."""
    root = Path(report.root)
    if report.provenance.reports or not root.exists():
        return None
    return root if root.is_dir() else root.parent


def _here(report: Report) -> str:
    """The scanned folder as files in it are opened from the current one; empty where it is that, or is not known."""
    folder = _folder(report)
    if folder is None:
        return ""
    below = folder.resolve().is_relative_to(Path.cwd())
    return "" if folder.resolve() == Path.cwd() else str(folder.resolve().relative_to(Path.cwd()) if below else folder)


def _links(report: Report) -> str:
    """The URI of the scanned folder."""
    folder = _folder(report)
    return f"file://{quote(socket.gethostname())}{quote(os.fsencode(folder.resolve()))}" if folder else ""
