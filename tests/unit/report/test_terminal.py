"""The terminal: it fits, it can be copied, it is safe to print, and nothing is lost."""

import re
from dataclasses import replace

import pytest

from planner.model.finding import Finding, Outcome, Verdict
from planner.model.moment import Moment
from planner.model.platform import Platform
from planner.model.reference import parse_reference
from planner.model.report import Report, asked
from planner.model.resolution import ImageConfig
from planner.model.source import Problem
from planner.report import FORMATS, Options
from planner.report.console.lines import cells
from planner.report.words import summary_line
from tests.support.report_example import (
    CLEAN,
    EMPTY,
    FINDINGS,
    GROUPS,
    OCCURRENCES,
    PROBLEMS,
    REPORT,
    WITHOUT_HOSTS,
    large,
)

COMMANDS = {name: f"planner {name} infra" for name in ("scan", "plan", "init")} | {"explain": "planner explain"}
GONE = Outcome(Verdict.BREAKS, "manifest-missing", "gone")


def _render(report: Report = REPORT, **options: object) -> str:
    return FORMATS["terminal"].render(report, Options(**{"commands": COMMANDS, **options}))  # type: ignore[arg-type]


def _text(*findings: Finding, width: int = 200, **options: object) -> str:
    return _render(replace(REPORT, findings=findings, problems=()), width=width, **options)


def _finding(group: int, moments: str, outcome: Outcome, *remedies: str, place: int = 2) -> list[Finding]:
    owner = GROUPS[group]
    return [Finding(OCCURRENCES[place], Moment(m), outcome, owner, owner.hosts, remedies) for m in moments.split()]


def _places(text: str) -> list[str]:
    """The places at the beginning of rows, in their order."""
    return re.findall(r"^ +(\S+:\d+:\d+)(?=  |$)", text, re.MULTILINE)


def _place(number: int) -> str:
    o = OCCURRENCES[number]
    return f"{o.file}:{o.line}:{o.column}"


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("report", [REPORT, WITHOUT_HOSTS, large(100, 40, 10, 5)], ids=["all", "no hosts", "large"])
def test_lines_fit(report: Report, width: int) -> None:
    for line in _render(report, width=width).splitlines():
        # What can be copied is whole: a place, and the command at the end.
        assert cells(line) <= width or re.fullmatch(r" *(\S+:\d+:\d+|planner .*)", line)


@pytest.mark.parametrize("width", [0, 20, 80, 200])
def test_a_place_can_be_copied_at_any_width(width: int) -> None:
    text = _render(width=width, here="our/infra")
    assert {f"our/infra/{_place(OCCURRENCES.index(f.occurrence))}" for f in FINDINGS} <= set(_places(text))


def test_without_a_window_a_row_is_a_line_with_all_there_is_to_say() -> None:
    (row,) = (line for line in _render(width=0).splitlines() if line.startswith(f"  {_place(8)}"))
    assert re.split(r" {2,}", row.strip()) == [
        "k8s/shop/migrate-job.yaml:18:52",
        "✕ breaks today and after",
        "registry.acme.example:5000/tools/migrate@sha256:b0b0c3b0b0c3…",
        "node-[01:06] (6), containerd 1.7.22 → 2.1.4",
    ]


def test_rows_stand_below_what_they_share_where_the_window_is_narrow() -> None:
    both = [f for place in (2, 3) for f in _finding(1, "now after", GONE, place=place)]
    assert (
        "  ✕ breaks today and after: web-[01:12] (12), docker 20.10.24 → 29.0.0\n"
        "    deploy/billing/compose.yml:8:52   billing/ledger@sha256:3f9c1a3f9c1a…\n"
        "    deploy/billing/compose.yml:21:52  billing/ledger@sha256:3f9c1a3f9c1a…\n"
    ) in _text(*both, width=80)


def test_wide_characters_are_measured_as_they_are_shown() -> None:
    wide = replace(OCCURRENCES[2], file="部署/コンテナ/é́.yml")
    found = [replace(f, occurrence=wide) for f in _finding(1, "now", GONE)]
    text = _text(*found, *_finding(2, "now", GONE, place=3), width=200)
    rows = [line for line in text.splitlines() if re.search(r":\d+:\d+  ", line)]
    assert len(rows) == 2
    assert len({cells(row.partition("✕")[0]) for row in rows}) == 1


def test_the_counts_come_first_and_the_next_command_last() -> None:
    lines = _render(width=0).splitlines()
    assert lines[0] == summary_line(REPORT)
    assert lines[-1] == "  planner plan infra"


@pytest.mark.parametrize(
    ("report", "command"),
    [
        (REPORT, "planner plan infra"),
        (WITHOUT_HOSTS, "planner init infra"),
        (CLEAN, "planner plan infra"),
        (replace(REPORT, findings=tuple(_finding(1, "now", replace(GONE, verdict=Verdict.UNKNOWN)))), "planner scan"),
    ],
)
def test_the_next_command_goes_on_from_what_was_found(report: Report, command: str) -> None:
    assert _render(report).splitlines()[-1].startswith(f"  {command}")


def test_without_an_upgrade_the_worst_is_explained_and_what_was_not_checked_asked_again() -> None:
    still = tuple(replace(group, target=None) for group in GROUPS)

    def found(outcome: Outcome) -> Report:
        finding = replace(_finding(2, "now", outcome)[0], group=still[2])
        return replace(REPORT, groups=still, findings=(finding,), problems=())

    assert _render(found(GONE)).splitlines()[-1] == f"  planner explain {OCCURRENCES[2].reference.pinned}"
    unknown = _render(found(Outcome(Verdict.UNKNOWN, "not-checked")))
    assert unknown.splitlines()[-2:] == ["Next, when what is said above is mended:", "  planner scan infra"]


def test_where_nothing_goes_on_no_command_is_told() -> None:
    assert "Next" not in _render(EMPTY)
    assert "Next" not in _render(REPORT, commands={})
    declared = _render(WITHOUT_HOSTS, settings="infra/planner.toml")
    assert declared.endswith("Next, declare [[hosts]] in infra/planner.toml, and scan again:\n  planner scan infra\n")


def test_without_colour_there_is_no_escape_at_all() -> None:
    assert "\x1b" not in _render(colour=False)


def test_with_colour_only_our_own_escapes_are_there() -> None:
    coloured = _render(colour=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[[\d;]+m", "", coloured) == _render(colour=False)


def test_links_change_nothing_of_what_is_seen() -> None:
    linked = _render(links="file://host/our%20infra", width=80)
    assert "\x1b]8;;file://host/our%20infra/deploy/billing/compose.yml\x1b\\deploy/billing/compose.yml:8:52" in linked
    assert re.sub(r"\x1b]8;;.*?\x1b\\", "", linked) == _render(width=80)


def test_a_cause_is_told_once_with_its_counts() -> None:
    text = _render(width=200)
    assert "✕ breaks: Schema 1 manifest, which the engine no longer reads [schema1-removed]\n" in text
    assert text.count("✕ breaks: Schema 1") == 1
    assert "  2 references after the upgrade; 12 hosts\n" in text
    assert "  1 reference today and after the upgrade; 6 hosts\n" in text


def test_every_problem_is_told() -> None:
    text = _render(width=400)
    for problem in PROBLEMS:
        assert problem.text in text


def test_problems_that_are_alike_are_told_once() -> None:
    dead = [Problem("reference", f"r.example/app@{n}", "unreachable", "No such host: look at it.") for n in range(37)]
    report = replace(REPORT, findings=(), problems=tuple(dead))
    text = _render(report)
    assert text.count("No such host") == 1
    assert "… and 34 more of which the same holds: --all" in text
    assert all(problem.subject in _render(report, show_all=True) for problem in dead)


def test_without_hosts_the_versions_that_pull_are_told() -> None:
    text = _render(WITHOUT_HOSTS, width=100)
    assert "docker (graphdriver): 18.06.0 up to before 19.03.0; 19.03.5 and newer" in text
    assert "no version of docker (graphdriver), containerd, podman" in text
    assert "artifacts that pull but do not run do not" in text


def test_what_is_left_out_is_counted_and_all_shows_it() -> None:
    report = large(occurrences=100, hosts=40, groups=10, images=5)
    text = _render(report, width=200)
    assert "… and 90 rows more: --all" in text
    assert "; +8 more groups" in _render(report, width=80)
    every = _render(report, width=200, show_all=True)
    assert "more: --all" not in every
    assert len(_places(every)) == 100 * 10


def test_all_shows_what_pulls_what_is_stored_and_each_message() -> None:
    text = _render(show_all=True, width=0)
    assert "✓ pulls: 6 references\n" in text
    (gateway,) = (line for line in text.splitlines() if line.startswith(f"  {_place(7)}"))
    assert re.split(r" {2,}", gateway.strip())[1] == "✓ pulls today and after"
    assert "      service ledger; schema 1 manifest, linux/amd64\n" in text
    assert "      message: unsupported schema version 2 for tag" in text
    assert (
        "do: Convert and pin the new digest first: `skopeo copy --format v2s2 docker://a docker://b`. It pulls." in text
    )
    assert "✓ pulls: " not in _render(width=0)


def test_all_names_every_host_and_pulls_of_a_part_of_a_group() -> None:
    names = tuple(f"h{n}x{n}" for n in range(9))
    group = replace(GROUPS[1], hosts=names)
    o = OCCURRENCES[2]
    after = Finding(o, Moment.AFTER, GONE, group, names[:5])
    report = replace(REPORT, occurrences=(o,), groups=(group,), findings=(after,), runners={o.id: {0: names}})
    text = _render(report, show_all=True, width=0)
    assert f"{', '.join(names[:5])} (5), docker" in text
    assert "✓ pulls: 1 reference\n" in text
    assert "✓ pulls today and after" in text
    assert "h5x5, h6x6, h7x7, h8x8 (4), docker" in text
    for width in (80, 130, 200):
        folded = " ".join(_render(report, show_all=True, width=width).split())
        assert f": {', '.join(names[:5])} (5), docker" in folded  # above the row, or below it
        assert ": h5x5, h6x6, h7x7, h8x8 (4), docker" in folded


def test_all_names_every_group_that_pulls() -> None:
    o = OCCURRENCES[2]
    groups = tuple(replace(GROUPS[1], hosts=(f"h{n}x",)) for n in range(9))
    runners = {o.id: {n: group.hosts for n, group in enumerate(groups)}}
    report = replace(REPORT, occurrences=(o,), groups=groups, findings=(), runners=runners)
    for width in (0, 80, 200):
        text = " ".join(_render(report, show_all=True, width=width).split())
        assert all(f"h{n}x, docker" in text for n in range(9)), text
        assert ("more groups" in text) is (width == 200)  # in a row of a table; below it are all


def test_without_a_window_every_row_and_host_is_there() -> None:
    report = large(occurrences=100, hosts=40, groups=10, images=5)
    text = _render(report, width=0)
    rows = [line for line in text.splitlines() if re.match(r"  \S+:\d+:\d+ ", line)]
    assert len(rows) == 100
    assert "more: --all" not in text
    assert "more group" not in text
    assert all(f"h{n:03}-[000:003] (4), docker" in row for n in range(10) for row in rows)


def test_a_cause_without_knowledge_is_named_by_its_id() -> None:
    assert "schema1 removed" in _render(replace(REPORT, causes={}))


def test_hosts_share_a_row_only_if_they_share_their_fate() -> None:
    alike = _text(*_finding(0, "now after", GONE), *_finding(1, "now after", GONE), width=0)
    assert "bill-[01:03] (3), docker 1.9.1 → 20.10.24; web-[01:12] (12), docker 20.10.24 → 29.0.0" in alike
    differing = _text(*_finding(0, "now after", GONE), *_finding(1, "now", GONE), width=0)
    rows = [line for line in differing.splitlines() if line.startswith(f"  {_place(2)}")]
    assert [re.split(r" {2,}", row.strip())[1] for row in rows] == [
        "✕ breaks today and after",
        "✕ breaks today, then pulls",
    ]


def test_a_row_says_what_its_hosts_get_whatever_the_cause() -> None:
    risk = Outcome(Verdict.AT_RISK, "schema1-deprecated")
    text = _text(*_finding(0, "now", GONE), *_finding(0, "after", risk), width=0)
    assert text.count("✕ breaks today, then at risk") == 2


def test_why_a_verdict_is_unknown_is_told_before_what_older_versions_do() -> None:
    newer = Outcome(Verdict.UNKNOWN, "engine-unknown", "", ("stored as schema 1", "31 is newer than 29", "29: pulls"))
    other = replace(newer, evidence=("stored as schema 1", "no release"))
    text = _text(*_finding(0, "now", newer), *_finding(1, "now", other))
    assert "  why (1 of 2): 31 is newer than 29; 29: pulls\n" in text
    assert "why: no release\n" in _text(*_finding(0, "now", newer), *_finding(1, "now", other), show_all=True)


def test_the_most_urgent_comes_first() -> None:
    breaks, risk = Outcome(Verdict.BREAKS, "manifest-missing"), Outcome(Verdict.AT_RISK, "schema1-deprecated")
    text = _text(
        *_finding(1, "now", risk, place=0),
        *_finding(1, "now", Outcome(Verdict.UNKNOWN, "engine-unknown"), place=1),
        *_finding(1, "now", breaks, place=2),  # mended
        *_finding(1, "after", breaks, place=3),
        *_finding(1, "now", breaks, place=5),
        *_finding(1, "after", risk, place=5),  # not mended: another cause follows
    )
    assert list(dict.fromkeys(_places(text))) == [_place(n) for n in (5, 3, 2, 1, 0)]


def test_what_to_do_is_told_once_and_what_the_upgrade_mends_needs_nothing() -> None:
    both = [f for place in (2, 3) for f in _finding(1, "now after", GONE, "Push it: `a b`; it pulls.", place=place)]
    assert _text(*both).count("do: Push it.\n") == 1
    assert "`a b`" not in _text(*both)
    assert _text(*both, show_all=True).count("do: Push it: `a b`; it pulls.") == 1
    assert "do: Nothing beyond the planned upgrade, which mends this." in _text(*_finding(1, "now", GONE, "Push it."))


def test_a_message_is_told_once_without_the_names_in_it() -> None:
    def found(place: int) -> list[Finding]:
        image = OCCURRENCES[place].reference
        return _finding(1, "now", replace(GONE, message=f"no {image.pinned}, {image.digest}"), place=place)

    text = _text(*found(2), *found(5))
    assert text.count("message: no IMAGE, DIGEST\n") == 1
    whole = _text(*found(2), *found(5), show_all=True, width=0)
    assert all(f"no {OCCURRENCES[n].reference.pinned}, {OCCURRENCES[n].reference.digest}" in whole for n in (2, 5))


def test_hosts_without_an_upgrade_stand_with_those_whose_upgrade_changes_nothing() -> None:
    text = _text(*_finding(0, "now after", GONE), *_finding(2, "now", GONE), width=0)
    assert len(_places(text)) == 1
    assert "✕ breaks today and after" in text


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
    (found,) = _finding(0, "now", Outcome(Verdict.AT_RISK, "platform-mismatch"))
    assert found.group
    on_arm = replace(found, group=replace(found.group, platform=Platform("linux", "arm64")))
    arm = replace(REPORT, findings=(on_arm,), groups=tuple(filter(None, [on_arm.group])), runners={})
    assert "docker 1.9.1 → 20.10.24, linux/arm64\n" in _render(arm, width=200)
    assert "docker 1.9.1 → 20.10.24\n" in _text(found)
    known = REPORT.resolution(found.occurrence)
    assert known
    config = ImageConfig(Platform("linux", "arm", "v7"), 1)
    stored = replace(known, config=config, manifest=replace(known.manifest, entries=())) if known.manifest else known
    report = replace(REPORT, resolutions={**REPORT.resolutions, asked(found.occurrence.reference): stored})
    assert ", linux/arm/v7\n" in _render(report, width=200, show_all=True)


def test_a_registry_that_does_not_answer_is_told_once() -> None:
    def unknown(number: int, host: str) -> Finding:
        reference = parse_reference(f"{host}/app{number}@sha256:{number:064x}")
        place = replace(OCCURRENCES[2], line=number, reference=reference, raw=str(reference))
        answer = (f"the registry's answer (skopeo): unreachable: no such host for {reference.pinned}",)
        return Finding(place, Moment.NOW, Outcome(Verdict.UNKNOWN, "not-checked", "", answer), None)

    dead = [unknown(n, "dead.example") for n in range(1, 38)]
    text = _text(*dead, unknown(38, "other.example"))
    assert text.count("no such host") == 2
    assert "dead.example: 37 references not checked: the registry's answer (skopeo): unreachable: no such" in text
    assert "… and 34 rows more: --all" in text
    assert {f"deploy/billing/compose.yml:{n}:52" for n in range(1, 38)} <= set(_places(_text(*dead, show_all=True)))


def test_why_a_reference_was_not_checked_is_told_once() -> None:
    tagged = replace(OCCURRENCES[2].reference, tag="1.4")  # which is not asked for where there is a digest
    place = replace(OCCURRENCES[2], reference=tagged)
    answer = ("the registry's answer (skopeo): unreachable: no such host",)
    outcome = Outcome(Verdict.UNKNOWN, "not-checked", "", answer)
    unknown = [replace(f, occurrence=place) for f in _finding(0, "now", outcome)]
    problems = tuple(
        Problem("reference", str(asked(place.reference)), "unreachable", t) for t in ("no such host", "late")
    )
    text = _render(replace(REPORT, findings=tuple(unknown), problems=problems), width=200)
    assert text.count("no such host") == 1
    assert "? 1 reference not checked: why stands above" in text
    assert "late" in text


def test_what_nobody_runs_is_listed() -> None:
    report = replace(CLEAN, runners={k: v for k, v in REPORT.runners.items() if k != OCCURRENCES[4].id})
    assert "Run by no declared host, so not checked: 1 reference\n" in _render(report)
    assert _places(_render(report)) == [_place(4)]


def test_what_has_scrolled_away_is_told_again() -> None:
    short = _text(*_finding(0, "now", GONE))
    assert (short.count("1 breaks today"), short.count("In short")) == (1, 0)
    tall = _text(*_finding(0, "now", GONE), height=8)
    assert tall.count("1 breaks today") == 2
    last = tall[tall.index("In short") :].splitlines()
    assert [line.split() for line in last[:2]] == [
        ["In", "short", "today", "after", "hosts"],
        ["✕", "breaks", "1", "0", "3", *["The", "registry", "has", "no", "such", "manifest"]],
    ]
    assert len(_render(large(100, 40, 10, 5), width=80, height=24).split("In short")[1].splitlines()) < 24
