"""JSON against its schema, and the numbers against the report."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from planner.model.report import Report
from planner.report import FORMATS, Options
from tests.support.report_example import CLEAN, EMPTY, ESCAPE, FINDINGS, OCCURRENCES, REPORT, WITHOUT_HOSTS

SCHEMA = json.loads((Path(__file__).parents[2] / "report" / "report.schema.json").read_text())


def _document(report: Report, show_all: bool = False) -> Any:
    return json.loads(FORMATS["json"].render(report, Options(show_all=show_all)))


@pytest.mark.parametrize("show_all", [False, True])
@pytest.mark.parametrize("report", [REPORT, WITHOUT_HOSTS, CLEAN, EMPTY], ids=["full", "no hosts", "clean", "empty"])
def test_it_is_what_the_schema_says(report: Report, show_all: bool) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(_document(report, show_all))


def test_the_schema_refuses_another_version() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(_document(REPORT) | {"schema_version": 2})


def test_texts_are_lossless() -> None:
    text = FORMATS["json"].render(REPORT, Options())
    assert text.isascii()
    assert ESCAPE in {o["name"] for o in json.loads(text)["occurrences"]}


def test_one_record_a_line() -> None:
    lines = FORMATS["json"].render(REPORT, Options()).splitlines()
    assert sum(line.startswith('{"id": "f') for line in lines) == len(FINDINGS)


def test_references_lead_from_findings_to_resolutions() -> None:
    document = _document(REPORT)
    occurrences = {o["id"]: o for o in document["occurrences"]}
    resolutions = {r["reference"]: r for r in document["resolutions"]}
    missing = next(f for f in document["findings"] if f["cause"] == "manifest-missing")
    assert resolutions[occurrences[missing["occurrence"]]["reference"]]["state"] == "missing"


def test_attestations_are_no_platform() -> None:
    found = {tuple(r["platforms"]) for r in _document(REPORT)["resolutions"]}
    assert ("linux/amd64", "linux/arm64") in found


def test_all_lists_every_pull_of_every_host() -> None:
    document = _document(REPORT, show_all=True)
    told = {(f["occurrence"], host, f["moment"]) for f in document["findings"] for host in f["hosts"]}
    unknown = OCCURRENCES[1].id  # whatever the engine: it has no hosts
    for occurrence in OCCURRENCES:
        for position, hosts in REPORT.runners[occurrence.id].items():
            for host in hosts:
                assert ((occurrence.id, host, "now") in told) is (occurrence.id != unknown)
                planned = REPORT.groups[position].target is not None
                assert ((occurrence.id, host, "after") in told) is planned
    assert len({f["id"] for f in document["findings"]}) == len(document["findings"])


def test_without_hosts_nobody_knows_how_many_pull() -> None:
    assert _document(WITHOUT_HOSTS)["summary"]["now"]["pulls"] is None
    assert _document(REPORT)["summary"]["now"] == {"pulls": 2, "at-risk": 3, "unknown": 1, "breaks": 4}
