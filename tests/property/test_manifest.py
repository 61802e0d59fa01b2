"""Manifests come from anybody: any bytes are a manifest or refused, and no bytes pass for a digest not theirs."""

import base64
import hashlib
import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from planner.assess.shape import shape_of
from planner.model import media_type as mt
from planner.model.manifest import (
    Manifest,
    NotAManifestError,
    digest_of,
    matches_digest,
    parse_manifest,
    schema1_payload,
)
from planner.model.reference import Reference
from planner.model.resolution import Resolution, State
from planner.resolve.answer import Answer
from planner.resolve.follow import read_config, read_manifest

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
types = st.sampled_from([*sorted(mt.MANIFESTS), mt.DOCKER_CONFIG, mt.OCI_CONFIG, "", "text/html"])
digests = st.integers(0, 5).map("sha256:{:064x}".format)


def crooked(members: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of these members, each as it should be or anything else."""
    return st.fixed_dictionaries({}, optional={name: good | anything for name, good in members.items()})


platforms = crooked(
    dict.fromkeys(("os", "architecture", "variant", "os.version"), st.sampled_from(["linux", "amd64", "v7", ""]))
)
descriptors = crooked(
    {"mediaType": types, "digest": digests, "size": st.integers(), "platform": platforms, "urls": anything}
)
signatures = st.lists(crooked({"protected": st.text(max_size=20), "header": anything}), max_size=2)
manifests = crooked(
    {
        "schemaVersion": st.sampled_from([1, 2, "2"]),
        "mediaType": types,
        "config": descriptors,
        "layers": st.lists(descriptors, max_size=3),
        "manifests": st.lists(descriptors, max_size=3),
        "fsLayers": st.lists(crooked({"blobSum": digests}), max_size=3),
        "signatures": signatures,
        "blobs": anything,
        "artifactType": st.text(max_size=8),
        "architecture": st.sampled_from(["amd64", ""]),
        "errors": anything,
    }
)


def parse(body: bytes) -> Manifest | None:
    try:
        return parse_manifest(body)
    except NotAManifestError:
        return None


@given(st.binary())
@example(b"")
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"\xff\xfe{\0}\0")
@example(b"\xef\xbb\xbf{}")
@example(b'{"schemaVersion": ' + b"9" * 5000 + b"}")
@example(b'{"schemaVersion": NaN}')
@example(b'{"schemaVersion": 2, "mediaType": "\\ud800", "layers": [], "config": {}}')
def test_any_bytes_are_a_manifest_or_refused(body: bytes) -> None:
    parse(body)
    assert matches_digest(body, digest_of(body))
    schema1_payload(body)


@given(manifests)
def test_any_document_is_a_manifest_or_refused(document: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    manifest = parse(body)
    if manifest:
        assert manifest.media_type in mt.MANIFESTS
        assert manifest.size == len(body)
        assert manifest.members == {name for name, value in document.items() if value is not None}
        assert manifest.is_index == (manifest.media_type in mt.INDEXES)
        hash(manifest)
        # Whatever it is, the next stage takes it.
        reference = Reference("r.example", "a", digest=digest_of(body))
        assert shape_of(Resolution(reference, State.RESOLVED, manifest)) is not None


@given(types.filter(lambda kind: kind in mt.MANIFESTS - mt.SCHEMA1_TYPES))
def test_a_declared_type_is_believed(kind: str) -> None:
    manifest = parse(json.dumps({"schemaVersion": 2, "mediaType": kind}).encode())
    assert manifest is not None
    assert manifest.media_type == manifest.declared == kind


@given(st.binary(max_size=200), st.sampled_from(["sha256", "sha384", "sha512"]))
def test_bytes_have_the_digest_of_their_algorithm(body: bytes, algorithm: str) -> None:
    digest = f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"
    assert matches_digest(body, digest)
    assert not matches_digest(body + b"x", digest)
    assert not matches_digest(body, digest.replace(algorithm, "md5"))


@given(manifests, manifests)
def test_only_bytes_that_the_digest_names_are_believed(asked: dict[str, Any], sent: dict[str, Any]) -> None:
    body, other = json.dumps(asked).encode(), json.dumps(sent).encode()
    resolution = read_manifest(Reference("r.example", "a", digest=digest_of(body)), Answer(State.RESOLVED, other))
    assert (resolution.manifest is not None) == (resolution.state is State.RESOLVED)
    if digest_of(other) != digest_of(body):
        assert resolution.state in (State.MISMATCH, State.NOT_A_MANIFEST)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3), st.integers(0, 8))
def test_a_signed_schema_1_has_the_digest_of_its_payload(members: dict[str, str], indent: int) -> None:
    """As libtrust signs: the signatures are put before the end of the document, which the header keeps."""
    payload = json.dumps({"schemaVersion": 1, **members}, indent=indent).encode()
    length = payload.rindex(b"\n}")
    header = json.dumps({"formatLength": length, "formatTail": unpadded(payload[length:])}).encode()
    signed = json.dumps([{"protected": unpadded(header), "signature": "AA"}]).encode()
    body = payload[:length] + b',\n"signatures": ' + signed + b"\n}"
    assert schema1_payload(body) == payload
    assert digest_of(body) == f"sha256:{hashlib.sha256(payload).hexdigest()}"
    assert matches_digest(body, digest_of(payload))
    assert not matches_digest(body.replace(b"schemaVersion", b"schemaversion"), digest_of(payload))


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@given(anything | st.binary())
def test_any_config_is_read_or_refused(document: Any) -> None:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    config = read_config(digest_of(body), Answer(State.RESOLVED, body))
    assert bool(config.config) == (isinstance(document, dict) or (isinstance(document, bytes) and _is_object(document)))
    assert read_config(f"sha256:{0:064x}", Answer(State.RESOLVED, body)).config is None


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
