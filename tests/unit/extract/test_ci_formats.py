"""What the case folders of the CI formats do not show: file names, problems, and text that is no pull."""

import time

import pytest

from planner.extract import format_of
from planner.model.platform import Platform
from planner.model.source import SourceFile
from tests.support.extraction import images, problems, read

GITHUB = ".github/workflows/ci.yml"
TEKTON = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (GITHUB, "jobs: {}", "github-actions"),
        (".gitea/workflows/a.yaml", "jobs: {}", "github-actions"),
        ("x/action.yml", "name: a\nruns:\n  using: docker\n", "github-actions"),
        ("x/action.yml", "name: a\n", "structured"),
        (".gitlab-ci.yml", "a: b", "gitlab-ci"),
        ("ci/build.gitlab-ci.yml", "a: b", "gitlab-ci"),
        (".gitlab/jobs/a.yml", "job:\n  script: [a]\n", "gitlab-ci"),
        ("ci/jobs.yml", "job:\n  name: a\n", "structured"),
        ("ci/task.yml", "apiVersion: v1\nkind: Pod\nspec:\n  script: a\n", "kubernetes"),
        ("ci/docker-compose.yml", "services:\n  a:\n    image: b\n    extends: c\n", "compose"),
        (".circleci/config.yml", "jobs: {}", "circleci"),
        ("azure-pipelines.yml", "steps: []", "azure-pipelines"),
        ("azure-pipelines-release.yaml", "steps: []", "azure-pipelines"),
        ("build.yml", "jobs:\n- job: a\n  pool:\n    vmImage: x\n", "azure-pipelines"),
        ("build.yml", "on: push\njobs:\n  a:\n    runs-on: x\n    displayName: b\n", "github-actions"),
        ("build.yml", "on: push\njobs:\n  a:\n    displayName: b\n", "structured"),
        ("bitbucket-pipelines.yml", "image: a", "bitbucket-pipelines"),
        (".drone.yml", "kind: pipeline", "drone"),
        ("k8s/drone.yml", "apiVersion: v1\nkind: Pod\nsteps:\n", "kubernetes"),
        (".woodpecker.yaml", "steps: {}", "woodpecker"),
        (".woodpecker/a/b.yml", "pipeline: {}", "woodpecker"),
        ("cloudbuild.json", '{"steps": []}', "cloud-build"),
        ("deploy/cloudbuild-prod.yaml", "steps: []", "cloud-build"),
        ("a.yaml", TEKTON, "tekton"),
        ("a.yaml", "apiVersion: v1\nkind: Pod\n", "kubernetes"),
    ],
)
def test_which_format_claims_a_file(path: str, text: str, expected: str) -> None:
    claimed = format_of(SourceFile(path, text))
    assert claimed is not None
    assert claimed.name == expected


@pytest.mark.parametrize(
    ("path", "text", "kind", "line"),
    [
        (GITHUB, "jobs:\n  a:\n    container: a@sha256:12\n", "invalid-reference", 3),
        (GITHUB, "jobs:\n  a:\n    container: ${{ vars.REGISTRY }}/a@<D>\n", "variable-unset", 3),
        (GITHUB, "jobs:\n  a:\n    container: ${{ matrix.none }}@<D>\n", "variable-unset", 3),
        (GITHUB, "jobs:\n  a:\n    steps:\n    - uses: docker://A/B@<D>\n", "invalid-reference", 4),
        (".gitlab-ci.yml", "a:\n  image: ${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/a@<D>\n", "variable-unset", 2),
        (".gitlab-ci.yml", "a:\n  image: $CI_REGISTRY_IMAGE@<D>\n", "variable-unset", 2),
        (".gitlab-ci.yml", "a:\n  image: $LOOP@<D>\nvariables: {LOOP: $LOOP}\n", "variable-unset", 2),
        (".circleci/config.yml", "jobs: {a: {docker: [{image: '<< parameters.x >>@<D>'}]}}\n", "variable-unset", 1),
        ("azure-pipelines.yml", "jobs:\n- job: a\n  container: $(none)@<D>\n", "variable-unset", 3),
        ("cloudbuild.yaml", "steps:\n- name: gcr.io/$PROJECT_ID/a@<D>\n", "variable-unset", 2),
        (".drone.yml", "kind: pipeline\nsteps:\n- image: ${X}@<D>\n", "variable-unset", 3),
        ("bitbucket-pipelines.yml", "image: a@md5:0\n#sha256:", "invalid-reference", 1),
        ("a.yaml", TEKTON + "spec: {steps: [{image: $(params.x)@<D>}]}\n", "variable-unset", 4),
    ],
)
def test_what_cannot_be_checked_is_a_problem(path: str, text: str, kind: str, line: int) -> None:
    assert problems(path, text) == [(kind, line)]


@pytest.mark.parametrize(
    "path", [GITHUB, ".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", "cloudbuild.yaml"]
)
def test_a_file_that_does_not_parse_is_read_by_spelling(path: str) -> None:
    found, failed = read(path, "steps: [\njobs: {a\nimage: a@<D>\n# image: b@<D>\n")
    assert [each.kind for each in failed] == ["unparsable"]
    assert [(each.raw[0], each.confidence) for each in found] == [("a", "text")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            GITHUB,
            "jobs:\n  a:\n    # container: a@<D>\n    steps:\n    - run: |\n        # docker run a@<D>\n        true\n",
        ),
        (GITHUB, "jobs:\n  a:\n    steps:\n    - uses: a/b@" + "0" * 64 + " # <D>\n      with: {sum: '<D>'}\n"),
        (".circleci/config.yml", "jobs: {a: {machine: {image: 'ubuntu:2004'}}} # <D>\n"),
        ("a.yaml", TEKTON + "spec: {description: 'uses a@<D>'}\n"),
        ("a.yaml", TEKTON + "spec: {taskRef: {bundle: a@<D>}}\n"),
        (".drone.yml", "kind: secret\ndata: <D>\n"),
    ],
)
def test_what_is_no_pull(path: str, text: str) -> None:
    assert images(path, text) == []


WORDS = ["annotations", "labels", "description", "displayName", "status", "bundle", "taskRef", "pipelineRef", "release"]


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize(
    ("path", "text"),
    [
        (GITHUB, "jobs: {NAME: {steps: [{run: docker run a@<D>}]}}\n"),
        (GITHUB, "jobs: {j: {env: {NAME: a@<D>}}}\n"),
        (".gitlab-ci.yml", "NAME:\n  script:\n  - docker run a@<D>\n"),
        (".gitlab-ci.yml", "variables: {NAME: a@<D>}\n"),
        (".circleci/config.yml", "jobs: {NAME: {steps: [{run: docker run a@<D>}]}}\n"),
        ("azure-pipelines.yml", "variables: {NAME: a@<D>}\n"),
        ("bitbucket-pipelines.yml", "pipelines: {custom: {NAME: [{step: {script: [docker run a@<D>]}}]}}\n"),
        (".woodpecker.yml", "steps: {NAME: {commands: [docker run a@<D>]}}\n"),
    ],
)
def test_a_job_may_have_any_name(path: str, text: str, name: str) -> None:
    ((role, _, image),) = images(path, text.replace("NAME", name))
    assert (role in ("text", "command"), image) == (True, "a")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (GITHUB, "on: {workflow_call: {inputs: {i: {description: such as a@<D>}}}}\njobs: {}\n"),
        ("action.yml", "description: runs a@<D>\ninputs: {i: {description: such as a@<D>}}\nruns: {using: docker}\n"),
        (".gitlab-ci.yml", "variables: {V: {value: x, description: such as a@<D>}}\n"),
        (".gitlab-ci.yml", "job: {script: [x], release: {description: pull a@<D>}}\n"),
        (".gitlab-ci.yml", "spec: {inputs: {i: {description: such as a@<D>}}}\n---\njob: {script: [x]}\n"),
        (".circleci/config.yml", "jobs: {j: {description: a@<D>, parameters: {p: {description: a@<D>}}}}\n"),
        (".circleci/config.yml", "orbs: {o: {commands: {c: {description: a@<D>}}}}\n"),
        ("azure-pipelines.yml", "steps:\n- script: x\n  displayName: uses a@<D>\n"),
    ],
)
def test_what_describes_something_is_no_pull(path: str, text: str) -> None:
    assert images(path, text) == []


def test_machine_images_are_no_pulls() -> None:
    assert images(".circleci/config.yml", "jobs: {a: {machine: {image: a@<D>}}}") == []


def test_a_matrix_is_combined_and_rows_keep_together() -> None:
    text = (
        "jobs:\n  a:\n    strategy:\n      matrix:\n        os: [debian, alpine]\n        tag: [1, 2]\n"
        "        image: [{name: x, tag: one}, {name: y, tag: two}]\n        include: [{os: extra, tag: 3}, {os: x}]\n"
        "    container: ${{ matrix.os }}:${{ matrix.tag }}@<D>\n"
        "    services:\n      s: ${{ matrix.image.name }}:${{ matrix.image.tag }}@<D>\n"
    )
    assert {image for role, _, image in images(GITHUB, text) if role == "job"} == {
        "debian:1",
        "debian:2",
        "alpine:1",
        "alpine:2",
        "extra:3",
    }
    assert {image for role, _, image in images(GITHUB, text) if role == "service"} == {"x:one", "y:two"}


def test_woodpecker_matrix_is_combined() -> None:
    text = "matrix: {A: [a, b], T: [1, 2]}\nsteps:\n  s:\n    image: $A:${T}@<D>\n"
    assert {image for _, _, image in images(".woodpecker.yml", text)} == {"a:1", "a:2", "b:1", "b:2"}


def test_an_input_without_a_default_is_a_problem() -> None:
    workflow = "on: {workflow_call: {inputs: {r: {type: string}}}}\njobs: {a: {container: '${{ inputs.r }}a@<D>'}}\n"
    assert problems(GITHUB, workflow) == [("variable-unset", 2)]
    component = "spec:\n  inputs:\n    r:\n---\na:\n  script: [a]\n  image: $[[ inputs.r ]]a@<D>\n"
    assert problems("templates/a.yml", component) == [("variable-unset", 7)]


def test_gitlab_job_variables_win_and_children_fill_in_templates() -> None:
    text = (
        "variables: {R: top}\n.base:\n  image: $R/$N@<D>\none:\n  extends: .base\n  variables: {N: a}\n"
        "two:\n  extends: [.base]\n  variables: {N: b, R: own}\nthree:\n  image: $R/c@<D>\n  variables: {R: mine}\n"
    )
    assert sorted(images(".gitlab-ci.yml", text)) == [
        ("job", "one", "top/a"),
        ("job", "three", "mine/c"),
        ("job", "two", "own/b"),
    ]


@pytest.mark.parametrize(
    ("base", "job", "expected"),
    [
        ("image: A, services: [s$PG]", "image: A", [("service", "job", "s")]),
        ("image: i$PG, services: [s$PG]", "services: []", [("job", "job", "i")]),
        ("image: i$PG, services: [s$PG]", "image: A, services: []", []),
        ("image: i$PG, services: [s$PG]", "stage: a", [("job", "job", "i"), ("service", "job", "s")]),
        ("image: {name: i$PG}", "image: {entrypoint: ['']}", [("job", "job", "i")]),
    ],
)
def test_gitlab_image_and_services_are_inherited_each_for_itself(
    base: str, job: str, expected: list[tuple[str, str, str]]
) -> None:
    text = f".base: {{{base}, script: [x]}}\njob: {{extends: .base, {job}, variables: {{PG: '@<D>'}}, script: [x]}}\n"
    inherited = [each for each in images(".gitlab-ci.yml", text) if each[0] != "text"]
    assert sorted(inherited) == expected


@pytest.mark.parametrize("base", ["image: {name: i$PG}", "default: {image: i$PG}", ".base: {image: i$PG}"])
def test_gitlab_variables_of_a_job_give_an_inherited_image_another_digest(base: str) -> None:
    extends = "extends: .base, " if base.startswith(".") else ""
    text = f"{base}\nvariables: {{PG: '@<D>'}}\njob: {{{extends}variables: {{PG: ':2@<D>'}}, script: [x]}}\n"
    assert sorted(image for _, _, image in images(".gitlab-ci.yml", text)) == ["i", "i:2"]


def test_gitlab_jobs_may_extend_each_other_in_a_circle() -> None:
    text = "a:\n  extends: b\n  image: a@<D>\nb:\n  extends: a\n  services: [b@<D>]\n"
    assert sorted(images(".gitlab-ci.yml", text)) == [("job", "a", "a"), ("service", "b", "b")]


def test_drone_platform_is_kept() -> None:
    (found,), _ = read(
        ".drone.yml", "kind: pipeline\nplatform: {os: linux, arch: arm64}\nsteps: [{name: a, image: a@<D>}]\n"
    )
    assert found.platform == Platform("linux", "arm64")


def test_a_tekton_file_keeps_its_other_objects() -> None:
    text = (
        f"{TEKTON}spec: {{steps: [{{name: a, image: a@<D>}}]}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\n"
    )
    found, failed = read("a.yaml", text + "spec: {containers: [{name: c, image: b@<D>}]}\n---\n: [\n  c@<D>\n")
    assert [(each.format, each.raw[0], each.confidence) for each in found] == [
        ("tekton", "a", "parsed"),
        ("kubernetes", "b", "parsed"),
        ("tekton" if found[2].format == "tekton" else "plain-text", "c", "text"),
    ]
    assert [each.kind for each in failed] == ["unparsable"]


@pytest.mark.parametrize(
    "text",
    [
        "jobs: &a\n  a: {container: a@<D>, services: *a, strategy: *a}\n",
        "job: &a\n  extends: [job, job]\n  variables: *a\n  image: *a\n  services: [*a]\n  x: <D>\n",
        "a: &a [x, x, x]\nb: &b [*a, *a, *a]\n"
        + "".join(
            f"{name}: &{name} [*{last}, *{last}, *{last}]\n"
            for last, name in zip("bcdefghijklm", "cdefghijklmn", strict=True)
        )
        + "steps: *n\nx: <D>\n",
        "jobs:\n  a:\n    strategy: {matrix: {i: ["
        + "x," * 3000
        + "]}}\n    container: "
        + "${{ matrix.i }}" * 20
        + "@<D>\n",
        "\n".join(f"job{n}:\n  extends: job{n + 1}\n  script: [a]" for n in range(2000)) + "\nx: <D>\n",
        "variables:\n" + "".join(f"  V{n}: $V{n + 1}$V{n + 1}\n" for n in range(200)) + "a:\n  image: $V0@<D>\n",
        "spec: {params: [" + "{name: x, default: y}," * 3000 + "]}\nsteps:\n" + "- image: $(params.x)@<D>\n" * 1000,
    ],
    ids=["self", "job-self", "bomb", "matrix", "extends", "variables", "params"],
)
@pytest.mark.parametrize(
    "path",
    [
        GITHUB,
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "azure-pipelines.yml",
        "cloudbuild.yaml",
        "bitbucket-pipelines.yml",
        ".woodpecker.yml",
        "tekton.yaml",
    ],
)
def test_hostile_files_end_soon(path: str, text: str) -> None:
    started = time.process_time()
    if path == "tekton.yaml":
        text = TEKTON + text
    read(path, text)
    assert time.process_time() - started < 10
