"""Findings brought together: nothing is lost, nothing is worse or better than it was."""

from dataclasses import replace

from planner.model.finding import Finding, Outcome, Verdict
from planner.model.moment import Moment
from planner.model.report import Report
from planner.report.fate import Fate
from planner.report.page.advice import mended, steps
from planner.report.page.aggregate import Block, blocks
from tests.support.report_example import GROUPS, OCCURRENCES, REGISTRY, REPORT, large


def test_every_finding_is_in_exactly_one_line() -> None:
    told = [f.id for block in blocks(REPORT) for e in block.entries for line in e.lines for f in line.findings]
    assert sorted(told) == sorted(f.id for f in REPORT.findings)


def test_what_breaks_today_comes_first_and_risk_last() -> None:
    order = [(block.verdict, block.now) for block in blocks(REPORT)]
    assert order[0] == (Verdict.BREAKS, True)
    severities = [verdict.severity for verdict, _ in order]
    assert severities == sorted(severities, reverse=True)


def test_places_and_moments_with_the_same_outcome_become_one_line() -> None:
    removed = next(block for block in blocks(REPORT) if block.cause.id == "schema1-removed")
    (entry,) = removed.entries
    assert [place.name for place in entry.places] == ["ledger", "ledger-worker"]
    missing = next(block for block in blocks(REPORT) if block.cause.id == "manifest-missing")
    assert missing.entries[0].lines[0].moments == (Moment.NOW, Moment.AFTER)


def test_places_with_other_hosts_stay_apart() -> None:
    fewer = tuple(replace(f, hosts=f.hosts[:2]) if f.occurrence is OCCURRENCES[2] else f for f in REPORT.findings)
    removed = next(b for b in blocks(replace(REPORT, findings=fewer)) if b.cause.id == "schema1-removed")
    assert sorted((e.places[0].name, len(e.lines[0].hosts)) for e in removed.entries) == [
        ("ledger", 2),
        ("ledger-worker", 12),
    ]


def test_a_cause_without_knowledge_still_has_a_title() -> None:
    titles = {block.cause.title for block in blocks(replace(REPORT, causes={}))}
    assert "schema1 removed" in titles


def test_equal_groups_need_not_be_the_same_object() -> None:
    copies = tuple(replace(f, group=replace(f.group)) if f.group else f for f in REPORT.findings)
    again = blocks(replace(REPORT, findings=copies))
    assert [(b.cause.id, len(b.entries)) for b in again] == [(b.cause.id, len(b.entries)) for b in blocks(REPORT)]


def test_a_large_report_has_as_many_entries_as_images() -> None:
    report = large(occurrences=400, hosts=40, groups=4, images=20)
    (block,) = blocks(report)
    assert len(block.entries) == 20
    assert (block.places, block.hosts) == (400, 40)
    assert REGISTRY in block.entries[0].image.registry


def _follow(place: int, verdict: Verdict) -> Report:
    """The report where the old hosts meet something else at a place after the upgrade."""
    other = Outcome(verdict, "zstd-layer")
    added = Finding(OCCURRENCES[place], Moment.AFTER, other, GROUPS[0], GROUPS[0].hosts)
    return replace(REPORT, findings=(*REPORT.findings, added))


def _block(report: Report, cause: str, verdict: Verdict = Verdict.BREAKS) -> Block:
    return next(b for b in blocks(report) if (b.cause.id, b.verdict) == (cause, verdict))


def test_a_block_is_mended_only_if_every_place_then_pulls() -> None:
    assert _block(REPORT, "schema2-by-digest").fate is Fate.MENDED
    followed = _block(_follow(5, Verdict.AT_RISK), "schema2-by-digest")
    assert followed.fate is Fate.FOLLOWED
    assert followed.follower
    assert followed.follower.verdict is Verdict.AT_RISK
    assert sorted(line.fate for e in followed.entries for line in e.lines) == [Fate.FOLLOWED, Fate.MENDED]
    missing = next(b for b in blocks(REPORT) if b.cause.id == "manifest-missing")
    assert [(line.fate, line.follower) for e in missing.entries for line in e.lines] == [(Fate.STAYS, None)]
    # What other places or hosts meet is no matter.
    assert _block(_follow(7, Verdict.AT_RISK), "schema2-by-digest").fate is Fate.MENDED


def test_what_is_mended_comes_after_what_is_not() -> None:
    def order(report: Report) -> list[str]:
        return [b.cause.id for b in blocks(report) if b.verdict is Verdict.BREAKS]

    assert order(REPORT)[-1] == "schema2-by-digest"
    assert order(_follow(5, Verdict.UNKNOWN))[-1] != "schema2-by-digest"


def test_what_holds_whatever_the_engine_follows_for_every_group() -> None:
    gone = Finding(OCCURRENCES[5], Moment.AFTER, Outcome(Verdict.BREAKS, "manifest-missing"))
    assert _block(replace(REPORT, findings=(*REPORT.findings, gone)), "schema2-by-digest").fate is Fate.FOLLOWED


def test_steps_are_for_those_whom_no_upgrade_helps() -> None:
    outcome = next(f.outcome for f in REPORT.findings if f.outcome.cause == "schema2-by-digest")
    stuck = Finding(OCCURRENCES[5], Moment.NOW, outcome, GROUPS[2], GROUPS[2].hosts, ("Replace them.",))
    report = replace(REPORT, findings=(*REPORT.findings, stuck))
    assert "schema2-by-digest" not in {b.cause.id for step in steps(blocks(REPORT)) for b in step.blocks}
    step = next(s for s in steps(blocks(report)) if s.blocks[0].cause.id == "schema2-by-digest")
    assert (step.whose, step.places) == (((2, GROUPS[2].hosts),), (OCCURRENCES[5],))
    assert step.text == "Replace them."
    assert (mended(blocks(REPORT)), mended(blocks(report))) == (2, 1)
    # The entry that has a host without an upgrade advises for that one.
    entry = next(e for e in _block(report, "schema2-by-digest").entries if OCCURRENCES[5] in e.places)
    assert entry.remedies == ("Replace them.",)


def test_steps_that_differ_are_told_by_what_they_begin_with() -> None:
    removed = [f for f in REPORT.findings if f.outcome.cause == "schema1-removed"]
    own = tuple(replace(f, remedies=(f"Convert it: `skopeo {n}`.",)) for n, f in enumerate(removed))
    (step,) = steps(blocks(replace(REPORT, findings=own)))
    assert step.text == "Convert it."
    versions = tuple(replace(f, remedies=(f"Upgrade to what pulls: {n}.0.0.",)) for n, f in enumerate(removed))
    (step,) = steps(blocks(replace(REPORT, findings=versions)))
    assert step.text == "Upgrade to what pulls."
    moves = tuple(replace(f, remedies=(f"Take it from r{n}.example.",)) for n, f in enumerate(removed))
    (step,) = steps(blocks(replace(REPORT, findings=moves)))
    assert step.text == "Take it from r0.example. The others have remedies of their own, see below."


def test_the_same_advice_for_the_same_hosts_is_given_once() -> None:
    edge = [f for f in REPORT.findings if f.outcome.cause == "platform-mismatch"]
    other = tuple(
        replace(f, occurrence=OCCURRENCES[7], outcome=Outcome(verdict, "zstd-layer"))
        for f, verdict in ((edge[0], Verdict.BREAKS), (edge[0], Verdict.AT_RISK))
    )
    found = steps(blocks(replace(REPORT, findings=(*edge, *other))))
    assert [{b.cause.id for b in step.blocks} for step in found] == [
        {"platform-mismatch", "zstd-layer"},
        {"zstd-layer"},
    ]
    assert set(found[0].places) == {OCCURRENCES[4], OCCURRENCES[7]}


def test_within_a_block_what_no_upgrade_ends_comes_first() -> None:
    outcome = next(f.outcome for f in REPORT.findings if f.outcome.cause == "schema2-by-digest")
    stuck = Finding(OCCURRENCES[2], Moment.NOW, outcome, GROUPS[2], GROUPS[2].hosts)
    entries = _block(replace(REPORT, findings=(*REPORT.findings, stuck)), "schema2-by-digest").entries
    assert [bool(e.lasting) for e in entries] == [True, False, False]
    assert entries[0].pulls < entries[1].pulls
