"""Inventories with a recorded registry, so that verdicts are known and no network is asked."""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.command import write_compose
from tests.support.images import Image, build_image, digest

HELLO = {"hello": b"hello\n"}
SCHEMA2 = build_image(HELLO, kind="v2s2")
ARM = build_image(HELLO, "linux/arm64")
NAME = "registry.example/app"
RECORDED = "registry.jsonl"

# Engines of a linux/amd64 host, and what becomes of the two images on it.
PULLS = ("docker 20.10.24", SCHEMA2)
AT_RISK = ("docker 20.10.24", ARM)
UNKNOWN = ("docker 99.0.0", SCHEMA2)
BREAKS = ("docker 1.9.1", SCHEMA2)


def write_inventory(folder: Path, *cases: tuple[str, Image]) -> Path:
    """A folder in which each host runs one image, from a compose file of its own, with the registry recorded."""
    hosts = []
    for number, (engine, image) in enumerate(cases):
        write_compose(folder / f"h{number}", f"{NAME}@{image.digest}")
        hosts.append(f'[[hosts]]\nname = "h{number}"\nengine = "{engine}"\nruns = ["h{number}/**"]\n')
    (folder / "planner.toml").write_text("".join(hosts))
    write_recorded(folder / RECORDED, [image for _, image in cases])
    return folder


def write_recorded(path: Path, images: Iterable[Image]) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for image in images for line in _lines(image)))
    return path


def _lines(image: Image) -> Iterator[dict[str, object]]:
    yield _line("manifest", image.body)
    for child in image.children:
        yield from _lines(child)
    if image.blobs:
        yield _line("config", image.config)


def _line(kind: str, body: bytes) -> dict[str, object]:
    text = base64.b64encode(body).decode()
    return {"reference": f"{NAME}@{digest(body)}", "kind": kind, "status": 200, "body": text}
