"""Files that declare hosts, through the command: by --hosts, by planner.toml, with what [[for_hosts]] adds."""

import re
from pathlib import Path

import pytest

from planner.errors import UsageError
from planner.inventory import take_inventory
from tests.support.command import Done, run
from tests.support.host_files import docker_info, node, nodes
from tests.unit.cli.recorded import PULLS, RECORDED, write_inventory

CLUSTER = nodes(node("node-a", "docker://20.10.24"), node("node-b", "docker://19.3.6"), node("old-1", "docker://1.9.1"))


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    """A folder that declares no host, and whose image breaks on Docker 1.9.1."""
    folder = write_inventory(tmp_path / "infra", PULLS)
    (folder / "planner.toml").unlink()
    return folder


def scan(infra: Path, *flags: str | Path) -> Done:
    command = ("scan", infra, "--offline", infra / RECORDED, "--format", "json")
    return run(*command, *flags, home=infra.parent)


def hosts(done: Done) -> list[tuple[str, str, str | None]]:
    return [(host["name"], host["version"], host["target_version"]) for host in done.json["hosts"]]


def test_hosts_of_every_source_are_judged(infra: Path) -> None:
    home = infra.parent
    (home / "nodes.json").write_text(CLUSTER)
    (home / "info.jsonl").write_text(docker_info("d", "24.0.7"))
    (home / "prod.ini").write_text("[web]\nw planner_engine='docker 20.10.24' planner_target=29.0.0\n")
    (home / "fleet.csv").write_text("name,engine\nc,docker 20.10.24\n")
    files = ("nodes.json", "info.jsonl", "prod.ini", "fleet.csv")
    done = scan(infra, *(flag for name in files for flag in ("--hosts", name)))
    assert done.code == 1, done.said
    assert [name for name, _, _ in hosts(done)] == ["node-a", "node-b", "old-1", "d", "w", "c"]
    assert ("w", "20.10.24", "29.0.0") in hosts(done)
    assert [(each["hosts"], each["verdict"]) for each in done.json["findings"]] == [(["old-1"], "breaks")]
    assert done.json["problems"] == []


def test_planner_toml_names_files_and_adds_to_them(infra: Path) -> None:
    (infra / "nodes.json").write_text(CLUSTER)
    (infra / "planner.toml").write_text(
        'host_files = ["nodes.json"]\n'
        '[[for_hosts]]\nnames = ["old-*"]\ntarget = "docker 20.10.24"\nring = 2\n'
        '[[for_hosts]]\nengine = "docker"\ntarget = "24.0.9"\nruns = ["h0/**"]\n'
        '[[for_hosts]]\nengine = "containerd"\ntarget = "2.1.4"\n'
    )
    done = scan(infra)
    assert hosts(done) == [
        ("node-a", "20.10.24", "24.0.9"),
        ("node-b", "19.3.6", "24.0.9"),
        ("old-1", "1.9.1", "20.10.24"),
    ]
    assert [(each["hosts"], each["moment"]) for each in done.json["findings"]] == [(["old-1"], "now")]
    (problem,) = done.json["problems"]
    assert (problem["file"], problem["kind"]) == ("planner.toml", "rule-unused")
    assert "engine = containerd is for no host that a file declares" in problem["text"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("nodes.json", nodes(), "declares no host: it is empty"),
        ("pods.json", '{"apiVersion": "v1", "kind": "List", "items": [{"kind": "Pod"}]}', "line 1: Pod is no Node"),
        ("hosts.ini", "[web]\nw1\nw2\n", "line 2: 2 hosts have no planner_engine"),
        ("info.json", '{"ServerVersion": "20.10.24", "Name"', "line 1: no JSON"),
        ("notes.txt", "web-01 runs docker 20.10.24\n", "not a host declaration that planner reads"),
        ("hosts", "127.0.0.1 localhost\n", "not a host declaration that planner reads"),
    ],
)
def test_a_file_without_any_host_ends_the_run(infra: Path, name: str, text: str, words: str) -> None:
    (infra / name).write_text(text)
    with pytest.raises(UsageError, match=re.escape(words)):
        take_inventory(infra, host_files=[infra / name])


def test_hosts_that_could_not_be_read_are_problems_beside_those_that_could(infra: Path) -> None:
    (infra.parent / "hosts.ini").write_text("a planner_engine='docker 20.10.24'\nb ansible_host=10.0.0.1\n")
    found = take_inventory(infra, host_files=[infra.parent / "hosts.ini"])
    assert [host.name for host in found.hosts] == ["a"]
    assert [(each.subject, each.line, each.kind) for each in found.problems] == [("hosts.ini", 2, "host-undeclared")]


def test_variables_of_folders_beside_an_inventory_are_not_silently_left_out(infra: Path) -> None:
    (infra.parent / "group_vars").mkdir()
    (infra.parent / "hosts.ini").write_text("a planner_engine='docker 20.10.24'\n")
    (problem,) = take_inventory(infra, host_files=[infra.parent / "hosts.ini"]).problems
    assert problem.kind == "hosts-beside"
    assert "ansible-inventory -i FILE --list" in problem.text


def test_a_mistake_in_a_rule_is_named(infra: Path) -> None:
    (infra / "planner.toml").write_text('[[for_hosts]]\nname = "a"\n')
    words = "for_hosts, number 1, name: is not a word that planner knows (did you mean `names`?); here it knows names, "
    with pytest.raises(UsageError, match=re.escape(words)):
        take_inventory(infra)
