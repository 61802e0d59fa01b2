"""Platforms declared by users, from planner.toml and CSV to the reports: judged as what they ship, with the source."""

import csv
import io
from pathlib import Path

import pytest

from planner.hosts import read_hosts
from planner.model.host import Host
from planner.model.source import Problem, SourceFile
from tests.support.command import Done, run
from tests.unit.cli.recorded import PULLS, RECORDED, write_inventory

HOSTS = """
[[hosts]]
name = "web-[1:2]"
engine = "debian 12 docker.io"
target = "docker 29.0.0"
store = "graphdriver"
[[hosts]]
name = "plain"
engine = "docker 20.10.24"
target = "docker 29.0.0"
store = "graphdriver"
[[hosts]]
name = "node"
kubernetes = "k3s v1.30.14+k3s1"
target_kubernetes = "eks 1.34"
[[hosts]]
name = "stranger"
engine = "fedora 40 podman"
"""


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    folder = write_inventory(tmp_path / "infra", PULLS)
    (folder / "planner.toml").write_text(HOSTS)
    return folder


def scan(infra: Path, *flags: str) -> Done:
    return run("scan", infra, "--offline", infra / RECORDED, *flags, home=infra.parent)


def read(text: str) -> list[Host | Problem]:
    return list(read_hosts(SourceFile("fleet.csv", text)))


def test_each_host_is_judged_by_itself_and_the_json_says_where_versions_come_from(infra: Path) -> None:
    done = scan(infra, "--format", "json")
    hosts = {host["name"]: host for host in done.json["hosts"]}
    web, plain, node, stranger = (hosts[name] for name in ("web-1", "plain", "node", "stranger"))
    assert (web["engine"], web["version"], web["declared"]) == ("docker", "20.10.24", "debian 12 docker.io")
    assert web["version_origin"].startswith("docker 20.10.24, as Debian 12 (docker.io) ships it; ran, checked 2026-")
    assert (plain["version_origin"], plain["declared"]) == (None, "docker 20.10.24")
    assert (node["engine"], node["version"], node["target_version"]) == ("containerd", "1.7.27", None)
    assert "1.30.14+k3s1" in node["version_origin"]
    assert (node["target_version_origin"], stranger["version"]) == (None, None)
    found = {(host, f["moment"], f["verdict"]) for f in done.json["findings"] for host in f["hosts"]}
    assert found == {("node", "after", "unknown"), ("stranger", "now", "unknown")}
    told = {problem["host"]: problem["text"] for problem in done.json["problems"]}
    assert set(told) == {"node", "stranger"}
    assert "CONTAINER-RUNTIME" in told["node"]
    assert "knows no engine 'fedora'" in told["stranger"]
    assert done.code == 3


def test_hosts_share_a_group_by_what_they_run_not_by_how_they_were_declared(infra: Path) -> None:
    (infra / "planner.toml").write_text(
        '[[hosts]]\nname = "a"\nengine = "ubuntu 24.04 podman"\nplatform = "linux/arm64"\n'
        '[[hosts]]\nname = "b"\nengine = "podman 4.9.3"\nplatform = "linux/arm64"\n'
    )
    done = scan(infra, "--format", "json")
    assert [finding["hosts"] for finding in done.json["findings"]] == [["a", "b"]]


def test_the_csv_has_the_platform_behind_the_version(infra: Path) -> None:
    (infra / "planner.toml").write_text(
        '[[hosts]]\nname = "a"\nengine = "ubuntu 24.04 podman"\ntarget = "debian 13 podman"\nplatform = "linux/arm64"\n'
        '[[hosts]]\nname = "b"\nengine = "podman 4.9.3"\ntarget = "podman 5.4.2"\nplatform = "linux/arm64"\n'
    )
    rows = list(csv.DictReader(io.StringIO(scan(infra, "--format", "csv").out)))
    assert {(row["hosts"], row["current_version"], row["target_version"]) for row in rows} == {
        ("a; b", "podman 4.9.3 (ubuntu 24.04 podman)", "podman 5.4.2 (debian 13 podman)")
    }
    each = list(csv.DictReader(io.StringIO(scan(infra, "--format", "csv", "--per-host").out)))
    assert {(row["hosts"], row["current_version"]) for row in each} == {
        ("a", "podman 4.9.3 (ubuntu 24.04 podman)"),
        ("b", "podman 4.9.3"),
    }


@pytest.mark.parametrize("format_", ["terminal", "html"])
def test_people_read_where_versions_come_from(infra: Path, format_: str) -> None:
    text = " ".join(scan(infra, "--format", format_).out.replace("<wbr>", "").split())
    assert "Versions that come from the platform" in text
    assert "web-[1:2]: docker 20.10.24, as Debian 12 (docker.io) ships it; ran, checked 2026-" in text
    assert "node: containerd 1.7.27, as k3s 1.30.14+k3s1 ships it" in text
    assert "plain: docker" not in text
    (infra / "planner.toml").write_text('[[hosts]]\nname = "a"\nengine = "docker 20.10.24"\n')
    assert "Versions that come from" not in scan(infra, "--format", format_).out


def test_csv_knows_both_words(infra: Path) -> None:
    fleet = infra.parent / "fleet.csv"
    fleet.write_text(
        "name,kubernetes,target_kubernetes,engine\nn[1:2],gke 1.33,,\nm,,,debian 12 podman\no,k3s 1.31.5,k3s 1.31.6,\n"
    )
    done = scan(infra, "--hosts", str(fleet), "--format", "json")
    hosts = {host["name"]: (host["engine"], host["version"], host["target_version"]) for host in done.json["hosts"]}
    assert hosts["n1"] == hosts["n2"] == ("containerd", "2.0.0 to 2.0.11", None)
    assert hosts["m"] == ("podman", "4.3.1", None)
    assert hosts["o"] == ("containerd", "1.7.23", "2.0.2")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,eks 1.33,docker 20.10.24", "kubernetes stands in place of engine; write one of them"),
        ("a,1.33,", 'write the distribution and its release, such as "k3s 1.30.14"'),
        ("a,,", "engine is missing"),
    ],
)
def test_a_row_that_says_too_much_or_too_little(row: str, words: str) -> None:
    found = read(f"name,kubernetes,engine\nfirst,k3s 1.31.5,\n{row}\nlast,,podman 5.0.0\n")
    assert [each.name for each in found if isinstance(each, Host)] == ["first", "last"]
    (problem,) = (each for each in found if isinstance(each, Problem))
    assert (problem.kind, problem.line) == ("host-row", 3)
    assert words in problem.text


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('kubernetes = "eks 1.33"\nengine = "docker 20.10.24"', "kubernetes stands in place of engine"),
        ('engine = "docker 20.10.24"\ntarget = "docker 29.0.0"\ntarget_kubernetes = "eks 1.34"', "in place of target"),
        ('kubernetes = "1.33"', "kubernetes is '1.33'; write the distribution and its release"),
        ("kubernetes = 1.33", "hosts, number 1, "),
    ],
)
def test_planner_toml_is_refused_with_its_place(infra: Path, lines: str, words: str) -> None:
    (infra / "planner.toml").write_text(f'[[hosts]]\nname = "a"\n{lines}\n')
    done = scan(infra)
    assert (done.code, done.out) == (2, "")
    assert "hosts, number 1" in done.said
    assert words in done.said


def test_a_platform_of_the_users_own(infra: Path) -> None:
    (infra / "acme.toml").write_text(
        'name = "acme-os"\ntitle = "Acme OS"\nask = "ask the host"\nsource = ["our wiki"]\n'
        '[[ships]]\nreleases = ["7"]\nengine = "podman"\nversion = "4.9.4"\n'
        'checked = "2026-11-23"\nsource = ["our wiki, page 7"]\n'
    )
    text = 'knowledge = ["acme.toml"]\n[[hosts]]\nname = "a"\nengine = "acme-os 7.1"\n'
    (infra / "planner.toml").write_text(text)
    (host,) = scan(infra, "--format", "json").json["hosts"]
    assert (host["engine"], host["version"]) == ("podman", "4.9.4")
    assert host["version_origin"].endswith("our wiki, page 7")


def test_engines_lists_platforms_and_shows_one(tmp_path: Path) -> None:
    listed = run("engines", home=tmp_path)
    shown = run("engines", "ubuntu", home=tmp_path)
    assert "\nubuntu" in listed.out
    assert "docker 20.10.12 to 29.1.3" in shown.out
    assert "packages.ubuntu.com/jammy/docker-doc" in shown.out


@pytest.mark.parametrize(
    ("engine", "target", "understood"),
    [
        ("k3s 1.30.14", "v1.34.2+k3s1", "k3s v1.34.2+k3s1"),
        ("docker 20.10.24", "29.0.0", "docker 29.0.0"),
        ("containerd://1.7.20", "2.1.4", "containerd 2.1.4"),
        ("docker 20.10.24", "podman 5.4.2", "podman 5.4.2"),
        ("debian 12 podman", "13", "13"),  # of the system or of the package: not guessed
    ],
)
def test_a_target_without_a_name_is_a_version_of_what_is_declared(engine: str, target: str, understood: str) -> None:
    (host,) = read(f"name,engine,target\nnode,{engine},{target}\n")
    assert isinstance(host, Host)
    assert host.target
    assert host.target.text == understood
