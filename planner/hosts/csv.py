"""Hosts from a CSV file: a header row with the words of planner.toml, one host (or range) a row."""

import csv
import io
from collections.abc import Iterator

from pydantic import ValidationError

from planner.hosts.source import HostSource, register
from planner.hosts.table import HostRow, hosts_of
from planner.model.host import Host
from planner.model.source import Problem, SourceFile


def read(source: SourceFile) -> Iterator[Host | Problem]:
    """Every host of the file, and a Problem for each row that declares none. Empty cells mean: not stated."""
    text = source.text.removeprefix("\ufeff")
    dialect = csv.excel()
    dialect.delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = csv.DictReader(io.StringIO(text, newline=""), dialect=dialect, strict=True)
    missing = {"name", "engine"} - {(field or "").strip() for field in rows.fieldnames or ()}
    if missing:
        yield _problem(source, 1, f"the header lacks {' and '.join(sorted(missing))}")
        return
    try:
        for row in rows:
            yield from _hosts(source, row, rows.line_num)
    except csv.Error as error:
        yield _problem(source, rows.line_num + 1, f"{error}; the rows from here on were not read")


def _hosts(source: SourceFile, row: dict[str | None, str | list[str] | None], line: int) -> Iterator[Host | Problem]:
    cells = {(key or "").strip(): value for key, value in row.items() if value}
    if not any(isinstance(value, str) and value.strip() for value in cells.values()):
        return
    if isinstance(cells.get(""), list):
        yield _problem(source, line, "this row has more cells than the header; quote a cell that holds the separator")
        return
    try:
        yield from hosts_of(HostRow.model_validate(cells), f"{source.path}:{line}")
    except ValidationError as error:
        first = error.errors()[0]
        yield _problem(source, line, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
    except ValueError as error:
        yield _problem(source, line, str(error))


def _problem(source: SourceFile, line: int, why: str) -> Problem:
    text = f"{why}; the hosts it declares were not judged: correct it and run again"
    return Problem("file", source.path, "host-row", text, line)


register(
    HostSource(
        "csv",
        "CSV with the columns name, engine, target, store, client, switches, platform, runs",
        lambda source: source.path.lower().endswith(".csv"),
        read,
    )
)
