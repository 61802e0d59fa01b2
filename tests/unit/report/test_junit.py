"""JUnit XML: read by a real XML reader, with the numbers of the report."""

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from planner.model.finding import Verdict
from planner.model.moment import Moment
from planner.model.report import Report
from planner.report.escape import visible
from tests.support.ci_reports import HOSTILE, NASTY, SMALL, golden, rendered, unprintable
from tests.support.report_example import CLEAN, EMPTY, OCCURRENCES, REPORT, WITHOUT_HOSTS

TODAY, AFTER, PROBLEMS = "pulls today", "pulls after the upgrade", "problems"


def _suites(report: Report) -> dict[str, ET.Element]:
    root = ET.fromstring(rendered("junit", report).encode())
    suites = {suite.attrib["name"]: suite for suite in root}
    for suite in (root, *suites.values()):
        counts = Counter(child.tag for case in suite.iter("testcase") for child in case)
        told = [int(suite.attrib[name]) for name in ("failures", "errors", "skipped")]
        assert told == [counts[tag] for tag in ("failure", "error", "skipped")]
        assert int(suite.attrib["tests"]) == len(list(suite.iter("testcase")))
    return suites


def _result(suite: ET.Element, name: str) -> str:
    (case,) = [case for case in suite if name in case.attrib["name"]]
    return next((child.tag for child in case), "passed")


def test_the_golden_file() -> None:
    made = rendered("junit", SMALL)
    assert golden("report.xml", made) == made


@pytest.mark.parametrize(("moment", "name"), [(Moment.NOW, TODAY), (Moment.AFTER, AFTER)])
def test_the_numbers_are_those_of_the_report(moment: Moment, name: str) -> None:
    suite, counts = _suites(REPORT)[name], REPORT.counts(moment)
    assert int(suite.attrib["tests"]) == len(OCCURRENCES)
    assert int(suite.attrib["failures"]) == counts[Verdict.BREAKS]
    assert int(suite.attrib["errors"]) == counts[Verdict.UNKNOWN]
    assert int(suite.attrib["skipped"]) == counts[Verdict.AT_RISK]


def test_a_pull_that_breaks_later_is_at_risk_first() -> None:
    suites = _suites(REPORT)
    assert _result(suites[TODAY], "service ledger:") == "skipped"
    assert _result(suites[AFTER], "service ledger:") == "failure"
    assert _result(suites[TODAY], "container gateway") == "passed"
    assert _result(suites[TODAY], "container nightly") == "error"


def test_each_suite_speaks_of_its_moment() -> None:
    after = " ".join(_suites(REPORT)[AFTER].itertext())
    assert "breaks after the upgrade" in after
    assert "today" not in after


def test_each_problem_is_an_error() -> None:
    suite = _suites(REPORT)[PROBLEMS]
    assert [case.attrib["name"].split()[0] for case in suite] == ["file", "host", "reference"]
    assert suite.attrib["errors"] == "3"
    assert suite[0].attrib["file"] == "infra/deploy/old/compose.yml"
    assert "file" not in suite[1].attrib


def test_without_hosts_nothing_passes() -> None:
    suites = _suites(WITHOUT_HOSTS)
    assert set(suites) == {TODAY, PROBLEMS}
    counts = suites[TODAY].attrib
    assert int(counts["errors"]) + int(counts["skipped"]) == int(counts["tests"]) == len(OCCURRENCES)


def test_what_no_host_runs_does_not_pass() -> None:
    idle = replace(REPORT, runners={k: v for k, v in REPORT.runners.items() if k != OCCURRENCES[7].id})
    assert _result(_suites(idle)[TODAY], "container gateway") == "skipped"


def test_without_references_there_is_no_test() -> None:
    assert [suite.attrib["tests"] for suite in _suites(EMPTY).values()] == ["0"]
    assert {child.tag for suite in _suites(CLEAN).values() for case in suite for child in case} == set()


def test_no_two_tests_have_one_name() -> None:
    """GitLab shows the first of them only."""
    one = OCCURRENCES[0]
    many = tuple(replace(one, ordinal=n, line=n + 1) for n in range(3))
    cases = [case for suite in _suites(replace(REPORT, occurrences=many)).values() for case in suite]
    names = [(case.attrib["classname"], case.attrib["name"]) for case in cases]
    assert len(set(names)) == len(names)


def test_hostile_names_are_text() -> None:
    text = rendered("junit", HOSTILE)
    assert not unprintable(text)
    suites = _suites(HOSTILE)
    assert {case.attrib["name"] for case in suites[PROBLEMS]} >= {f"host {visible(nasty)}" for nasty in NASTY[:10]}
    assert {node.tag for suite in suites.values() for node in suite.iter()} == {
        *("testsuite", "testcase", "failure", "error"),
    }
