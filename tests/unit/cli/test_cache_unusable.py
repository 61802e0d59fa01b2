"""A cache that cannot be used or breaks: runs go on and say so, `planner cache` refuses and writes over nothing."""

import sqlite3
from pathlib import Path

import pytest

from tests.support.command import run, write_compose
from tests.support.images import build_image
from tests.support.raw_server import healthy, serving, shelf

IMAGES = [build_image({"a": b"%d" % number}) for number in range(12)]
PAGE = 4096
KEPT = '{"reference": "kept"}\n'
COMMANDS = [("cache", "info"), ("cache", "prune"), ("cache", "export", "-o", "all.jsonl")]


def place(home: Path) -> Path:
    return home / "kept" / "registry.sqlite3"


def planner(home: Path, *arguments: str) -> tuple[int, str, str]:
    done = run(*arguments, home=home, PLANNER_CACHE_DIR=str(place(home).parent))
    return done.code, done.out, done.said


def break_pages(path: Path) -> None:
    """As a bad disk does: all pages but those of the layout."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = database.execute("PRAGMA page_size").fetchone()
    database.close()
    assert size == PAGE
    content = bytearray(path.read_bytes())
    for start in range(PAGE * 5, len(content), PAGE):
        content[start : start + 200] = b"\xff" * 200
    path.write_bytes(content)


def test_one_that_breaks_is_moved_aside_once_and_the_next_run_has_a_cache_again(tmp_path: Path) -> None:
    shelves = {key: value for image in IMAGES for key, value in shelf("x", image).items()}
    with serving(healthy(shelves)) as server:
        write_compose(tmp_path / "infra", *(f"{server.host}/x@{image.digest}" for image in IMAGES))
        scan = ("scan", "infra", "--resolver", "http", "--fail-on", "breaks")
        _, whole, said = planner(tmp_path, *scan)
        assert "unusable" not in said
        break_pages(place(tmp_path))
        _, out, said = planner(tmp_path, *scan)
        assert out == whole
        assert said.count("was unusable") == 1
        assert "registry.corrupt" in said
        asked = len(server.asked)
        _, out, said = planner(tmp_path, *scan)
        assert (out, "unusable" in said) == (whole, False)
        assert len(server.asked) - asked <= 2  # what was looked for before it broke was not put into the new one
    assert place(tmp_path).with_suffix(".corrupt").exists()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[1])
def test_a_command_refuses_one_that_cannot_be_opened(tmp_path: Path, command: tuple[str, ...]) -> None:
    place(tmp_path).mkdir(parents=True)
    (tmp_path / "all.jsonl").write_text(KEPT)
    code, out, said = planner(tmp_path, *command)
    assert (code, out) == (2, "")
    assert "cannot be used" in said
    assert (tmp_path / "all.jsonl").read_text() == KEPT


def test_a_command_says_that_it_is_no_database(tmp_path: Path) -> None:
    place(tmp_path).parent.mkdir()
    place(tmp_path).write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    (tmp_path / "all.jsonl").write_text(KEPT)
    code, _, said = planner(tmp_path, *COMMANDS[2])
    assert code == 2
    assert "registry.corrupt" in said
    assert (tmp_path / "all.jsonl").read_text() == KEPT


def test_a_locked_one_is_not_exported_as_empty(tmp_path: Path) -> None:
    planner(tmp_path, "cache", "info")
    (tmp_path / "all.jsonl").write_text(KEPT)
    other_run = sqlite3.connect(place(tmp_path), isolation_level=None)
    other_run.execute("BEGIN IMMEDIATE")
    code, _, said = planner(tmp_path, *COMMANDS[2])
    other_run.close()
    assert code == 2
    assert "locked" in said
    assert (tmp_path / "all.jsonl").read_text() == KEPT


def test_an_empty_one_is_written_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_text(KEPT)
    code, _, said = planner(tmp_path, *COMMANDS[2])
    assert code == 2
    assert "is empty, so all.jsonl was left as it was" in said
    assert (tmp_path / "all.jsonl").read_text() == KEPT


def test_an_export_needs_a_file(tmp_path: Path) -> None:
    code, _, said = planner(tmp_path, "cache", "export", "-o", ".")
    assert code == 2
    assert "name another file" in said


@pytest.mark.parametrize(("days", "code"), [("inf", 0), ("1e300", 0), ("nan", 2)])
def test_odd_numbers_of_days(tmp_path: Path, days: str, code: int) -> None:
    done, _, said = planner(tmp_path, "cache", "prune", "--days", days)
    assert done == code
    assert ("dropped 0 entries" in said) == (code == 0)
