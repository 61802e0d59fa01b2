"""planner convert: what is refused before anything is asked."""

from pathlib import Path

import pytest

from tests.support.command import DIGEST, run, write_compose


@pytest.mark.parametrize("to", ["mirror", "https://r.example/old", "r.example/old:1", "r.example/Old"])
def test_a_place_that_is_none(tmp_path: Path, to: str) -> None:
    done = run("convert", tmp_path, "--to", to, home=tmp_path)
    assert done.code == 2
    assert "--to: " in done.said


def test_copies_need_a_registry(tmp_path: Path) -> None:
    done = run("convert", tmp_path, "--execute", "--offline", tmp_path / "r.jsonl", home=tmp_path)
    assert done.code == 2
    assert "--offline asks none" in done.said


def test_another_file_is_not_taken_for_the_mapping(tmp_path: Path) -> None:
    write_compose(tmp_path / "in", f"r.example/app@{DIGEST}")
    (tmp_path / "notes.csv").write_text("name,digest\n")
    done = run("convert", tmp_path / "in", "--execute", "--map", tmp_path / "notes.csv", home=tmp_path)
    assert done.code == 2
    assert "is there and is no mapping" in done.said
    assert (tmp_path / "notes.csv").read_text() == "name,digest\n"
    done = run("convert", tmp_path / "in", "--execute", "--map", tmp_path / "no" / "m.csv", home=tmp_path)
    assert "its folder does not exist" in done.said


def test_nothing_to_scan(tmp_path: Path) -> None:
    done = run("convert", tmp_path, home=tmp_path)
    assert done.code == 4
    assert "there is nothing to copy" in done.said
