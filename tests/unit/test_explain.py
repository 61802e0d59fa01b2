"""`planner explain` and `planner engines`: the same knowledge as `scan`, as text for people."""

import base64
import re
from itertools import pairwise
from pathlib import Path

import pytest

from planner.assess.judge import image_of
from planner.explain.course import courses
from planner.model.manifest import parse_manifest
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.resolution import Resolution, State
from tests.support.command import DIGEST, Done, run
from tests.support.images import Image, build_image, build_index, digest, from_parts
from tests.support.knowledge import KNOWLEDGE
from tests.unit.cli.recorded import ARM, HELLO, NAME, RECORDED, SCHEMA2, write_recorded

LINE = re.compile(r"  (?P<versions>\d\S*(?: to \S+)?) +(?P<verdict>pulls|at-risk|breaks|unknown)")
FOUNDING = Path(__file__).parents[2] / "sample_inventories/founding-case/registry.jsonl"
PUSHED_BY_1_10 = "registry.example:5000/app@sha256:0c7b2b3866e9defff65d62b737e4a6f77b68fd6cd1d36e18745f9c624791326e"
BY_DOCKER = [
    ("1.0.0 to 1.5.0", "breaks", "Invalid repository name"),
    ("1.6.x", "breaks", "Error: image registry.example:5000/app@sha256:0c7b"),
    ("1.7.x", "breaks", "pulling with digest reference failed from v2 registry"),
    ("1.8.0 to 1.8.2", "breaks", "missing signature key"),
    ("1.8.3 to 1.9.1", "breaks", 'unsupported schema version 2 for tag "sha256:0c7b'),
]


def explain(folder: Path, image: Image, *flags: str) -> Done:
    write_recorded(folder / RECORDED, [image])
    return run("explain", f"{NAME}@{image.digest}", "--offline", RECORDED, *flags, home=folder)


def section(done: Done, title: str) -> str:
    """What stands below the heading of an engine, heading included."""
    return next(part for part in done.out.split("\n\n") if part.startswith(f"{title}: "))


def verdicts(done: Done, title: str) -> list[tuple[str, str]]:
    """The (versions, verdict) lines under the heading of an engine; one for all of it if there are none."""
    text = section(done, title)
    found = [(match["versions"], match["verdict"]) for line in text.splitlines() if (match := LINE.match(line))]
    return found or [(text.removeprefix(f"{title}: pulls in "), "pulls")]


def test_the_founding_case(tmp_path: Path) -> None:
    done = run("explain", PUSHED_BY_1_10, "--offline", FOUNDING, home=tmp_path)
    assert (done.code, done.said) == (0, "")
    assert done.out.splitlines()[1] == (
        "  stored as schema 2 manifest, application/vnd.docker.distribution.manifest.v2+json"
    )
    newest = KNOWLEDGE.engines["docker"].newest
    docker = section(done, "Docker Engine, graphdriver")
    assert docker.startswith(f"Docker Engine, graphdriver: pulls in 1.10.0 to {newest}\n")
    lines = docker.splitlines()
    for versions, verdict, said in BY_DOCKER:
        at = next(number for number, line in enumerate(lines) if line.startswith(f"  {versions} "))
        assert verdict in lines[at]
        assert f" says      {said}" in lines[at + 1]
        assert " because   " in lines[at + 2]
    assert "because   schema2 is unsupported in >=1.8.3,<1.10.0 (run: moby/moby@v1.8.3" in docker
    assert lines[-1].strip().startswith("because   schema2 is supported in >=1.10.0 (")
    assert verdicts(done, "containerd, cri") == [(f"1.0.0 to {KNOWLEDGE.engines['containerd'].newest}", "pulls")]


def test_one_engine_by_its_alias(tmp_path: Path) -> None:
    done = explain(tmp_path, SCHEMA2, "--engine", "docker-ce")
    assert "Docker Engine, graphdriver: pulls in " in done.out
    assert "containerd, cri" not in done.out


@pytest.mark.parametrize(
    "image",
    [SCHEMA2, ARM, build_index([(build_image(HELLO), "linux/amd64"), (ARM, "linux/arm64")])],
    ids=["schema2", "arm", "index"],
)
def test_courses_leave_no_gap_and_end_at_the_newest_known(image: Image) -> None:
    manifest = parse_manifest(image.body)
    reference = Reference("registry.example", "app", digest=image.digest)
    asked = image_of(reference, Resolution(reference, State.RESOLVED, manifest))
    for course in courses(KNOWLEDGE):
        runs = course.runs(asked, Platform("linux", "amd64"))
        assert runs[-1].versions.high is None
        for before, after in pairwise(runs):
            assert before.versions.high == after.versions.low
            assert before.outcome != after.outcome


def test_a_tag_is_explained_by_digest_and_by_tag(tmp_path: Path) -> None:
    body = base64.b64encode(SCHEMA2.body).decode()
    config = base64.b64encode(SCHEMA2.config).decode()
    (tmp_path / RECORDED).write_text(
        f'{{"reference": "{NAME}:1", "status": 200, "body": "{body}"}}\n'
        f'{{"reference": "{NAME}@{digest(SCHEMA2.config)}", "kind": "config", "status": 200, "body": "{config}"}}\n'
    )
    done = run("explain", f"{NAME}:1", "--offline", RECORDED, "--engine", "docker", home=tmp_path)
    assert done.code == 0, done.out
    by_digest, by_tag = done.out.split(f"By tag ({NAME}:1)")
    assert f"now {SCHEMA2.digest}" in by_digest
    assert re.search(r"1\.8\.3 to 1\.9\.1 +breaks", by_digest)
    converting = by_tag.split("from CNCF Distribution 2.3.1 to 2.8.3")[1].split("\n  Docker")[0]
    assert re.search(r"\n    1\.6\.0 to \S+ +pulls", converting), by_tag


def test_the_platform_of_the_host_decides(tmp_path: Path) -> None:
    index = build_index([(ARM, "linux/arm64")])
    ours, theirs = (explain(tmp_path, index, "--platform", p) for p in ("linux/amd64", "linux/arm64"))
    assert (ours.code, theirs.code) == (1, 0)
    assert section(ours, "containerd, cri").startswith("containerd, cri: no known version pulls it\n")
    assert section(theirs, "containerd, cri").startswith("containerd, cri: pulls in 1.0.0 to ")


def test_what_is_not_known_is_not_said_to_fail(tmp_path: Path) -> None:
    image = from_parts(SCHEMA2.config, [("application/vnd.oci.image.layer.v1.tar+zstd", b"x")])
    done = explain(tmp_path, image, "--engine", "nerdctl")
    newest = KNOWLEDGE.engines["nerdctl"].newest
    assert (done.code, done.said) == (3, "")
    assert section(done, "nerdctl").startswith(
        f"nerdctl: not known whether it pulls in 0.7.0 to {newest}, no other version does\n"
    )
    assert explain(tmp_path, image, "--engine", "docker").code == 0


def test_a_closed_registry_is_said(tmp_path: Path) -> None:
    place = "gcr.io/kubernetes-helm/tiller"
    body = base64.b64encode(SCHEMA2.body).decode()
    (tmp_path / RECORDED).write_text(f'{{"reference": "{place}@{SCHEMA2.digest}", "status": 200, "body": "{body}"}}\n')
    done = run("explain", f"{place}@{SCHEMA2.digest}", "--offline", RECORDED, home=tmp_path)
    assert "  at-risk: the registry or namespace is closed" in done.out
    assert "    its images are now at ghcr.io/helm/tiller" in done.out


def test_hostile_media_types_reach_no_terminal(tmp_path: Path) -> None:
    done = explain(tmp_path, from_parts(SCHEMA2.config, [("application/\x1b]0;gotcha\x07", b"x")]))
    assert "\x1b" not in done.out
    assert "\\x1b]0;gotcha" in done.out


def test_not_recorded_is_unknown(tmp_path: Path) -> None:
    write_recorded(tmp_path / RECORDED, [])
    done = run("explain", f"{NAME}@{DIGEST}", "--offline", RECORDED, home=tmp_path)
    assert (done.code, done.said) == (3, "")
    assert "unknown: what the registry would send is not known" in done.out


def test_missing_breaks_whatever_the_engine(tmp_path: Path) -> None:
    (tmp_path / RECORDED).write_text(f'{{"reference": "{NAME}@{DIGEST}", "status": 404}}\n')
    done = run("explain", f"{NAME}@{DIGEST}", "--offline", RECORDED, home=tmp_path)
    assert done.code == 1
    assert "breaks: " in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", "app@sha256:12"), "64 hex digits"),
        (("explain", "-x"), "No such option"),
        (("explain", f"Registry/App@{DIGEST}"), "must be lower-case"),
        (("explain", f"app@{DIGEST}", "--platform", "amd64"), "'amd64' is no platform; write os/architecture"),
        (("explain", f"app@{DIGEST}", "--offline", "nowhere"), "cannot read the recorded registry nowhere"),
        (("explain", f"app@{DIGEST}", "--engine", "dokker"), "knows nothing of the engine 'dokker'; it knows"),
        (("explain",), "give one of: a REFERENCE"),
        (("explain", "app", "--message", "no"), "give one of: a REFERENCE"),
        (("explain", "--message", " "), "the message is empty"),
        (("explain", "--log", "nowhere"), "cannot read the log nowhere"),
        (("engines", "dokker"), "knows nothing of 'dokker'; it knows"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments, home=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert words in done.said


@pytest.mark.parametrize("name", ["docker", "distribution"])
def test_engines_says_when_its_knowledge_was_checked(tmp_path: Path, name: str) -> None:
    known = KNOWLEDGE.engine(name) or KNOWLEDGE.registries[name]
    assert known.checked
    assert run("engines", name, home=tmp_path).out.splitlines()[1].startswith(f"source, checked {known.checked}: ")


def test_engines_lists_all_that_is_known(tmp_path: Path) -> None:
    done = run("engines", home=tmp_path)
    rows = [(known.name, f"{known.first} to {known.newest}") for known in KNOWLEDGE.engines.values()]
    rows += [(known.name, known.span) for known in KNOWLEDGE.registries.values()]
    for name, span in rows:
        assert re.search(rf"^{name} +{span} ", done.out, re.MULTILINE)


@pytest.mark.parametrize("name", [*KNOWLEDGE.engines, *KNOWLEDGE.registries])
def test_every_boundary_of_an_engine_has_its_source(tmp_path: Path, name: str) -> None:
    done = run("engines", name.upper(), home=tmp_path)
    assert done.code == 0
    if engine := KNOWLEDGE.engine(name):
        entries = [entry for entries in engine.capabilities.values() for entry in entries]
        sources = {source for entry in entries for source in entry.source}
        assert set(engine.capabilities) <= set(done.out.splitlines())
    else:
        sources = {source for rule in KNOWLEDGE.registries[name].rules for source in rule.source}
    missing = [source for source in sources if source not in done.out]
    assert not missing
