"""What CI systems show as one entry."""

from dataclasses import replace

from planner.model.finding import Verdict
from planner.model.moment import Moment
from planner.report.ci.alerts import alerts, details, headline
from tests.support.report_example import FINDINGS, GROUPS, REPORT, large

REMOVED = next(f for f in FINDINGS if f.outcome.cause == "schema1-removed")


def test_one_for_each_reference_and_cause() -> None:
    found = alerts(FINDINGS)
    assert len(found) == len({(f.occurrence.id, f.outcome.cause) for f in FINDINGS}) < len(FINDINGS)
    assert sorted(f.id for alert in found for f in alert.findings) == sorted(f.id for f in FINDINGS)


def test_the_worst_first_and_of_those_what_breaks_today() -> None:
    told = [headline(REPORT, alert).partition(":")[0] for alert in alerts(FINDINGS)]
    when = ["breaks today"] * 3 + ["breaks today and after the upgrade"] + ["breaks after the upgrade"] * 2
    assert told == [*when, "not checked today", *["at risk today"] * 3]


def test_of_one_cause_the_worst_verdict_counts_and_each_is_told() -> None:
    milder = replace(REMOVED, moment=Moment.NOW, outcome=replace(REMOVED.outcome, verdict=Verdict.AT_RISK))
    (alert,) = alerts([milder, REMOVED])
    assert headline(REPORT, alert).startswith("breaks after the upgrade: ")
    assert [label for label, _ in details(alert)][:2] == ["breaks after the upgrade", "at risk today"]


def test_a_fingerprint_outlives_lines_hosts_and_verdicts_but_not_the_reference_or_the_cause() -> None:
    (alert,) = alerts([REMOVED])
    moved = replace(REMOVED.occurrence, line=99, column=1)
    (later,) = alerts([replace(REMOVED, occurrence=moved, hosts=("other",), group=GROUPS[0])])
    (milder,) = alerts([replace(REMOVED, outcome=replace(REMOVED.outcome, verdict=Verdict.AT_RISK))])
    (other,) = alerts([replace(REMOVED, outcome=replace(REMOVED.outcome, cause="zstd-layer"))])
    (elsewhere,) = alerts([replace(REMOVED, occurrence=replace(REMOVED.occurrence, name="other"))])
    assert later.fingerprint == milder.fingerprint == alert.fingerprint
    assert len({alert.fingerprint, other.fingerprint, elsewhere.fingerprint}) == 3


def test_many_groups_are_counted() -> None:
    (alert,) = alerts(large(occurrences=1, hosts=80, groups=40, images=1).findings)
    (label, line), *_ = details(alert)
    assert label == "breaks after the upgrade"
    assert line.endswith("and 36 more groups of hosts")


def test_different_messages_are_counted() -> None:
    found = [
        replace(REMOVED, hosts=(f"h{n}",), outcome=replace(REMOVED.outcome, message=f"message {n}")) for n in range(5)
    ]
    (alert,) = alerts(found)
    assert [line for label, line in details(alert) if label == "message"] == [
        *("message 0", "message 1", "message 2"),
        "2 more, see the report",
    ]
