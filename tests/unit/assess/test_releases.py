"""Versions that the list of releases does not hold: beyond its end nothing is assumed, between two it is said."""

import pytest

from planner.assess import Assessment
from planner.model.engine import parse_software
from planner.model.host import Host
from tests.support.knowledge import KNOWLEDGE
from tests.unit.assess.test_assess import assessed, findings


def pulled_by(kind: str, engine: str) -> Assessment:
    return assessed(kind, (Host("node", parse_software(engine)),))


def test_what_is_newer_than_the_knowledge_is_unknown_with_its_date() -> None:
    docker = KNOWLEDGE.engines["docker"]
    found = pulled_by("s2-gzip", "docker 99.0.0")
    assert findings(found) == [("now", "unknown", "engine-unknown")]
    (problem,) = found.problems
    assert problem.kind == "engine-unknown"
    assert f"99.0.0 is newer than {docker.newest}, the newest release known (knowledge of 2026-" in problem.text


@pytest.mark.parametrize(
    ("engine", "nearest"), [("docker 20.10.99", "20.10.27 and 23.0.0"), ("docker 25.0.999-1.el9", "25.0.17 and 26.0.0")]
)
def test_a_version_between_two_releases_is_judged_by_its_place_and_said(engine: str, nearest: str) -> None:
    found = pulled_by("s1-signed", engine)
    assert [finding.outcome.verdict for finding in found.findings] == ["at-risk"], "as the release before it"
    (problem,) = found.problems
    assert (problem.subject, problem.kind) == ("node", "version-unlisted")
    assert nearest in problem.text


@pytest.mark.parametrize("engine", ["docker 20.10.24+dfsg1", "docker 19.3.13", "docker 28.2.0-rc.2", "cri-o 1.29.99"])
def test_nothing_is_said_of_releases_pre_releases_and_lists_with_holes(engine: str) -> None:
    assert not pulled_by("s2-gzip", engine).problems


def test_the_planned_version_is_looked_up_as_well() -> None:
    host = Host("node", parse_software("docker 24.0.9"), parse_software("docker 27.0.0"))
    (problem,) = assessed("s2-gzip", (host,)).problems
    assert "27.0.0 is no release" in problem.text
    assert "after" in problem.text


@pytest.mark.parametrize("engine", ["docker 3.0.13+azure", "docker 1.14.0", "moby 3.0.1"])
def test_numbers_of_another_build_are_unknown_and_say_what_to_give(engine: str) -> None:
    found = pulled_by("s2-gzip", engine)
    assert findings(found) == [("now", "unknown", "engine-unknown")]
    assert "give the upstream version" in found.problems[0].text
