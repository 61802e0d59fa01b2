"""What a recorded registry says beyond manifests: layers that were looked at, and the digest header."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from planner.model.platform import Platform
from planner.model.reference import parse_reference
from planner.model.resolution import LayerSeen, Resolution, State
from planner.resolve import resolve
from planner.resolve.answer import Answer
from planner.resolve.snapshot import SnapshotResolver, blob_key, manifest_key, read_snapshot, snapshot_text
from tests.support.images import Image, build_image, build_index, digest
from tests.unit.resolve.answers import NAME, reference

AMD64 = frozenset({Platform("linux", "amd64")})
GZIP = build_image({"a": b"a"})
LAYER = digest(GZIP.blobs[1])
OTHER = f"sha256:{7:064x}"


def body(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def manifest(image: Image, **members: Any) -> dict[str, Any]:
    return {"reference": f"{NAME}@{image.digest}", "status": 200, "body": body(image.body), **members}


def blob(name: str, status: int, **members: Any) -> dict[str, Any]:
    return {"reference": name, "kind": "blob", "status": status, **members}


def replayed(tmp_path: Path, image: Image, *lines: dict[str, Any]) -> Resolution:
    path = tmp_path / "snapshot.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    answers, problems = read_snapshot(path)
    assert problems == ()
    wanted = reference(image.digest)
    return resolve([wanted], SnapshotResolver(answers, "s"), AMD64)[wanted]


@pytest.mark.parametrize(
    ("status", "start", "seen"),
    [
        (200, b"\x1f\x8b\x08\x00", LayerSeen(LAYER, True, "gzip")),
        (200, b"\x1f\x8b", LayerSeen(LAYER, True, "gzip")),
        (200, b"\x28\xb5\x2f\xfd" + b"x" * 999, LayerSeen(LAYER, True, "zstd")),
        (200, b"./a\0" * 128, LayerSeen(LAYER, True, "none")),
        (200, b"a", LayerSeen(LAYER, True, "")),
        (200, None, LayerSeen(LAYER, True, "")),
        (404, None, LayerSeen(LAYER, False)),
        (500, None, None),
        (401, None, None),
    ],
)
def test_a_layer_as_it_was_seen(tmp_path: Path, status: int, start: bytes | None, seen: LayerSeen | None) -> None:
    line = blob(f"{NAME}@{LAYER}", status, **({} if start is None else {"body": body(start)}))
    assert replayed(tmp_path, GZIP, manifest(GZIP), line).layers == ((seen,) if seen else ())


def test_only_layers_of_the_image_and_of_its_repository_count(tmp_path: Path) -> None:
    lines = [blob(f"{NAME}@{OTHER}", 404), blob(f"other.example/team/app@{LAYER}", 404)]
    assert replayed(tmp_path, GZIP, manifest(GZIP), *lines).layers == ()


def test_a_layer_that_several_images_share_is_told_to_each(tmp_path: Path) -> None:
    index = build_index([(GZIP, "linux/amd64"), (build_image({"b": b""}, "linux/arm64"), "linux/arm64")])
    resolution = replayed(tmp_path, index, manifest(index), manifest(GZIP), blob(f"{NAME}@{LAYER}", 404))
    assert resolution.layers == ()
    assert [child.layers for child in resolution.children] == [(LayerSeen(LAYER, False),)]


def test_the_digest_header_is_told_as_it_came(tmp_path: Path) -> None:
    assert replayed(tmp_path, GZIP, manifest(GZIP, header_digest=OTHER)).header_digest == OTHER
    assert replayed(tmp_path, GZIP, manifest(GZIP)).header_digest == ""
    odd = replayed(tmp_path, GZIP, manifest(GZIP, header_digest="\x1b[31m" + "x" * 999)).header_digest
    assert odd.isprintable()
    assert len(odd) <= 150


def test_an_empty_type_was_looked_for_and_a_missing_one_was_not(tmp_path: Path) -> None:
    assert replayed(tmp_path, GZIP, manifest(GZIP, content_type="")).content_type == ""
    assert replayed(tmp_path, GZIP, manifest(GZIP)).content_type is None


def test_a_blob_is_named_by_digest(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.jsonl"
    path.write_text(json.dumps(blob(f"{NAME}:v1", 404)) + "\n")
    answers, (problem,) = read_snapshot(path)
    assert answers == {}
    assert "names none by digest" in problem.text


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    tag = parse_reference(f"{NAME}:v1")
    answers = {
        manifest_key(tag): Answer(State.RESOLVED, GZIP.body, content_type="text/plain", header_digest=OTHER),
        blob_key(tag, LAYER): Answer(State.RESOLVED, b"\x28\xb5\x2f\xfd"),
        blob_key(tag, OTHER): Answer(State.MISSING, status=404),
    }
    path = tmp_path / "snapshot.jsonl"
    path.write_text(snapshot_text(answers, "2026-01-01"))
    read, problems = read_snapshot(path)
    assert problems == ()
    found = resolve([tag], SnapshotResolver(read, "s"), AMD64)[tag]
    assert (found.content_type, found.header_digest, found.digest) == ("text/plain", OTHER, GZIP.digest)
    assert found.layers == (LayerSeen(LAYER, True, "zstd"),)
