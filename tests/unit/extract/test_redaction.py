import pytest

from planner.extract import extract
from planner.extract.format import redacted
from planner.model.source import Problem, SourceFile

A = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "image",
    [
        f"https://user:s3cret@reg.example/app@{A}",
        f"user:s3cret@reg.example/app@{A}",
        f"user:p@s3cret/x@reg.example/app@{A}",
        f"user:s3cret://x@reg.example/app@{A}",
        f"s3cret@reg.example/app@{A}",
        f"user:s3cret@app@{A}",
        "https://user:s3cret@reg.example/app:1",
        f"${{UNSET}}/user:s3cret@reg.example/app@{A}",
        f"${{UNSET:-user:s3cret@reg.example}}/$OTHER@{A}",
    ],
)
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("compose.yaml", "services:\n  web:\n    image: IMAGE\n"),
        ("pod.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: IMAGE\n"),
        ("Dockerfile", "FROM IMAGE\n"),
        (".drone.yml", "kind: pipeline\nsteps:\n- name: a\n  image: IMAGE\n"),
    ],
)
def test_no_problem_quotes_a_password(path: str, text: str, image: str) -> None:
    written = text.replace("IMAGE", image) + f"# {A}\n"
    found = list(extract(SourceFile(path, written), lambda _: None))
    assert found or "@sha256" not in image
    assert not [one for one in found if "s3cret" in repr(one)]


def test_a_user_in_a_reference_is_told_from_other_mistakes() -> None:
    (found,) = extract(SourceFile("Dockerfile", f"FROM me:pw@reg.example/app@{A}\n"), lambda _: None)
    assert isinstance(found, Problem)
    assert found.text.startswith(f"'***@reg.example/app@{A}' is no reference that an engine accepts: it has a user")


@pytest.mark.parametrize("raw", ["app", f"app@{A}", f"reg.example:5000/app:1@{A}", f"app@v1@{A}", "app@latest"])
def test_what_has_no_user_is_shown_as_it_stands(raw: str) -> None:
    assert redacted(raw) == raw


def test_a_password_in_the_address_of_an_included_file_is_not_quoted() -> None:
    text = f"include: ['https://user:s3cret@git.example/x.git']\nservices: {{a: {{image: 'x@{A}'}}}}\n"
    found = list(extract(SourceFile("compose.yaml", text), lambda _: None))
    assert [one.kind for one in found if isinstance(one, Problem)] == ["file-missing"]
    assert "s3cret" not in repr(found)
