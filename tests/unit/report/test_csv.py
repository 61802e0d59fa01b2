"""CSV as spreadsheets and importers read it."""

import csv
import io
import re
from dataclasses import replace

from planner.model.finding import Finding
from planner.report import FORMATS, Options
from planner.report.csv import COLUMNS
from tests.support.report_example import CLEAN, FINDINGS, FORMULA, REPORT

CONTRACT = re.findall(
    r"\w+",
    "file line column name role image registry repository tag digest media_type hosts host_count engine "
    "current_version target_version moment verdict cause expected_message remedy finding_id",
)


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _render(*, per_host: bool = False, bom: bool = False) -> str:
    return FORMATS["csv"].render(REPORT, Options(per_host=per_host, bom=bom))


def test_the_columns_are_the_contract() -> None:
    assert list(COLUMNS) == CONTRACT
    assert _render().partition("\r\n")[0].split(",") == CONTRACT


def test_it_is_rfc_4180() -> None:
    text = _render()
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert {len(row) for row in csv.reader(io.StringIO(text, newline=""))} == {len(CONTRACT)}


def test_one_row_per_finding_with_its_id() -> None:
    rows = _rows(_render())
    assert sorted(row["finding_id"] for row in rows) == sorted(f.id for f in FINDINGS)


def test_a_row_tells_the_whole_story() -> None:
    row = next(r for r in _rows(_render()) if r["cause"] == "schema1-removed")
    assert row["file"] == "deploy/billing/compose.yml"
    assert (row["line"], row["column"]) == ("8", "52")
    assert row["media_type"] == "application/vnd.docker.distribution.manifest.v1+prettyjws"
    assert row["hosts"].split("; ")[:2] == ["web-01", "web-02"]
    assert row["host_count"] == "12"
    assert (row["engine"], row["current_version"], row["target_version"]) == (
        "docker",
        "docker 20.10.24",
        "docker 29.0.0",
    )
    assert (row["moment"], row["verdict"]) == ("after", "breaks")
    assert row["remedy"].startswith("Convert and pin the new digest first: `skopeo")


def test_per_host_has_a_row_for_each_host() -> None:
    rows = _rows(_render(per_host=True))
    assert len(rows) == sum(max(len(f.hosts), 1) for f in FINDINGS)
    assert {row["host_count"] for row in rows} == {"0", "1"}
    assert not any(";" in row["hosts"] for row in rows)


def test_no_cell_is_a_formula() -> None:
    rows = _rows(_render())
    assert f"'{FORMULA}" in {row["name"] for row in rows}
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@\t" and cell]


def test_a_tag_is_not_read_as_a_number() -> None:
    reference = replace(FINDINGS[0].occurrence.reference, tag="1.10")
    finding = replace(FINDINGS[0], occurrence=replace(FINDINGS[0].occurrence, reference=reference))
    text = FORMATS["csv"].render(replace(REPORT, findings=(finding,)), Options())
    assert _rows(text)[0]["tag"] == "'1.10"


def test_the_byte_order_mark_is_the_callers_choice() -> None:
    assert _render(bom=True) == "\ufeff" + _render()


def test_without_findings_there_is_a_header() -> None:
    assert FORMATS["csv"].render(CLEAN, Options()) == ",".join(CONTRACT) + "\r\n"


def test_more_hosts_than_a_cell_holds_are_counted() -> None:
    hosts = tuple(f"a-rather-long-name-of-a-host-{n:05}.example" for n in range(2000))
    finding: Finding = replace(FINDINGS[0], hosts=hosts)
    row = _rows(FORMATS["csv"].render(replace(REPORT, findings=(finding,)), Options()))[0]
    assert len(row["hosts"]) <= 32_767
    kept = row["hosts"].split("; ")
    assert kept[-1] == f"and {2000 - len(kept) + 1} more, see --per-host"
    assert kept[-2] == hosts[len(kept) - 2]
    assert row["host_count"] == "2000"
