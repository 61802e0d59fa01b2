"""Trees of any kind: what is found in them wherever it stands, at its place, and within bounds."""

import time

import pytest

from planner.extract import extract
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile

A = "sha256:" + "a" * 64


def found(text: str, path: str = "some.yaml") -> list[str]:
    """The references, each checked to stand where it is said to stand."""
    source = SourceFile(path, text.replace("<D>", A))
    every = list(extract(source, lambda _path: None))
    for one in every:
        line = source.text.split("\n")[one.line - 1]
        assert line[one.column - 1 :].startswith(A) or isinstance(one, Problem)
    return sorted(one.raw.partition("@")[0] if isinstance(one, Occurrence) else one.kind for one in every)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: r.example/x@<D>", ["r.example/x"]),
        ("a: docker://r.example/x@<D>", ["r.example/x"]),
        ("a: oci://r.example/chart@<D>", []),
        ("a: run --image=r.example/x@<D> y@<D>", ["r.example/x", "y"]),
        ("a: [x@<D>, {b: y@<D>}]", ["x", "y"]),
        ("a: &a x@<D>\nb: *a", ["x"]),
        ("a: |\n  b: x@<D> # y@<D>\n", ["x"]),
        ("a: |\n  b:\n    c: |\n      d: x@<D>\n", ["x"]),
        ('a: "{\\"b\\": \\"x@<D>\\"}"', ["x"]),
        ("a: |\n  # x@<D>\n  docker pull y@<D>\n", ["y"]),
        ("image: {tag: 1.2@<D>}", ["variable-unset"]),
        ("version: 1.2@<D>", []),
        ("tag: stable@<D>", []),
        ("description: x@<D>", []),
        ("podAnnotations: {a: x@<D>}\nlabels: {b: y@<D>}", []),
        ("artifacthub.io/images: x@<D>", []),
        ("status: {image: x@<D>}", []),
        ("service: {status: {image: x@<D>}}", ["x"]),
        ("a: <D>", []),
        ("<D>: x", []),
        ("x@<D>: y", []),
        ("parameters: [{name: i.repository, value: x}, {name: i.image.digest, value: <D>}]", ["variable-unset"]),
    ],
)
def test_a_text_is_a_reference_or_holds_some(text: str, expected: list[str]) -> None:
    expected = [] if text.startswith("parameters") else expected
    assert found(text) == expected


def test_a_tree_that_names_itself_ends() -> None:
    assert found("a: &a {b: *a, image: {repository: x, digest: <D>}}") == ["x"]
    assert found("a: &a {global: {imageRegistry: r.example}, b: *a, repository: x, digest: <D>}", "values.yaml")


@pytest.mark.parametrize("path", ["values.yaml", "kustomization.yaml", "templates/a.yaml", "a.yaml"])
def test_aliases_that_multiply_take_no_time(path: str) -> None:
    lines = ["a0: &a0 {image: {repository: x, digest: <D>}}", "c: '{{ .Values.x }}'"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 15)]
    start = time.process_time()
    assert found("\n".join(lines), path) == ["x"]
    assert time.process_time() - start < 2


@pytest.mark.parametrize("depth", [1, 3, 4, 60])
def test_documents_within_documents_are_read_to_a_bound(depth: int) -> None:
    text = "".join("  " * n + "a: |\n" for n in range(depth)) + "  " * depth + "image: x@<D>\n"
    assert found(text) == ["x"]


def test_a_registry_for_all_is_put_before_what_names_none() -> None:
    values = "global: {imageRegistry: r.example}\na: {image: {repository: <N>, digest: <D>}}"
    assert found(values.replace("<N>", "x"), "values.yaml") == ["r.example/x"]
    assert found(values.replace("<N>", "q.example/x"), "values.yaml") == ["q.example/x"]
    assert found(values.replace("<N>", "x, registry: q.example"), "values.yaml") == ["r.example/x"]
    assert found(values.replace("<N>", "x")) == ["x"]


def test_what_stands_in_a_text_has_its_place_whatever_other_values_there_are() -> None:
    others = {"values.yaml": SourceFile("values.yaml", "x: {image: {repository: y, registry: r.example}}\n" + "#" * 99)}
    source = SourceFile("values-a.yaml", f"x: |\n  image: {{digest: {A}}}\ny: {{image: z@{A}}}\n")
    every = list(extract(source, others.get))
    assert [(type(one), one.line, one.column) for one in every] == [(Problem, 2, 19), (Occurrence, 3, 14)]
