"""The sample inventories, scanned from their recorded registry as a user would, and rebuilt with a real one."""

import base64
import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sample_inventories.rebuild import media_types, read_sample, rebuild
from tests.support.tools import require_tool

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_inventories"
EXPECTED = Path(__file__).parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.toml"))
# What changes with a digest, and says nothing about the verdict.
_OF_A_DIGEST = ("image", "digest", "finding_id", "expected_message", "remedy")

Recorded = list[dict[str, Any]]


def scan(folder: Path, *flags: str) -> str:
    """What `planner scan` prints; it must find something that breaks, and say nothing on stderr."""
    command = [sys.executable, "-m", "planner.cli", "scan", str(folder), "--offline", str(folder / "registry.jsonl")]
    ran = subprocess.run([*command, *flags], capture_output=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr.decode()) == (1, "")
    return ran.stdout.decode("utf-8")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def recorded(name: str) -> Recorded:
    text = (SAMPLES / name / "registry.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def signed_payload(body: bytes) -> bytes:
    """The part of a signed schema 1 manifest that its digest names: what the signatures' header says was signed."""
    header = json.loads(unpadded(json.loads(body)["signatures"][0]["protected"]))
    return body[: header["formatLength"]] + unpadded(header["formatTail"])


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("name", NAMES)
def test_the_csv_is_as_expected(name: str) -> None:
    actual = scan(SAMPLES / name, "--format", "csv")
    expected = EXPECTED / f"{name}.csv"
    if os.environ.get("PLANNER_ACCEPT") == "1":
        expected.write_bytes(actual.encode("utf-8"))
    assert actual.splitlines() == expected.read_bytes().decode("utf-8").splitlines()


def test_acme_shows_every_verdict_at_both_moments_and_the_causes_that_its_readme_names() -> None:
    report = json.loads(scan(SAMPLES / "acme", "--format", "json", "--all"))
    findings = report["findings"]
    assert {(each["moment"], each["verdict"]) for each in findings} == {
        (moment, verdict) for moment in ("now", "after") for verdict in ("pulls", "at-risk", "breaks", "unknown")
    }
    assert {each["cause"] for each in findings if each["verdict"] != "pulls"} == {
        "artifact",
        "digest-missing",
        "no-matching-platform",
        "not-checked",
        "oci-index",
        "oci-manifest",
        "other-platform",
        "registry-cannot-serve",
        "schema1-manifest",
        "schema2-manifest",
        "tag-and-digest",
        "zstd-layer",
    }
    assert [(each["reference"].partition("/")[0], each["kind"]) for each in report["problems"]] == [
        ("registry.ledgerline.example", "unreachable")
    ]


def test_acme_is_read_by_many_formats_and_every_host_runs_something() -> None:
    report = json.loads(scan(SAMPLES / "acme", "--format", "json", "--all"))
    assert {each["format"] for each in report["occurrences"]} == {
        "compose",
        "dockerfile",
        "github-actions",
        "gitlab-ci",
        "jenkinsfile",
        "kubernetes",
        "quadlet",
        "shell-script",
    }
    running = {host for finding in report["findings"] for host in finding["hosts"]}
    assert running == {host["name"] for host in report["hosts"]}


def test_the_founding_case_is_right_row_by_row() -> None:
    """Pushed with which engine, pulled by digest by which host, before and after the upgrade of the old one."""
    report = json.loads(scan(SAMPLES / "founding-case", "--format", "json", "--all"))
    names = {each["id"]: each["name"] for each in report["occurrences"]}
    # An engine that stays has a moment after only where its registry is to change.
    found = {
        (names[each["occurrence"]], host, each["moment"]): each["verdict"]
        for each in report["findings"]
        for host in each["hosts"]
    }
    assert found == {
        ("pushed-by-1.9", "old", "now"): "pulls",
        ("pushed-by-1.9", "old", "after"): "pulls",
        ("pushed-by-1.9", "new", "now"): "pulls",
        ("pushed-by-1.9", "new", "after"): "pulls",
        ("pushed-by-1.10", "old", "now"): "breaks",
        ("pushed-by-1.10", "old", "after"): "pulls",
        ("pushed-by-1.10", "new", "now"): "pulls",
        ("pushed-by-1.10", "new", "after"): "pulls",
        ("pushed-by-1.10-to-registry-2.2", "old", "now"): "pulls",
        ("pushed-by-1.10-to-registry-2.2", "old", "after"): "pulls",
        ("pushed-by-1.10-to-registry-2.2", "new", "now"): "pulls",
    }


def test_the_founding_case_says_why_in_the_words_of_the_engine() -> None:
    (row,) = rows(scan(SAMPLES / "founding-case", "--format", "csv"))
    stated = {key: row[key] for key in ("line", "name", "hosts", "current_version", "moment", "verdict", "cause")}
    assert stated == {
        "line": "10",
        "name": "pushed-by-1.10",
        "hosts": "old",
        "current_version": "docker 1.9.1",
        "moment": "now",
        "verdict": "breaks",
        "cause": "schema2-manifest",
    }
    assert row["expected_message"] == f'unsupported schema version 2 for tag "{row["digest"]}"'


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_document_is_the_one_that_its_digest_names(name: str) -> None:
    lines = [line for line in recorded(name) if line["state"] == "resolved"]
    configs = set()
    for line in lines:
        body = base64.b64decode(line["body"], validate=True)
        document = json.loads(body)
        if line["kind"] == "manifest":
            payload = signed_payload(body) if document["schemaVersion"] == 1 else body
            assert line["reference"].endswith(f"@sha256:{hashlib.sha256(payload).hexdigest()}")
            configs.add(document.get("config", {}).get("digest"))
    for line in lines:
        if line["kind"] == "config":
            assert f"sha256:{hashlib.sha256(base64.b64decode(line['body'])).hexdigest()}" in configs
    assert len(configs) > 1, "images with a config are among them"


@pytest.mark.parametrize("name", NAMES)
def test_every_image_of_the_recipe_is_recorded_in_its_form(name: str) -> None:
    types = media_types(SAMPLES / name / "registry.jsonl")
    for recipe in read_sample(SAMPLES / f"{name}.toml").recipes:
        kind = types.get(recipe.pinned, "")
        wanted = {"v2s1": "schema 1", "v2s2": "vnd.docker.distribution.manifest.", "oci": "vnd.oci.image."}
        assert (wanted[recipe.form] in kind) is not recipe.deleted, f"{recipe.name} is {kind!r}"


@pytest.mark.parametrize("name", NAMES)
def test_rebuilding_gives_the_same_sample(name: str, tmp_path: Path) -> None:
    """With a real registry and skopeo: same kinds, same verdicts; the digests may differ with skopeo's version."""
    require_tool("skopeo")
    require_tool("docker-registry")
    shutil.copytree(SAMPLES / name, tmp_path / name)
    shutil.copyfile(SAMPLES / f"{name}.toml", tmp_path / f"{name}.toml")
    (tmp_path / name / "registry.jsonl").unlink()
    rebuild(name, tmp_path)
    before, after = (media_types(folder / name / "registry.jsonl") for folder in (SAMPLES, tmp_path))
    assert sorted(_by_name(after)) == sorted(_by_name(before))
    old, new = (rows(scan(folder / name, "--format", "csv")) for folder in (SAMPLES, tmp_path))
    assert [_without_digest(row) for row in new] == [_without_digest(row) for row in old]


def test_a_digest_that_changed_is_replaced_wherever_it_stands(tmp_path: Path) -> None:
    """As if skopeo had come to write other bytes: both images of a list of two get each other's old digest."""
    require_tool("skopeo")
    require_tool("docker-registry")
    shutil.copytree(SAMPLES / "founding-case", tmp_path / "founding-case")
    text = (SAMPLES / "founding-case.toml").read_text("utf-8")
    compose = tmp_path / "founding-case" / "compose.yml"
    written = compose.read_text("utf-8")
    first, second, third = (recipe.digest for recipe in read_sample(SAMPLES / "founding-case.toml").recipes)
    swapped = {first: second, second: first, third: "sha256:" + "0" * 64}
    for old, new in swapped.items():
        text = text.replace(f'digest = "{old}"', f'digest = "-{new}"')
        written = written.replace(f"@{old}", f"@-{new}")
    (tmp_path / "founding-case.toml").write_text(text.replace('"-', '"'), "utf-8")
    compose.write_text(written.replace("@-", "@"), "utf-8")
    rebuild("founding-case", tmp_path)
    rebuilt = [recipe.digest for recipe in read_sample(tmp_path / "founding-case.toml").recipes]
    assert [compose.read_text("utf-8").find(digest) for digest in rebuilt] == [
        (SAMPLES / "founding-case" / "compose.yml").read_text("utf-8").find(digest) for digest in (first, second, third)
    ]
    assert len(rows(scan(tmp_path / "founding-case", "--format", "csv"))) == 1


def _by_name(types: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(reference.partition("@")[0], kind) for reference, kind in types.items()]


def _without_digest(row: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in row.items() if key not in _OF_A_DIGEST}
