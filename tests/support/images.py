"""Tiny real images, indexes and artifacts, byte for byte the same on every machine. Knows nothing of planner."""

import gzip
import hashlib
import io
import json
import struct
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

Kind = Literal["oci", "v2s2"]
Compression = Literal["none", "gzip", "zstd"]

DOCKER = "application/vnd.docker."
OCI = "application/vnd.oci.image."
MANIFEST_TYPES = {"oci": f"{OCI}manifest.v1+json", "v2s2": f"{DOCKER}distribution.manifest.v2+json"}
INDEX_TYPES = {"oci": f"{OCI}index.v1+json", "v2s2": f"{DOCKER}distribution.manifest.list.v2+json"}
CONFIG_TYPES = {"oci": f"{OCI}config.v1+json", "v2s2": f"{DOCKER}container.image.v1+json"}
LAYER_TYPES = {"oci": f"{OCI}layer.v1.tar", "v2s2": f"{DOCKER}image.rootfs.diff.tar"}
_SUFFIXES = {
    ("oci", "none"): "",
    ("oci", "gzip"): "+gzip",
    ("oci", "zstd"): "+zstd",
    ("v2s2", "none"): "",
    ("v2s2", "gzip"): ".gzip",
    ("v2s2", "zstd"): ".zstd",
}


@dataclass(frozen=True)
class Image:
    """A manifest of any kind with what it points to: blobs, and for an index the manifests of its entries.

    `annotations` stand in the entry of an index that points to it.
    """

    media_type: str
    body: bytes
    blobs: tuple[bytes, ...] = ()
    children: tuple["Image", ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return digest(self.body)

    @property
    def config(self) -> bytes:
        return self.blobs[0]

    @property
    def blob_digests(self) -> tuple[str, ...]:
        return tuple(map(digest, self.blobs))


def digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def build_image(
    files: Mapping[str, bytes],
    platform: str = "linux/amd64",
    kind: Kind = "oci",
    compression: Compression = "gzip",
    layers: int = 1,
) -> Image:
    """An image of `layers` equal-sized layers; the first has `files`, each further one a file of its own."""
    contents = [files, *({f"layer-{number}": b"more\n"} for number in range(2, layers + 1))]
    archives = [tar(content) for content in contents]
    blobs = [compress(archive, compression) for archive in archives]
    layer_type = LAYER_TYPES[kind] + _SUFFIXES[kind, compression]
    return from_parts(
        encode(config_document(platform, [digest(archive) for archive in archives])),
        [(layer_type, blob) for blob in blobs],
        kind,
    )


def config_document(platform: str, diff_ids: Sequence[str]) -> dict[str, Any]:
    os, architecture, *variant = platform.split("/")
    return {
        "created": "2020-01-01T00:00:00Z",
        "architecture": architecture,
        **({"variant": variant[0]} if variant else {}),
        "os": os,
        "config": {"Cmd": ["/hello"]},
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids)},
        "history": [{"created": "2020-01-01T00:00:00Z", "created_by": "planner's tests"} for _ in diff_ids],
    }


def from_parts(
    config: bytes,
    layers: Sequence[tuple[str, bytes]],
    kind: Kind = "oci",
    config_type: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Image:
    """A manifest over any config and (media type, bytes) layers; `extra` members are added or replaced."""
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPES[kind],
        "config": descriptor(config_type or CONFIG_TYPES[kind], config),
        "layers": [descriptor(media_type, blob) for media_type, blob in layers],
        **(extra or {}),
    }
    return Image(MANIFEST_TYPES[kind], encode(document), (config, *(blob for _, blob in layers)))


def build_artifact(artifact_type: str = "application/vnd.example.chart.config.v1+json", payload: bytes = b"a") -> Image:
    """What Helm, ORAS and cosign push: an OCI manifest whose config is none of an image."""
    return from_parts(b"{}", [("application/vnd.example.content.v1+tar", payload)], "oci", artifact_type)


def build_attestation(image: Image) -> Image:
    """What buildx puts beside an image: an in-toto statement, its index entry being for `unknown/unknown`."""
    statement = b'{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2"}'
    config = encode({**config_document("unknown/unknown", [digest(statement)]), "config": {}})
    bare = from_parts(config, [("application/vnd.in-toto+json", statement)])
    names = {"vnd.docker.reference.digest": image.digest, "vnd.docker.reference.type": "attestation-manifest"}
    return replace(bare, annotations=names)


def build_index(entries: Sequence[tuple[Image, str | None]], kind: Kind = "oci") -> Image:
    """An OCI index or a manifest list over (image, platform); `unknown/unknown` is an attestation, None no platform."""
    manifests = []
    for image, platform in entries:
        entry = descriptor(image.media_type, image.body)
        if image.annotations:
            entry["annotations"] = dict(image.annotations)
        if platform:
            os, architecture, *variant = platform.split("/")
            entry["platform"] = {"architecture": architecture, "os": os}
            if variant:
                entry["platform"]["variant"] = variant[0]
        manifests.append(entry)
    document = {"schemaVersion": 2, "mediaType": INDEX_TYPES[kind], "manifests": manifests}
    return Image(INDEX_TYPES[kind], encode(document), children=tuple(image for image, _ in entries))


def write_layout(image: Image, directory: Path) -> Path:
    """Write an image or index as an OCI image layout, which `skopeo copy oci:DIRECTORY` reads."""
    blobs = directory / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    for part in (image, *image.children):
        for body in (part.body, *part.blobs):
            (blobs / digest(body).removeprefix("sha256:")).write_bytes(body)
    (directory / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    index = {"schemaVersion": 2, "manifests": [descriptor(image.media_type, image.body)]}
    (directory / "index.json").write_bytes(encode(index))
    return directory


def descriptor(media_type: str, body: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "size": len(body), "digest": digest(body)}


def encode(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=3).encode()


def tar(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def gzip_tar(files: Mapping[str, bytes]) -> bytes:
    return compress(tar(files), "gzip")


def compress(data: bytes, compression: Compression) -> bytes:
    """Frames of stored blocks, written by hand: compressors differ from version to version, digests must not."""
    match compression:
        case "none":
            return data
        case "gzip":
            return _gzip(data)
        case "zstd":
            return _zstd(data)


def _gzip(data: bytes) -> bytes:
    """RFC 1952 header, RFC 1951 stored blocks."""
    size = 0xFFFF
    pieces = [data[start : start + size] for start in range(0, len(data), size)] or [b""]
    blocks = b"".join(
        struct.pack("<BHH", piece is pieces[-1], len(piece), len(piece) ^ 0xFFFF) + piece for piece in pieces
    )
    framed = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + blocks + struct.pack("<II", zlib.crc32(data), len(data))
    assert gzip.decompress(framed) == data
    return framed


def _zstd(data: bytes) -> bytes:
    """RFC 8878: a single-segment frame with a four-byte content size, and raw blocks of at most 128 KiB."""
    size = 128 * 1024
    starts = range(0, max(len(data), 1), size)
    blocks = b"".join(
        ((len(data[start : start + size]) << 3) | (start == starts[-1])).to_bytes(3, "little")
        + data[start : start + size]
        for start in starts
    )
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data)) + blocks
