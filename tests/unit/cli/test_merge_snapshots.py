"""`planner merge` of recorded registries: of each question the answer that tells most, whatever the order."""

import base64
import json
from itertools import permutations
from pathlib import Path

import pytest

from planner.resolve.snapshot import read_snapshot, snapshot_text
from planner.resolve.snapshot_merge import merged
from tests.support.command import run
from tests.unit.cli.recorded import ARM, NAME, PULLS, SCHEMA2, write_inventory

Line = dict[str, object]
REFERENCE = f"{NAME}@{SCHEMA2.digest}"


def line(state: str, hour: int | None, body: bytes = b"", detail: str = "", reference: str = REFERENCE) -> Line:
    known: Line = {"reference": reference, "kind": "manifest", "state": state}
    known |= {"status": 200, "body": base64.b64encode(body).decode()} if body else {}
    known |= {"detail": detail} if detail else {}
    return known | ({} if hour is None else {"fetched_at": f"2026-01-01T{hour:02}:00:00+01:00"})


def write(path: Path, *lines: Line) -> Path:
    path.write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    return path


THERE, GONE = line("resolved", 1, SCHEMA2.body), line("missing", 2, detail="unknown manifest")
DENIED, LOGIN = line("denied", 8, detail="who are you"), line("resolved", 9, b"<html>Log in")
UTC = THERE | {"fetched_at": "2026-01-01T01:30:00Z"}
UNDATED = line("missing", None, detail="long ago")


@pytest.mark.parametrize(
    ("lines", "winner"),
    [
        ([THERE, DENIED], THERE),
        ([THERE, LOGIN], THERE),
        ([THERE, GONE], GONE),
        ([UTC, GONE], UTC),
        ([DENIED, GONE, THERE], GONE),
        ([DENIED, LOGIN], LOGIN),
        ([UNDATED, THERE], THERE),
        ([THERE, THERE], THERE),
        ([GONE, GONE | {"detail": "another"}], GONE),
    ],
    ids=["denied", "login page", "later", "zones", "three", "failures", "undated", "same", "same time"],
)
def test_the_best_answer_counts_in_any_order(lines: list[Line], winner: Line, tmp_path: Path) -> None:
    read = [read_snapshot(write(tmp_path / f"{n}.jsonl", each))[0] for n, each in enumerate(lines)]
    for order in permutations(read):
        assert snapshot_text(merged(order), "") == f"{json.dumps(winner)}\n"


def test_recorded_apart_and_merged_is_enough_for_both(tmp_path: Path) -> None:
    for name, case in (("a", PULLS), ("b", (PULLS[0], ARM))):
        write_inventory(tmp_path / name, case)
    parts = [tmp_path / name / "registry.jsonl" for name in ("a", "b")]
    whole = tmp_path / "all.jsonl"
    assert run("merge", *parts, "-o", whole, home=tmp_path).code == 0
    first = whole.read_bytes()
    for name in ("a", "b"):
        assert "could not be checked" not in run("scan", tmp_path / name, "--offline", whole, home=tmp_path).out
    names = [json.loads(each)["reference"] for each in first.splitlines()]
    assert names == sorted(names)
    assert run("merge", whole, *reversed(parts), "-o", whole, home=tmp_path).code == 0  # again, over an input
    assert whole.read_bytes() == first
    assert run("merge", whole, home=tmp_path).out.encode() == first


def test_a_line_that_cannot_be_read_is_said_and_no_other_file_is_written_over(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "good.jsonl", THERE), tmp_path / "bad.jsonl"
    bad.write_text(f"{json.dumps(GONE)}\n{json.dumps(DENIED)[:40]}")
    done = run("merge", good, bad, "-o", tmp_path / "all.jsonl", home=tmp_path)
    assert done.code == 3
    assert f"{bad}:2: This line was left out" in done.said
    other = tmp_path / "notes.txt"
    other.write_text("mine\n")
    for arguments, said in (
        ([good, "-o", other], "is no recorded registry: name another file"),
        ([good, tmp_path / "gone.jsonl"], "cannot read"),
    ):
        done = run("merge", *arguments, home=tmp_path)
        assert done.code == 2
        assert said in done.said
    assert other.read_text() == "mine\n"
    mine = other.rename(tmp_path / "notes.jsonl")
    done = run("merge", mine, good, "-o", tmp_path / "other.jsonl", home=tmp_path)
    assert done.code == 2
    assert f"{mine} is no recorded registry, line 1" in done.said
    assert not (tmp_path / "other.jsonl").exists()
