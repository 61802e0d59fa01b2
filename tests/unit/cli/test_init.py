"""`planner init`: what it writes loads, is scanned with, and replaces nothing."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.command import DIGEST, run, write_compose
from tests.support.host_files import node, nodes
from tests.unit.cli.recorded import PULLS, RECORDED, write_inventory

CLUSTER = nodes(node("node-a", "docker://20.10.24"), node("node-b", "docker://20.10.24"), node("x", "docker://1.9.1"))


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    folder = write_inventory(tmp_path / "infra", PULLS)
    (folder / "planner.toml").unlink()
    return folder


def test_the_file_is_written_and_scanned_with(infra: Path) -> None:
    (infra / "nodes.json").write_text(CLUSTER)
    done = run("init", "infra", "--hosts", "infra/nodes.json", home=infra.parent)
    assert (done.code, done.out) == (0, "")
    assert "then: planner scan infra" in done.said
    text = (infra / "planner.toml").read_text()
    assert tomllib.loads(text) == {"host_files": ["nodes.json"]}
    assert "#       2  docker 20.10.24, linux/amd64: node-[a:b]" in text
    assert "# 1 pinned reference in 1 file:\n#       1  compose" in text
    scanned = run("scan", "infra", "--offline", infra / RECORDED, "--format", "json", home=infra.parent)
    assert [host["name"] for host in scanned.json["hosts"]] == ["node-a", "node-b", "x"]
    assert (scanned.code, [each["hosts"] for each in scanned.json["findings"]]) == (1, [["x"]])


@pytest.mark.parametrize("hosts", [(), ("--hosts", "infra/nodes.json")], ids=["tree", "nodes"])
def test_every_suggestion_loads(infra: Path, hosts: tuple[str, ...]) -> None:
    (infra / "nodes.json").write_text(CLUSTER)
    write_compose(infra / "odd [name]*", f"registry.corp.example:5000/app@{DIGEST}", "quay.io/b/c:1")
    done = run("init", "infra", *hosts, "--stdout", home=infra.parent)
    assert done.code == 0
    assert "# 1 reference by tag" in done.out
    taken = re.sub(r"^# (?=\[\[|[a-z_]+ = )", "", done.out, flags=re.MULTILINE)
    assert taken != done.out
    assert not hosts or 'host_files = ["nodes.json"]' in taken
    taken = taken.replace('host_files = ["nodes.json", "inventory.ini", "docker-info.jsonl", "fleet.csv"]', "")
    (infra / "planner.toml").write_text(taken)
    listed = run("scan", "infra", "--offline", infra / RECORDED, "--format", "json", home=infra.parent)
    assert listed.code in (1, 3), listed.said
    assert [each["kind"] for each in listed.json["problems"] if each.get("kind") == "host-runs-nothing"] == []


def test_an_empty_folder_has_no_lists(tmp_path: Path) -> None:
    text = run("init", tmp_path, "--stdout", home=tmp_path).out
    assert "# No reference that is pinned by digest was found." in text
    assert tomllib.loads(text) == {}
    for absent in ("0 ", "by tag", "Registries", "\n\n\n"):
        assert absent not in text.replace("20.10.24", ""), absent


def test_problems_are_those_that_a_scan_with_tags_names(infra: Path) -> None:
    write_compose(infra / "tags", f"registry.corp.example/app@{DIGEST}", "quay.io/b/c:${V}", "quay.io/b/${N}@sha256:1")
    (infra / "tags/values.yaml").write_text("image: [\n")
    text = run("init", infra, "--stdout", home=infra.parent).out
    scanned = run("scan", infra, "--include-tags", "--offline", infra / RECORDED, "--format", "json", home=infra.parent)
    named = [problem["kind"] for problem in scanned.json["problems"] if "file" in problem]
    assert sorted(named) == ["unparsable", "variable-unset", "variable-unset"]
    assert "# 3 problems in files, those of references by tag included:\n# planner scan --include-tags names" in text
    assert '\n# # target = "distribution 3.0.0"   # an example: only where you plan' in text


@pytest.mark.parametrize(("name", "text"), [("planner.toml", "# mine\n"), ("pyproject.toml", "[tool.planner]\n")])
def test_what_is_there_stays(infra: Path, name: str, text: str) -> None:
    (infra / name).write_text(text)
    done = run("init", "infra", home=infra.parent)
    assert done.code == 2
    assert (infra / name).read_text() == text
    assert not (infra / "planner.toml").exists() or name == "planner.toml"


def test_what_is_there_and_broken_is_no_reason_not_to_print(infra: Path) -> None:
    (infra / "planner.toml").write_text("no toml [")
    done = run("init", "infra", "--stdout", home=infra.parent)
    assert done.code == 0
    assert tomllib.loads(done.out) == {}


def test_hosts_that_could_not_be_read_are_told(infra: Path) -> None:
    (infra / "hosts.ini").write_text("a planner_engine='docker 1.9.1'\nb\n")
    done = run("init", "infra", "--hosts", "infra/hosts.ini", home=infra.parent)
    assert done.code == 3
    assert "hosts.ini, line 2: 1 host has no planner_engine" in done.said
    assert (infra / "planner.toml").exists()


def test_an_unwritable_folder_and_none_at_all(infra: Path) -> None:
    (infra / "planner.toml").symlink_to("nowhere/planner.toml")
    assert "is there and stays" in run("init", "infra", home=infra.parent).said
    done = run("init", "missing", home=infra.parent)
    assert done.code == 2
    assert "does not exist" in done.said
