"""Hosts whose version is only known as a range: a verdict is what holds for all of it, with every store it may have."""

import pytest

from planner.assess import assess
from planner.assess.groups import group
from planner.model.engine import parse_software, parse_version
from planner.model.finding import Verdict
from planner.model.host import Host
from planner.model.manifest import Manifest
from planner.model.media_type import SCHEMA1_SIGNED, SCHEMA2
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.reference import parse_reference
from planner.model.report import asked
from planner.model.resolution import Resolution, State
from tests.support.knowledge import KNOWLEDGE

REFERENCE = parse_reference("registry.example/app@sha256:" + "a" * 64)
OCCURRENCE = Occurrence("compose.yml", 1, 1, "compose", "service", "web", str(REFERENCE), REFERENCE)


def host(engine: str, since: str = "", target: str = "", target_since: str = "", store: str = "") -> Host:
    return Host(
        "a",
        parse_software(engine),
        parse_software(target) if target else None,
        store,
        engine_since=parse_version(since) if since else None,
        target_since=parse_version(target_since) if target_since else None,
    )


def verdicts(declared: Host, kind: str = SCHEMA1_SIGNED) -> dict[Moment, tuple[Verdict, str]]:
    """What differs from `pulls`, by moment, with the last line of evidence."""
    resolution = Resolution(asked(REFERENCE), State.RESOLVED, Manifest(kind, 500, kind), REFERENCE.digest or "")
    found = assess([OCCURRENCE], {asked(REFERENCE): resolution}, [declared], (), KNOWLEDGE)
    return {f.moment: (f.verdict, f.outcome.evidence[-1]) for f in found.findings}


@pytest.mark.parametrize(
    ("newest", "since", "expected"),
    [
        ("docker 28.5.2", "28.2.0", Verdict.BREAKS),
        ("docker 26.0.0", "25.0.0", Verdict.UNKNOWN),
        ("docker 29.1.3", "20.10.12", Verdict.UNKNOWN),
        ("containerd 1.7.34", "1.7.9", Verdict.AT_RISK),
        ("containerd 1.7.34", "1.7.0", Verdict.AT_RISK),
        ("containerd 2.1.0", "1.7.0", Verdict.UNKNOWN),
        ("podman 5.8.2", "3.0.1", None),
    ],
)
def test_schema1_over_a_range(newest: str, since: str, expected: Verdict | None) -> None:
    found = verdicts(host(newest, since))
    assert found.get(Moment.NOW, (None,))[0] is expected
    assert set(found) <= {Moment.NOW}


def test_the_reason_names_a_version_of_each_verdict() -> None:
    verdict, why = verdicts(host("docker 29.1.3", "20.10.12"))[Moment.NOW]
    assert verdict is Verdict.UNKNOWN
    assert "breaks with docker 29.1.3" in why
    assert "at-risk with docker 2" in why
    assert "declare the version itself" in why


def test_what_pulls_with_all_versions_and_stores_pulls() -> None:
    assert verdicts(host("docker 29.1.3", "20.10.12"), SCHEMA2) == {}
    assert verdicts(host("docker 1.10.0", "1.9.1"), SCHEMA2)[Moment.NOW][0] is Verdict.UNKNOWN


def test_today_and_the_target_are_ranges_of_their_own() -> None:
    found = verdicts(host("docker 20.10.12", "", "docker 29.1.3", "28.2.0"))
    assert [found[moment][0] for moment in Moment] == [Verdict.AT_RISK, Verdict.BREAKS]
    found = verdicts(host("containerd 1.7.34", "1.7.9", "docker 29.1.3", "20.10.12"))
    assert [found[moment][0] for moment in Moment] == [Verdict.AT_RISK, Verdict.UNKNOWN]


def may(declared: Host) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    (found,) = group([declared], KNOWLEDGE)
    today, after = ({(str(v), store) for v, store in pairs} for pairs in (found.engine_may, found.target_may))
    return today, after


def test_a_fresh_host_has_the_store_of_its_version_and_an_upgraded_one_that_of_an_older() -> None:
    today, _ = may(host("docker 29.1.3", "28.5.0"))
    assert {store for version, store in today if version == "28.5.0"} == {"graphdriver"}
    assert {store for version, store in today if version == "29.0.0"} == {"graphdriver", "containerd"}
    declared, _ = may(host("docker 29.1.3", "28.5.0", store="containerd"))
    assert {store for _, store in declared} == {"containerd"}


def test_an_upgrade_keeps_whichever_store_it_was() -> None:
    _, after = may(host("docker 29.1.3", "28.5.0", "docker 29.7.2"))
    assert after == {("29.7.2", "containerd"), ("29.7.2", "graphdriver")}
    _, after = may(host("docker 28.5.2", "", "docker 29.7.2"))
    assert after == set()
    _, after = may(host("docker 28.5.2", "", "docker 29.1.3", "28.5.0"))
    assert {store for _, store in after} == {"graphdriver"}


def test_a_version_that_is_known_has_no_others_and_parts_from_a_range() -> None:
    hosts = [host("docker 29.1.3"), host("docker 29.1.3", "28.5.0")]
    groups = group(hosts, KNOWLEDGE)
    assert [bool(found.engine_may) for found in groups] == [False, True]
