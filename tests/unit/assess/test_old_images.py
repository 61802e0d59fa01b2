"""Images of Docker 1.5 and older, and engines that answer from what they have: both sides of each change."""

import json

import pytest

from planner.assess.compare import Image, Pull, compare
from planner.assess.delivery import RegistryView
from planner.assess.engine_view import view
from planner.assess.judge import image_of
from planner.model.engine import parse_version
from planner.model.finding import Outcome
from planner.model.host import LINUX_AMD64
from planner.model.manifest import parse_manifest
from planner.model.reference import Reference
from planner.model.resolution import Resolution, State
from tests.support.knowledge import KNOWLEDGE

TARSUM = f"tarsum.v1+sha256:{1:064x}"


def judged(image: Image, version: str, engine: str = "docker", store: str = "graphdriver") -> Outcome:
    known = KNOWLEDGE.engines[engine]
    found = view(known, parse_version(version), store if known.stores else "", "", frozenset())
    return compare(image, Pull(found, RegistryView(""), LINUX_AMD64, "digest", KNOWLEDGE.cause_of))


def schema1(blob_sum: str) -> Image:
    document = {
        "schemaVersion": 1,
        "name": "app",
        "tag": "1",
        "architecture": "amd64",
        "fsLayers": [{"blobSum": blob_sum}],
        "history": [{"v1Compatibility": "{}"}],
        "signatures": [{}],
    }
    manifest = parse_manifest(json.dumps(document).encode())
    reference = Reference("registry.example", "app", digest=f"sha256:{1:064x}")
    return image_of(reference, Resolution(reference, State.RESOLVED, manifest))


@pytest.mark.parametrize(
    ("version", "verdict", "cause"),
    [
        ("1.6.0", "pulls", ""),
        ("1.9.1", "pulls", ""),
        ("1.10.0", "breaks", "digest-algorithm"),
        ("25.0.17", "breaks", "digest-algorithm"),
        ("26.0.0", "breaks", "schema1-manifest"),
        ("29.0.0", "breaks", "schema1-manifest"),
    ],
)
def test_layers_named_by_tarsum_ended_before_schema_1_did(version: str, verdict: str, cause: str) -> None:
    outcome = judged(schema1(TARSUM), version)
    assert (outcome.verdict, outcome.cause) == (verdict, cause)
    assert judged(schema1(f"sha256:{1:064x}"), version).cause != "digest-algorithm"


def test_what_no_source_says_of_tarsums_is_unknown() -> None:
    outcome = judged(schema1(TARSUM), "5.8.2", "podman")
    assert (outcome.verdict, outcome.cause) == ("unknown", "digest-algorithm")
    assert judged(schema1(f"sha256:{1:064x}"), "5.8.2", "podman").verdict == "pulls"


@pytest.mark.parametrize(
    ("version", "is_said"), [("19.03.15", False), ("20.10.0", True), ("20.10.19", True), ("20.10.20", False)]
)
def test_a_digest_that_a_host_has_from_elsewhere_is_not_asked_for(version: str, is_said: bool) -> None:
    outcome = judged(Image(None, State.MISSING, ("pull-by-digest",)), version)
    assert (outcome.verdict, outcome.cause) == ("breaks", "digest-missing")
    assert any("another repository" in line for line in outcome.evidence) == is_said
