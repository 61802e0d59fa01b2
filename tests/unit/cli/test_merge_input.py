"""`planner merge` and files that are no reports: exit 2, the file is named, nothing is written."""

import json
from pathlib import Path

import pytest

from planner.report import FORMATS, Options
from tests.support.command import run
from tests.support.report_example import EMPTY, REPORT


@pytest.mark.parametrize(
    "text",
    ["<html>\x1b[31m", "[" * 1_000_000, '{"schema_version": 1}', '{"schema_version": 2}'],
    ids=["html", "deep", "hollow", "newer"],
)
def test_what_is_no_report_is_named_and_nothing_is_written(text: str, tmp_path: Path) -> None:
    bad, target = tmp_path / "bad.json", tmp_path / "all.html"
    bad.write_text(text)
    done = run("merge", bad, "-o", target, home=tmp_path)
    assert done.code == 2
    assert done.said.startswith(f"planner: {bad} ")
    assert "\x1b" not in done.said
    assert not target.exists()


def test_a_file_too_large(tmp_path: Path) -> None:
    with (tmp_path / "r.json").open("wb") as file:
        file.truncate(500 * 1024 * 1024)
    done = run("merge", tmp_path / "r.json", home=tmp_path)
    assert done.code == 2
    assert "larger than 256 MiB" in done.said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.json"], "cannot read nowhere.json"),
        (["."], "cannot read ."),
        (["=r.json"], "write NAME=FILE"),
        (["a/b=r.json"], "write NAME=FILE"),
        (["..=r.json"], "write NAME=FILE"),
        (["r.json", "r.jsonl"], "merge reports, or registries"),
        (["r.jsonl", "--same-tree"], "are for reports"),
        (["r.jsonl", "-o", "a.jsonl", "-o", "b.jsonl"], "one -o"),
    ],
)
def test_a_command_that_asks_for_what_cannot_be(arguments: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(FORMATS["json"].render(EMPTY, Options()))
    (tmp_path / "r.jsonl").write_text("")
    done = run("merge", *arguments, home=tmp_path)
    assert done.code == 2
    assert said in done.said
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"r.json", "r.jsonl"}


@pytest.mark.parametrize("glob", ["!", "[z-a]", "a\\"])
def test_a_glob_that_is_none(glob: str, tmp_path: Path) -> None:
    document = json.loads(FORMATS["json"].render(REPORT, Options()))
    document["hosts"][0]["runs"] = [glob]
    (tmp_path / "r.json").write_text(json.dumps(document))
    done = run("merge", tmp_path / "r.json", home=tmp_path)
    assert done.code == 2
    assert f"r.json has a host {document['hosts'][0]['name']!r} with bad `runs`: {glob!r} is no glob" in done.said
