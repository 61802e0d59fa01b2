"""The images of tests/oracle/images.jsonl as bytes that a server can send. Independent of planner."""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Foreign layers name the port of the machine on which the engines once ran.
_OLD_HOST = re.compile(rb"http://127\.0\.0\.1:\d+/")


@dataclass(frozen=True)
class StoredManifest:
    """What a server sends for one name, a tag or a digest. `digest` is the header, not always that of the body."""

    body: bytes
    content_type: str
    digest: str


@dataclass(frozen=True)
class StoredImage:
    """One kind of image: manifests by tag or digest, blobs by digest, and the two references that engines pulled."""

    kind: str
    repository: str
    in_registry: bool
    manifests: Mapping[str, StoredManifest]
    blobs: Mapping[str, bytes]
    digest: str

    tag = "t"

    def name(self, ref: str) -> str:
        """The image without its registry, by `ref`: "tag" or "digest"."""
        return f"{self.repository}:{self.tag}" if ref == "tag" else f"{self.repository}@{self.digest}"


def read_images(path: Path, url_host: str) -> Iterator[StoredImage]:
    """Every image of the file, in its order; URLs of foreign layers lead to `url_host`, 127.0.0.1:PORT."""
    for line in path.read_text("utf-8").splitlines():
        yield _image(json.loads(line), url_host)


def _image(line: dict[str, Any], url_host: str) -> StoredImage:
    bodies = {m["name"]: _unpack(m["body"]) for m in line["manifests"] if "body" in m}
    moved = {name: _OLD_HOST.sub(f"http://{url_host}/".encode(), body) for name, body in bodies.items()}
    renamed = {name: _digest(moved[name]) for name, body in bodies.items() if body != moved[name]}
    manifests = {
        renamed.get(m["name"], m["name"]): StoredManifest(
            moved[m.get("same_as", m["name"])], m["content_type"], renamed.get(m["digest"], m["digest"])
        )
        for m in line["manifests"]
        if m.get("same_as", m["name"]) in moved
    }
    return StoredImage(
        line["kind"],
        line["repository"],
        line["stored_by"] == "registry",
        manifests,
        {blob["digest"]: _unpack(blob["body"]) for blob in line["blobs"]},
        renamed.get(line["pulled_by_digest"], line["pulled_by_digest"]),
    )


def _unpack(body: Mapping[str, str]) -> bytes:
    if "zlib_base64" in body:
        return zlib.decompress(base64.b64decode(body["zlib_base64"]))
    return base64.b64decode(body["base64"])


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
