"""A knowledge file of the user's, named in planner.toml: what it adds is judged by, and its mistakes end the run."""

import re
from pathlib import Path

import pytest

from tests.support.command import Done, run
from tests.support.images import Image
from tests.unit.cli.recorded import BREAKS, RECORDED, UNKNOWN, write_inventory

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


def test_its_mistakes_end_the_run_a_line_each(tmp_path: Path) -> None:
    done = scanned(tmp_path, OWN.replace('"supported"', '"maybe"') + "x = 1.10\n", BREAKS)
    assert (done.code, done.out) == (2, "")
    lines = done.said.splitlines()
    assert [re.sub(r"planner: .*own\.toml:(\d+): .*", r"\1", line) for line in lines] == ["8", "10"]
