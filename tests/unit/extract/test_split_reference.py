import pytest

from planner.extract import extract
from planner.model.source import Problem, SourceFile

A = "sha256:" + "a" * 64


def texts(text: str, path: str = "values.yaml") -> list[str]:
    found = extract(SourceFile(path, text), lambda _: None)
    return [one.text for one in found if isinstance(one, Problem) and one.kind == "split-reference"]


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ("{name: r.example/a, digest: <D>}", f"r.example/a@{A}"),
        ("{name: a, newName: r.example/b, digest: <D>}", f"r.example/b@{A}"),
        ("{repository: team/a, registry: r.example, digest: <D>}", f"r.example/team/a@{A}"),
        ("{name: web, image: 'nginx:1', digest: <D>}", f"nginx:1@{A}"),
        ("{name: 'a; reboot', digest: <D>}", "NAME@DIGEST"),
        ("{repository: 'me:s3cret@r.example/a', digest: <D>}", "NAME@DIGEST"),
    ],
)
def test_a_digest_beside_a_name_is_no_silence(mapping: str, named: str) -> None:
    for line in (f"a: [{mapping}]", f"apiVersion: v1\nkind: X\nspec: {mapping}"):
        (text,) = texts(line.replace("<D>", A))
        assert f"`planner explain {named}`" in text
        assert "s3cret" not in text


def test_the_place_is_that_of_the_digest() -> None:
    (found,) = extract(SourceFile("a.json", f'{{"name": "a",\n "digest": "{A}"}}'), lambda _: None)
    assert isinstance(found, Problem)
    assert (found.line, found.column) == (2, 13)


@pytest.mark.parametrize(
    "text",
    [
        "{name: a, digest: ''}",
        "{name: a, digest: sha256:12}",
        "{name: a, digest: {sha256: <D>}}",
        "{url: a, ref: {digest: <D>}}",
        "{name: a, ref: {digest: <D>}}",
        "{name: '', digest: <D>}",
        "{image: a@<D>, digest: <D>}",
        "{status: {name: a, digest: <D>}}",
        "{metadata: {annotations: {name: a, digest: <D>}}}",
        "{openAPIV3Schema: {name: a, digest: <D>}}",
        "{name: a, digest: <D>",
    ],
)
def test_what_names_no_image_is_none(text: str) -> None:
    assert texts(text.replace("<D>", A)) == []


@pytest.mark.parametrize("path", ["pnpm-lock.yaml", "sbom.json", "list.txt"])
def test_records_are_none(path: str) -> None:
    assert texts(f"{{name: a, digest: '{A}'}}", path) == []
