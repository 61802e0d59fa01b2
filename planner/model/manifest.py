"""Manifests: what a registry stores under a digest, read from bytes that nobody has vouched for."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from planner.model import media_type as mt
from planner.model.platform import Platform, normalise
from planner.model.reference import DIGEST_HEX_LENGTH

# The empty JSON object, which stands where a config must be and there is none (OCI image spec 1.1, manifest.md).
EMPTY_DIGEST = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


class NotAManifestError(ValueError):
    """The bytes are no manifest of a known kind; the message says what they are."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A pointer to content: OCI image spec, descriptor.md. `size` is in bytes, 0 where it is not stated."""

    media_type: str
    digest: str
    size: int = 0
    platform: Platform | None = None
    has_urls: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """A parsed manifest.

    `media_type` is the kind the document is, by its `mediaType` or, where that is absent, by its shape;
    `declared` is the `mediaType` member as it stands (None where absent). `members` are the top-level member
    names with a value other than null: two shapes at once make a document ambiguous (CVE-2021-41190).
    `size` is the document's length in bytes. `architecture` is set for schema 1 only, which names no os.
    """

    media_type: str
    size: int
    declared: str | None = None
    members: frozenset[str] = frozenset()
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    entries: tuple[Descriptor, ...] = ()
    artifact_type: str = ""
    architecture: str = ""

    @property
    def is_index(self) -> bool:
        """Whether this is a manifest list or an OCI index."""
        return self.media_type in mt.INDEXES

    @property
    def is_schema1(self) -> bool:
        """Whether this is a schema 1 manifest, signed or not."""
        return self.media_type in mt.SCHEMA1_TYPES


def parse_manifest(body: bytes) -> Manifest:
    """Read a manifest of any known kind; raise NotAManifestError for HTML, errors, configs and other JSON.

    Of signed schema 1 the payload is read: nothing else in the document is vouched for by the digest.
    """
    payload = schema1_payload(body)
    try:
        document = json.loads(payload or body)
    except (ValueError, RecursionError) as error:
        start = body[:60].decode("utf-8", "replace").strip()
        raise NotAManifestError(f"not JSON; it begins with {start!r}" if start else "empty") from error
    if not isinstance(document, dict):
        raise NotAManifestError(f"JSON, but a {type(document).__name__} instead of an object")
    members = frozenset(key for key, value in document.items() if value is not None)
    declared = _text(document.get("mediaType")) or None
    kind = mt.SCHEMA1_SIGNED if payload else _kind(document, members, declared)
    return Manifest(
        media_type=kind,
        size=len(body),
        declared=declared,
        members=members,
        config=_descriptor(document["config"]) if isinstance(document.get("config"), dict) else None,
        layers=_layers(document, kind),
        entries=tuple(_descriptor(entry) for entry in _objects(document.get("manifests"))),
        artifact_type=_text(document.get("artifactType")),
        architecture=_text(document.get("architecture")) if kind in mt.SCHEMA1_TYPES else "",
    )


def _kind(document: dict[str, Any], members: frozenset[str], declared: str | None) -> str:
    """The rules by which distribution and containers/image tell documents apart where no header is seen."""
    if declared in mt.MANIFESTS and declared not in mt.SCHEMA1_TYPES:
        return declared
    version = document.get("schemaVersion")
    if version == 1 or declared in mt.SCHEMA1_TYPES:
        return mt.SCHEMA1_SIGNED if "signatures" in members else mt.SCHEMA1
    if version == 2 and "manifests" in members and not members & {"config", "layers"}:
        return mt.OCI_INDEX
    if version == 2 and members & {"config", "layers"}:
        config = document.get("config")
        docker = isinstance(config, dict) and config.get("mediaType") == mt.DOCKER_CONFIG
        return mt.SCHEMA2 if docker else mt.OCI_MANIFEST
    if version is None and "artifactType" in members and "blobs" in members:
        return mt.OCI_ARTIFACT
    if "errors" in members:
        raise NotAManifestError("an error document of the registry")
    what = f"mediaType {declared!r}" if declared else f"members {', '.join(sorted(members)[:8]) or 'none'}"
    raise NotAManifestError(f"JSON, but no manifest of a known kind ({what})")


def _layers(document: dict[str, Any], kind: str) -> tuple[Descriptor, ...]:
    if kind in mt.SCHEMA1_TYPES:
        return tuple(Descriptor("", _text(layer.get("blobSum"))) for layer in _objects(document.get("fsLayers")))
    return tuple(_descriptor(layer) for layer in _objects(document.get("layers")))


def _descriptor(value: dict[str, Any]) -> Descriptor:
    platform = value.get("platform")
    size = value.get("size")
    return Descriptor(
        media_type=_text(value.get("mediaType")),
        digest=_text(value.get("digest")),
        size=size if isinstance(size, int) else 0,
        platform=platform_of(platform) if isinstance(platform, dict) else None,
        has_urls=bool(value.get("urls")),
    )


def platform_of(value: dict[str, Any]) -> Platform:
    """The platform that an index entry or an image config states."""
    names = ("os", "architecture", "variant", "os.version")
    return normalise(Platform(*(_text(value.get(name)) for name in names)))


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def digest_of(body: bytes, algorithm: str = "sha256") -> str:
    """The digest under which a registry stores `body`: for signed schema 1 that of the payload without signatures."""
    return f"{algorithm}:{hashlib.new(algorithm, schema1_payload(body) or body).hexdigest()}"


def matches_digest(body: bytes, digest: str) -> bool:
    """Whether `body` is what `digest` names. Unknown algorithms never match."""
    algorithm = digest.partition(":")[0]
    return algorithm in DIGEST_HEX_LENGTH and digest in (
        digest_of(body, algorithm),
        f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}",
    )


def schema1_payload(body: bytes) -> bytes | None:
    """The signed payload of a schema 1 manifest (JWS JSON serialisation as libtrust writes it), None if there is none.

    A payload that is not schema 1 itself is none: a signature block must not make other documents pass for theirs.

    The protected header of the first signature says how many bytes of the document belong to the payload
    (`formatLength`) and with which bytes it ends (`formatTail`).
    """
    if b'"signatures"' not in body:
        return None
    try:
        protected = json.loads(body)["signatures"][0]["protected"]
        header = json.loads(_base64url(protected))
        payload = body[: int(header["formatLength"])] + _base64url(header["formatTail"])
        return payload if json.loads(payload)["schemaVersion"] == 1 else None
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError, binascii.Error):
        return None


def _base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
