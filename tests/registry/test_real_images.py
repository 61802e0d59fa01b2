"""Real manifests of every kind, from a real registry, through the real skopeo."""

import dataclasses
import subprocess
from pathlib import Path

import pytest

from planner.model import media_type as mt
from planner.model.platform import Platform
from planner.model.reference import Reference, parse_reference
from planner.model.resolution import ImageConfig, Resolution, State
from planner.resolve import Resolver, resolve
from planner.resolve.cache import Cache
from planner.resolve.caching import CachingResolver
from planner.resolve.skopeo import SkopeoResolver
from planner.resolve.snapshot import RecordingResolver, SnapshotResolver, read_snapshot, write_snapshot
from tests.support.images import (
    Compression,
    Image,
    Kind,
    build_artifact,
    build_image,
    build_index,
    compress,
    from_parts,
)
from tests.support.registry import Format, Registry
from tests.support.tools import require_tool

AMD64 = frozenset({Platform("linux", "amd64")})
HELLO = build_image({"hello": b"hello\n"}, layers=2)


def _one(reference: Reference, resolver: Resolver | None = None, platforms: frozenset[Platform] = AMD64) -> Resolution:
    return resolve([reference], resolver or SkopeoResolver(), platforms)[reference]


def _pinned(registry: Registry, repository: str, digest: str) -> Reference:
    return parse_reference(f"{registry.host}/{repository}@{digest}")


@pytest.mark.parametrize(
    ("form", "flags", "media_type", "layer_type"),
    [
        ("v2s1", (), mt.SCHEMA1_SIGNED, ""),
        ("v2s2", (), mt.SCHEMA2, "application/vnd.docker.image.rootfs.diff.tar.gzip"),
        ("oci", (), mt.OCI_MANIFEST, "application/vnd.oci.image.layer.v1.tar+gzip"),
        ("oci", ("--dest-compress-format", "zstd"), mt.OCI_MANIFEST, "application/vnd.oci.image.layer.v1.tar+zstd"),
    ],
    ids=["v2s1", "v2s2", "oci", "oci-zstd"],
)
def test_what_skopeo_pushed_is_read_back(  # noqa: PLR0913, PLR0917  the columns of the table above
    registry: Registry, repository: str, form: Format, flags: tuple[str, ...], media_type: str, layer_type: str
) -> None:
    # A layout without compression if skopeo is to choose one: it never compresses twice.
    # Content of its own: skopeo takes over what it knows to be in the registry in another compression.
    source = build_image({"hello": f"{form} {flags}".encode()}, layers=1, compression="none" if flags else "gzip")
    digest = registry.push_as(source, repository, form, *flags)
    resolution = _one(_pinned(registry, repository, digest))
    assert resolution.state is State.RESOLVED, resolution.detail
    assert resolution.manifest
    assert resolution.manifest.media_type == media_type
    assert [layer.media_type for layer in resolution.manifest.layers] == [layer_type]
    assert resolution.config == (None if form == "v2s1" else ImageConfig(Platform("linux", "amd64"), 1))
    assert (resolution.digest, resolution.source) == (digest, "skopeo")


@pytest.mark.parametrize(
    ("kind", "compression"), [("oci", "none"), ("oci", "gzip"), ("v2s2", "none"), ("v2s2", "gzip")]
)
def test_built_images_are_sound(registry: Registry, repository: str, kind: Kind, compression: Compression) -> None:
    """The builder is used for the sample inventories too: skopeo checks diff_ids when it compresses anew."""
    image = build_image({"hello": b"x" * 200_000}, kind=kind, compression=compression)
    digest = registry.push_as(image, repository, "v2s2", "--dest-compress-format", "gzip")
    assert _one(_pinned(registry, repository, digest)).state is State.RESOLVED


@pytest.mark.parametrize("size", [0, 1, 131_072, 131_073, 400_000])
def test_built_layers_are_sound(size: int) -> None:
    tools: tuple[Compression, ...] = ("gzip", "zstd")
    for tool in tools:
        command = [require_tool(tool), "-dc"]
        unpacked = subprocess.run(command, input=compress(b"x" * size, tool), check=True, capture_output=True)
        assert unpacked.stdout == b"x" * size


@pytest.mark.parametrize("kind", ["oci", "v2s2"])
def test_an_index_is_followed(registry: Registry, repository: str, kind: Kind) -> None:
    arm = build_image({"hello": b"arm"}, "linux/arm64")
    unplaced = build_image({"hello": b"who"}, "linux/s390x")
    entries = [(HELLO, "linux/amd64"), (arm, "linux/arm64"), (unplaced, None), (build_artifact(), "unknown/unknown")]
    index = build_index(list(entries), kind)
    registry.push(index, repository)
    resolution = _one(_pinned(registry, repository, index.digest))
    assert resolution.manifest
    assert resolution.manifest.is_index
    assert len(resolution.manifest.entries) == 4
    assert [(child.digest, child.config) for child in resolution.children] == [
        (HELLO.digest, None),
        (unplaced.digest, ImageConfig(Platform("linux", "s390x"), 1)),
    ]


def test_an_index_may_outlive_its_children(registry: Registry, repository: str) -> None:
    index = build_index([(HELLO, "linux/amd64")])
    registry.push(index, repository)
    registry.delete(repository, HELLO.digest)
    resolution = _one(_pinned(registry, repository, index.digest))
    assert resolution.state is State.RESOLVED
    assert [child.state for child in resolution.children] == [State.MISSING]


def test_a_deleted_manifest_and_a_repository_that_never_was(registry: Registry, repository: str) -> None:
    registry.push(HELLO, repository)
    registry.delete(repository, HELLO.digest)
    for name in (repository, "never/was"):
        resolution = _one(_pinned(registry, name, HELLO.digest))
        assert resolution.state is State.MISSING
        assert "manifest unknown" in resolution.detail


def test_name_tag_and_digest_is_asked_by_digest(registry: Registry, repository: str) -> None:
    registry.push(HELLO, repository, "v1")
    other = build_image({"other": b""})
    registry.push(other, repository)
    reference = parse_reference(f"{registry.host}/{repository}:v1@{other.digest}")
    resolutions = resolve([reference], SkopeoResolver(), AMD64)
    assert [(key.tag, value.digest) for key, value in resolutions.items()] == [(None, other.digest)]


def test_by_tag(registry: Registry, repository: str) -> None:
    registry.push(HELLO, repository, "v1")
    resolution = _one(parse_reference(f"{registry.host}/{repository}:v1"))
    assert resolution.digest == HELLO.digest
    assert resolution.config == ImageConfig(Platform("linux", "amd64"), 2)


@pytest.mark.parametrize(
    "image",
    [build_artifact(), from_parts(b"{}", [], config_type="application/vnd.docker.plugin.v1+json", kind="v2s2")],
    ids=["helm-like", "plugin"],
)
def test_artifacts_are_resolved_without_a_config(registry: Registry, repository: str, image: Image) -> None:
    registry.push(image, repository)
    resolution = _one(_pinned(registry, repository, image.digest))
    assert (resolution.state, resolution.config, resolution.detail) == (State.RESOLVED, None, "")


def test_a_config_that_skopeo_refuses_leaves_the_image_resolved(registry: Registry, repository: str) -> None:
    image = from_parts(b"{}", [], config_type="text/html")
    registry.push(image, repository)
    resolution = _one(_pinned(registry, repository, image.digest))
    assert resolution.state is State.RESOLVED
    assert resolution.config in (None, ImageConfig(Platform("", ""), None))
    assert resolution.config or "config could not be read" in resolution.detail


def test_recorded_it_replays_without_a_registry_and_from_the_cache_without_questions(
    registry: Registry, repository: str, tmp_path: Path
) -> None:
    index = build_index([(HELLO, "linux/amd64"), (build_image({"x": b""}), None)])
    digests = [
        registry.push(index, repository),
        registry.push(HELLO, repository),
        registry.push_as(HELLO, repository, "v2s1"),
        "sha256:" + "0" * 64,
    ]
    references = [_pinned(registry, repository, digest) for digest in digests]
    recording = RecordingResolver(CachingResolver(SkopeoResolver(), Cache(tmp_path / "cache")))
    live = resolve(references, recording, AMD64)
    write_snapshot(tmp_path / "snapshot", recording.answers, "2026-01-01T00:00:00Z")

    answers, problems = read_snapshot(tmp_path / "snapshot")
    assert not problems
    assert _without_source(resolve(references, SnapshotResolver(answers, "s"), AMD64)) == _without_source(live)

    no_skopeo = SkopeoResolver(program="planner-has-no-such-program")
    cached = resolve(references[:3], CachingResolver(no_skopeo, Cache(tmp_path / "cache")), AMD64)
    assert {part.source for one in cached.values() for part in one.tree()} == {"cache"}
    assert _without_source(cached) == _without_source({key: live[key] for key in references[:3]})


def _without_source(resolutions: dict[Reference, Resolution]) -> dict[Reference, Resolution]:
    def blank(one: Resolution) -> Resolution:
        return dataclasses.replace(one, source="", children=tuple(blank(child) for child in one.children))

    return {key: blank(value) for key, value in resolutions.items()}
