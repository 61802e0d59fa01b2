import pytest

from planner.extract.split_reference import of_document
from planner.extract.syntax.yaml_nodes import Node, documents
from planner.model.occurrence import Occurrence
from planner.model.source import SourceFile

A = "sha256:" + "a" * 64
HEX = "a" * 64


def found(text: str, path: str = "object.yaml") -> list[str]:
    source = SourceFile(path, text.replace("<D>", A).replace("<H>", HEX))
    roots = [root for root in documents(source) if isinstance(root, Node)]
    every = [one for root in roots for one in of_document(source, root)]
    for one in every:
        line = source.text.split("\n")[one.line - 1]
        assert line[one.column - 1 :].startswith((A, HEX)) or not isinstance(one, Occurrence)
    return [one.raw.replace(A, "D") if isinstance(one, Occurrence) else one.kind for one in every]


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ("{repository: r.example/a, digest: <D>}", "r.example/a@D"),
        ("{repository: r.example/a, digest: '@<D>'}", "r.example/a@D"),
        ("{repository: team/a, registry: r.example, digest: <D>}", "r.example/team/a@D"),
        ("{repository: team/a, registry: r.example/, tag: 1.0, digest: <D>}", "r.example/team/a:1.0@D"),
        ("{repository: r.example/a, registry: r.example, digest: <D>}", "r.example/a@D"),
        ("{repository: r.example/a, tag: 1.0@<D>}", "r.example/a:1.0@D"),
        ("{repository: r.example/a, tag: 1.0@<D>, digest: <D>}", "r.example/a:1.0@D"),
        ("{repository: r.example/a, tag: <D>}", "r.example/a@D"),
        ("{repository: r.example, image: a, version: <D>}", "r.example/a@D"),
        ("{repository: r.example/a, image: a, version: <D>}", "r.example/a@D"),
        ("{registry: r.example, repository: x@<D>}", "r.example/x@D"),
        ("{name: a, newName: r.example/b, digest: <D>}", "r.example/b@D"),
        ("{name: web, image: 'nginx:1', digest: <D>}", "nginx:1@D"),
        ("{imageRepository: a, imageTag: 1, imageDigest: <D>}", "a:1@D"),
        ("{image_repository: a, image_digest: <D>}", "a@D"),
        ("{proxyImageRepository: a, proxyImageTag: x, proxyImageDigest: <H>}", "a:x@D"),
        ("{proxyImage: a, proxyImageDigest: <D>}", "a@D"),
        ("{controllerRepository: a, controllerDigest: <D>}", "a@D"),
        ("{image: 'a:1', version: 2, digest: <D>}", "a:1@D"),
        ("{repository: 'r.example:5000/a', tag: 2, digest: <D>}", "r.example:5000/a:2@D"),
        ("{repository: a@sha256, tag: <H>}", "a@D"),
        ("{image: a, sha256: <H>}", "a@D"),
        ("{image: a, sha: <D>}", "a@D"),
        ("{image: {registry: r.example, repository: team, name: a, digest: <D>}}", "r.example/team/a@D"),
        ("{image: {name: a, digest: <D>}}", "a@D"),
        ("{images: [{name: label, repository: r.example/a, digest: <D>}]}", "r.example/a@D"),
        ("{image: a, digest: sha256:12}", "invalid-reference"),
        ("{image: Upper, digest: <D>}", "invalid-reference"),
        ("{image: a, digest: '${DIGEST}'}", "variable-unset"),
    ],
)
def test_the_fields_of_a_mapping_make_one_reference(mapping: str, expected: str) -> None:
    spare = "" if "<" in mapping else "unused: {digest: <D>}\n"
    assert found(f"{spare}a: [{mapping}]") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "{name: a, digest: <D>}",
        "{repository: a, digest: ''}",
        "{repository: a, digest: null}",
        "{url: a, ref: {digest: <D>}}",
        "{name: a, ref: {digest: <D>}}",
        "{name: '', digest: <D>}",
        "{image: a@<D>, digest: <D>}",
        "{status: {image: a, digest: <D>}}",
        "{metadata: {annotations: {image: a, digest: <D>}}}",
        "{openAPIV3Schema: {image: a, digest: <D>}}",
        "{repository: oci://r.example/chart, digest: <D>}",
        "{repository: 'https://charts.example', version: 1, digest: <D>}",
        "{repository: team/a, sha: <H>}",
        "{name: tool.tar.gz, sha256: <H>}",
        "{image: a, sha: 0123456789abcdef0123456789abcdef01234567, digest: ''}",
    ],
)
def test_what_names_no_image_is_none(text: str) -> None:
    assert found(text) == []


def test_an_image_that_several_mappings_merge_is_found_once() -> None:
    text = "a: &a {image: x, digest: <D>}\nb: {<<: *a, more: 1}\nc: {<<: *a, image: y}\n"
    assert found(text) == ["x@D", "y@D"]


def test_the_place_is_that_of_the_digest_wherever_it_is_anchored() -> None:
    assert found("pin: &pin <D>\nimage:\n  repository: x\n  digest: *pin\n") == ["x@D"]
    assert found('{"repository": "x",\n\t"digest": "<D>"}', "a.json") == ["x@D"]
