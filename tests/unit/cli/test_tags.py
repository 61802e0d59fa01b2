"""`--include-tags`, as a user meets it: which references count, what every report says of them, what is asked."""

import csv
import io
import json
from pathlib import Path

import pytest

from planner.model.reference import parse_reference
from planner.model.resolution import State
from planner.resolve.answer import Answer
from planner.resolve.snapshot import Key, config_key, manifest_key, snapshot_text
from tests.support.command import run
from tests.support.images import Image, build_image, digest

NAME = "registry.example/app"
SCHEMA2 = build_image({"hello": b"hello\n"}, kind="v2s2")
NEWER = build_image({"hello": b"newer\n"}, kind="v2s2")
PIN = f"{NAME}@{SCHEMA2.digest}"
COMPOSE = f"""services:
  tagged:
    image: {NAME}:1
  bare:
    image: {NAME}
  latest:
    image: {NAME}:latest
  pinned:
    image: {PIN}
  both:
    image: {NAME}:1@{SCHEMA2.digest}
"""
HOSTS = """[[hosts]]
name = "old"
engine = "docker 1.9.1"
[[hosts]]
name = "new"
engine = "docker 20.10.24"
[[registries]]
host = "registry.example"
software = "distribution 2.8.3"
"""


def recorded(path: Path, **tags: Image) -> Path:
    """A registry that has both images, and the given tags; `latest` is missing unless given."""
    answers: dict[Key, Answer] = {manifest_key(parse_reference(NAME)): Answer(State.MISSING, detail="none", status=404)}
    for image in (SCHEMA2, NEWER):
        pinned = parse_reference(f"{NAME}@{image.digest}")
        answers[manifest_key(pinned)] = Answer(State.RESOLVED, image.body, content_type=image.media_type)
        answers[config_key(pinned, digest(image.config))] = Answer(State.RESOLVED, image.config)
    for tag, image in tags.items():
        key = manifest_key(parse_reference(f"{NAME}:{tag.strip('_')}"))
        answers[key] = Answer(State.RESOLVED, image.body, content_type=image.media_type)
    path.write_text(snapshot_text(answers, "2026-01-01"))
    return path


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "compose.yml").write_text(COMPOSE)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "notes.txt").write_text("docker run alpine:3\n")
    (folder / "planner.toml").write_text(HOSTS)
    return folder


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    return recorded(tmp_path / "registry.jsonl", _1=SCHEMA2)


def test_without_the_flag_only_digests_count(inventory: Path, registry: Path, tmp_path: Path) -> None:
    report = run("scan", inventory, "--offline", registry, "--format", "json", home=tmp_path).json
    assert [o["name"] for o in report["occurrences"]] == ["pinned", "both"]
    assert report["provenance"]["files_seen"] == 3


def test_the_founding_case_a_tag_is_converted_and_a_digest_is_not(
    inventory: Path, registry: Path, tmp_path: Path
) -> None:
    done = run("scan", inventory, "--offline", registry, "--include-tags", "--format", "json", home=tmp_path)
    names = {o["id"]: o["name"] for o in done.json["occurrences"]}
    found = {(names[f["occurrence"]], host): f["cause"] for f in done.json["findings"] for host in f["hosts"]}
    assert list(names.values()) == ["tagged", "bare", "latest", "pinned", "both"]
    assert found == {
        **{(name, host): "tag-missing" for name in ("bare", "latest") for host in ("old", "new")},
        ("pinned", "old"): "schema2-manifest",
        ("both", "old"): "tag-and-digest",  # Docker 1.9 takes no reference with both
    }
    assert done.code == 1
    assert done.json["summary"]["references"] == "5 references (2 pinned)"


def test_what_the_same_tag_means_is_asked_once(inventory: Path, registry: Path, tmp_path: Path) -> None:
    report = run("scan", inventory, "--offline", registry, "--include-tags", "--format", "json", home=tmp_path).json
    assert [entry["reference"] for entry in report["resolutions"]] == [f"{NAME}:1", f"{NAME}:latest", PIN]
    assert [entry["digest"] for entry in report["resolutions"]] == [SCHEMA2.digest, None, SCHEMA2.digest]


def test_the_settings_can_say_it_for_good(inventory: Path, registry: Path, tmp_path: Path) -> None:
    flag = run("scan", inventory, "--offline", registry, "--include-tags", "--format", "csv", home=tmp_path).out
    (inventory / "planner.toml").write_text("include_tags = true\n" + HOSTS)
    assert run("scan", inventory, "--offline", registry, "--format", "csv", home=tmp_path).out == flag
    (inventory / "planner.toml").write_text('include_tags = "yes"\n' + HOSTS)
    done = run("scan", inventory, "--offline", registry, home=tmp_path)
    assert done.code == 2
    assert "include_tags" in done.said


def test_csv_names_the_tag_and_no_digest(inventory: Path, registry: Path, tmp_path: Path) -> None:
    arguments = ("--offline", registry, "--include-tags", "--format", "csv", "--all")
    out = run("scan", inventory, *arguments, home=tmp_path).out
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(out))}
    columns = ("line", "column", "image", "tag", "digest")
    assert tuple(rows["tagged"][c] for c in columns) == ("3", "12", f"{NAME}:1", "'1", "")  # a text, not a number
    assert tuple(rows["bare"][c] for c in columns) == ("5", "12", NAME, "", "")
    assert rows["tagged"]["media_type"] == SCHEMA2.media_type
    assert rows["both"]["column"] == str(12 + len(f"{NAME}:1@"))


def test_people_are_shown_the_tag(inventory: Path, registry: Path, tmp_path: Path) -> None:
    arguments = ("--offline", registry, "--include-tags")
    terminal = run("scan", inventory, *arguments, home=tmp_path).out
    assert f"{NAME}:latest" in terminal
    assert "the registry does not have this tag" in terminal
    page = tmp_path / "report.html"
    run("scan", inventory, *arguments, "-o", page, home=tmp_path)
    assert '<span class="digest">:latest</span>' in page.read_text("utf-8")


def test_a_tag_beside_a_digest_is_asked_for_but_is_no_pull(inventory: Path, tmp_path: Path) -> None:
    (inventory / "compose.yml").write_text(f"services:\n  both:\n    image: quay.io/app:1@{SCHEMA2.digest}\n")
    lines = recorded(tmp_path / "r.jsonl", _1=NEWER).read_text().replace("registry.example", "quay.io").splitlines()
    for tag_is_recorded in (True, False):
        kept = [line for line in lines if tag_is_recorded or "app:1" not in line]
        (tmp_path / "quay.jsonl").write_text("\n".join(kept) + "\n")
        arguments = ("--offline", tmp_path / "quay.jsonl", "--include-tags", "--format", "json")
        report = run("scan", inventory, *arguments, home=tmp_path).json
        assert [o["name"] for o in report["occurrences"]] == ["both"]
        assert ("tag-moved" in {f["cause"] for f in report["findings"]}) is tag_is_recorded
        assert report["problems"] == []


def test_nothing_to_scan_says_what_else_could_be_looked_for(tmp_path: Path) -> None:
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM alpine:3\n")
    done = run("scan", folder, home=tmp_path)
    assert (done.code, "--include-tags" in done.said) == (4, True)


def test_a_file_that_does_not_parse_is_said(inventory: Path, registry: Path, tmp_path: Path) -> None:
    (inventory / "compose.yml").write_text("services: [\n")
    done = run("scan", inventory, "--offline", registry, "--include-tags", "--format", "json", home=tmp_path)
    assert done.code == 3
    assert [problem["kind"] for problem in json.loads(done.out)["problems"]] == ["unparsable"]
