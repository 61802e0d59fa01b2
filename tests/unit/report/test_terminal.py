"""The terminal: it fits, it can be copied, it is safe to print."""

import re
from dataclasses import replace

import pytest

from planner.model.finding import Finding, Outcome, Verdict
from planner.model.moment import Moment
from planner.model.platform import Platform
from planner.model.report import asked
from planner.model.resolution import ImageConfig
from planner.model.source import Problem
from planner.report import FORMATS, Options
from planner.report.words import summary_line
from tests.support.report_example import FINDINGS, GROUPS, OCCURRENCES, PROBLEMS, REPORT, WITHOUT_HOSTS, large


def _render(**options: int) -> str:
    return FORMATS["terminal"].render(REPORT, Options(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_unless_one_word_does_not(width: int) -> None:
    for line in _render(width=width).splitlines():
        assert len(line) <= width or len(line.split()) == 1


def test_a_place_can_be_copied_at_any_width() -> None:
    text = _render(width=20)
    for finding in FINDINGS:
        o = finding.occurrence
        assert f"{o.file}:{o.line}:{o.column}" in text


def test_the_counts_come_first() -> None:
    assert _render(width=400).splitlines()[0] == summary_line(REPORT)


def test_without_colour_there_is_no_escape_at_all() -> None:
    assert "\x1b" not in _render(colour=False)


def test_with_colour_only_our_own_escapes_are_there() -> None:
    coloured = _render(colour=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == _render(colour=False)


def test_a_verdict_is_a_word_and_a_moment() -> None:
    text = _render(width=200)
    assert "✕ breaks after the upgrade: Schema 1 manifest" in text
    assert "✕ breaks today and after the upgrade: The registry has no such manifest" in text
    assert "web-[01:12] (12 hosts), docker 20.10.24 → 29.0.0" in text


def test_every_problem_is_told() -> None:
    text = _render(width=400)
    for problem in PROBLEMS:
        assert problem.text in text


def test_without_hosts_the_versions_that_pull_are_told() -> None:
    text = FORMATS["terminal"].render(WITHOUT_HOSTS, Options(width=100))
    assert "docker (graphdriver): 18.06.0 up to before 19.03.0; 19.03.5 and newer" in text
    assert "docker (graphdriver): no version" in text


def test_what_is_left_out_is_counted_and_all_shows_it() -> None:
    report = large(occurrences=100, hosts=40, groups=10, images=5)
    text = FORMATS["terminal"].render(report, Options(width=200))
    assert "… and 40 references with findings more" in text
    assert "… and 4 groups of hosts more" in text
    assert "more;" not in FORMATS["terminal"].render(report, Options(width=200, show_all=True))


def test_a_cause_without_knowledge_is_named_by_its_id() -> None:
    assert "schema1 removed" in FORMATS["terminal"].render(replace(REPORT, causes={}), Options())


def _text(*findings: Finding, width: int = 200) -> str:
    return FORMATS["terminal"].render(replace(REPORT, findings=findings, problems=()), Options(width=width))


def _finding(group: int, moments: str, outcome: Outcome, *remedies: str, place: int = 2) -> list[Finding]:
    owner = GROUPS[group]
    return [Finding(OCCURRENCES[place], Moment(m), outcome, owner, owner.hosts, remedies) for m in moments.split()]


def test_hosts_share_a_heading_only_if_they_share_their_fate() -> None:
    gone = Outcome(Verdict.BREAKS, "manifest-missing", "gone")
    text = _text(*_finding(0, "now after", gone, "Push."), *_finding(1, "now", gone, "Push."))
    today = text.index("breaks today: The registry has")
    assert (
        text.index("breaks today and after the upgrade")
        < text.index("bill-[01:03]")
        < today
        < text.index("web-[01:12]")
    )
    text = _text(*_finding(0, "now", gone, "Push."), *_finding(1, "now", gone, "Wait."))
    assert text.index("bill-[01:03]") < text.index("do: Push.") < text.index("web-[01:12]") < text.index("do: Wait.")
    assert _text(*_finding(0, "now", gone, "Push."), *_finding(1, "now", gone, "Push.")).count("do:") == 1


def test_why_a_verdict_is_unknown_is_told_before_what_older_versions_do() -> None:
    newer = Outcome(Verdict.UNKNOWN, "engine-unknown", "", ("stored as schema 1", "31 is newer than 29", "29: pulls"))
    other = replace(newer, evidence=("stored as schema 1", "no release"))
    text = _text(*_finding(0, "now", newer), *_finding(1, "now", other))
    assert "bill-[01:03] (3 hosts), docker 1.9.1 → 20.10.24\n    why: 31 is newer than 29; 29: pulls\n" in text
    assert "why: no release\n" in text


def test_the_most_urgent_comes_first() -> None:
    breaks, risk = Outcome(Verdict.BREAKS, "manifest-missing"), Outcome(Verdict.AT_RISK, "schema1-deprecated")
    unknown = Outcome(Verdict.UNKNOWN, "not-checked")
    text = _text(
        *_finding(1, "now", risk, place=0),
        *_finding(1, "now", unknown, place=1),
        *_finding(1, "now", breaks, place=2),  # mended
        *_finding(1, "after", breaks, place=3),
        *_finding(1, "now", breaks, place=4),
        *_finding(1, "after", risk, place=4),  # not mended: another cause follows
        *_finding(2, "now", breaks, place=5),
    )
    order = [n for _, n in sorted((text.index(f"{o.file}:{o.line}:"), n) for n, o in enumerate(OCCURRENCES[:6]))]
    assert order == [4, 5, 3, 2, 1, 0]


def test_a_long_command_is_told_once() -> None:
    outcome = Outcome(Verdict.BREAKS, "manifest-missing", "gone")
    advice = "Push it with `skopeo copy a b`, see `runs`."
    both = [*_finding(0, "now", outcome, advice), *_finding(0, "now", outcome, advice, place=3)]
    text = _text(*both, *_finding(0, "after", replace(outcome, message="lost"), f"Soon. {advice}"))
    assert text.count("`skopeo copy a b`") == 1
    assert "do: Soon. Push it with the command above, see `runs`." in text
    first = OCCURRENCES[2]
    assert f"Push it with the command given for {first.file}:{first.line}:{first.column}, see `runs`." in text
    assert "one ` alone" in _text(*_finding(0, "now", outcome, "one ` alone"))


def test_the_same_advice_for_another_group_of_hosts_is_not_told_again() -> None:
    first, second = (Outcome(Verdict.UNKNOWN, "not-checked", "", ("stored", why)) for why in ("old", "new"))
    advice = "Look again when the registry answers, with a login that may read it."
    place = OCCURRENCES[2]
    text = _text(*_finding(0, "now", first, advice), *_finding(1, "now", second, advice))
    assert text.count(advice) == 1
    assert "do: as said above for this reference" in text
    text = _text(*_finding(0, "now", first, advice), *_finding(1, "now", second, advice, place=3))
    assert text.count(advice) == 2, f"what is said of {place.file} is not above for another reference"


def test_hosts_without_an_upgrade_stand_with_those_whose_upgrade_changes_nothing() -> None:
    gone = Outcome(Verdict.BREAKS, "manifest-missing", "gone")
    text = _text(*_finding(0, "now after", gone, "Push."), *_finding(2, "now", gone, "Push."))
    assert text.count("breaks today and after the upgrade: The registry has") == 1
    assert "breaks today: " not in text
    # Alone, they have no upgrade to speak of.
    assert "breaks today: The registry has" in _text(*_finding(2, "now", gone, "Push."))


def test_what_no_engine_says_has_its_evidence() -> None:
    evidence = ("the registry's answer", "since 2023-04-03, old.example: frozen (https://example.com)")
    closed = Outcome(Verdict.AT_RISK, "retired-registry", "", evidence)
    finding = Finding(OCCURRENCES[2], Moment.NOW, closed, None, (), ("Move.",))
    assert "why: since 2023-04-03, old.example: frozen (https://example.com)" in _text(finding)
    refused = replace(finding, outcome=replace(closed, verdict=Verdict.BREAKS, message="denied"))
    assert "why: since 2023-04-03" in _text(refused)
    # What an engine says tells why it fails.
    assert "why:" not in _text(*_finding(0, "now", replace(closed, message="denied")))


def test_platforms_are_told_where_they_are_not_what_everybody_has() -> None:
    outcome = Outcome(Verdict.AT_RISK, "platform-mismatch")
    (found,) = _finding(0, "now", outcome)
    assert found.group
    on_arm = replace(found, group=replace(found.group, platform=Platform("linux", "arm64")))
    arm = replace(REPORT, findings=(on_arm,), groups=tuple(filter(None, [on_arm.group])), runners={})
    assert "docker 1.9.1 → 20.10.24, linux/arm64\n" in FORMATS["terminal"].render(arm, Options(width=200))
    assert "docker 1.9.1 → 20.10.24\n" in _text(found)
    known = REPORT.resolution(found.occurrence)
    assert known
    config = ImageConfig(Platform("linux", "arm", "v7"), 1)
    stored = replace(known, config=config, manifest=replace(known.manifest, entries=())) if known.manifest else known
    report = replace(REPORT, resolutions={**REPORT.resolutions, asked(found.occurrence.reference): stored})
    assert ", linux/arm/v7)" in FORMATS["terminal"].render(report, Options(width=200))


def test_why_a_reference_was_not_checked_is_told_once() -> None:
    tagged = replace(OCCURRENCES[2].reference, tag="1.4")  # which is not asked for where there is a digest
    place = replace(OCCURRENCES[2], reference=tagged)
    answer = ("the registry's answer (skopeo): unreachable: no such host",)
    outcome = Outcome(Verdict.UNKNOWN, "not-checked", "", answer)
    unknown = [replace(f, occurrence=place) for f in _finding(0, "now", outcome)]
    problems = tuple(
        Problem("reference", str(asked(place.reference)), "unreachable", t) for t in ("no such host", "late")
    )
    report = replace(REPORT, findings=tuple(unknown), problems=problems)
    text = FORMATS["terminal"].render(report, Options(width=200))
    assert text.count("no such host") == 1
    assert "? 1 reference not checked: why stands above" in text
    assert "late" in text


def test_the_counts_are_told_again_where_they_have_scrolled_away() -> None:
    assert _render(width=400).splitlines()[-1] == summary_line(REPORT)
    outcome = Outcome(Verdict.BREAKS, "manifest-missing")
    assert _text(*_finding(0, "now", outcome)).count("breaks today,") == 1


def test_the_windows_say_what_counts_as_pulling() -> None:
    text = FORMATS["terminal"].render(WITHOUT_HOSTS, Options(width=200))
    assert "artifacts that pull but do not run do not" in text
