"""Hosts of several sources together, through the command: names tell them apart, unknown words reach the report."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Done, run
from tests.unit.cli.recorded import PULLS, RECORDED, write_inventory


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    folder = write_inventory(tmp_path / "infra", PULLS)
    (folder / "planner.toml").write_text('[[hosts]]\nname = "a"\nengine = "docker 20.10.24"\n')
    return folder


def scan(infra: Path, fleet: str, *flags: str) -> Done:
    (infra.parent / "fleet.csv").write_text(fleet)
    command = ("scan", infra, "--offline", infra / RECORDED, "--hosts", "fleet.csv", "--format", "json")
    return run(*command, *flags, home=infra.parent)


def problem(done: Done) -> Any:
    (only,) = done.json["problems"]
    return only


def test_hosts_of_both_are_judged(infra: Path) -> None:
    done = scan(infra, "name,engine\nb,docker 1.9.1\n")
    assert [host["name"] for host in done.json["hosts"]] == ["a", "b"]
    assert [(f["hosts"], f["verdict"]) for f in done.json["findings"]] == [(["b"], "breaks")]
    assert done.code == 1


def test_a_name_that_is_declared_twice_is_judged_once_and_said(infra: Path) -> None:
    done = scan(infra, "name,engine\na,docker 1.9.1\n")
    assert (done.code, done.json["findings"]) == (3, [])
    assert (problem(done)["host"], problem(done)["kind"]) == ("a", "host-twice")
    assert "planner.toml and again in fleet.csv:2: only the first was judged" in problem(done)["text"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("b,dokker 20.10.24,,", "knows no engine 'dokker' (did you mean `docker`?); it knows "),
        ("b,docker 20.10,,", "names no patch release"),
        ("b,docker 99.0.0,,", "newer than"),
        ("b,docker 0.9.0,,", "older than"),
        ("b,docker,,", "MAJOR.MINOR.PATCH"),
        ("b,docker 29.0.0,overlay2,", "'overlay2' is no store of Docker Engine; planner knows"),
        ("b,containerd 2.1.4,,docker", "'docker' is no client of containerd; planner knows"),
    ],
)
def test_what_is_not_understood_is_unknown_and_says_why(infra: Path, row: str, words: str) -> None:
    done = scan(infra, f"name,engine,store,client\n{row}\n")
    assert done.code == 3
    assert [(f["hosts"], f["verdict"], f["cause"]) for f in done.json["findings"]] == [
        (["b"], "unknown", "engine-unknown")
    ]
    assert (problem(done)["host"], problem(done)["kind"]) == ("b", "engine-unknown")
    assert words in problem(done)["text"]


def test_a_target_that_is_not_understood_leaves_today_as_it_is(infra: Path) -> None:
    done = scan(infra, "name,engine,target\nb,docker 20.10.24,docker 99.0.0\n")
    assert [(f["moment"], f["verdict"]) for f in done.json["findings"]] == [("after", "unknown")]
    assert done.code == 3


def test_findings_win_over_what_is_not_understood(infra: Path) -> None:
    assert scan(infra, "name,engine\nb,docker 99.0.0\nc,docker 1.9.1\n").code == 1


@pytest.mark.parametrize(
    ("content", "words"), [(b"\xff\xfen\0", "not in UTF-8; save it as UTF-8"), (None, "No such file")]
)
def test_a_hosts_file_that_cannot_be_read(infra: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        (infra.parent / "fleet.csv").write_bytes(content)
    done = run("scan", infra, "--offline", infra / RECORDED, "--hosts", "fleet.csv", home=infra.parent)
    assert (done.code, done.out) == (2, "")
    assert "fleet.csv" in done.said
    assert words in done.said
