"""The images that real engines pulled, as resolutions: manifests with the Content-Type they were served with."""

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from planner.model import media_type as mt
from planner.model.manifest import Manifest, NotAManifestError, digest_of, matches_digest, parse_manifest
from planner.model.media_type import ConfigKind
from planner.model.reference import Reference
from planner.model.resolution import ImageConfig, LayerSeen, Resolution, State
from planner.resolve.answer import Answer
from planner.resolve.follow import read_config

HERE = Path(__file__).parent
_IMAGE_CONFIGS = (ConfigKind.DOCKER, ConfigKind.OCI, ConfigKind.UNTYPED)
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}


@dataclass(frozen=True)
class OracleImage:
    """One kind of image: what the tag and the digest that were pulled resolve to."""

    kind: str
    stored_by: str
    by_tag: Resolution
    by_digest: Resolution


@cache
def load_images(path: Path = HERE / "images.jsonl") -> Mapping[str, OracleImage]:
    """Every image of the oracle by its kind."""
    lines = (json.loads(line) for line in path.read_text().splitlines())
    return {line["kind"]: _image(line) for line in lines}


def _image(line: dict[str, Any]) -> OracleImage:
    manifests = {m["name"]: m for m in line["manifests"]}
    blobs = {b["digest"]: _unpack(b["body"]) for b in line["blobs"]}

    def resolve(digest: str, reference: Reference, depth: int = 0) -> Resolution:
        stored = manifests.get(digest)
        if stored is None:
            return Resolution(reference, State.MISSING)
        body = _unpack((stored if "body" in stored else manifests[stored["same_as"]])["body"])
        received, announced = digest_of(body), stored["digest"]
        if reference.digest and not matches_digest(body, reference.digest):
            return Resolution(reference, State.MISMATCH, digest=received, header_digest=announced)
        try:
            manifest = parse_manifest(body)
        except NotAManifestError:
            return Resolution(reference, State.NOT_A_MANIFEST, digest=received, header_digest=announced)
        children = [
            resolve(e.digest, Reference("oracle", line["repository"], digest=e.digest), depth + 1)
            for e in manifest.entries
        ]
        config = blobs.get(manifest.config.digest) if manifest.config else None
        content_type = stored["content_type"]
        return Resolution(
            reference,
            State.RESOLVED,
            manifest,
            received,
            content_type,
            header_digest=announced,
            config=_config(manifest, config),
            layers=tuple(_layers(manifest, blobs)),
            children=tuple(children),
            source="oracle",
            config_missing=_has_image_config(manifest) and config is None and _is_looked_at(manifest, blobs),
        )

    tag = Reference("oracle", line["repository"], tag="t")
    digest = line["pulled_by_digest"]
    return OracleImage(
        line["kind"],
        line["stored_by"],
        resolve("t", tag),
        resolve(digest, Reference("oracle", line["repository"], digest=digest)),
    )


def _layers(manifest: Manifest, blobs: Mapping[str, bytes]) -> Iterator[LayerSeen]:
    """What the registry and the URLs have: the blobs of the line, where it holds any of this image at all."""
    if _is_looked_at(manifest, blobs):
        for layer in manifest.layers:
            blob = blobs.get(layer.digest)
            yield LayerSeen(layer.digest, blob is not None, _compression(blob) if blob is not None else "")


def _is_looked_at(manifest: Manifest, blobs: Mapping[str, bytes]) -> bool:
    own = (*manifest.layers, *((manifest.config,) if manifest.config else ()))
    return any(descriptor.digest in blobs for descriptor in own)


def _has_image_config(manifest: Manifest) -> bool:
    """Whether planner would ask for the config."""
    return manifest.config is not None and mt.config_kind(manifest.config.media_type) in _IMAGE_CONFIGS


def _compression(blob: bytes) -> str:
    return next((name for start, name in _MAGIC.items() if blob.startswith(start)), "none")


def _config(manifest: Manifest, blob: bytes | None) -> ImageConfig | None:
    if blob is None or manifest.config is None:
        return None
    return read_config(manifest.config.digest, Answer(State.RESOLVED, blob)).config


def _unpack(body: dict[str, str]) -> bytes:
    if "zlib_base64" in body:
        return zlib.decompress(base64.b64decode(body["zlib_base64"]))
    return base64.b64decode(body["base64"])
