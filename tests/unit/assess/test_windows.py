"""Version windows: what each engine pulls, from its first release known to its newest."""

from itertools import pairwise

import pytest

from planner.assess.judge import image_of
from planner.assess.windows import boundaries, charts, windows
from planner.model.engine import parse_range
from planner.model.host import LINUX_AMD64
from planner.model.knowledge import EngineKnowledge
from planner.model.platform import Platform, parse_platform
from planner.model.reference import Reference, parse_reference
from planner.model.resolution import Resolution, State
from tests.oracle.images import load_images
from tests.support.knowledge import KNOWLEDGE

IMAGES = load_images()
ENGINES = sorted(KNOWLEDGE.engines.values(), key=lambda engine: engine.name)
DIGEST = "sha256:" + "a" * 64


def pulls(kind: str, platform: Platform = LINUX_AMD64) -> dict[tuple[str, str], tuple[str, ...]]:
    """The windows of an image of the oracle, by engine and store or client."""
    return of(IMAGES[kind].by_digest, platform)


def of(resolution: Resolution, platform: Platform = LINUX_AMD64) -> dict[tuple[str, str], tuple[str, ...]]:
    reference = parse_reference(f"web@{DIGEST}")
    found = windows({reference: image_of(reference, resolution)}, platform, charts(KNOWLEDGE))
    return {(window.engine, window.store): window.pulls for window in found}


def newest(engine: str) -> str:
    return f"<={KNOWLEDGE.engines[engine].newest}"


@pytest.mark.parametrize(
    ("kind", "engine", "where", "expected"),
    [
        ("s1-signed", "docker", "graphdriver", [">=1.6.0,<26.0.0"]),
        ("s1-signed", "docker", "containerd", [">=25.0.0,<26.0.0"]),
        ("s1-signed", "containerd", "cri", [">=1.0.0,<2.0.0"]),
        ("s1-signed", "podman", "", [">=0.2.0"]),
        ("s2-gzip", "docker", "graphdriver", [">=1.10.0"]),
        ("s2-gzip", "docker", "containerd", [">=24.0.0"]),
        ("s2-gzip", "containerd", "ctr", [">=1.0.0"]),
        ("oci-gzip", "docker", "graphdriver", [">=18.06.0,<19.03.0", ">=19.03.5"]),
        ("oci-zstd", "docker", "graphdriver", [">=23.0.0"]),
        ("oci-index", "podman", "", [">=1.6.3"]),
        ("oci-index-nested", "podman", "", []),
        ("ambiguous-ociman", "containerd", "cri", [">=1.0.0,<1.4.12", ">=1.5.0,<1.5.8"]),
        ("mlist-s1s2", "containerd", "cri", []),
        ("mlist-arm64only", "docker", "graphdriver", []),
        # A pull that gives nothing that runs opens no window.
        ("helm", "containerd", "cri", []),
    ],
)
def test_windows_of_real_images(kind: str, engine: str, where: str, expected: list[str]) -> None:
    found = pulls(kind)[engine, where]
    assert found == tuple(text if "<" in text else f"{text},{newest(engine)}" for text in expected)


def test_there_is_a_window_for_every_engine_and_each_of_its_stores_and_clients() -> None:
    wanted = {(e.name, where) for e in ENGINES for where in (*e.stores, *e.clients) or ("",)}
    assert set(pulls("s2-gzip")) == wanted == {(chart.engine.name, chart.where) for chart in charts(KNOWLEDGE)}


def test_windows_hold_for_a_platform() -> None:
    assert pulls("mlist-arm64only", parse_platform("linux/arm64"))["docker", "graphdriver"]
    assert not pulls("mlist-arm64only")["docker", "graphdriver"]


@pytest.mark.parametrize("kind", sorted(IMAGES))
def test_ranges_are_in_order_and_within_what_is_known(kind: str) -> None:
    for (engine, _), found in pulls(kind).items():
        known = KNOWLEDGE.engines[engine]
        ranges = [parse_range(text) for text in found]
        for one in ranges:
            assert one.low
            assert one.low >= known.first
            assert one.high or one.last == known.newest, "nothing is said beyond the newest release known"
        for one, other in pairwise(ranges):
            assert one.high
            assert other.low
            assert one.high < other.low, "ranges that touch are one"


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_boundaries_begin_with_the_first_release_and_rise(engine: EngineKnowledge) -> None:
    found = boundaries(engine)
    assert found[0] == engine.first
    assert all(one < other for one, other in pairwise(found))
    assert found[-1] <= engine.newest


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_nothing_changes_between_boundaries(engine: EngineKnowledge) -> None:
    found = boundaries(engine)
    for entries in engine.capabilities.values():
        for entry in entries:
            for bound in (entry.versions.low, entry.versions.high):
                assert bound is None or bound <= engine.first or bound > engine.newest or bound in found, entry


def test_only_what_was_resolved_by_digest_has_windows() -> None:
    image = IMAGES["s2-gzip"].by_digest
    by_tag, missing = parse_reference("web:1"), parse_reference(f"lost@{DIGEST}")
    images = {
        by_tag: image_of(by_tag, image),
        missing: image_of(missing, Resolution(missing, State.MISSING)),
        Reference("docker.io", "library/none", digest=DIGEST): image_of(missing, None),
    }
    assert not list(windows(images, LINUX_AMD64, charts(KNOWLEDGE)))


def test_a_digest_has_its_windows_once_however_it_is_spelt() -> None:
    image = IMAGES["s2-gzip"].by_digest
    spellings = [parse_reference(f"{name}@{DIGEST}") for name in ("web", "web:1", "r.example/web")]
    found = list(windows({each: image_of(each, image) for each in spellings}, LINUX_AMD64, charts(KNOWLEDGE)))
    assert len(found) == len({(window.engine, window.store) for window in found})
    tagged = next(window for window in found if window.engine == "docker" and window.store == "graphdriver")
    assert tagged.pulls == (f">=1.10.0,{newest('docker')}",), "the tag of one spelling says nothing about the digest"
