"""The images of the oracle as a recorded registry: what `planner snapshot` would write, and what layers are besides."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from planner.model.reference import Reference, parse_reference
from planner.model.resolution import State
from planner.resolve.answer import Answer
from planner.resolve.snapshot import Key, blob_key, config_key, manifest_key, snapshot_text
from tests.support.oracle_images import StoredImage, StoredManifest

RECORDED_AT = "2026-01-01T00:00:00Z"
_NO_BLOB = Answer(State.MISSING, detail="blob unknown", status=404)
_MISSING = Answer(State.MISSING, detail="manifest unknown", status=404)


def oracle_snapshot(images: Iterable[StoredImage], registry: str, missing: Iterable[str] = ()) -> str:
    """The text of a snapshot of `registry` that has these images and not those named as `missing`."""
    answers = {manifest_key(parse_reference(f"{registry}/{name}")): _MISSING for name in missing}
    answers |= (line for image in images for line in _answers(image, registry))
    return snapshot_text(answers, RECORDED_AT)


def _answers(image: StoredImage, registry: str) -> Iterator[tuple[Key, Answer]]:
    for name, stored in image.manifests.items():
        digest = name if ":" in name else None
        reference = Reference(registry, image.repository, None if digest else name, digest)
        document = _document(stored.body)
        for pointed in _digests(document, "manifests"):
            if pointed not in image.manifests:
                yield manifest_key(Reference(registry, image.repository, digest=pointed)), _MISSING
        for config in _digests({"config": [document.get("config")]}, "config"):
            found = image.blobs.get(config)
            if found is not None or _is_looked_at(document, image):
                yield config_key(reference, config), _NO_BLOB if found is None else _resolved(found)
        for layer in (*_digests(document, "layers"), *_digests(document, "fsLayers", "blobSum")):
            found = image.blobs.get(layer)
            yield blob_key(reference, layer), _MISSING if found is None else _resolved(found[:4])
        yield manifest_key(reference), _manifest(stored)


def _is_looked_at(document: dict[str, Any], image: StoredImage) -> bool:
    """Whether the image is stored with its blobs: some were recorded as a manifest alone."""
    return any(layer in image.blobs for layer in _digests(document, "layers"))


def _manifest(stored: StoredManifest) -> Answer:
    content_type, header = stored.content_type, stored.digest
    return Answer(State.RESOLVED, stored.body, content_type=content_type, status=200, header_digest=header)


def _resolved(body: bytes) -> Answer:
    return Answer(State.RESOLVED, body, status=200)


def _document(body: bytes) -> dict[str, Any]:
    document = json.loads(body)
    return document if isinstance(document, dict) else {}


def _digests(document: dict[str, Any], member: str, name: str = "digest") -> list[str]:
    return [each[name] for each in document.get(member) or () if isinstance(each, dict) and each.get(name)]
