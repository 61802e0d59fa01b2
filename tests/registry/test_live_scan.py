"""The main job, end to end: twenty digests in a real registry, hosts of many ages, the right verdict for each."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import DIGEST, Done, run, write_compose
from tests.support.images import Image, build_artifact, build_image, build_index
from tests.support.registry import Registry

HOSTS = {
    "d1.9": ("docker 1.9.1", "linux/amd64", ""),
    "d1.10": ("docker 1.10.3", "linux/amd64", ""),
    "d20": ("docker 20.10.24", "linux/amd64", "docker 29.0.0"),
    "d23": ("docker 23.0.6", "linux/amd64", ""),
    "d28": ("docker 28.1.1", "linux/amd64", ""),
    "d29": ("docker 29.0.0", "linux/amd64", ""),
    "c1.4": ("containerd 1.4.13", "linux/amd64", ""),
    "c1.7": ("containerd 1.7.27", "linux/amd64", "containerd 2.1.4"),
    "c2.1": ("containerd 2.1.4", "linux/amd64", ""),
    "p4": ("podman 4.3.1", "linux/amd64", ""),
    "arm": ("docker 28.1.1", "linux/arm64", ""),
    "new": ("docker 99.0.0", "linux/amd64", ""),
}

# A letter for each host: b breaks, r is at risk, u is unknown, a dot pulls. That schema2-zstd is for another platform
# than "arm" is not seen, because skopeo does not read its config; a problem says so.
EXPECTED = {
    #                          d1.9 d1.10 d20 d23 d28 d29 c1.4 c1.7 c2.1 p4 arm new
    "schema1":                ". . r r b b . r b . b u",
    "schema2":                "b . . . . . . . . . r u",
    "schema2-five-layers":    "b . . . . . . . . . r u",
    "schema2-zstd":           "b b b . . . b b . b . u",
    "oci":                    "b b . . . . . . . . r u",
    "oci-uncompressed":       "b b . . . . . . . . r u",
    "oci-zstd":               "b b b . . . b . . . r u",
    "single-arm":             "b b r r r r r r r r . u",
    "manifest-list":          "b . . . . . . . . . . u",
    "list-for-arm":           "b b b b b b b b b b . u",
    "oci-index":              "b b . . . . . . . . . u",
    "index-of-schema2":       "b b . . . . . . . . b u",
    "index-with-zstd":        "b b b . . . b . . . . u",
    "index-with-attestation": "b b . . . . . . . . b u",
    "nested-index":           "b b b . . . . . . b b u",
    "index-no-platform":      "b b b . . . . . . . r u",
    "artifact":               "b b b b b r b r r b b u",
    "child-deleted":          "b b b b b b b b b b b u",
    "deleted":                "b b b b b b b b b b b b",
    "never-pushed":           "b b b b b b b b b b b b",
}  # fmt: skip
# After the two planned upgrades: d20 becomes docker 29.0.0, c1.7 containerd 2.1.4.
AFTER = {
    "schema1": "b b",
    "schema2-zstd": ". .",
    "oci-zstd": ". .",
    "nested-index": ". .",
    "index-no-platform": ". .",
    "index-with-zstd": ". .",
    "artifact": "b r",  # an upgraded Docker keeps its store, and graphdriver takes no artifacts
}
LETTERS = {"breaks": "b", "at-risk": "r", "unknown": "u"}


def images() -> dict[str, Image]:
    """What is pushed, under the repository of each name."""

    def hello(**how: Any) -> Image:
        return build_image({"hello": b"hello\n"}, **how)

    amd64, arm64, zstd = hello(), hello(platform="linux/arm64"), hello(compression="zstd")
    schema2, schema2_arm64 = hello(kind="v2s2"), hello(kind="v2s2", platform="linux/arm64")
    return {
        "schema2": schema2,
        "schema2-five-layers": hello(kind="v2s2", layers=5),
        "schema2-zstd": hello(kind="v2s2", compression="zstd"),
        "oci": amd64,
        "oci-uncompressed": hello(compression="none"),
        "oci-zstd": zstd,
        "single-arm": arm64,
        "manifest-list": build_index([(schema2, "linux/amd64"), (schema2_arm64, "linux/arm64")], "v2s2"),
        "list-for-arm": build_index([(schema2_arm64, "linux/arm64")], "v2s2"),
        "oci-index": build_index([(amd64, "linux/amd64"), (arm64, "linux/arm64")]),
        "index-of-schema2": build_index([(schema2, "linux/amd64")]),
        "index-with-zstd": build_index([(zstd, "linux/amd64"), (arm64, "linux/arm64")]),
        "index-with-attestation": build_index([(amd64, "linux/amd64"), (build_artifact(), "unknown/unknown")]),
        "nested-index": build_index([(build_index([(amd64, "linux/amd64")]), None)]),
        "index-no-platform": build_index([(amd64, None)]),
        "artifact": build_artifact(),
        "child-deleted": build_index([(amd64, "linux/amd64"), (arm64, "linux/arm64")]),
        "deleted": amd64,
    }


@pytest.fixture(scope="module")
def inventory(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a compose file that names all twenty, and the hosts."""
    pushed = {name: registry.push(image, f"live/{name}") for name, image in images().items()}
    pushed["schema1"] = registry.push_as(images()["schema2"], "live/schema1", "v2s1")
    pushed["never-pushed"] = DIGEST
    registry.delete("live/deleted", pushed["deleted"])
    for child in images()["child-deleted"].children:
        registry.delete("live/child-deleted", child.digest)
    assert set(pushed) == set(EXPECTED)
    folder = tmp_path_factory.mktemp("live") / "infra"
    write_compose(folder, *(f"{registry.host}/live/{name}@{digest}" for name, digest in pushed.items()))
    (folder / "planner.toml").write_text(
        "".join(
            f'[[hosts]]\nname = "{name}"\nengine = "{engine}"\nplatform = "{platform}"\ntarget = "{target}"\n'
            for name, (engine, platform, target) in HOSTS.items()
        )
    )
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def scanned(inventory: Path, home: Path) -> tuple[Done, Path]:
    """One scan with every report; the folder with report.json, report.csv and report.html."""
    pairs = [part for suffix in ("json", "csv", "html") for part in ("-o", home / f"report.{suffix}")]
    return run("scan", inventory, "--per-host", *pairs, home=home), home


def letters(report: Any, moment: str) -> dict[str, str]:
    """The table of EXPECTED from a JSON report."""
    names = {occurrence["id"]: occurrence["repository"].removeprefix("live/") for occurrence in report["occurrences"]}
    table = {name: dict.fromkeys(HOSTS, ".") for name in names.values()}
    for finding in report["findings"]:
        for host in finding["hosts"] if finding["moment"] == moment else ():
            table[names[finding["occurrence"]]][host] = LETTERS[finding["verdict"]]
    return {name: " ".join(row.values()) for name, row in table.items()}


def upgraded(table: dict[str, str]) -> dict[str, str]:
    """The columns of the hosts whose upgrade is planned."""
    columns = [index for index, (_, _, target) in enumerate(HOSTS.values()) if target]
    return {name: " ".join(row.split()[index] for index in columns) for name, row in table.items()}


def test_every_host_gets_the_right_verdict_for_every_image(scanned: tuple[Done, Path]) -> None:
    done, folder = scanned
    report = json.loads((folder / "report.json").read_text())
    assert letters(report, "now") == EXPECTED
    assert done.code == 1
    assert "20 pinned references, 12 hosts: 20 break today" in done.said
    problems = {problem["kind"]: problem for problem in report["problems"]}
    assert set(problems) == {"config-unread", "engine-unknown"}
    assert "/live/schema2-zstd@" in problems["config-unread"]["reference"]
    assert problems["engine-unknown"]["host"] == "new"


def test_the_planned_upgrade_changes_the_verdicts(scanned: tuple[Done, Path]) -> None:
    rows = letters(json.loads((scanned[1] / "report.json").read_text()), "after")
    assert upgraded(rows) == {**upgraded(EXPECTED), **AFTER}


def test_csv_and_html_agree_with_json(scanned: tuple[Done, Path]) -> None:
    done, folder = scanned
    rows = list(csv.DictReader(io.StringIO((folder / "report.csv").read_text("utf-8-sig"), newline="")))
    found = {name: dict.fromkeys(HOSTS, ".") for name in EXPECTED}
    for row in rows:
        if row["moment"] == "now":
            found[row["repository"].removeprefix("live/")][row["hosts"]] = LETTERS[row["verdict"]]
    assert {name: " ".join(row.values()) for name, row in found.items()} == EXPECTED
    page = (folder / "report.html").read_text("utf-8")
    assert all(host in page for host in HOSTS)
    assert (done.out, [name for name in ("json", "csv", "html") if f"report.{name}" not in done.said]) == ("", [])


def test_the_second_scan_asks_for_nothing(inventory: Path, home: Path, scanned: object) -> None:
    report = run("scan", inventory, "--format", "json", home=home).json
    assert letters(report, "now") == EXPECTED
    assert {entry["source"] for entry in report["resolutions"]} == {"cache"}


def test_a_snapshot_gives_the_same_report_without_skopeo(inventory: Path, home: Path, tmp_path: Path) -> None:
    recorded = tmp_path / "registry.jsonl"
    assert run("snapshot", inventory, "-o", recorded, home=home).code == 3
    done = run("scan", inventory, "--offline", recorded, "--format", "json", home=tmp_path, PATH=str(tmp_path))
    assert (done.code, letters(done.json, "now")) == (1, EXPECTED)
    assert {entry["source"] for entry in done.json["resolutions"]} == {"snapshot"}
