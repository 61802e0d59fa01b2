"""Each folder `format-*` here: what is found in its `inventory/` is what `expected.csv` says, no more and no less."""

import csv
import io
import os
from pathlib import Path

import pytest

from planner.discover import discover
from planner.extract import FORMATS, Found, distinct, extract, indirect
from planner.model.source import Problem

CASES = Path(__file__).parent
COLUMNS = ["file", "line", "column", "format", "role", "name", "raw"]

Row = tuple[str, int, int, str, str, str, str]


def rows(inventory: Path) -> list[Row]:
    """Occurrences, and problems with the role "problem" and their kind for a name."""
    tree = discover(inventory, indirect=indirect())
    found: list[Found] = []
    for source in tree:
        found += [source] if isinstance(source, Problem) else extract(source, tree.lookup)
    return sorted(
        (one.subject, one.line, one.column, "", "problem", one.kind, "")
        if isinstance(one, Problem)
        else (one.file, one.line, one.column, one.format, one.role, one.name, one.raw)
        for one in distinct(found)
    )


def written(table: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(table)
    return text.getvalue()


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.glob("format-*")))
def test_what_is_found_is_what_is_expected(case: str) -> None:
    actual = written(rows(CASES / case / "inventory"))
    expected = CASES / case / "expected.csv"
    if os.environ.get("PLANNER_ACCEPT") == "1":
        expected.write_text(actual, "utf-8")
    assert actual.splitlines() == expected.read_text("utf-8").splitlines()


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.glob("format-*")))
def test_each_place_is_where_the_digest_stands(case: str) -> None:
    inventory = CASES / case / "inventory"
    found = [row for row in rows(inventory) if row[4] != "problem"]
    tree = discover(inventory)
    assert found, "a case without a single reference shows nothing"
    for file, line, column, *_, raw in found:
        source = tree.lookup(file)
        assert source
        text = source.text.split("\n")[line - 1]
        digest = raw.partition("@")[2]
        # Helm values may leave out the algorithm.
        starts = (digest[:8], digest.partition(":")[2])
        assert text[column - 1 :].startswith(starts) or "\\" in text, f"{file}:{line}:{column}"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_has_a_case(name: str) -> None:
    cases = [path for path in CASES.glob(f"format-{name}*") if (path / "expected.csv").exists()]
    formats = {row[3] for case in cases for row in rows(case / "inventory")}
    assert name in formats, f"add tests/cases/format-{name}/ with an inventory in which the format finds something"
