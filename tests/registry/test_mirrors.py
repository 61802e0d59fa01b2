"""A registry and its mirror, both real: hosts that are told where to ask, and those that are not, in one scan."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Done, run, write_compose
from tests.support.images import build_image
from tests.support.registry import Registry, running_registry
from tests.support.tools import require_tool

CONF = '[[registry]]\nlocation = "{up}"\n[[registry.mirror]]\nlocation = "{mirror}/hub"\ninsecure = true\n'
TOML = 'server = "http://{mirror}/v2/hub"\noverride_path = true\n[host]\n'
HOSTS = """\
[[hosts]]
name = "mirrored"
engine = "podman 5.2.0"
registry_config = ["etc/registries.conf"]

[[hosts]]
name = "walled"
engine = "containerd 1.7.27"
registry_config = ["etc/certs.d"]

[[hosts]]
name = "plain"
engine = "docker 24.0.9"
"""


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_registry(tmp_path_factory.mktemp("mirror"), require_tool("docker-registry")) as running:
        yield running


@pytest.fixture
def fleet(registry: Registry, mirror: Registry, repository: str, tmp_path: Path) -> Path:
    """Three hosts, and two images: one gone from the registry but in the mirror, one that the mirror never had."""
    gone, fresh = build_image({"gone": repository.encode()}), build_image({"fresh": repository.encode()})
    registry.push(gone, repository)
    registry.delete(repository, gone.digest)
    mirror.push(gone, f"hub/{repository}")
    registry.push(fresh, repository)
    name = f"{registry.host}/{repository}"
    folder = write_compose(tmp_path / "fleet", f"{name}@{gone.digest}", f"{name}@{fresh.digest}")
    walled = folder / "etc" / "certs.d" / f"{registry.host.replace(':', '_')}_"
    walled.mkdir(parents=True)
    words = {"up": registry.host, "mirror": mirror.host}
    (walled / "hosts.toml").write_text(TOML.format(**words))
    (folder / "etc" / "registries.conf").write_text(CONF.format(**words))
    (folder / "planner.toml").write_text(HOSTS)
    return folder


def met(done: Done) -> dict[tuple[str, str], tuple[str, str]]:
    """Verdict and cause by service and host."""
    names = {each["id"]: each["name"] for each in done.json["occurrences"]}
    return {
        (names[found["occurrence"]], host): (found["verdict"], found["cause"])
        for found in done.json["findings"]
        for host in found["hosts"]
    }


BREAKS = {
    ("s1", "plain"): ("breaks", "digest-missing"),
    ("s2", "walled"): ("breaks", "not-mirrored"),
}


@pytest.mark.parametrize("resolver", ["skopeo", "http"])
def test_the_registry_that_the_host_asks_decides(fleet: Path, tmp_path: Path, resolver: str) -> None:
    done = run("scan", fleet, "--format", "json", "--resolver", resolver, "--no-cache", home=tmp_path)
    assert done.code == 1
    assert met(done) == BREAKS
    assert done.json["problems"] == []
    assert {host["name"]: host["registry_config"] for host in done.json["hosts"]} == {
        "mirrored": ["etc/registries.conf"],
        "walled": ["etc/certs.d"],
        "plain": [],
    }


def test_evidence_names_the_registry_that_was_asked_and_the_file(
    fleet: Path, mirror: Registry, repository: str, tmp_path: Path
) -> None:
    done = run("scan", fleet, "--format", "json", home=tmp_path)
    (found,) = (each for each in done.json["findings"] if each["cause"] == "not-mirrored")
    asked, file, *_ = found["evidence"]
    assert asked.startswith(f"{mirror.host}/hub/{repository}@sha256:")
    assert "etc/certs.d/127.0.0.1_" in file
    assert found["remedies"][0].startswith("Copy the image to the registry that the host asks")


def test_a_recorded_registry_has_the_mirrors_answers_too(fleet: Path, tmp_path: Path) -> None:
    assert run("snapshot", fleet, "-o", tmp_path / "registry.jsonl", home=tmp_path).code == 0
    offline = run("scan", fleet, "--offline", tmp_path / "registry.jsonl", "--format", "json", home=tmp_path)
    assert met(offline) == BREAKS


def test_only_what_some_host_would_ask_is_asked(fleet: Path, registry: Registry, tmp_path: Path) -> None:
    """A host behind a wall: nobody asks the registry that is named, and that is no gap in the report."""
    text = (fleet / "planner.toml").read_text().split("[[hosts]]")[2]
    (fleet / "planner.toml").write_text(f"[[hosts]]{text}")
    done = run("scan", fleet, "--format", "json", home=tmp_path)
    assert met(done) == {("s2", "walled"): ("breaks", "not-mirrored")}
    assert not [each for each in done.json["resolutions"] if each["reference"].startswith(f"{registry.host}/")]
    assert done.json["problems"] == []
    assert {window["digest"] for window in done.json["windows"]} == {done.json["occurrences"][0]["digest"]}


def test_a_mirror_that_is_down_is_no_gap_where_the_registry_answers(
    fleet: Path, mirror: Registry, tmp_path: Path
) -> None:
    conf = fleet / "etc" / "registries.conf"
    conf.write_text(conf.read_text().replace(mirror.host, "127.0.0.1:1"))
    done = run("scan", fleet, "--format", "json", home=tmp_path)
    assert met(done) == BREAKS | {("s1", "mirrored"): ("unknown", "not-checked")}
    assert [problem["reference"].partition("/")[0] for problem in done.json["problems"]] == ["127.0.0.1:1"]
