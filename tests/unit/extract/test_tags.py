"""References by tag: found in every format that is parsed where they are asked for, and nowhere else."""

import re

import pytest

from planner.extract import FORMATS, distinct, extract, format_of, names_images
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile
from tests.support.extraction import DIGEST

TEKTON = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec:\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
RESOURCE = "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: p}\nspec:\n"
AZURE = "resources:\n  containers:\n  - container: linux\n    image: ubuntu:22.04\njobs:\n"

ARGO = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n"
FLUX = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n"

# Where a reference is told from other text by its digest alone.
BY_DIGEST = {"plain-text", "structured", "appveyor", "bake", "codebuild", "dotenv", "hcl", "taskfile", "travis"}
PINNED = re.compile(r"(?::[\w.-]+)?@sha256:…")
EXAMPLES = {
    name for name, each in FORMATS.items() if each.example and PINNED.search(each.example.text)
} - BY_DIGEST  # fmt: skip

# Format, path, text, and the references by tag that are in it.
CASES = [
    (
        "compose",
        "compose.yml",
        "services:\n  a: {image: nginx:1.25}\n  b:\n    image: postgres\n",
        "nginx:1.25 postgres",
    ),
    ("compose", "compose.yml", "services:\n  a:\n    image: 'localhost:5000/x/y:1'\n", "localhost:5000/x/y:1"),
    ("compose", "compose.yml", "services:\n  a: {build: ., image: corp/app:dev}\n  b: {image: corp/app:dev}\n", ""),
    ("compose", "compose.yml", "services:\n  a: {build: .}\n  b: {command: docker run alpine:3}\n", ""),
    (
        "compose",
        "compose.yml",
        "services:\n  a:\n    volumes: [{type: image, source: data:2}]\n    image: ''\n",
        "data:2",
    ),
    (
        "compose",
        "compose.yml",
        "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM alpine:3 AS x\n        FROM x\n",
        "alpine:3",
    ),
    ("dockerfile", "Dockerfile", "# syntax=docker/dockerfile:1\nFROM a:1\nFROM b\n", "docker/dockerfile:1 a:1 b"),
    (
        "dockerfile",
        "Dockerfile",
        "FROM a:1 AS build\nFROM scratch\nCOPY --from=build /a /b\nCOPY --from=0 /a /b\n",
        "a:1",
    ),
    (
        "dockerfile",
        "Dockerfile",
        "FROM a:1\nRUN --mount=from=b:2,target=/x docker pull c:3\nCOPY --from=d /a /\n",
        "a:1 b:2 d",
    ),
    ("shell-script", "run.sh", "docker run --rm -e X alpine:3 a:1\necho b:2\n", "alpine:3"),
    ("dockerfile", "Dockerfile", "ARG BASE=a:1\nFROM ${BASE} AS x\nFROM x\n", "a:1"),
    ("kubernetes", "p.yaml", POD + "  - {name: a, image: nginx}\n  - {name: b, image: 'q.io/x:1'}\n", "nginx q.io/x:1"),
    ("kubernetes", "p.yaml", POD + "  - {name: a, image: a:1, args: ['--sidecar=b:1']}\n", "a:1"),
    (
        "kubernetes",
        "r.yaml",
        RESOURCE + "  image: q.io/prometheus:v2\n  os: {image: ubuntu-2004}\n",
        "q.io/prometheus:v2",
    ),
    ("kubernetes", "r.yaml", RESOURCE + "  replicas: 1\nstatus:\n  image: q.io/prometheus:v2\n", ""),
    ("github-actions", ".github/workflows/a.yml", "on: push\njobs:\n  a:\n    container: node:18\n", "node:18"),
    (
        "github-actions",
        ".github/workflows/a.yml",
        "on: push\njobs:\n  a:\n    steps:\n    - uses: actions/checkout@v4\n    - uses: docker://b:1\n",
        "b:1",
    ),
    ("gitlab-ci", ".gitlab-ci.yml", "image: ruby:2.6\nservices: ['docker:dind']\n", "ruby:2.6 docker:dind"),
    ("azure-pipelines", "azure-pipelines.yml", AZURE + "- job: a\n  container: node:18\n", "ubuntu:22.04 node:18"),
    ("azure-pipelines", "azure-pipelines.yml", AZURE + "- job: a\n  container: linux\n", "ubuntu:22.04"),
    ("jenkinsfile", "Jenkinsfile", "pipeline { agent { docker { image 'a:1' } } }", "a:1"),
    ("jenkinsfile", "Jenkinsfile", "node { docker.image('a').inside { slackSend(image: 'pic:png') } }", "a"),
    ("jenkinsfile", "Jenkinsfile", "containerTemplate(name: 'm', image: 'a:1')", "a:1"),
    ("jenkinsfile", "Jenkinsfile", "podTemplate(yaml: '''\nspec:\n  containers:\n  - image: z:1\n''')", "z:1"),
    ("jenkinsfile", "Jenkinsfile", "def image = docker.build('a:1')\nimage.push()\n", ""),
    ("circleci", ".circleci/config.yml", "jobs:\n  a:\n    docker: [{image: b:1}]\n    machine: {image: c:1}\n", "b:1"),
    ("drone", ".drone.yml", "kind: pipeline\nsteps:\n- name: a\n  image: golang\n", "golang"),
    ("woodpecker", ".woodpecker.yml", "steps:\n- name: a\n  image: golang:1\n", "golang:1"),
    ("bitbucket-pipelines", "bitbucket-pipelines.yml", "image: node:18\n", "node:18"),
    (
        "cloud-build",
        "cloudbuild.yaml",
        "steps:\n- name: gcr.io/cloud-builders/docker\n",
        "gcr.io/cloud-builders/docker",
    ),
    ("tekton", "t.yaml", TEKTON + "  steps:\n  - image: a:1\n---\n" + POD + "  - {name: c, image: b:1}\n", "a:1 b:1"),
    ("helm-values", "values.yaml", "image: alpine:3\nother: b:2\nversion: 1.2\n", "alpine:3"),
    ("helm-chart", "templates/a.yaml", "{{ if .Values.x }}\n" + POD + "  - {name: a, image: a:1}\n{{ end }}\n", "a:1"),
    ("kustomize", "kustomization.yaml", "images:\n- {name: x, newName: y}\n", ""),
    ("argocd", "a.yaml", ARGO + "  source: {kustomize: {images: [x=a:1]}}\n", "a:1"),
    ("flux", "a.yaml", FLUX + "  values: {image: a:1, chart: b:1}\n", "a:1"),
    (
        "images-lock",
        "a.yml",
        "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages: [{image: a:1}]\n",
        "a:1",
    ),
    ("zarf", "zarf.yaml", "kind: ZarfPackageConfig\ncomponents: [{name: a, images: [a:1]}]\n", "a:1"),
    ("helm-objects", "fleet.yaml", "helm: {chart: b:1, values: {image: a:1}}\n", "a:1"),
    ("skopeo-sync", "sync.yaml", "r.example:\n  images:\n    x: []\n", ""),
    (
        "terraform",
        "a.tf",
        'resource "docker_image" "x" {\n  name = "a:1"\n}\noutput "image" { value = "b:1" }\n',
        "a:1",
    ),
    ("nomad", "a.nomad", 'job "x" {\n  task "y" {\n    config { image = "a:1" }\n  }\n}\n', "a:1"),
    ("hcl", "a.pkr.hcl", 'source "docker" "x" { image = "a:1" }\n', ""),
    (
        "cloudformation",
        "a.yaml",
        "Resources:\n  X:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {Definitions: [{Image: a:1}]}\n",
        "a:1",
    ),
    ("ansible", "a.yml", "- hosts: x\n  tasks: [{name: b:1, docker_container: {name: c, image: a:1}}]\n", "a:1"),
    ("ecs", "a.json", '{"containerDefinitions": [{"name": "b", "image": "a:1"}]}\n', "a:1"),
    ("pulumi", "Pulumi.yaml", "resources: {x: {type: docker:Container, properties: {image: a:1}}}\n", "a:1"),
    (
        "azure-templates",
        "a.json",
        '{"$schema": "https://schema.management.azure.com/schemas/deployment", "resources": [{"image": "a:1"}]}',
        "a:1",
    ),
    ("image-list", "images.txt", "# b:2\na:1\n", "a:1"),
]


def read(path: str, text: str, tags: bool = True, **others: str) -> tuple[list[Occurrence], list[Problem]]:
    files = {name.replace("_", "."): SourceFile(name.replace("_", "."), content) for name, content in others.items()}
    found = distinct(extract(SourceFile(path, text), files.get, tags))
    occurrences = [each for each in found if isinstance(each, Occurrence)]
    return occurrences, [each for each in found if isinstance(each, Problem)]


@pytest.mark.parametrize(("name", "path", "text", "expected"), CASES)
def test_what_is_a_reference_by_tag(name: str, path: str, text: str, expected: str) -> None:
    claimed = format_of(SourceFile(path, text))
    assert claimed
    assert claimed.name == name
    occurrences, problems = read(path, text)
    assert ([each.raw for each in occurrences], problems) == (expected.split(), [])
    lines = text.split("\n")
    for each in occurrences:
        assert each.reference.digest is None
        assert each.confidence == "parsed"
        assert lines[each.line - 1][each.column - 1 :].startswith(each.raw)


@pytest.mark.parametrize(("name", "path", "text", "expected"), CASES)
def test_without_being_asked_for_they_are_none(name: str, path: str, text: str, expected: str) -> None:
    assert read(path, text, tags=False) == ([], [])


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_example_of_a_format_is_found_by_tag(name: str) -> None:
    example = FORMATS[name].example
    assert example
    text = PINNED.sub(":1.0", example.text)
    (found,), problems = read(example.path, text)
    assert (found.format, found.raw.endswith(":1.0"), found.reference.tag, problems) == (name, True, "1.0", [])
    assert read(example.path, text, tags=False) == ([], [])


def test_fields_by_tag_are_put_together_and_stand_where_their_name_does() -> None:
    values = "image: {repository: r.example/a, tag: 1.20}\nsidecar: {image: {repository: b, tag: ''}}\n"
    occurrences, problems = read("values.yaml", values)
    assert ([(o.raw, o.line, o.column) for o in occurrences], problems) == ([("r.example/a:1.20", 1, 21)], [])
    occurrences, problems = read("kustomization.yaml", "images:\n- name: x\n  newTag: v1\n")
    assert ([(o.raw, o.line, o.column) for o in occurrences], problems) == ([("x:v1", 2, 9)], [])


def test_a_digest_is_where_it_was() -> None:
    text = f"services:\n  a: {{image: x:1@{DIGEST}}}\n  b: {{build: ., image: y@{DIGEST}}}\n"
    assert read("compose.yml", text) == read("compose.yml", text, tags=False)
    assert [each.raw for each in read("compose.yml", text)[0]] == [f"x:1@{DIGEST}", f"y@{DIGEST}"]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("compose.yml", "services:\n  a: {image: '${NOPE}/x:1'}\n", "variable-unset"),
        ("compose.yml", "services:\n  a: {image: Foo/Bar:1}\n", "invalid-reference"),
        ("compose.yml", "services:\n  a: [\n", "unparsable"),
        ("Dockerfile", "ARG REG\nFROM ${REG}/x:1\n", "variable-unset"),
        (".gitlab-ci.yml", "image: $CI_REGISTRY_IMAGE/x:1\n", "variable-unset"),
        ("azure-pipelines.yml", AZURE.replace("ubuntu:22.04", "$(image)"), "variable-unset"),
        ("t.yaml", TEKTON + "  steps: [{image: $(params.z)}]\n", "variable-unset"),
        ("p.yaml", POD + "  - {name: a, image: 'ko://x/y'}\n", "invalid-reference"),
        ("p.yaml", POD + "  - name: a\n    image: {{ .Values.image }}\n", "variable-unset"),
    ],
)
def test_what_cannot_be_checked_is_said_and_only_where_tags_are_asked_for(path: str, text: str, kind: str) -> None:
    occurrences, problems = read(path, text)
    assert ([each.kind for each in problems], occurrences) == ([kind], [])
    assert read(path, text, tags=False) == ([], [])


def test_variables_are_filled_in_and_the_place_is_where_the_image_is_named() -> None:
    text = "services:\n  a: {image: '${REG}/one:${TAG:-1}'}\n  b: {image: '${REG}/two:${TAG:-1}'}\n  c: {image: $ALL}\n"
    occurrences, problems = read("compose.yml", text, _env="REG=r.example\nALL=mysql:8\n")
    assert problems == []
    assert [(o.raw, o.file, o.line, o.column, o.used_in) for o in occurrences] == [
        ("r.example/one:1", "compose.yml", 2, 15, None),
        ("r.example/two:1", "compose.yml", 3, 15, None),
        ("mysql:8", ".env", 2, 5, "compose.yml"),
    ]


def test_a_matrix_gives_several_images_in_one_place() -> None:
    text = "on: push\njobs:\n  a:\n    strategy: {matrix: {v: ['1', '2']}}\n    container: b:${{ matrix.v }}\n"
    occurrences, problems = read(".github/workflows/a.yml", text)
    assert problems == []
    assert [(o.raw, o.line, o.column) for o in occurrences] == [("b:1", 5, 16), ("b:2", 5, 16)]


def test_services_that_share_an_image_by_an_anchor_are_named_together() -> None:
    text = "x-base: &base\n  image: redis:7\nservices:\n  a: {<<: *base}\n  b: {<<: *base}\n"
    (occurrence,), _ = read("compose.yml", text)
    assert (occurrence.name, occurrence.line, occurrence.column) == ("a, b", 2, 10)


@pytest.mark.parametrize(
    ("path", "text", "is_one"),
    [
        ("compose.yml", "services:\n  a: {image: b}\n", True),
        ("Dockerfile", "FROM a\n", True),
        ("run.sh", "docker run alpine:3\n", True),
        ("run.txt", "docker run alpine:3\n", False),
        ("README.md", "docker run alpine:3\n", False),
        ("some.yaml", "image: alpine:3\n", False),
    ],
)
def test_plain_text_is_left_alone(path: str, text: str, is_one: bool) -> None:
    assert names_images(SourceFile(path, text)) is is_one
    if not is_one:
        assert read(path, text) == ([], [])
