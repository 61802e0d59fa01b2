"""What a run says beside its report: the next command, with the flags of this one, and what it passed over."""

import shlex
import shutil
from pathlib import Path

import pytest

from tests.support.command import Done, run
from tests.unit.cli.recorded import BREAKS, PULLS, RECORDED, write_inventory

HOSTS = "name,engine,target\nweb-01,docker 1.9.1,docker 20.10.24\n"


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    """A folder whose hosts and settings lie elsewhere, below names that a shell would take apart."""
    folder = write_inventory(tmp_path / "our infra", BREAKS)
    (folder / "planner.toml").unlink()
    (tmp_path / "my hosts.csv").write_text(HOSTS)
    (tmp_path / "own.toml").write_text("")
    return folder


def scan(infra: Path, *flags: str) -> Done:
    return run("scan", infra.name, "--offline", f"{infra.name}/{RECORDED}", *flags, home=infra.parent)


def test_the_next_command_has_the_flags_of_this_one_and_runs(infra: Path) -> None:
    flags = ("--hosts", "my hosts.csv", "--config", "own.toml", "--resolver", "http", "--include-tags")
    done = scan(infra, *flags, "--timeout", "9")
    command = shlex.split(done.out.splitlines()[-1])
    assert command[:3] == ["planner", "plan", "our infra"]
    assert sorted(command[3:]) == sorted([*flags, "--offline", f"our infra/{RECORDED}"])
    planned = run(*command[1:], home=infra.parent)
    assert planned.code == 0, planned.said
    text = shlex.join(command)
    assert f"\n  {text} -o plan.html\n" in planned.out
    assert f"then: {text.replace(' plan ', ' scan ')}" in " ".join(planned.out.split())


def test_a_folder_that_looks_like_a_flag_is_typed_as_a_folder(infra: Path) -> None:
    infra.rename(infra.parent / "-x")
    done = run("scan", "./-x", "--offline", f"./-x/{RECORDED}", "--hosts", "my hosts.csv", home=infra.parent)
    command = shlex.split(done.out.splitlines()[-1])
    assert command[:3] == ["planner", "plan", "./-x"]
    planned = run(*command[1:], home=infra.parent)
    assert planned.code == 0, planned.said
    assert "planner repin ./-x --map" in planned.out or "planner plan ./-x" in planned.out


def test_a_recording_says_how_it_is_replayed(infra: Path) -> None:
    (infra / "h0" / "compose.yml").unlink()  # nothing is asked for
    done = run("snapshot", infra.name, "--hosts", "my hosts.csv", "-o", "r.jsonl", home=infra.parent)
    assert done.code == 4
    assert "with: planner scan 'our infra' --hosts 'my hosts.csv' --offline r.jsonl" in done.said


def test_without_hosts_they_are_to_be_declared(infra: Path) -> None:
    assert scan(infra).out.splitlines()[-1] == "  planner init 'our infra'"


def test_settings_in_a_folder_below_are_named(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet"
    shop = write_inventory(fleet / "shop", PULLS)
    shutil.copytree(shop, fleet / "billing")
    (fleet / "docs").mkdir()
    (fleet / "docs" / "planner.toml").write_text("")  # beside no reference
    flags = ("--offline", f"fleet/shop/{RECORDED}")
    done = run("scan", "fleet", *flags, home=tmp_path)
    assert done.said == (
        "planner: not read: fleet/billing/planner.toml and 1 more like it; hosts and exceptions in them do not count "
        "here; scan fleet/billing by itself, or take it: --config fleet/billing/planner.toml\n"
    )
    named = run("scan", "fleet", *flags, "--config", "fleet/shop/planner.toml", home=tmp_path)
    assert "not read: fleet/billing/planner.toml; hosts and exceptions in it do not" in named.said


def test_rows_for_each_host_without_a_csv_are_said_to_be_none(infra: Path) -> None:
    told = "--per-host changes nothing: it makes rows of a CSV, and none is written; add -o findings.csv"
    assert told in scan(infra, "--per-host", "-o", "report.html").said
