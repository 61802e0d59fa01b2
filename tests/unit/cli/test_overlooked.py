"""Declarations that meet nothing, and versions between two behaviours: neither may leave a scan green."""

from pathlib import Path

import pytest

from tests.support.command import Done, run
from tests.unit.cli.recorded import BREAKS, NAME, PULLS, RECORDED, SCHEMA2, write_inventory


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    (tmp_path / "infra").mkdir()
    return write_inventory(tmp_path / "infra", PULLS)


def scan(infra: Path, more: str = "") -> Done:
    settings = infra / "planner.toml"
    settings.write_text(settings.read_text() + more)
    return run("scan", infra, "--offline", infra / RECORDED, "--format", "json", home=infra.parent)


def kinds(done: Done) -> list[str]:
    return [problem["kind"] for problem in done.json["problems"]]


def test_a_misspelt_glob_is_not_clean(infra: Path) -> None:
    done = scan(infra, '[[hosts]]\nname = "lost"\nengine = "docker 1.9.1"\nruns = ["hO/**"]\n')
    assert (done.code, kinds(done)) == (3, ["host-runs-nothing"])


def test_a_glob_that_begins_at_the_root_is_taken(infra: Path) -> None:
    done = scan(infra, '[[hosts]]\nname = "dotted"\nengine = "docker 1.9.1"\nruns = ["./h0/compose.yml"]\n')
    assert (done.code, kinds(done)) == (1, [])
    assert {host for finding in done.json["findings"] for host in finding["hosts"]} == {"dotted"}


@pytest.mark.parametrize("host", ["REGISTRY.example", "registry.example:443"])
def test_a_registry_spelt_otherwise_is_not_clean(infra: Path, host: str) -> None:
    done = scan(infra, f'[[registries]]\nhost = "{host}"\nsoftware = "distribution 2.8.3"\n')
    assert (done.code, kinds(done)) == (3, ["registry-misspelt"])


def test_a_declaration_that_only_some_references_meet_is_not_clean(infra: Path) -> None:
    line = f"    image: REGISTRY.example/app@sha256:{'a' * 64}\n"
    (infra / "other.yml").write_text(f"services:\n  app:\n{line}", encoding="utf-8")
    declared = '[[registries]]\nhost = "registry.example"\nsoftware = "distribution 2.8.3"\n'
    done = scan(infra, declared)
    assert "registry-misspelt" in kinds(done)
    (told,) = (p["text"] for p in done.json["problems"] if p["kind"] == "registry-misspelt")
    assert "REGISTRY.example" in told
    both = scan(infra, declared.replace("registry.example", "REGISTRY.example"))
    assert "registry-misspelt" not in kinds(both)


@pytest.mark.parametrize("host", ["https://registry.example", "registry.example/team", "registry"])
def test_what_is_no_registry_host_is_refused(infra: Path, host: str) -> None:
    done = scan(infra, f'[[registries]]\nhost = "{host}"\n')
    assert done.code == 2
    assert f"{host!r} is no registry host" in done.said


def test_a_registry_declared_twice_is_refused(infra: Path) -> None:
    done = scan(infra, '[[registries]]\nhost = "registry.example"\n' * 2)
    assert done.code == 2
    assert "declared twice" in done.said


def test_a_pre_release_between_two_behaviours_is_unknown(infra: Path) -> None:
    done = scan(infra, '[[hosts]]\nname = "rc"\nengine = "docker 1.10.0-rc1"\n')
    found = [(finding["verdict"], finding["hosts"]) for finding in done.json["findings"]]
    assert (done.code, found) == (3, [("unknown", ["rc"])])
    assert "is a pre-release of a version that changes this: breaks before, pulls in it" in done.out


def test_a_pre_release_that_changes_nothing_is_judged(infra: Path) -> None:
    assert scan(infra, '[[hosts]]\nname = "rc"\nengine = "docker 26.0.0-rc1"\n').code == 0


def test_a_hosts_file_without_hosts_is_refused(infra: Path) -> None:
    (infra.parent / "fleet.csv").write_text("name,engin\nweb,docker 20.10.24\n")
    done = run("scan", infra, "--hosts", infra.parent / "fleet.csv", home=infra.parent)
    assert done.code == 2
    assert "declares no host: line 1: the header lacks engine" in done.said


def test_a_snapshot_overwrites_nothing_but_a_snapshot(infra: Path) -> None:
    source = infra / "h0" / "compose.yml"
    before = source.read_text()
    done = run("snapshot", infra, "-o", source, home=infra.parent)
    assert (done.code, source.read_text()) == (2, before)
    assert "is no recorded registry" in done.said


def test_a_snapshot_of_nothing_leaves_the_old_one(infra: Path) -> None:
    """registry.example does not resolve, so nothing can be recorded."""
    replay = ("scan", infra, "--offline", infra / RECORDED, "--format", "json")
    before = run(*replay, home=infra.parent)
    done = run("snapshot", infra, "-o", infra / RECORDED, home=infra.parent)
    assert done.code == 3
    assert "registry.example/app@" in done.said
    after = run(*replay, home=infra.parent)
    assert (after.code, after.json["resolutions"]) == (before.code, before.json["resolutions"])


def test_a_planned_upgrade_that_mends_is_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    infra = write_inventory(tmp_path / "infra", BREAKS)
    settings = infra / "planner.toml"
    settings.write_text(settings.read_text().replace("runs", 'target = "docker 20.10.24"\nruns'))
    (finding,) = scan(infra).json["findings"]
    assert finding["remedies"][0] == "Nothing beyond the planned upgrade to docker 20.10.24, which mends this."
    assert any("Docker Engine >=1.10.0,<=" in text for text in finding["remedies"])


def test_explain_by_tag_judges_the_digest_that_it_has_now(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    infra = write_inventory(tmp_path / "infra", PULLS)
    lines = (infra / RECORDED).read_text().replace(f"{NAME}@{SCHEMA2.digest}", f"{NAME}:1")
    (infra / RECORDED).write_text(lines + (infra / RECORDED).read_text())
    done = run("explain", f"{NAME}:1", "--offline", infra / RECORDED, home=tmp_path)
    assert f"now {SCHEMA2.digest}" in done.out
    assert f'unsupported schema version 2 for tag "{SCHEMA2.digest}"' in done.out
