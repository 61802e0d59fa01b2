"""JSON that is no report, or not one that planner wrote: refused with the place, whatever it is."""

import json
from typing import Any

import pytest

from planner.merge.form import NotAReportError
from planner.merge.read import read_report
from planner.model.report import Report
from planner.model.resolution import State
from planner.report import FORMATS, Options
from planner.report.order import by_finding
from tests.support.report_example import CLEAN, EMPTY, REPORT, WITHOUT_HOSTS


def written(report: Report) -> str:
    return FORMATS["json"].render(report, Options())


def _changed(*path: str | int, value: object) -> str:
    document: Any = json.loads(written(REPORT))
    part = document
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return json.dumps(document)


def _refused(text: str | bytes) -> str:
    with pytest.raises(NotAReportError) as raised:
        read_report(text.encode() if isinstance(text, str) else text)
    assert len(str(raised.value)) < 500
    return str(raised.value)


@pytest.mark.parametrize("report", [REPORT, WITHOUT_HOSTS, CLEAN, EMPTY], ids=["full", "no hosts", "clean", "empty"])
def test_what_was_written_is_read(report: Report) -> None:
    read = read_report(written(report).encode())
    assert written(read) == written(report)
    assert read.findings == tuple(sorted(report.findings, key=by_finding))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no JSON"),
        ("<html>", "is no JSON"),
        (b"\x80\xff\x00", "is no JSON"),
        ("[" * 1_000_000, "nested too deep"),
        ('{"a": ' * 100_000, "nested too deep"),
        ("1" * 100_000, "is no JSON"),
        ('{"schema_version": 1, "x": [' + "[]," * 8_000_000 + "1]}", "more than 16,000,000 values"),
        ("[]", "is JSON, but no report of planner"),
        ("null", "is JSON, but no report of planner"),
        ("{}", "is JSON, but no report of planner"),
        ('{"schema_version": 2, "new": []}', "schema_version other than 1"),
        ('{"schema_version": 1}', "summary"),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_another_file(text: str | bytes, said: str) -> None:
    assert said in _refused(text)


def test_characters_beyond_the_first_plane_are_read() -> None:
    read = read_report(_changed("occurrences", 0, "file", value="🐳/compose.yml").encode())
    assert "🐳/compose.yml" in {o.file for o in read.occurrences}


def test_half_a_report() -> None:
    text = written(REPORT)
    assert "or not all of it" in _refused(text[: len(text) // 2])


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("occurrences", 0, "line"), "1", "occurrences, number 1, line"),
        (("occurrences", 0, "line"), 10**30, "occurrences, number 1, line"),
        (("occurrences", 0, "file"), ["\x1b[31m"], "occurrences, number 1, file"),
        (("occurrences",), [1] * 1_000_000, "occurrences, number 1"),
        (("occurrences",), {}, "occurrences"),
        (("occurrences", 0, "id"), "fedcba987654", "does not list"),
        (("findings", 0, "hosts"), ["\x1b[31mnobody"], "does not list"),
        (("findings", 0, "verdict"), "fine", "findings, number 1, verdict"),
        (("hosts", 0, "version"), "latest", "'latest'"),
        (("windows", 0, "pulls"), ["> 1"], "window"),
        (("resolutions", 0, "reference"), "A/B/C", "resolution"),
        (("resolutions", 0, "media_type"), None, "resolved"),
        (("problems",), [{"kind": "x", "text": "y"}], "problem"),
        (("provenance", "started"), "yesterday", "'yesterday'"),
        (("schema_version",), "1", "schema_version"),
        (("causes",), {str(number): 1 for number in range(20_000)}, "causes: Value error, should have at most"),
        (("occurrences", 0, "used_at"), ["x"] * 1_000_000, "occurrences, number 1, used_at, number 1"),
        (("occurrences", 0, "name"), "\ud800", "not in UTF-8"),
        (("occurrences", 0, "line"), float("nan"), "occurrences, number 1, line"),
    ],
)
def test_a_report_that_was_tampered_with(path: tuple[str | int, ...], value: object, said: str) -> None:
    assert said in _refused(_changed(*path, value=value))


def test_a_state_that_only_a_newer_planner_knows_is_no_answer() -> None:
    document = json.loads(written(REPORT))
    document["resolutions"][0] |= {"state": "quantum", "media_type": None}
    read = read_report(json.dumps(document).encode())
    found = next(found for found in read.resolutions.values() if found.detail.startswith("quantum"))
    assert found.state is State.FAILED
