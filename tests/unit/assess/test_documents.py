"""Documents that contradict their header or themselves, and indexes that are not as expected: each engine's answer.

What engines did is in the facts collected from their sources and runs (planner/knowledge/engines names them).
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from planner.assess.compare import Image as Asked
from planner.assess.compare import Pull, compare
from planner.assess.delivery import RegistryView
from planner.assess.engine_view import view
from planner.assess.needs import answer_needs
from planner.assess.shape import shape_of
from planner.model import media_type as mt
from planner.model.engine import parse_version
from planner.model.finding import Outcome
from planner.model.manifest import parse_manifest, platform_of
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.resolution import ImageConfig, LayerSeen, Resolution, State
from tests.support.images import (
    CONFIG_TYPES,
    LAYER_TYPES,
    Image,
    build_image,
    build_index,
    descriptor,
    encode,
    from_parts,
)
from tests.support.knowledge import KNOWLEDGE

HOST = Platform("linux", "amd64", "v4")
REFERENCE = Reference("any", "app", digest="sha256:" + "0" * 64)
OCI, DOCKER = build_image({"a": b"1"}), build_image({"a": b"2"}, kind="v2s2")
ARM, ZSTD = build_image({"a": b"3"}, "linux/arm64"), build_image({"a": b"4"}, compression="zstd")
OCI_LAYER, DOCKER_LAYER = LAYER_TYPES["oci"] + "+gzip", LAYER_TYPES["v2s2"] + ".gzip"


def resolved(image: Image, served: str = "", missing: tuple[Image, ...] = ()) -> Resolution:
    """What a registry that has everything but `missing` says."""
    if image in missing:
        return Resolution(_named(image), State.MISSING)
    if image.media_type not in mt.MANIFESTS:
        return Resolution(_named(image), State.NOT_A_MANIFEST)
    manifest = parse_manifest(image.body)
    children = tuple(resolved(child, "", missing) for child in image.children)
    config = None
    if manifest.config and image.blobs and image.config.startswith(b"{"):
        document = json.loads(image.config)
        config = ImageConfig(platform_of(document), len(document.get("rootfs", {}).get("diff_ids", ())))
    layers = tuple(LayerSeen(layer.digest, True, "") for layer in manifest.layers)
    content_type = served or image.media_type
    return Resolution(_named(image), State.RESOLVED, manifest, image.digest, content_type, "", config, layers, children)


def _named(image: Image) -> Reference:
    return replace(REFERENCE, digest=image.digest)


def changed(image: Image, **members: Any) -> Image:
    """The image with other top-level members; None takes one away."""
    document = {**json.loads(image.body), **members}
    return replace(image, body=encode({name: value for name, value in document.items() if value is not None}))


SCHEMA1 = Image(
    mt.SCHEMA1,
    encode({"schemaVersion": 1, "name": "x", "tag": "t", "architecture": "amd64", "fsLayers": [], "history": []}),
)
CACHE = build_index(
    [(Image(OCI_LAYER, b"layer"), None), (Image("application/vnd.buildkit.cacheconfig.v0", b"{}"), None)]
)
LISTED = build_index([(OCI, "linux/amd64"), (ARM, "linux/arm64")])
DOCUMENTS = {
    "oci-as-s2": resolved(OCI, mt.SCHEMA2),
    "s2-as-oci": resolved(DOCKER, mt.OCI_MANIFEST),
    "list-as-index": resolved(build_index([(DOCKER, "linux/amd64")], kind="v2s2"), mt.OCI_INDEX),
    "index-as-manifest": resolved(LISTED, mt.OCI_MANIFEST),
    "manifest-as-index": resolved(OCI, mt.OCI_INDEX),
    "oci-as-schema1": resolved(OCI, mt.SCHEMA1_SIGNED),
    "index-as-schema1": resolved(LISTED, mt.SCHEMA1),
    "s2-without-media-type": resolved(changed(DOCKER, mediaType=None)),
    "s2-oci-config": resolved(from_parts(DOCKER.config, [(DOCKER_LAYER, b"l")], "v2s2", CONFIG_TYPES["oci"])),
    "s2-oci-layer": resolved(from_parts(DOCKER.config, [(OCI_LAYER, b"l")], "v2s2")),
    "oci-docker-config": resolved(from_parts(OCI.config, [(OCI_LAYER, b"l")], "oci", CONFIG_TYPES["v2s2"])),
    "oci-plugin-config": resolved(
        from_parts(b"{}", [(OCI_LAYER, b"l")], "oci", "application/vnd.docker.plugin.v1+json")
    ),
    "oci-subject": resolved(changed(OCI, subject=descriptor(mt.OCI_MANIFEST, b"absent"))),
    "list-of-oci": resolved(build_index([(OCI, "linux/amd64")], kind="v2s2")),
    "index-with-layers": resolved(changed(LISTED, layers=[])),
    "s2-with-fs-layers": resolved(changed(DOCKER, fsLayers=[])),
    "build-cache": resolved(CACHE),
    "two-without-platform": resolved(build_index([(ARM, None), (OCI, None)])),
    "zstd-then-gzip": resolved(build_index([(ZSTD, "linux/amd64"), (OCI, "linux/amd64")])),
    "386-only": resolved(build_index([(build_image({"a": b"5"}, "linux/386"), "linux/386")])),
    "other-child-missing": resolved(LISTED, missing=(ARM,)),
    "own-child-missing": resolved(LISTED, missing=(OCI,)),
    "schema1-other-child": resolved(build_index([(SCHEMA1, "linux/arm64"), (DOCKER, "linux/amd64")], kind="v2s2")),
}
# Document, then engine with its store or client, its version, and what is expected of both.
EXPECTED = """
oci-as-s2            docker/graphdriver 1.10.3 pulls    17.12.1 breaks  18.06.3 pulls  18.09.9 pulls  19.03.0 breaks
oci-as-s2            docker/containerd 25.0.17 pulls    29.7.2 pulls
oci-as-s2            containerd/cri 1.0.0 pulls         2.3.4 pulls
oci-as-s2            podman 1.6.1 pulls                 1.6.2 breaks    5.8.2 breaks
oci-as-s2            cri-o 1.14.11 pulls                1.14.12 breaks  1.15.2 pulls   1.15.3 breaks  1.36.3 breaks
oci-as-s2            skopeo 0.1.39 pulls                0.1.40 breaks   1.22.2 breaks
s2-as-oci            docker/graphdriver 18.06.0 pulls   19.03.4 pulls   19.03.5 breaks
s2-as-oci            podman 1.6.2 breaks                1.8.2 breaks    1.9.0 pulls    4.1.1 pulls    4.2.0 breaks
s2-as-oci            cri-o 1.24.6 pulls                 1.25.0 breaks   1.36.3 breaks
s2-as-oci            skopeo 0.1.41 breaks               0.2.0 pulls     1.22.2 pulls
list-as-index        podman 1.6.2 breaks                1.6.3 pulls
list-as-index        containerd/cri 1.0.0 pulls         2.3.4 pulls
list-as-index        docker/graphdriver 18.09.9 pulls   19.03.0 breaks
index-as-manifest    skopeo 0.1.39 at-risk              0.1.40 breaks   0.2.0 at-risk  1.5.1 at-risk  1.5.2 breaks
index-as-manifest    cri-o 1.23.0 breaks                1.23.1 breaks
manifest-as-index    podman 3.4.2 breaks                3.4.3 breaks
manifest-as-index    skopeo 1.22.2 breaks
manifest-as-index    containerd/cri 2.3.4 breaks
oci-as-schema1       skopeo 1.9.3 unknown
oci-as-schema1       podman 4.3.1 unknown
oci-as-schema1       docker/graphdriver 20.10.24 unknown 29.7.2 breaks
oci-as-schema1       containerd/cri 1.6.20 unknown      2.1.4 breaks
index-as-schema1     skopeo 1.22.2 unknown
index-as-schema1     containerd/cri 2.1.4 breaks
s2-without-media-type docker/graphdriver 18.09.9 pulls  19.03.0 breaks
s2-without-media-type containerd/cri 1.0.0 pulls        2.3.4 pulls
s2-without-media-type cri-o 1.15.2 pulls                1.15.3 breaks
s2-without-media-type buildah 1.11.2 pulls              1.11.3 breaks
s2-oci-config        docker/graphdriver 1.12.6 pulls    1.13.0 breaks   1.13.1 breaks  18.05.0 breaks 18.06.0 pulls
s2-oci-config        podman 5.8.2 pulls
s2-oci-config        cri-o 1.36.3 pulls
s2-oci-layer         docker/graphdriver 1.10.3 pulls    29.7.2 pulls
s2-oci-layer         docker/containerd 29.7.2 pulls
s2-oci-layer         containerd/cri 1.0.0 pulls
s2-oci-layer         podman 1.6.1 pulls                 1.6.2 breaks
s2-oci-layer         skopeo 1.22.2 breaks
oci-docker-config    docker/graphdriver 18.06.3 pulls   19.03.5 pulls
oci-docker-config    docker/containerd 29.7.2 pulls
oci-docker-config    containerd/cri 2.3.4 pulls
oci-docker-config    podman 1.6.1 pulls                 1.6.2 breaks    3.4.7 breaks   4.0.0 pulls    4.2.0 breaks
oci-docker-config    cri-o 1.24.6 breaks                1.25.0 breaks   1.36.3 breaks
oci-docker-config    buildah 1.23.5 breaks              1.24.0 pulls    1.26.2 pulls   1.26.3 breaks
oci-docker-config    skopeo 0.1.39 pulls                0.1.40 breaks   0.2.0 pulls    1.22.2 pulls
oci-subject          docker/graphdriver 20.10.24 pulls
oci-subject          containerd/cri 2.3.4 pulls
oci-subject          cri-o 1.36.3 pulls
list-of-oci          docker/graphdriver 18.05.0 breaks  18.06.3 pulls   19.03.0 breaks 19.03.4 breaks 19.03.5 pulls
list-of-oci          podman 0.2.0 pulls
list-of-oci          cri-o 1.9.2 pulls
index-with-layers    docker/graphdriver 20.10.10 pulls  20.10.11 breaks
index-with-layers    podman 3.4.2 pulls                 3.4.3 breaks
index-with-layers    buildah 1.21.5 pulls               1.21.6 breaks   1.22.0 pulls   1.23.5 pulls   1.24.0 breaks
index-with-layers    skopeo 1.5.1 pulls                 1.5.2 breaks
index-with-layers    cri-o 1.23.0 pulls                 1.23.1 breaks
index-with-layers    containerd/cri 1.4.11 pulls        1.4.12 breaks   1.5.7 pulls    1.5.8 breaks
s2-with-fs-layers    docker/graphdriver 29.7.2 pulls
s2-with-fs-layers    docker/containerd 24.0.0 breaks
s2-with-fs-layers    containerd/cri 1.5.8 breaks
build-cache          docker/graphdriver 20.10.24 breaks 23.0.0 breaks   29.7.2 breaks
build-cache          docker/containerd 24.0.0 breaks    29.7.2 breaks
build-cache          containerd/cri 2.3.4 breaks
build-cache          containerd/ctr 1.7.34 breaks       2.0.0 at-risk
build-cache          podman 5.8.2 breaks
build-cache          skopeo 1.22.2 breaks
two-without-platform docker/graphdriver 20.10.27 breaks 23.0.0 at-risk  24.0.9 at-risk
two-without-platform docker/containerd 24.0.0 at-risk   29.7.2 at-risk
two-without-platform containerd/cri 1.0.0 pulls         1.1.8 pulls     1.2.0 breaks   2.3.4 breaks
two-without-platform containerd/ctr 1.7.34 breaks       2.0.0 at-risk   2.3.4 at-risk
two-without-platform podman 4.3.1 at-risk               5.8.2 at-risk
two-without-platform skopeo 1.22.2 at-risk
zstd-then-gzip       docker/graphdriver 20.10.24 breaks 23.0.0 pulls
386-only             docker/graphdriver 20.10.27 breaks 23.0.0 pulls
386-only             containerd/cri 1.4.13 breaks       1.5.0 pulls     2.0.11 pulls   2.1.0 breaks
386-only             containerd/ctr 1.7.34 breaks       2.0.0 at-risk   2.3.4 at-risk
386-only             podman 5.8.2 breaks
386-only             cri-o 1.36.3 breaks
other-child-missing  docker/graphdriver 29.7.2 pulls
other-child-missing  docker/containerd 29.7.2 pulls
other-child-missing  containerd/cri 2.3.4 pulls
other-child-missing  containerd/ctr 1.7.34 pulls        2.0.0 breaks    2.3.4 breaks
other-child-missing  podman 5.8.2 pulls
own-child-missing    docker/containerd 29.7.2 breaks
own-child-missing    containerd/ctr 1.7.34 breaks       2.3.4 breaks
own-child-missing    buildah 1.44.0 breaks
own-child-missing    cri-o 1.36.3 breaks
schema1-other-child  docker/graphdriver 29.7.2 pulls
schema1-other-child  containerd/cri 2.3.4 pulls
"""
ROWS = [
    (kind, engine, version, verdict)
    for line in EXPECTED.strip().splitlines()
    for kind, engine, *pairs in [line.split()]
    for version, verdict in zip(pairs[::2], pairs[1::2], strict=True)
]


def judged(resolution: Resolution, engine: str, version: str, ref: str = "digest", *switches: str) -> Outcome:
    name, _, where = engine.partition("/")
    known = KNOWLEDGE.engines[name]
    store, client = (where, "") if where in known.stores else ("", where)
    found = view(known, parse_version(version), store, client, frozenset(switches))
    asked = Asked(shape_of(resolution), resolution.state, tuple(answer_needs(resolution)))
    return compare(asked, Pull(found, RegistryView("any"), HOST, ref, KNOWLEDGE.cause_of))


@pytest.mark.parametrize(("kind", "engine", "version", "verdict"), ROWS)
@pytest.mark.parametrize("ref", ["tag", "digest"])
def test_documents(kind: str, engine: str, version: str, verdict: str, ref: str) -> None:
    outcome = judged(DOCUMENTS[kind], engine, version, ref)
    assert outcome.verdict == verdict, outcome
    assert outcome.cause in KNOWLEDGE.causes or verdict == "pulls"


def test_every_document_is_put_to_some_engine() -> None:
    assert {kind for kind, *_ in ROWS} | {"oci-plugin-config"} == set(DOCUMENTS)


@pytest.mark.parametrize("version", ["2.0.0", "2.3.4"])
def test_the_local_way_of_pulling_unpacks_for_386_what_it_did_not_fetch(version: str) -> None:
    assert judged(DOCUMENTS["386-only"], "containerd/ctr", version, "digest", "--local").verdict == "breaks"
