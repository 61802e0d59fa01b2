"""Hosts from a CSV file: a header row with the words of planner.toml, one host (or range) a row."""

import csv
import io
from collections.abc import Iterator

from pydantic import ValidationError

from planner.hosts.source import HostSource, register
from planner.hosts.table import HostRow, complaint, hosts_of, row_problem, words_of
from planner.model.host import Host
from planner.model.source import Problem, SourceFile

_KNOWN = tuple(words_of(HostRow))


def read(source: SourceFile) -> Iterator[Host | Problem]:
    """Every host of the file, and a Problem for each row that declares none. Empty cells mean: not stated."""
    text = source.text.removeprefix("\ufeff")
    dialect = csv.excel()
    dialect.delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = csv.DictReader(io.StringIO(text, newline=""), dialect=dialect, strict=True)
    try:
        columns = [column.strip() for column in rows.fieldnames or ()]
        if wrong := _header(columns):
            yield row_problem(source.path, 1, wrong)
            return
        rows.fieldnames = columns
        yield from (_unknown(source, column) for column in dict.fromkeys(columns) if column not in _KNOWN)
        for row in rows:
            yield from _hosts(source, row, rows.line_num)
    except csv.Error as error:
        yield row_problem(source.path, rows.line_num + 1, f"{error}; the rows from here on were not read")


def _header(columns: list[str]) -> str:
    """What keeps every row from being read; empty if nothing does."""
    needed = {"name"} if "kubernetes" in columns else {"name", "engine"}
    if missing := needed - set(columns):
        return f"the header lacks {' and '.join(sorted(missing))}"
    twice = next((column for column in columns if column in _KNOWN and columns.count(column) > 1), "")
    return f"the header has {twice} twice" if twice else ""


def _unknown(source: SourceFile, column: str) -> Problem:
    text = (
        f"{column!r} is no column that planner knows ({', '.join(_KNOWN)}), so what it says was not used; "
        "correct its name, or remove it"
    )
    return Problem("file", source.path, "host-column", text, 1)


def _hosts(source: SourceFile, row: dict[str | None, str | list[str] | None], line: int) -> Iterator[Host | Problem]:
    # What stands beyond the header's columns is kept under None.
    if row.get(None) and any(cell.strip() for cell in row[None] or ()):
        why = "this row has more cells than the header; quote a cell that holds the separator"
        yield row_problem(source.path, line, why)
        return
    cells = {key: value for key, value in row.items() if key in _KNOWN and isinstance(value, str) and value.strip()}
    if not cells:
        return
    try:
        yield from hosts_of(HostRow.model_validate(cells), f"{source.path}:{line}")
    except ValidationError as error:
        place, words = complaint(error)
        yield row_problem(source.path, line, f"{'.'.join(map(str, place))} {words}")
    except ValueError as error:
        yield row_problem(source.path, line, str(error))


register(
    HostSource(
        "csv",
        "CSV with the columns name, engine (or kubernetes), target, store, client, switches, platform, runs, "
        "registry_config",
        lambda source: source.path.lower().endswith(".csv"),
        read,
    )
)
