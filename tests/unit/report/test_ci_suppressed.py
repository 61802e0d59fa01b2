"""What is suppressed, and what is new since a baseline, in the outputs for CI systems: there, never as counting."""

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from planner.model.finding import Verdict
from planner.model.report import Report
from planner.model.since import Status
from planner.report.ci.alerts import acceptance, alerts, suppressed_alerts
from planner.report.ci.marks import text
from planner.report.since.baseline import State, states
from tests.support.ci_reports import ACCEPTED, HOSTILE_ACCEPTED, UNUSED, compared, rendered, unprintable
from tests.support.report_example import OCCURRENCES, PROBLEMS, REPORT

INLINE, EXTERNAL, PART = OCCURRENCES[2], OCCURRENCES[5], OCCURRENCES[8]
WHO = "planner.toml:12: gone by spring (owner: ops, until 2027-03-31)"
# The finding ids of what is told apart: a reference of which some hosts count is none of it.
WHOLE = sorted(f.id for f in ACCEPTED.suppressed if f.occurrence != PART)


def _results(report: Report) -> list[Any]:
    found: list[Any] = json.loads(rendered("sarif", report))["runs"][0]["results"]
    return found


def _cases(report: Report) -> list[ET.Element]:
    return list(ET.fromstring(rendered("junit", report).encode()).iter("testcase"))


def test_what_is_accepted_for_some_hosts_goes_with_what_counts() -> None:
    (alert,) = [a for a in alerts(ACCEPTED.findings, ACCEPTED.suppressed) if a.occurrence == PART]
    assert not alert.is_suppressed
    assert acceptance(alert) == f"{WHO}; for node-01, containerd 1.7.22 → 2.1.4"
    apart = suppressed_alerts(ACCEPTED)
    assert sorted(f.id for each in apart for f in each.findings) == WHOLE
    assert all(each.is_suppressed for each in apart)


def test_sarif_has_them_as_suppressed_results_after_those_that_count() -> None:
    results = _results(ACCEPTED)
    count = len(alerts(ACCEPTED.findings))
    assert not [r for r in results[:count] if "suppressions" in r]
    apart = results[count:]
    assert sorted(id_ for r in apart for id_ in r["properties"]["findings"]) == WHOLE
    assert {r["level"] for r in apart} == {"note"}
    told = {r["ruleId"]: r["suppressions"] for r in apart}
    assert told["schema2-by-digest"] == [
        {"kind": "external", "status": "accepted", "justification": "gone by spring"},
    ]
    (inline,) = told["schema1-removed"]
    assert (inline["kind"], inline["justification"]) == ("inSource", "moves away")
    place = inline["location"]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == f"infra/{INLINE.file}"
    assert place["region"] == {"startLine": INLINE.line}


def test_sarif_counts_what_is_accepted_for_some_hosts() -> None:
    told = [id_ for r in _results(ACCEPTED) for id_ in r["properties"].get("suppressed", ())]
    assert sorted(told) == sorted(f.id for f in ACCEPTED.suppressed if f.occurrence == PART)


def test_junit_skips_them_with_the_reason() -> None:
    skipped = [case for case in _cases(ACCEPTED) if case.find("skipped") is not None]
    told = [case.find("skipped").attrib["message"] for case in skipped]  # type: ignore[union-attr]
    accepted = [message for message in told if message.startswith("suppressed: ")]
    assert sum(message.endswith(f": {WHO}") for message in accepted) == 1
    assert sum(message.endswith("moves away (without a date)") for message in accepted) == 2  # today, and afterwards
    assert len(accepted) == 3
    (part,) = [c for c in _cases(ACCEPTED) if c.attrib["name"].startswith("today: init container migrate")]
    assert WHO in (part.findtext("failure") or "")


def test_markdown_counts_and_lists_them() -> None:
    made = rendered("markdown", ACCEPTED)
    count = len(ACCEPTED.suppressed)
    assert f"\n{count} findings are suppressed, and counted in none of these numbers.\n" in made
    _, _, section = made.partition(f"⊘ <b>Suppressed: what somebody accepts</b> ({count} findings)")
    section = section.partition("</details>")[0]
    for place in (INLINE, EXTERNAL, PART):
        assert f"- `infra/{place.file}:{place.line}:{place.column}`" in section
    assert text(WHO) in section


def test_github_has_one_notice_and_no_annotation_for_them() -> None:
    lines = rendered("github", ACCEPTED).splitlines()
    notices = [line for line in lines if line.startswith("::notice ")]
    assert notices[1] == (
        f"::notice title=planner%3A suppressed::{len(ACCEPTED.suppressed)} findings are suppressed: listed below, "
        "without an annotation"
    )
    marks = [line for line in lines if line.startswith(("::error", "::warning"))]
    assert len(marks) == len(alerts(ACCEPTED.findings)) + len(PROBLEMS)
    logged = [line for line in lines if line.startswith("- suppressed: ")]
    assert len(logged) == len(alerts(ACCEPTED.suppressed))
    assert sum("gone by spring" in line for line in logged) == 2


def test_gitlab_has_no_entry_for_them() -> None:
    entries = json.loads(rendered("gitlab", ACCEPTED))
    assert len(entries) == len(alerts(ACCEPTED.findings)) + len(PROBLEMS) + 1
    (part,) = [entry for entry in entries if WHO in entry["description"]]
    assert part["check_name"] == "manifest-missing"


def test_an_unused_suppression_fails_nothing() -> None:
    note = json.loads(rendered("sarif", ACCEPTED))["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert [n["level"] for n in note if n["descriptor"]["id"] == UNUSED.kind] == ["note"]
    assert [n["severity"] for n in json.loads(rendered("gitlab", ACCEPTED)) if n["check_name"] == UNUSED.kind] == [
        "info"
    ]
    (case,) = [c for c in _cases(ACCEPTED) if c.attrib["name"] == "file planner.toml:20:1"]
    assert [child.tag for child in case] == ["skipped"]
    assert f"\n- to tidy up: file planner.toml:20:1: {UNUSED.text}\n" in rendered("github", ACCEPTED)
    assert "⊘ <b>To tidy up</b> (1)" in rendered("markdown", ACCEPTED)


@pytest.mark.parametrize("name", ["sarif", "junit", "markdown", "github", "gitlab"])
def test_hostile_reasons_are_text(name: str) -> None:
    made = rendered(name, HOSTILE_ACCEPTED)
    assert not unprintable(made)
    match name:
        case "junit":
            tags = {node.tag for node in ET.fromstring(made.encode()).iter()}
            assert tags == {"testsuites", "testsuite", "testcase", "skipped", "error"}
        case "github":
            commands = [line for line in made.splitlines() if line.lstrip().startswith("::")]
            assert {line.partition(" ")[0] for line in commands} == {"::notice", "::warning"}
            assert "##[" not in "".join(line for line in made.splitlines() if line not in commands)


def test_of_several_who_accept_it_each_is_told_once() -> None:
    """The schema takes no two suppressions that are alike."""
    first, told = HOSTILE_ACCEPTED.suppressed[0], HOSTILE_ACCEPTED.suppressed[0].suppression
    assert told
    made = tuple(replace(first, hosts=(f"h{n}",), suppression=replace(told, line=n)) for n in range(2))
    (result,) = _results(replace(HOSTILE_ACCEPTED, suppressed=made))
    assert len(result["suppressions"]) == 1
    assert "; for h0" in result["message"]["text"]
    assert "; for h1" in result["message"]["text"]


def test_without_a_baseline_nothing_is_new() -> None:
    assert not [result for result in _results(REPORT) if "baselineState" in result]
    assert "**new**" not in rendered("markdown", REPORT)


def test_what_is_new_since_the_baseline_is_marked() -> None:
    report = compared(REPORT, Status.NEW, Status.UNKNOWN)
    state = states(report)
    told = {(a.occurrence.id, a.cause): state(a) for a in alerts(report.findings)}
    fresh = {(f.occurrence.id, f.outcome.cause) for f in report.findings[:2]}
    assert {key for key, is_so in told.items() if is_so is State.NEW} == fresh
    assert set(told.values()) == {State.NEW, State.UNCHANGED}
    assert [r["baselineState"] for r in _results(report)].count("new") == 2
    assert rendered("markdown", report).count("\n- **new** `") == 2


def test_what_is_new_in_part_is_updated() -> None:
    missing = tuple(f for f in REPORT.findings if f.outcome.cause == "manifest-missing")
    (result,) = _results(compared(replace(REPORT, findings=missing), Status.NEW))
    assert result["baselineState"] == "updated"


def test_the_counts_since_the_baseline_are_told() -> None:
    report = compared(REPORT, Status.NEW)
    line = "Since 2026-02-01 00:00 (old): 1 new, 0 fixed or gone, "
    assert f"\n{line}" in rendered("markdown", report)
    assert f"::notice title=planner%3A since the last run::{line}" in rendered("github", report)


@pytest.mark.parametrize(("cause", "state"), [("zstd-layer", "updated"), ("not-checked", "new")])
def test_another_verdict_of_a_cause_is_no_new_entry(cause: str, state: str) -> None:
    zstd = next(f for f in REPORT.findings if f.outcome.cause == "zstd-layer")
    report = compared(replace(REPORT, findings=(zstd,)), Status.NEW)
    assert report.since
    (change,) = report.since.changes
    before = replace(change, was=((Verdict.UNKNOWN, cause),))
    (result,) = _results(replace(report, since=replace(report.since, changes=(before,))))
    assert result["baselineState"] == state
