import time

import pytest

from tests.support.extraction import images, problems, read


@pytest.mark.parametrize("path", ["Jenkinsfile", "ci/Jenkinsfile.release", "deploy.jenkinsfile", "app.Jenkinsfile"])
def test_file_names(path: str) -> None:
    assert images(path, "pipeline { agent { docker 'a/b@<D>' } }") == [("agent", "pipeline", "a/b")]


def test_groovy_files_are_claimed_by_content() -> None:
    assert images("ci/build.groovy", "pipeline {\n agent { docker 'a@<D>' }\n}") == [("agent", "pipeline", "a")]
    assert images("lib/x.groovy", "def image = 'a@<D>'")[0][0] == "text"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("agent { docker('a@<D>') }", ("agent", "pipeline", "a")),
        ("agent { docker { label 'x'; image 'a@<D>' } }", ("agent", "pipeline", "a")),
        ('agent { docker { image "a@<D>" } }', ("agent", "pipeline", "a")),
        ("stage('S') { docker.image('a@<D>').inside { } }", ("step", "S", "a")),
        ("stage('S') { steps { x() } }\nstage 'T'\nnode { docker.image('a@<D>') }", ("step", "T", "a")),
        ("containerTemplate(name: 'n', image: 'a@<D>')", ("container", "n", "a")),
        ("containerTemplate(image: 'a@<D>', name: 'n')", ("container", "n", "a")),
        ("def X = 'a@<D>'\ndocker.image(X)", ("step", "pipeline", "a")),
        ("environment { X = 'a' }\ndocker { image \"${env.X}:1@<D>\" }", ("agent", "pipeline", "a:1")),
        ("def X = 'a' + '/b'\ndocker.image(X + '@' + '<D>')", ("step", "pipeline", "a/b")),
        ("sh 'docker pull a@<D>'", ("text", "", "a")),
    ],
)
def test_places_that_name_an_image(code: str, expected: tuple[str, str, str]) -> None:
    assert images("Jenkinsfile", code) == [expected]


@pytest.mark.parametrize(
    "code",
    [
        "// docker 'a@<D>'",
        "/* docker 'a@<D>'\n image 'b@<D>' */",
        "#!groovy a@<D>",
        "x = '<D>'",
        "docker.withRegistry('https://r') { }",
    ],
)
def test_what_is_no_pull(code: str) -> None:
    assert images("Jenkinsfile", code) == []


def test_an_address_is_no_comment() -> None:
    assert images("Jenkinsfile", "url 'http://x' ; docker 'a@<D>'") == [("agent", "pipeline", "a")]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ('docker { image "${REGISTRY}/a@<D>" }', "variable-unset"),
        ("docker.image(params.REGISTRY + '/a@<D>')", "variable-unset"),
        ("docker.image('a@sha256:123')", "invalid-reference"),
        ("docker.withRegistry(URL) { docker.image('a@<D>') }", "variable-unset"),
    ],
)
def test_what_cannot_be_checked_is_a_problem(code: str, kind: str) -> None:
    assert problems("Jenkinsfile", code) == [(kind, 1)]


def test_a_registry_counts_for_short_names_in_its_block() -> None:
    code = (
        "docker.withRegistry('https://r.example:5000/v1/', 'c') { docker.image('a@<D>'); docker.image('q.io/a@<D>') }\n"
        "docker.image('b@<D>')\nagent { docker { image 'c@<D>'\n registryUrl 'https://s.example' } }\n"
        "docker.withRegistry('', 'c') { docker.image('d@<D>') }"
    )
    assert [image for _, _, image in images("Jenkinsfile", code)] == [
        "r.example:5000/a",
        "q.io/a",
        "b",
        "s.example/c",
        "d",
    ]


def test_a_pod_in_a_string_keeps_places() -> None:
    code = (
        "def V = 'x'\npodTemplate(yaml: '''apiVersion: v1\nspec:\n  containers:\n  - name: c\n"
        "    image: a@<D> # not b@<D>\n''')\npodTemplate(yaml: \"\"\"\n  spec:\n    initContainers:\n"
        '    - {name: i, image: "${V}@<D>"}\n""")'
    )
    found, failed = read("Jenkinsfile", code)
    assert not failed
    assert [(each.role, each.name, each.line, each.column) for each in found] == [
        ("container", "c", 6, 14),
        ("init container", "i", 11, 30),
    ]


def test_a_pod_that_does_not_parse_is_a_problem_and_is_read_by_spelling() -> None:
    found, failed = read("Jenkinsfile", "yaml '''\ncontainers: [\n  image: a@<D>\n'''\n// b@<D>\ndocker 'c@<D>'")
    assert [(each.kind, each.subject) for each in failed] == [("unparsable-pod", "Jenkinsfile")]
    assert [(each.raw[0], each.confidence) for each in found] == [("a", "text"), ("c", "parsed")]


@pytest.mark.parametrize(
    "code",
    [
        "'" * 200_000,
        '"\\' * 100_000,
        "/*" * 100_000,
        "{" * 200_000,
        "x=" * 100_000,
        "image:" * 50_000,
        "'a'+" * 50_000,
        'x = "' + "$A" * 50_000 + '"',
        "docker.image(" * 20_000,
        "stage(" * 50_000,
        "'''" * 50_000 + " containers: ",
    ],
)
def test_hostile_files_end_soon(code: str) -> None:
    started = time.process_time()
    read("Jenkinsfile", f"{code}\n// sha256:")
    assert time.process_time() - started < 10
