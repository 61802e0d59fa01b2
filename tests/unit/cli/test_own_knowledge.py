"""A knowledge file of the user's, named in planner.toml: what it adds is judged by, and its mistakes end the run."""

import re
from pathlib import Path

import pytest

from tests.support.command import Done, run
from tests.support.images import Image
from tests.support.knowledge import KNOWLEDGE
from tests.unit.cli.recorded import BREAKS, NAME, RECORDED, SCHEMA2, UNKNOWN, write_inventory, write_recorded

OWN = """\
extends = "docker"
checked = "2027-01-31"
newest = "99.0.0"
source = ["our own tests"]

[[need.schema2]]
versions = ">=1.9.0,<1.9.2"
state = "supported"
source = ["our own backport"]
"""

PLATFORM = """\
name = "our-os"
title = "Our OS"
ask = "ask the people upstairs"
source = ["our own notes"]

[[ships]]
releases = ["7"]
engine = "docker"
version = "20.10.24"
checked = "2026-10-01"
source = ["our own notes"]
"""


def scanned(folder: Path, own: str, case: tuple[str, Image]) -> Done:
    """A scan of one host with one image, by the shipped knowledge and `own`."""
    infra = write_inventory(folder / "infra", case)
    settings = infra / "planner.toml"
    settings.write_text('knowledge = ["own.toml"]\n\n' + settings.read_text("utf-8"), "utf-8")
    (infra / "own.toml").write_text(own, "utf-8")
    return run("scan", infra, "--offline", infra / RECORDED, "--format", "json", home=folder)


@pytest.mark.parametrize(("case", "without"), [(BREAKS, 1), (UNKNOWN, 3)], ids=["need", "newest"])
def test_what_it_adds_is_judged_by(tmp_path: Path, case: tuple[str, Image], without: int) -> None:
    other = OWN.replace("1.9.", "1.8.").replace('newest = "99.0.0"\n', "")
    assert scanned(tmp_path / "without", other, case).code == without
    assert scanned(tmp_path / "with", OWN, case).code == 0


def test_the_report_says_how_old_the_knowledge_is(tmp_path: Path) -> None:
    engines = KNOWLEDGE.engines.values()
    shipped = [f"{known.title} up to {known.newest} (checked {known.checked})" for known in engines]
    report = scanned(tmp_path, OWN, BREAKS).json
    ours = ["Docker Engine up to 99.0.0 (checked 2027-01-31)" if t.startswith("Docker") else t for t in shipped]
    assert report["provenance"]["knowledge"] == ours


def test_explain_and_engines_know_it_too(tmp_path: Path) -> None:
    write_recorded(tmp_path / RECORDED, [SCHEMA2])
    (tmp_path / "own.toml").write_text(OWN + 'message = "our backport says so"\n', "utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "other.toml").write_text('knowledge = ["../own.toml"]\n', "utf-8")
    image = ("explain", f"{NAME}@{SCHEMA2.digest}", "--engine", "docker", "--offline", tmp_path / RECORDED)
    asked = (image, ("explain", "our backport says so"), ("engines", "docker"))
    words = ("pulls in 1.9.0 to 1.9.1, 1.10.0 to 99.0.0", "our own backport", "known from 1.0.0 to 99.0.0")
    for arguments, said in zip(asked, words, strict=True):
        assert said not in run(*arguments, home=tmp_path).out
        assert said in run(*arguments, "--config", elsewhere / "other.toml", home=tmp_path).out
    (tmp_path / "planner.toml").write_text('knowledge = ["own.toml"]\n', "utf-8")
    for arguments, said in zip(asked, words, strict=True):
        assert said in run(*arguments, home=tmp_path).out


def test_a_platform_of_ones_own_is_shown(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(PLATFORM, "utf-8")
    (tmp_path / "planner.toml").write_text('knowledge = ["own.toml"]\n', "utf-8")
    assert "our-os " in run("engines", home=tmp_path).out
    assert "docker 20.10.24" in run("engines", "our os", home=tmp_path).out


@pytest.mark.parametrize("command", [("explain", "manifest unknown"), ("engines",)])
def test_settings_that_cannot_be_read_end_the_run(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = run(*command, "--config", "nowhere.toml", home=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "cannot read nowhere.toml" in done.said


def test_its_mistakes_end_the_run_a_line_each(tmp_path: Path) -> None:
    done = scanned(tmp_path, OWN.replace('"supported"', '"maybe"') + "x = 1.10\n", BREAKS)
    assert (done.code, done.out) == (2, "")
    lines = done.said.splitlines()
    assert [re.sub(r"planner: .*own\.toml:(\d+): .*", r"\1", line) for line in lines] == ["8", "10"]
