r"""mapping.csv: which pins move where, written by a plan and read by `planner repin`.

The columns are old_reference, new_reference, why, files and wave. `files` are separated by `;`; one that is part of a
name is written `\;`, and a backslash `\\`.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from planner.model.cell import guarded, unguarded
from planner.model.plan import Move, Plan, Step, StepKind
from planner.model.reference import InvalidReferenceError, Reference, parse_reference
from planner.model.source import Problem

COLUMNS = ("old_reference", "new_reference", "why", "files", "wave")
NAME = "mapping.csv"  # the subject of problems; who knows the file's own name puts it in
# Spreadsheets end a cell at 32,767 characters; a move of more files takes several rows.
_MAX_FILES = 32_000
_SEPARATOR = re.compile(r"\\(.)|;", re.DOTALL)
_WAVE = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


def moves(plan: Plan) -> Iterator[Move]:
    """The moves of a plan's re-pins, as far as their new digests are known; see `planner convert` for the others.

    The files are those that use the reference. The tag is the one that is written, since tags are not edited.
    """
    for step in plan.steps:
        old, new = step.old_reference, step.new_reference
        if step.kind is StepKind.REPIN and old and new and old.digest and new.digest:
            files = tuple(sorted({each.used_in or each.file for each in step.occurrences}))
            yield Move(old, replace(new, tag=old.tag), step.why, files, step.wave)


def merged(known: Sequence[Move], before: Iterable[Move], left: Sequence[Step]) -> list[Move]:
    """The moves of this run, and those of the mapping before it that this run has nothing in place of.

    `left` are the re-pins of the plan whose new digest this run did not find. A move of before has had its turn if
    one of now is for the same pin in the same files, unless it is what is left.
    """
    kept = [move for move in before if _is_left(move, left) or not any(_replaces(each, move) for each in known)]
    return [*known, *(move for move in kept if move not in known)]


def _replaces(move: Move, other: Move) -> bool:
    return move.old.pinned == other.old.pinned and _share_files(move, other)


def _is_left(move: Move, left: Iterable[Step]) -> bool:
    return any(
        step.old_reference
        and step.new_reference
        and (step.old_reference.pinned, step.new_reference.name) == (move.old.pinned, move.new.name)
        and step.wave == move.wave
        for step in left
    )


def write_mapping(moves: Iterable[Move]) -> str:
    """The moves as RFC 4180 CSV, in their order; cells that a spreadsheet would misread begin with an apostrophe."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for move in moves:
        for files in _cells(move.files):
            # A bare small integer is safe in any spreadsheet, and other programs read it as one.
            wave = "" if move.wave is None else str(move.wave)
            rows.writerow((*map(guarded, (str(move.old), str(move.new), move.why, files)), wave))
    return text.getvalue()


def _cells(files: Iterable[str]) -> list[str]:
    """The files as cells that a spreadsheet can hold; one empty cell for none."""
    cells = [""]
    for file in files:
        name = file.replace("\\", "\\\\").replace(";", "\\;")
        if cells[-1] and len(cells[-1]) + len(name) > _MAX_FILES:
            cells.append(name)
        else:
            cells[-1] = f"{cells[-1]};{name}" if cells[-1] else name
    return cells


def _files(cell: str) -> tuple[str, ...]:
    names, start, name = [], 0, ""
    for found in _SEPARATOR.finditer(cell):
        name += cell[start : found.start()] + (found[1] or "")
        start = found.end()
        if found[0] == ";":
            names.append(name)
            name = ""
    return tuple(each for each in (*names, name + cell[start:]) if each.strip())


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    move: Move


def read_mapping(text: str) -> tuple[list[Move], list[Problem]]:
    """The moves of a mapping, and a Problem for each row that is none or that another one contradicts.

    Columns are found by their names; others are ignored. `old_reference` and `new_reference` must be there.
    """
    rows: list[_Row] = []
    problems: list[Problem] = []
    for found in _rows(text.removeprefix("\ufeff")):
        if isinstance(found, _Row):
            rows.append(found)
        else:
            problems.append(found)
    clashes = _clashes(rows)
    problems += [_problem(row.line, clashes[row.line]) for row in rows if row.line in clashes]
    return [row.move for row in rows if row.line not in clashes], sorted(problems, key=lambda each: each.line)


def _rows(text: str) -> Iterator[_Row | Problem]:
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","  # Excel's, where the comma is the decimal sign
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        header = [cell.strip() for cell in next(rows, [])]
        missing = [name for name in COLUMNS[:2] if name not in header]
        twice = [name for name in COLUMNS if header.count(name) > 1]
        if missing or twice:
            why = f"the header lacks {' and '.join(missing)}" if missing else f"the header has {twice[0]} twice"
            yield Problem("file", NAME, "mapping-header", f"{why}, so no row was read; correct it", 1)
            return
        start = rows.line_num + 1
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield _row(start, header, cells)
            start = rows.line_num + 1
    except csv.Error as error:
        yield Problem("file", NAME, "mapping-row", f"{error}; the rows from here on were not read: correct it", start)


def _row(line: int, header: list[str], cells: list[str]) -> _Row | Problem:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        return _problem(line, "the row has more cells than the header; quote a cell that holds the separator")
    values = dict.fromkeys(COLUMNS, "") | {name: unguarded(cell) for name, cell in zip(header, cells, strict=False)}
    wave = values["wave"].strip()
    if wave and not _WAVE.fullmatch(wave):
        return _problem(line, f"{wave!r} is no wave: write a number such as 1, or nothing")
    if not values["new_reference"].strip():
        return _problem(line, "it has no new_reference yet: `planner convert` finds it, or write it in")
    try:
        old, new = (_pinned(values[name].strip(), name) for name in COLUMNS[:2])
    except InvalidReferenceError as error:
        return _problem(line, str(error))
    if old.pinned == new.pinned:
        return _problem(line, f"old and new are both {old.pinned}, so that there is nothing to move")
    return _Row(line, Move(old, new, values["why"], _files(values["files"]), int(wave) if wave else None))


def _pinned(text: str, column: str) -> Reference:
    try:
        reference = parse_reference(text)
    except InvalidReferenceError as error:
        raise InvalidReferenceError(f"{column} {text!r} is no reference: {error}") from error
    if not reference.digest:
        raise InvalidReferenceError(f"{column} {text!r} has no digest; write name@sha256:…")
    return reference


def _clashes(rows: list[_Row]) -> dict[int, str]:
    """Why rows cannot both be followed, by their lines: one pin has two places to move to."""
    clashes: dict[int, str] = {}
    by_old: dict[str, list[_Row]] = {}
    for row in rows:
        same = by_old.setdefault(row.move.old.pinned, [])
        for other in same:
            if other.move.new.pinned != row.move.new.pinned and overlap(other.move, row.move):
                for one, two in ((other, row), (row, other)):
                    clashes[one.line] = (
                        f"line {two.line} moves {row.move.old.pinned} elsewhere, for the same files and wave; "
                        "keep one of both, or name the files of each"
                    )
        same.append(row)
    return clashes


def overlap(one: Move, other: Move) -> bool:
    """Whether two moves may hold for the same file in the same run."""
    if None not in (one.wave, other.wave) and one.wave != other.wave:
        return False
    return _share_files(one, other)


def _share_files(one: Move, other: Move) -> bool:
    return not one.files or not other.files or not set(one.files).isdisjoint(other.files)


def _problem(line: int, why: str) -> Problem:
    return Problem("file", NAME, "mapping-row", f"{why}; this row was not followed", line)
