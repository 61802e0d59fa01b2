"""Manifests read from bytes that nobody has vouched for, and the digests under which registries store them."""

import base64
import hashlib
import json
from typing import Any

import pytest

from planner.model import media_type as mt
from planner.model.manifest import (
    NotAManifestError,
    digest_of,
    matches_digest,
    parse_manifest,
    schema1_payload,
)
from planner.model.platform import Platform
from tests.cases.record import lab
from tests.support.images import build_artifact, build_image, build_index

PAYLOAD = b'{\n   "schemaVersion": 1,\n   "name": "shop/web",\n   "architecture": "amd64"\n}'


def signed(payload: bytes, **header: Any) -> bytes:
    """A schema 1 manifest as libtrust signs it: the signature block is put in before the closing brace."""
    tail = b"\n}"
    length = len(payload) - len(tail)
    fields = {"formatLength": length, "formatTail": base64.urlsafe_b64encode(tail).decode().rstrip("="), **header}
    protected = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    block = json.dumps([{"header": {}, "signature": "AA", "protected": protected}])
    return payload[:length] + b',\n   "signatures": ' + block.encode() + tail


def sha256(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def document(**members: Any) -> bytes:
    return json.dumps(members).encode()


def test_a_signed_manifest_is_stored_under_the_digest_of_its_payload() -> None:
    body = signed(PAYLOAD)
    assert schema1_payload(body) == PAYLOAD
    assert digest_of(body) == sha256(PAYLOAD) != sha256(body)
    assert matches_digest(body, sha256(PAYLOAD))
    assert matches_digest(body, sha256(body))
    assert not matches_digest(body, sha256(b"other"))


@pytest.mark.parametrize("kind", ["s1-signed", "x-s1-arm64"])
def test_what_a_real_registry_signed_has_the_digest_that_it_gave(kind: str) -> None:
    for key, answer in lab(kind)().items():
        assert answer.body
        assert digest_of(answer.body) == key.name.rpartition("@")[2] != sha256(answer.body)


def test_changed_signatures_keep_the_digest_and_changed_payloads_do_not() -> None:
    body = signed(PAYLOAD)
    assert digest_of(body.replace(b'"AA"', b'"BB"')) == digest_of(body)
    assert digest_of(body.replace(b"amd64", b"arm64")) != digest_of(body)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_every_algorithm_is_verified(algorithm: str) -> None:
    digest = f"{algorithm}:{hashlib.new(algorithm, PAYLOAD).hexdigest()}"
    assert matches_digest(PAYLOAD, digest)
    assert not matches_digest(PAYLOAD + b" ", digest)


@pytest.mark.parametrize("digest", ["", "sha256", "md5:" + hashlib.md5(PAYLOAD).hexdigest(), "nonsense:00"])
def test_unknown_algorithms_never_match(digest: str) -> None:
    assert not matches_digest(PAYLOAD, digest)


@pytest.mark.parametrize(
    "body",
    [
        b'"signatures"',
        b'{"signatures": []}',
        b'{"signatures": {"0": 1}}',
        b'{"signatures": [{"protected": 7}]}',
        b'{"signatures": [{"protected": "e30"}]}',
        b'{"signatures": [{"protected": "!!"}]}',
        b'{"signatures": [{"protected": "\xc3\xa9"}]}',
        signed(PAYLOAD, formatLength="many"),
        signed(PAYLOAD, formatLength=None),
        signed(PAYLOAD, formatLength=float("inf")),
        signed(PAYLOAD, formatTail=1),
        b'{"signatures":' + b"[" * 100_000,
    ],
)
def test_a_damaged_signature_block_is_no_error(body: bytes) -> None:
    assert schema1_payload(body) is None
    assert digest_of(body) == sha256(body)


def test_a_forged_length_does_not_make_a_digest_match() -> None:
    """A header that claims a short or negative payload names other bytes, so the digest differs."""
    for length in (-1, 0, 10**9):
        assert not matches_digest(signed(PAYLOAD, formatLength=length), sha256(PAYLOAD))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (build_image({}, kind="v2s2").body, mt.SCHEMA2),
        (build_image({}).body, mt.OCI_MANIFEST),
        (build_artifact().body, mt.OCI_MANIFEST),
        (build_index([], "v2s2").body, mt.MANIFEST_LIST),
        (build_index([]).body, mt.OCI_INDEX),
        (signed(PAYLOAD), mt.SCHEMA1_SIGNED),
        (PAYLOAD, mt.SCHEMA1),
        (document(schemaVersion=2, manifests=[]), mt.OCI_INDEX),
        (document(schemaVersion=2, layers=[]), mt.OCI_MANIFEST),
        (document(schemaVersion=2, config={}, layers=[]), mt.OCI_MANIFEST),
        (document(schemaVersion=2, config={"mediaType": mt.DOCKER_CONFIG}), mt.SCHEMA2),
        (document(schemaVersion=2, config={}, layers=[], manifests=[]), mt.OCI_MANIFEST),
        (document(schemaVersion=2, mediaType=None, manifests=[]), mt.OCI_INDEX),
        (document(mediaType=mt.OCI_ARTIFACT, artifactType="x", blobs=[]), mt.OCI_ARTIFACT),
        (document(artifactType="x", blobs=[]), mt.OCI_ARTIFACT),
        (document(schemaVersion=1, signatures=[]), mt.SCHEMA1_SIGNED),
        (document(mediaType=mt.SCHEMA1_SIGNED, schemaVersion=1), mt.SCHEMA1),
    ],
)
def test_the_kind_is_the_declared_one_or_that_of_the_shape(body: bytes, kind: str) -> None:
    manifest = parse_manifest(body)
    assert manifest.media_type == kind
    assert manifest.size == len(body)
    assert manifest.is_index == (kind in mt.INDEXES)
    assert manifest.is_schema1 == (kind in mt.SCHEMA1_TYPES)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<html><body>Sign in</body></html>", "not JSON; it begins with '<html>"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[]", "a list instead of an object"),
        (b"null", "a NoneType"),
        (b"{}", "members none"),
        (b'{"errors": [{"code": "UNAUTHORIZED"}]}', "an error document"),
        (b'{"architecture": "amd64", "rootfs": {}}', "members architecture, rootfs"),
        (b'{"schemaVersion": 2}', "members schemaVersion"),
        (b'{"schemaVersion": 3, "layers": []}', "no manifest of a known kind"),
        (b'{"mediaType": "application/vnd.example+json"}', "mediaType 'application/vnd.example"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
        (b'{"schemaVersion": ' + b"9" * 5000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_manifest_says_what_it_is(body: bytes, reason: str) -> None:
    with pytest.raises(NotAManifestError, match=reason.replace("(", r"\(")):
        parse_manifest(body)


HOSTILE: list[Any] = [None, 7, -1, "text", [], [None], ["x"], {}, [{"digest": 5, "size": "big", "platform": []}], True]


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_members_of_the_wrong_type_are_as_absent(value: Any) -> None:
    names = ("mediaType", "config", "layers", "manifests", "fsLayers", "artifactType", "architecture", "signatures")
    for version in (1, 2):
        for name in names:
            members = {"schemaVersion": version, "layers": [], name: value}
            try:
                manifest = parse_manifest(document(**members))
            except NotAManifestError:
                continue
            assert all(isinstance(each.digest, str) for each in (*manifest.layers, *manifest.entries))


def test_what_an_index_holds() -> None:
    image, attestation = build_image({"a": b"a"}), build_image({"b": b"b"})
    manifest = parse_manifest(build_index([(image, "linux/arm/v7"), (attestation, "unknown/unknown")]).body)
    assert [entry.digest for entry in manifest.entries] == [image.digest, attestation.digest]
    assert [entry.platform for entry in manifest.entries] == [
        Platform("linux", "arm", "v7"),
        Platform("unknown", "unknown"),
    ]
    assert parse_manifest(build_index([(image, None)]).body).entries[0].platform is None


def test_what_an_image_holds() -> None:
    image = build_image({"a": b"a"}, layers=2)
    manifest = parse_manifest(image.body)
    assert manifest.config
    assert manifest.config.media_type == mt.OCI_CONFIG
    assert [layer.digest for layer in manifest.layers] == [sha256(blob) for blob in image.blobs[1:]]
    assert [layer.size for layer in manifest.layers] == [len(blob) for blob in image.blobs[1:]]
    assert not any(layer.has_urls for layer in manifest.layers)


def test_schema1_names_its_architecture_and_its_layers() -> None:
    body = document(schemaVersion=1, architecture="arm64", fsLayers=[{"blobSum": "sha256:1"}, {"blobSum": "sha256:2"}])
    manifest = parse_manifest(body)
    assert manifest.architecture == "arm64"
    assert [layer.digest for layer in manifest.layers] == ["sha256:1", "sha256:2"]


def test_null_members_do_not_make_a_document_ambiguous() -> None:
    body = document(schemaVersion=2, mediaType=mt.OCI_MANIFEST, config={}, layers=[], manifests=None)
    assert "manifests" not in parse_manifest(body).members
    assert "manifests" in parse_manifest(body.replace(b"null", b"[]")).members


def test_a_signature_block_vouches_for_schema1_only() -> None:
    """Else whoever answers for a registry could put members of his own into a pinned OCI manifest."""
    genuine = build_image({"a": b"a"}).body
    forged = signed(genuine).replace(b'"signatures"', b'"layers": [], "signatures"')
    assert parse_manifest(forged).layers != parse_manifest(genuine).layers
    assert not matches_digest(forged, sha256(genuine))
