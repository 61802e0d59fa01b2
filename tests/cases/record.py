"""The recorded registries of the folders `cause-*`, and where their manifests come from.

    python -m tests.cases.record             write every registry.jsonl anew
    python -m tests.cases.record CAUSE...    only these, and print the references to pin in their inventory/

`lab(KIND)` is a real image of tests/oracle/images.jsonl, which real engines have pulled. `built(NAME, IMAGE)` is a
minimal valid document made here for what no engine was shown; every digest is that of the bytes. `failed` is a
registry that says no. A new case is a line in CASES and a folder with planner.toml and the files that pin its images.
"""

import base64
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from planner.model import media_type as mt
from planner.model.manifest import digest_of, parse_manifest
from planner.model.reference import Reference
from planner.model.resolution import State
from planner.resolve.answer import Answer
from planner.resolve.snapshot import Key, blob_key, config_key, manifest_key, snapshot_text
from tests.support.images import Image, build_image, build_index, descriptor, digest, encode, from_parts

CASES_FOLDER = Path(__file__).parent
REGISTRY = "registry.example"
# The day on which the recordings are dated: a fixed one keeps the files the same.
RECORDED_AT = "2026-01-01T00:00:00Z"
LAYER = f"{mt.OCI_MANIFEST.removesuffix('.manifest.v1+json')}.layer.v1.tar+gzip"
IMAGE = build_image({"hello": b"hello\n"})
DOCKER_IMAGE = build_image({"hello": b"hello\n"}, kind="v2s2")

Answers = dict[Key, Answer]
Recording = Callable[[], Answers]


def resolved(body: bytes, content_type: str | None = None) -> Answer:
    return Answer(State.RESOLVED, body, content_type=content_type, status=200)


@cache
def _lab_images() -> dict[str, dict[str, Any]]:
    text = (CASES_FOLDER.parent / "oracle" / "images.jsonl").read_text("utf-8")
    return {line["kind"]: line for line in map(json.loads, text.splitlines())}


def lab(*kinds: str, registry: str = REGISTRY) -> Recording:
    """Images of the oracle: what the digest that was pulled leads to, with the Content-Type that was sent."""
    return lambda: {key: answer for kind in kinds for key, answer in _lab_image(_lab_images()[kind], registry)}


def _lab_image(line: dict[str, Any], registry: str) -> Iterator[tuple[Key, Answer]]:
    stored = {manifest["name"]: manifest for manifest in line["manifests"]}
    blobs = {blob["digest"]: _unpack(blob["body"]) for blob in line["blobs"]}
    wanted = [line["pulled_by_digest"]]
    while wanted:
        reference = Reference(registry, line["repository"], digest=wanted.pop())
        found = stored.get(reference.digest or "")
        if found is None:
            yield manifest_key(reference), Answer(State.MISSING, detail="manifest unknown", status=404)
            continue
        body = _unpack((found if "body" in found else stored[found["same_as"]])["body"])
        yield manifest_key(reference), resolved(body, found["content_type"])
        manifest = parse_manifest(body)
        wanted += [entry.digest for entry in manifest.entries]
        if manifest.config and (config := blobs.get(manifest.config.digest)):
            yield config_key(reference, manifest.config.digest), resolved(config)
        elif manifest.config and any(layer.digest in blobs for layer in manifest.layers):
            missing = Answer(State.MISSING, detail="blob unknown", status=404)
            yield config_key(reference, manifest.config.digest), missing


def with_layers(kind: str) -> Recording:
    """An image of the oracle, and how its layers begin."""

    def recording() -> Answers:
        line, answers = _lab_images()[kind], lab(kind)()
        reference = Reference(REGISTRY, line["repository"], digest=line["pulled_by_digest"])
        begins = {blob["digest"]: _unpack(blob["body"])[:4] for blob in line["blobs"]}
        manifests = [parse_manifest(a.body) for key, a in answers.items() if key.kind == "manifest" and a.body]
        layers = [layer.digest for manifest in manifests for layer in manifest.layers]
        return {**answers, **{blob_key(reference, layer): resolved(begins[layer]) for layer in layers}}

    return recording


def _unpack(body: dict[str, str]) -> bytes:
    if "zlib_base64" in body:
        return zlib.decompress(base64.b64decode(body["zlib_base64"]))
    return base64.b64decode(body["base64"])


def built(name: str, image: Image, algorithm: str = "sha256", content_type: str | None = None) -> Recording:
    """An image and all below it, in the repository `made/NAME`."""
    return lambda: dict(_built(f"made/{name}", image, algorithm, content_type))


def _built(
    repository: str, image: Image, algorithm: str, content_type: str | None, registry: str = REGISTRY
) -> Iterator[tuple[Key, Answer]]:
    reference = Reference(registry, repository, digest=digest_of(image.body, algorithm))
    yield manifest_key(reference), resolved(image.body, content_type or image.media_type)
    if image.blobs:
        yield config_key(reference, digest(image.config)), resolved(image.config)
    for child in image.children:
        yield from _built(repository, child, "sha256", None, registry)


def failed(name: str, state: State, status: int | None, detail: str, digest_: str = "") -> Recording:
    """A registry that answers with an error. Without `digest_`, the digest of the words stands for the lost image."""
    return failed_at(
        Reference(REGISTRY, f"made/{name}", digest=digest_ or digest(name.encode())), state, status, detail
    )


def failed_at(reference: Reference, state: State, status: int | None, detail: str) -> Recording:
    """The same, for a reference to any registry."""
    return lambda: {manifest_key(reference): Answer(state, detail=detail, status=status)}


def lost(registry: str, repository: str) -> Reference:
    """A reference to what nobody has any more."""
    return Reference(registry, repository, digest=digest(repository.encode()))


def tagged(kind: str, tag: str, now: Image, registry: str) -> Recording:
    """An image of the oracle by digest, in a repository whose `tag` leads to the image `now` by now."""
    repository = _lab_images()[kind]["repository"]

    def recording() -> Answers:
        by_tag = Reference(registry, repository, tag)
        by_digest = dict(_built(repository, now, "sha256", None, registry))
        return {manifest_key(by_tag): resolved(now.body, now.media_type), **by_digest, **lab(kind, registry=registry)()}

    return recording


def mirrored(kind: str) -> Recording:
    """An image of the oracle as mirror.example has it: below `hub/`, while the registry itself has lost it."""

    def recording() -> Answers:
        here = lab(kind)().items()
        moved = {replace(key, name=key.name.replace(REGISTRY, "mirror.example/hub")): answer for key, answer in here}
        return {**_without(REGISTRY, kind), **moved}

    return recording


def unmirrored(kind: str) -> Recording:
    """An image of the oracle that the registry has and mirror.example has not."""
    return lambda: {**lab(kind)(), **_without("mirror.example", kind, "hub/")}


def _without(registry: str, kind: str, below: str = "") -> Answers:
    image = _lab_images()[kind]
    reference = Reference(registry, f"{below}{image['repository']}", digest=image["pulled_by_digest"])
    return {manifest_key(reference): Answer(State.MISSING, detail="manifest unknown", status=404)}


def without_media_type(image: Image) -> Image:
    document = json.loads(image.body)
    del document["mediaType"]
    return Image(image.media_type, encode(document), image.blobs)


def build_cache() -> Image:
    """What BuildKit exports with `--cache-to type=registry`: an index whose entries are layers and a cache config."""
    layer = descriptor(LAYER, b"layer")
    config = descriptor("application/vnd.buildkit.cacheconfig.v0", b"{}")
    document = {"schemaVersion": 2, "mediaType": mt.OCI_INDEX, "manifests": [layer, config]}
    return Image(mt.OCI_INDEX, encode(document))


def windows_index() -> Image:
    """One image for each of two builds of Windows, as Microsoft's own indexes list them."""
    images = [build_image({"v": build.encode()}, "windows/amd64", "v2s2") for build in WINDOWS_BUILDS]
    listed = build_index([(image, "windows/amd64") for image in images], "v2s2")
    document = json.loads(listed.body)
    for entry, build in zip(document["manifests"], WINDOWS_BUILDS, strict=True):
        entry["platform"]["os.version"] = build
    return Image(listed.media_type, encode(document), children=listed.children)


def without_layer(kind: str) -> Recording:
    """An image of the oracle of which the registry has the manifest, the config, and no layer."""

    def recording() -> Answers:
        answers = lab(kind)()
        manifests = [(key, answer) for key, answer in answers.items() if key.kind == "manifest"]
        repository = _lab_images()[kind]["repository"]
        for _, answer in manifests:
            for layer in json.loads(answer.body or b"{}").get("layers", ()):
                lost = blob_key(Reference(REGISTRY, repository, digest=layer["digest"]), layer["digest"])
                answers[lost] = Answer(State.MISSING, detail="blob unknown", status=404)
        return answers

    return recording


WINDOWS_BUILDS = ("10.0.17763.5458", "10.0.20348.2322")
ENCRYPTED = from_parts(IMAGE.config, [(f"{LAYER}+encrypted", b"not to be read")])
DOCKER_CONFIG_IN_OCI = from_parts(IMAGE.config, [(LAYER, IMAGE.blobs[1])], config_type=mt.DOCKER_CONFIG)
FOR_386 = build_index([(build_image({"hello": b"386\n"}, "linux/386"), "linux/386")])

CASES: dict[str, tuple[Recording, ...]] = {
    "ambiguous-manifest": (lab("ambiguous-ociman", "ambiguous-ociidx", "ambiguous-s2"),),
    "amd64-level": (lab("oci-index-amd64v3"),),
    "artifact": (lab("helm", "oci-artifact11", "s2-plugin", "oci-artifact-manifest", "s2-gzip"),),
    "child-is-no-manifest": (built("build-cache", build_cache()), lab("oci-gzip")),
    "child-missing": (lab("x-index-missing-amd64"),),
    "digest-algorithm": (built("pinned-by-sha512", IMAGE, "sha512"),),
    "digest-mismatch": (lab("x-digest-mismatch", "s2-gzip"),),
    "digest-missing": (failed("cleaned-up", State.MISSING, 404, "manifest unknown"), lab("s2-gzip")),
    "encrypted-layer": (built("encrypted", ENCRYPTED), lab("oci-gzip")),
    "engine-unknown": (lab("s2-gzip", "s1-signed"),),
    "foreign-layer": (lab("s2-foreign", "oci-nondist"),),
    # skopeo reads 4 MiB and no more: of a larger manifest there is nothing to record but that.
    "manifest-too-large": (
        failed("large", State.TOO_LARGE, None, "exceeded maximum allowed size of 4194304 bytes"),
        lab("oci-gzip"),
    ),
    "config-mismatch": (lab("y-config-miscounted"), lab("oci-gzip")),
    "config-missing": (lab("y-config-missing"), lab("oci-gzip")),
    "inner-digest-algorithm": (lab("y-sha512-child", "y-sha512-config", "y-sha512-layer"),),
    "layer-compression": (with_layers("y-tartype-gzipdata"),),
    "size-mismatch": (lab("y-config-size", "y-entry-size", "y-layer-size-zero"),),
    "layer-missing": (without_layer("s2-gzip"), lab("oci-gzip")),
    "manifest-list": (lab("mlist"),),
    "mixed-config": (
        lab(
            "ct-s2-served-as-oci", "ct-ociindex-served-as-mlist", "ct-ociindex-served-as-ociman", "ct-s2-served-as-json"
        ),
        built("docker-config-in-oci", DOCKER_CONFIG_IN_OCI),
        built("without-media-type", without_media_type(DOCKER_IMAGE)),
    ),
    "nested-index": (lab("oci-index-nested-plat"),),
    "no-matching-platform": (lab("mlist-arm64only", "oci-index-attest-only"), built("only-386", FOR_386)),
    "no-pull-by-digest": (lab("s1-signed"),),
    "not-checked": (
        failed("private", State.DENIED, 401, "authentication required"),
        failed("limited", State.RATE_LIMITED, 429, "toomanyrequests: the rate limit is used up"),
        failed("down", State.UNREACHABLE, None, "connection refused"),
        lab("s2-gzip"),
    ),
    "oci-index": (lab("oci-index-attest", "oci-index-s2child"),),
    "oci-manifest": (lab("oci-gzip", "oci-gzip-nomt"), lab("oci-gzip", registry="gated.example")),
    "other-platform": (lab("s2-arm64", "s2-windows"),),
    "registry-cannot-serve": (
        lab("s1-signed", "s2-gzip", registry="upgraded.example"),
        lab("oci-gzip", "s2-gzip", registry="downgraded.example"),
    ),
    "not-mirrored": (unmirrored("s2-gzip"), mirrored("oci-gzip")),
    "registry-blocked": (unmirrored("s2-gzip"), mirrored("oci-gzip")),
    "registry-unknown": (lab("s2-gzip", registry="unknown.example"), lab("s2-gzip", registry="fork.example")),
    "retired-registry": (
        failed_at(lost("registry.centos.org", "app"), State.UNREACHABLE, None, "no such host"),
        failed_at(lost("gcr.io", "kubebuilder/proxy"), State.MISSING, 404, "manifest unknown"),
        lab("s2-gzip", registry="docker.pkg.github.com"),
        lab("s2-gzip", registry="k8s.gcr.io"),
        lab("s2-gzip"),
    ),
    "schema1-in-index": (lab("mlist-s1s2"),),
    "schema1-manifest": (lab("s1-signed"),),
    "schema1-unsigned": (lab("s1-unsigned"),),
    "schema2-manifest": (lab("s2-gzip"),),
    "tag-missing": (
        lambda: {Key(f"{REGISTRY}/lab/s2-gzip:latest"): Answer(State.MISSING, detail="manifest unknown", status=404)},
        tagged("s2-gzip", "stable", DOCKER_IMAGE, REGISTRY),
    ),
    "tag-moved": (
        tagged("s2-gzip", "stable", DOCKER_IMAGE, "quay.io"),
        tagged("s2-gzip", "stable", DOCKER_IMAGE, REGISTRY),
        lab("oci-gzip", registry="quay.io"),
    ),
    "tag-and-digest": (lab("s1-signed", "s2-gzip"),),
    "unknown-layer-type": (lab("cosign-sig", "x-attest-direct", "oci-gzip"),),
    "windows-build": (built("windows", windows_index()), lab("s2-windows")),
    "zstd-layer": (lab("oci-zstd", "oci-gzip"),),
    "zstd-layer-docker-type": (lab("s2-zstd"),),
}


def recorded(cause: str) -> str:
    """The registry.jsonl of a cause."""
    answers = {key: answer for recording in CASES[cause] for key, answer in recording().items()}
    return snapshot_text(answers, RECORDED_AT)


def main(causes: list[str]) -> None:
    for cause in causes or CASES:
        folder = CASES_FOLDER / f"cause-{cause}"
        folder.mkdir(exist_ok=True)
        (folder / "registry.jsonl").write_text(recorded(cause), "utf-8")
        if causes:
            keys = sorted(key for recording in CASES[cause] for key in recording() if key.kind == "manifest")
            print(f"{cause}:", *(key.name for key in keys), sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
