"""Counts, short names and the summary line."""

from dataclasses import replace

import pytest

from planner.model.engine import parse_software
from planner.model.finding import Outcome, Verdict
from planner.model.host import Registry
from planner.model.moment import Moment
from planner.model.reference import parse_reference
from planner.report import words
from planner.report.page.windows import range_words, window_classes
from tests.support.report_example import (
    CLEAN,
    EMPTY,
    FINDINGS,
    GROUPS,
    OCCURRENCES,
    REGISTRY,
    REPORT,
    WITHOUT_HOSTS,
)


@pytest.mark.parametrize(
    ("names", "folded"),
    [
        ([], []),
        (["web-01"], ["web-01"]),
        (["web-01", "web-02", "web-03"], ["web-[01:03]"]),
        (["web-09", "web-10"], ["web-[09:10]"]),
        (["web-9", "web-10"], ["web-9", "web-10"]),  # not how [9:10] expands
        (["web-01", "web-03"], ["web-01", "web-03"]),
        (["a1.lan", "a2.lan", "b3.lan"], ["a[1:2].lan", "b3.lan"]),
        (["rack1-node1", "rack1-node2", "rack2-node3"], ["rack1-node[1:2]", "rack2-node3"]),
        (["plain", "plain"], ["plain", "plain"]),
        (["node-a", "node-b", "node-c", "node-e"], ["node-[a:c]", "node-e"]),
        (["a.lan", "b.lan"], ["[a:b].lan"]),
        (["rack1-a", "rack1-b", "rack2-b"], ["rack1-[a:b]", "rack2-b"]),
        (["node-Z", "node-[", "node-z", "node-aa"], ["node-Z", "node-[", "node-z", "node-aa"]),
        (["dev", "dew"], ["dev", "dew"]),  # a letter of a word is none of a range
    ],
)
def test_runs_of_numbered_hosts_fold(names: list[str], folded: list[str]) -> None:
    assert words.host_ranges(names) == folded


def test_images_are_named_as_people_say_them() -> None:
    digest = "sha256:" + "ab" * 32
    assert words.short_image(parse_reference(f"nginx:1.27@{digest}")) == "nginx@sha256:abababababab…"
    assert words.short_image(parse_reference("ghcr.io/acme/web:2")) == "ghcr.io/acme/web:2"
    assert words.short_image(parse_reference("redis")) == "redis:latest"


def test_a_change_of_version_names_the_engine_once() -> None:
    assert words.change(GROUPS[0]) == "docker 1.9.1 → 20.10.24"
    assert words.change(GROUPS[2]) == "docker 28.1.1"
    assert (
        words.change(replace(GROUPS[0], target=parse_software("containerd 2.1.4"))) == "docker 1.9.1 → containerd 2.1.4"
    )
    assert words.change(replace(GROUPS[0], target=parse_software("docker latest"))) == "docker 1.9.1 → docker latest"


@pytest.mark.parametrize(
    ("cause", "evidence", "said"),
    [
        (
            "not-checked",
            ("the registry's answer: denied", "possible reason"),
            "the registry's answer: denied; possible reason",
        ),
        ("not-checked", ("the registry's answer: timeout",), "the registry's answer: timeout"),
        ("engine-unknown", ("stored as schema 2 manifest", "docker 99 is newer"), "docker 99 is newer"),
    ],
)
def test_why_it_is_not_known_has_the_registrys_own_answer(cause: str, evidence: tuple[str, ...], said: str) -> None:
    outcome = Outcome(Verdict.UNKNOWN, cause, "", evidence)
    assert words.why(replace(FINDINGS[0], outcome=outcome)) == said
    assert words.why(replace(FINDINGS[0], outcome=replace(outcome, verdict=Verdict.BREAKS))) == ""


def test_the_summary_line_tells_everything_that_is_not_well() -> None:
    assert words.summary_line(REPORT) == (
        "10 pinned references, 25 hosts: "
        "4 break today, 4 after the upgrade; at risk: 3 today, 1 after; 1 could not be checked; 3 problems"
    )


def test_the_summary_line_does_not_praise_what_was_not_compared() -> None:
    assert words.summary_line(WITHOUT_HOSTS) == (
        "10 pinned references, no hosts declared: 0 break whatever the engine; 1 could not be checked; 3 problems"
    )
    nobody = replace(CLEAN, runners={OCCURRENCES[2].id: {1: GROUPS[1].hosts}})
    assert "; 9 could not be checked (9 run by no declared host)" in words.summary_line(nobody)


def test_what_nobody_runs_counts_as_unchecked_once() -> None:
    refused = next(f for f in FINDINGS if f.verdict is Verdict.UNKNOWN)
    runners = {OCCURRENCES[2].id: {1: GROUPS[1].hosts}}
    report = replace(CLEAN, runners=runners, findings=(refused, replace(refused, moment=Moment.AFTER)))
    assert (len(words.unchecked(report)), len(words.idle(report)), len(words.unrun(report))) == (9, 8, 9)
    assert "9 could not be checked (8 run by no declared host)" in words.summary_line(report)
    # Without hosts nobody was asked to run anything.
    assert not words.unrun(EMPTY)
    assert not words.idle(WITHOUT_HOSTS)


def test_the_summary_line_speaks_of_an_upgrade_only_if_one_is_planned() -> None:
    stays = tuple(replace(group, target=None) for group in GROUPS)
    assert "upgrade" not in words.summary_line(replace(CLEAN, groups=stays))
    registry = Registry(REGISTRY, parse_software("distribution 2.8.3"), parse_software("distribution 3.0.0"))
    assert "upgrade" in words.summary_line(replace(CLEAN, groups=stays, registries=(registry,)))
    assert words.summary_line(EMPTY).startswith("0 pinned references")


def test_references_without_a_digest_are_told_apart() -> None:
    tagged = replace(OCCURRENCES[0], reference=parse_reference("redis:7"))
    assert words.pinned(replace(REPORT, occurrences=(tagged, *OCCURRENCES[1:]))) == "10 references (9 pinned)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("*", "every version"),
        ("every version", "every version"),
        (">=1.10.0", "1.10.0 and newer"),
        ("<2.0.0", "before 2.0.0"),
        (">=1.6.0,<28.2.0", "1.6.0 up to before 28.2.0"),
        ("something else", "something else"),
    ],
)
def test_ranges_in_words(text: str, said: str) -> None:
    assert range_words(text) == said


def test_images_that_engines_treat_alike_share_a_window() -> None:
    classes = window_classes(REPORT)
    assert len(classes) == 4
    first = classes[0]
    assert {name.partition("@")[0] for name in first.images} == {f"{REGISTRY}/shop/web", "nginx"}
    assert first.title == "schema 2 manifest"
    docker = next(bar for bar in first.bars if bar.engine == "docker (graphdriver)")
    assert (docker.ranges, len(docker.known)) == (("1.10.0 and newer",), 1)
    assert any(all(not bar.ranges for bar in c.bars) for c in classes)
