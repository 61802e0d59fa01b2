"""CI files that take from others of the tree: loops and floods of them end, and nothing leaves the tree."""

import time

import pytest

from planner.extract import extract
from planner.model.occurrence import Occurrence
from planner.model.source import SourceFile
from tests.support.extraction import DIGEST

CALL = ".github/workflows/a.yml"


def read_tree(main: str, files: dict[str, str]) -> list[tuple[str, str]]:
    """The file and image of each occurrence in `main`; `<D>` stands for a digest."""
    sources = {path: SourceFile(path, text.replace("<D>", DIGEST)) for path, text in files.items()}
    found = extract(sources[main], sources.get)
    return sorted({(each.file, each.raw.partition("@")[0]) for each in found if isinstance(each, Occurrence)})


def test_a_nested_workflow_gets_what_its_callers_were_given() -> None:
    files = {
        CALL: "jobs: {a: {uses: ./.github/workflows/b.yml, with: {d: '<D>'}}}\n",
        ".github/workflows/b.yml": (
            "on: {workflow_call: {inputs: {d: {}}}}\n"
            "jobs: {b: {uses: ./.github/workflows/c.yml, with: {image: 'x@${{ inputs.d }}'}}}\n"
        ),
        ".github/workflows/c.yml": (
            "on: {workflow_call: {inputs: {image: {}}}}\njobs: {c: {container: '${{ inputs.image }}'}}\n"
        ),
    }
    assert read_tree(CALL, files) == [(CALL, "x")]


def test_gitlab_variables_of_the_including_file_win() -> None:
    files = {
        ".gitlab-ci.yml": "include: [{local: /x.yml}]\nvariables: {R: main}\n",
        "x.yml": "variables: {R: own}\njob:\n  image: $R/a@<D>\n  script: [a]\n",
    }
    assert read_tree(".gitlab-ci.yml", files) == [("x.yml", "main/a")]


def test_gitlab_includes_that_are_elsewhere_are_not_problems() -> None:
    text = (
        "include: [{remote: 'https://x/y.yml'}, {project: a/b, file: /c.yml}, {template: X.yml}, {component: c/d@1},"
        " 'https://x/z.yml', {local: '../../out.yml'}, {local: '**/*.yml'}, {local: /none.yml}]\na:\n  image: a@<D>\n"
    )
    assert read_tree(".gitlab-ci.yml", {".gitlab-ci.yml": text}) == [(".gitlab-ci.yml", "a")]
    assert len(extract(SourceFile(".gitlab-ci.yml", text.replace("<D>", DIGEST)), lambda _: None)) == 1


GITHUB_FLOOD = "on: workflow_call\njobs:\n" + "".join(
    f"  j{n}: {{uses: ./.github/workflows/{name}.yml, with: {{x: '<D>'}}}}\n"
    for n in range(20)
    for name in "abcdefgh"[n % 8]
)
GITLAB_FLOOD = (
    "include:\n"
    + "".join(f"  - {{local: /f{n}.yml, inputs: {{i: '{n}'}}}}\n" for n in range(150))
    + "job:\n  image: $X/a@<D>\n  script: [a]\n"
)
AZURE_FLOOD = "jobs:\n" + "".join(
    f"- template: f{n % 40}.yml\n  parameters: {{image: 'a{n}@<D>'}}\n" for n in range(200)
)


@pytest.mark.parametrize(
    ("main", "files"),
    [
        (CALL, {f".github/workflows/{name}.yml": GITHUB_FLOOD for name in "abcdefgh"}),
        (".gitlab-ci.yml", {".gitlab-ci.yml": GITLAB_FLOOD} | {f"f{n}.yml": GITLAB_FLOOD for n in range(150)}),
        (
            "azure-pipelines.yml",
            {"azure-pipelines.yml": AZURE_FLOOD} | {f"f{n}.yml": AZURE_FLOOD for n in range(40)},
        ),
    ],
    ids=["github", "gitlab", "azure"],
)
def test_floods_of_files_end_soon(main: str, files: dict[str, str]) -> None:
    started = time.process_time()
    assert read_tree(main, files) is not None
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            CALL,
            (
                "env: {A: '${{ env.B }}${{ env.B }}', B: '${{ env.A }}${{ env.A }}'}\n"
                "jobs: {a: {container: '${{ env.A }}@<D>'}}\n"
            ),
        ),
        (
            CALL,
            "x: &m {"
            + ", ".join(f"k{n}: [{', '.join('abcdefgh')}]" for n in range(12))
            + "}\njobs:\n"
            + "".join(
                f"  j{n}: {{strategy: {{matrix: *m}}, container: '${{{{ matrix.k0 }}}}@<D>'}}\n" for n in range(200)
            ),
        ),
        (
            "azure-pipelines.yml",
            "parameters: [{name: l, type: object, default: ["
            + "x," * 2000
            + "]}]\njobs:\n"
            + "- ${{ each a in parameters.l }}:\n" * 1
            + "".join("  " * n + f"  - ${{{{ each b{n} in parameters.l }}}}:\n" for n in range(1, 20))
            + "  " * 20
            + "  - {job: a, container: '${{ a }}@<D>'}\n",
        ),
        (
            ".gitlab-ci.yml",
            "job:\n  image: $A$B$C@<D>\n  script: [a]\n  parallel:\n    matrix:\n"
            "      - {A: ["
            + "a," * 2000
            + "], B: ["
            + "b," * 2000
            + "], C: [c]}\n" * 1
            + "  rules: ["
            + "{variables: {A: x}}," * 2000
            + "]\n",
        ),
        (
            ".gitlab-ci.yml",
            (
                ".a:\n  image: !reference [.b, image]\n  script: [a]\n"
                ".b:\n  image: !reference [.a, image]\n  script: [a]\n"
                "c:\n  services: !reference [c, services]\n  script: [a]\n  x: <D>\n"
            ),
        ),
    ],
    ids=["env", "matrix", "each", "parallel", "reference"],
)
def test_values_that_multiply_end_soon(path: str, text: str) -> None:
    started = time.process_time()
    read_tree(path, {path: text})
    assert time.process_time() - started < 5
