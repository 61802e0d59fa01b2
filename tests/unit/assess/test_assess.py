"""The stage as a whole: what is found where no host, or no understood host, is declared."""

from dataclasses import replace

from planner.assess import Assessment, assess
from planner.model.engine import parse_software
from planner.model.host import Host, Registry
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference
from planner.model.resolution import Resolution
from tests.oracle.images import load_images
from tests.support.knowledge import KNOWLEDGE

IMAGES = load_images()


def assessed(kind: str, hosts: tuple[Host, ...] = (), registries: tuple[Registry, ...] = ()) -> Assessment:
    found = IMAGES[kind].by_digest
    reference = Reference("registry.example", "app", digest=found.reference.digest)
    occurrence = Occurrence("compose.yml", 3, 12, "compose", "service", "app", str(reference), reference)
    resolutions: dict[Reference, Resolution] = {reference: replace(found, reference=reference)}
    return assess([occurrence], resolutions, hosts, registries, KNOWLEDGE)


def findings(found: Assessment) -> list[tuple[str, str, str]]:
    return [(f.moment, f.verdict, f.outcome.cause) for f in found.findings]


def test_without_hosts_an_image_that_some_version_pulls_is_no_finding() -> None:
    assert findings(assessed("s2-gzip")) == findings(assessed("s1-signed")) == []


def test_without_hosts_what_no_version_pulls_breaks() -> None:
    assert findings(assessed("x-index-missing-amd64")) == [("now", "breaks", "child-missing")]


def test_without_hosts_a_missing_platform_is_only_unknown() -> None:
    """An arm fleet may run it: the platform was assumed."""
    assert findings(assessed("mlist-arm64only")) == [("now", "unknown", "no-matching-platform")]


def test_without_hosts_an_artifact_is_a_risk() -> None:
    assert findings(assessed("helm")) == [("now", "at-risk", "artifact")]


def test_a_registry_upgrade_is_audited_without_hosts() -> None:
    registry = Registry("registry.example", parse_software("distribution 2.8.3"), parse_software("distribution 3.0.0"))
    assert findings(assessed("s1-signed", (), (registry,))) == [(Moment.AFTER, "breaks", "registry-cannot-serve")]
    assert findings(assessed("s2-gzip", (), (registry,))) == []


def test_a_registry_that_is_not_known_leaves_its_pulls_unknown() -> None:
    registry = Registry("registry.example", parse_software("distribution 9.0.0"))
    assert findings(assessed("s2-gzip", (), (registry,))) == [("now", "unknown", "registry-unknown")]


def test_a_misspelt_switch_is_a_problem_and_not_a_verdict() -> None:
    host = Host("node", parse_software("containerd 2.0.5"), switches=frozenset({"CONTAINERD_ENABLE_SCHEMA1"}))
    found = assessed("s1-signed", (host,))
    assert [problem.kind for problem in found.problems] == ["switch-unknown"]
    assert "CONTAINERD_ENABLE_DEPRECATED_PULL_SCHEMA_1_IMAGE" in found.problems[0].text
    assert findings(found) == [("now", "breaks", "schema1-manifest")]
