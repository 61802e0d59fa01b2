"""`planner repin`: pins moved as a mapping says, as a diff or in the files."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.errors import ExitCode, UsageError
from planner.say import say

if TYPE_CHECKING:
    from planner.model.plan import Move
    from planner.repin import Outcome

app = typer.Typer(rich_markup_mode=None)
_HELP = """Move pins as a mapping says: a diff that `git apply` takes, or --write.

\b
  planner repin ./infra --map mapping.csv --wave 2                 what would be changed
  planner repin ./infra --map mapping.csv --wave 2 --write
  planner repin ./infra --map mapping.csv --wave 2 | git -C ./infra apply

The mapping is CSV: old_reference, new_reference, why, files, wave. `planner convert --execute` writes it and, where no
image has to be converted, `planner plan --format mapping -o mapping.csv`. The waves are those of the plan: one begins
when all that comes before it is done, upgrades as well. Only the characters of a digest change, and of registry or
repository where these move: tags stay. Paths in the diff are relative to the top of PATH's git work tree, else to PATH.
What cannot be edited safely is refused, with the reason. With --write, files with uncommitted changes are refused.
"""
_EPILOG = (
    "Exit codes: 0 all that the mapping moves is in the diff, or written; 2 the command line or the mapping is wrong; "
    "3 something was refused or could not be read; 4 nothing to do: no old pin is left."
)


@app.command(help=_HELP, epilog=_EPILOG)
def repin(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder or a file to edit.")],
    mapping: Annotated[Path, typer.Option("--map", metavar="FILE", help="The mapping.", dir_okay=False)],
    wave: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only this wave, and rows without one.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Change the files instead of printing a diff.")] = False,
) -> None:
    from planner import repin as files
    from planner.plan.pins.repin import of_wave

    moves, is_whole = _read(mapping)
    outcome = files.repin(path, of_wave(moves, wave), mapping, write=write)
    failed = list(files.write(outcome.files)) if write else []
    if not write:
        _print(files.diff(outcome.files, files.diff_root(path)))
    for file, why in failed:
        say(f"{file}: {why}")
    for each in outcome.refused:
        say(f"refused {each.file}:{each.line}:{each.column}: {each.why}")
    for move, is_done in outcome.idle:
        if not is_done:
            where = f" in {', '.join(move.files)}" if move.files else ""
            say(f"neither {move.old.pinned} nor {move.new.pinned} stands{where}")
    _summary(outcome, len(failed), path, write=write)
    _remind(moves, wave, outcome)
    missing = any(move.files and not is_done for move, is_done in outcome.idle)
    if failed or outcome.refused or missing or not is_whole:
        raise typer.Exit(ExitCode.INCOMPLETE)
    raise typer.Exit(ExitCode.CLEAN if outcome.files else ExitCode.NOTHING)


def _remind(moves: "list[Move]", wave: int | None, outcome: "Outcome") -> None:
    """Say what has to be done first, since nobody sees it in the files."""
    waves = {move.wave for move in moves if move.wave is not None} if wave is None else {wave}
    if outcome.files and (latest := max(waves, default=1)) > 1:
        say(f"these are of wave {latest} of the plan: every step before it has to be done first, the upgrades as well")


def _read(path: Path) -> "tuple[list[Move], bool]":
    """The moves of the file, and whether these are all of its rows. Raises UsageError."""
    from planner.plan.pins.mapping import read_mapping

    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not in UTF-8: save it so") from error
    moves, problems = read_mapping(text)
    for problem in problems:
        say(f"{path}:{problem.line}: {problem.text}")
    if not moves and not problems:
        raise UsageError(
            f"{path} has no rows: nothing is to be re-pinned, or the digests of copies are not known yet, "
            "which `planner convert --execute` finds"
        )
    if not moves:
        raise UsageError(f"{path} has no row that can be followed")
    return moves, not problems


def _print(diff: bytes) -> None:
    """Write bytes to stdout as they are: files of any encoding are in them."""
    if sys.stdout is None:
        from planner.output import CLOSED

        raise UsageError(CLOSED)
    try:
        sys.stdout.buffer.write(diff)
        sys.stdout.buffer.flush()
    except OSError as error:
        # What is left in the buffer would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"cannot write to stdout: {error.strerror}") from error


def _summary(outcome: "Outcome", failed: int, path: Path, *, write: bool) -> None:
    from planner.repin import diff_root, is_kept_by_git
    from planner.report.words import plural

    files = len(outcome.files) - failed
    refused = f"; {len(outcome.refused)} refused" if outcome.refused else ""
    if not outcome.files:
        say(f"nothing to edit: no old pin that can be moved is left below {path}{refused}")
    elif write:
        done = f", {failed} failed" if failed else f", {plural(len(outcome.places), 'place')}"
        say(f"wrote {plural(files, 'file')}{done}{refused}")
        if any(not is_kept_by_git(each.path) for each in outcome.files):
            say("some files are in no git work tree: the way back is the reverse mapping alone")
    else:
        what = f"{plural(len(outcome.places), 'place')} in {plural(files, 'file')}{refused}"
        say(f"{what}; to change them add --write, or pipe this to: git -C {shlex.quote(str(diff_root(path)))} apply")
