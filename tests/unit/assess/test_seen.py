"""What media types do not tell: bytes and absence of layers, and a digest header that names other bytes."""

from dataclasses import replace

import pytest

from planner.assess.needs import answer_needs
from planner.assess.shape import LayersSeen, shape_of
from planner.model.finding import Outcome
from planner.model.platform import Platform
from planner.model.resolution import ImageConfig, LayerSeen, Resolution
from tests.oracle.images import load_images
from tests.unit.assess.test_boundaries import judged as judged_kind
from tests.unit.assess.test_documents import DOCKER, judged, resolved

IMAGES = load_images()
PLAIN = resolved(DOCKER)
LAYER = PLAIN.layers[0].digest


def with_layer(available: bool, compression: str = "") -> Resolution:
    return replace(PLAIN, layers=(LayerSeen(LAYER, available, compression),))


def rows(text: str) -> list[tuple[str, str, str]]:
    """(engine, version, verdict) of lines of an engine and pairs."""
    lines = [line.split() for line in text.strip().splitlines()]
    return [(engine, *pair) for engine, *pairs in lines for pair in zip(pairs[::2], pairs[1::2], strict=True)]


ZSTD = """
docker/graphdriver 1.10.0 breaks  20.10.27 breaks 23.0.0 pulls   29.7.2 pulls
docker/containerd  24.0.0 pulls   29.7.2 pulls
containerd/cri     1.0.0 breaks   1.4.13 breaks   1.5.0 pulls    2.3.4 pulls
podman             0.2.0 breaks   1.6.1 breaks    1.6.2 pulls    5.8.2 pulls
cri-o              1.14.11 breaks 1.14.12 pulls   1.15.0 breaks  1.15.2 breaks  1.15.3 pulls  1.36.3 pulls
buildah            0.1.0 breaks   1.11.2 breaks   1.11.3 pulls   1.44.0 pulls
skopeo             0.1.17 pulls   1.22.2 pulls
"""
ABSENT = (
    "docker/graphdriver 1.10.0 breaks 29.7.2 breaks\ndocker/containerd 24.0.0 breaks\ncontainerd/cri 2.3.4 breaks\n"
)
ABSENT += "podman 5.8.2 breaks\ncri-o 1.36.3 breaks\nbuildah 1.44.0 breaks\nskopeo 1.22.2 breaks"


@pytest.mark.parametrize(("engine", "version", "verdict"), rows(ZSTD))
def test_zstd_under_a_gzip_type(engine: str, version: str, verdict: str) -> None:
    outcome = judged(with_layer(True, "zstd"), engine, version)
    assert (outcome.verdict, outcome.cause) == (verdict, "zstd-layer" if verdict == "breaks" else "")


@pytest.mark.parametrize(("engine", "version", "verdict"), rows(ZSTD))
def test_gzip_under_a_gzip_type_pulls_everywhere(engine: str, version: str, verdict: str) -> None:
    assert judged(with_layer(True, "gzip"), engine, version).verdict == "pulls"


@pytest.mark.parametrize(("engine", "version", "verdict"), rows(ABSENT))
def test_a_lost_layer(engine: str, version: str, verdict: str) -> None:
    outcome = judged(with_layer(False), engine, version)
    assert (outcome.verdict, outcome.cause) == (verdict, "layer-missing")


@pytest.mark.parametrize(("engine", "version", "_"), rows(ABSENT))
def test_a_foreign_layer_is_there_or_not_or_nobody_looked(engine: str, version: str, _: str) -> None:
    there, gone = IMAGES["s2-foreign"].by_digest, IMAGES["s2-foreign-absent"].by_digest
    assert judged(there, engine, version).verdict == "pulls"
    lost = judged(gone, engine, version)
    assert (lost.verdict, lost.cause) == ("breaks", "foreign-layer")
    assert lost.message
    assert judged(replace(gone, layers=()), engine, version).verdict == "unknown"


def test_what_was_not_looked_at_is_not_claimed() -> None:
    shape = shape_of(replace(IMAGES["s2-foreign"].by_digest, layers=(LayerSeen("sha256:other", False, "zstd"),)))
    assert shape
    assert shape.seen == LayersSeen()


def test_zstd_that_the_type_announces_is_no_surprise() -> None:
    image = IMAGES["oci-zstd"].by_digest
    shape = shape_of(image)
    assert {layer.compression for layer in image.layers} == {"zstd"}
    assert shape
    assert not shape.seen.zstd_unannounced


HEADER = """
docker/graphdriver tag    1.10.0 pulls  29.7.2 pulls
docker/containerd  tag    24.0.0 breaks 29.7.2 breaks
docker/containerd  digest 24.0.0 pulls
containerd/cri     tag    1.0.0 breaks  1.2.14 breaks  1.3.0 breaks  2.3.4 breaks
containerd/cri     digest 1.2.14 breaks 1.3.0 pulls    2.3.4 pulls
podman             tag    0.2.0 pulls   5.8.2 pulls
cri-o              tag    1.0.0 pulls   1.36.3 pulls
skopeo             tag    1.22.2 pulls
buildah            tag    1.44.0 pulls
"""


@pytest.mark.parametrize("line", HEADER.strip().splitlines())
def test_a_header_that_names_other_bytes(line: str) -> None:
    engine, ref, *pairs = line.split()
    lying = replace(PLAIN, header_digest="sha256:" + "f" * 64)
    for version, verdict in zip(pairs[::2], pairs[1::2], strict=True):
        outcome = judged(lying, engine, version, ref)
        assert (outcome.verdict, outcome.cause) == (verdict, "digest-mismatch" if verdict == "breaks" else ""), version


def test_a_header_in_another_algorithm_or_none_says_nothing() -> None:
    for header in ("", "sha512:" + "f" * 128, PLAIN.digest):
        assert not list(answer_needs(replace(PLAIN, header_digest=header)))
    assert list(answer_needs(replace(PLAIN, header_digest="sha256:" + "f" * 64))) == ["header-digest-match"]


@pytest.mark.parametrize(
    ("version", "begin"),
    [
        ("1.32.13", "no image found"),
        ("1.33.0", "unable to try pulling possible OCI artifact: "),
        ("1.33.3", "unable to try pulling possible OCI artifact: "),
        ("1.33.4", "unable to pull image or OCI artifact: pull image err: no image found"),
        ("1.36.3", "unable to pull image or OCI artifact: pull image err: no image found"),
    ],
)
def test_a_failed_pull_is_wrapped_in_the_words_of_the_release(version: str, begin: str) -> None:
    found: Outcome = judged_kind("oci-index-arm64only", "cri-o", "", version)
    assert found.verdict == "breaks"
    assert found.message.startswith(begin)


@pytest.mark.parametrize(
    ("engine", "version", "verdict"),
    rows("docker/graphdriver 1.10.0 breaks 29.7.2 breaks\ncontainerd/cri 2.3.4 breaks"),
)
def test_a_lost_config(engine: str, version: str, verdict: str) -> None:
    outcome = judged(replace(PLAIN, config=None, config_missing=True), engine, version)
    assert (outcome.verdict, outcome.cause) == (verdict, "config-missing")


@pytest.mark.parametrize(
    ("engine", "version", "verdict"),
    rows("docker/graphdriver 1.10.0 breaks 29.7.2 breaks\ncontainerd/ctr 1.6.20 breaks\npodman 5.8.2 pulls"),
)
def test_a_config_of_other_layers(engine: str, version: str, verdict: str) -> None:
    outcome = judged(replace(PLAIN, config=ImageConfig(Platform("linux", "amd64"), 7)), engine, version)
    assert (outcome.verdict, outcome.cause) == (verdict, "config-mismatch" if verdict == "breaks" else "")
