"""`planner formats`: which files are read."""

from pathlib import Path

from planner.extract import FORMATS
from tests.support.command import run


def test_every_format_is_listed(tmp_path: Path) -> None:
    done = run("formats", home=tmp_path)
    listed = {line.split()[0] for line in done.out.splitlines() if line.strip()}
    assert done.code == 0
    assert set(FORMATS) <= listed


def test_one_format_shows_its_example(tmp_path: Path) -> None:
    done = run("formats", "compose", home=tmp_path)
    example = FORMATS["compose"].example
    assert example
    assert done.code == 0
    assert done.out.startswith(f"{FORMATS['compose'].title} (compose)\n")
    assert all(line in done.out for line in example.text.splitlines())


def test_an_unknown_name_suggests_one_that_is_near(tmp_path: Path) -> None:
    done = run("formats", "composee", home=tmp_path)
    assert done.code == 2
    assert "did you mean compose?" in done.said
