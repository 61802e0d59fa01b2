import base64
import json
from pathlib import Path
from typing import Any

import pytest

from planner.errors import UsageError
from planner.model.platform import Platform
from planner.model.reference import parse_reference
from planner.model.resolution import State
from planner.resolve import resolve
from planner.resolve.answer import Answer
from planner.resolve.snapshot import (
    Key,
    RecordingResolver,
    SnapshotResolver,
    manifest_key,
    read_snapshot,
    snapshot_text,
    write_snapshot,
)
from tests.support.images import build_image, build_index
from tests.unit.resolve.answers import NAME, Counting, recorded, reference

AMD64 = frozenset({Platform("linux", "amd64")})
IMAGE = build_image({"a": b"a"})
REFERENCE = reference(IMAGE.digest)
WHEN = "2026-01-01T00:00:00Z"


def _read(tmp_path: Path, *lines: str | dict[str, Any]) -> tuple[dict[Key, Answer], list[tuple[int, str]]]:
    path = tmp_path / "snapshot.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    answers, problems = read_snapshot(path)
    assert all(problem.about == "file" and problem.subject == str(path) for problem in problems)
    return answers, [(problem.line, problem.text) for problem in problems]


def test_a_replay_tells_the_same_story(tmp_path: Path) -> None:
    index = build_index([(IMAGE, "linux/amd64"), (build_image({"b": b""}), None)])
    answers = recorded(index)
    states = (State.MISSING, State.DENIED, State.RATE_LIMITED, State.TIMEOUT, State.FAILED)
    failing = [reference(f"sha256:{number:064x}") for number in range(len(states))]
    for one, state in zip(failing, states, strict=True):
        answers[manifest_key(one)] = Answer(
            state, detail=f"because {state}", status=404 if state == "missing" else None
        )
    html, other, tag = reference("sha256:" + "e" * 64), reference("sha256:" + "f" * 64), parse_reference(f"{NAME}:v1")
    answers[manifest_key(html)] = Answer(State.RESOLVED, b"<html>")
    answers[manifest_key(other)] = answers[manifest_key(tag)] = Answer(
        State.RESOLVED, IMAGE.body, content_type="text/x"
    )
    references = [reference(index.digest), *failing, html, other, tag]

    recording = RecordingResolver(Counting(answers))
    first = resolve(references, recording, AMD64)
    write_snapshot(tmp_path / "s", recording.answers, WHEN)
    read, problems = read_snapshot(tmp_path / "s")
    assert problems == ()
    assert resolve(references, SnapshotResolver(read, "s"), AMD64) == first
    assert {one.state for one in first.values()} >= {*states, State.NOT_A_MANIFEST, State.MISMATCH, State.RESOLVED}


def test_the_bytes_are_the_same_whatever_the_order() -> None:
    answers = recorded(*(build_image({"a": b"%d" % number}) for number in range(5)))
    backwards = dict(reversed(answers.items()))
    assert list(answers) != list(backwards)
    assert snapshot_text(answers, WHEN) == snapshot_text(backwards, WHEN)
    assert snapshot_text(answers, WHEN).count("\n") == 10


def test_a_line_has_the_contracted_members() -> None:
    text = snapshot_text({manifest_key(REFERENCE): Answer(State.RESOLVED, b"x", content_type="text/x")}, WHEN)
    assert json.loads(text) == {
        "reference": f"{NAME}@{IMAGE.digest}",
        "kind": "manifest",
        "state": "resolved",
        "status": 200,
        "content_type": "text/x",
        "body": base64.b64encode(b"x").decode(),
        "fetched_at": WHEN,
    }


@pytest.mark.parametrize(
    "line",
    [
        {"reference": f"{NAME}@{IMAGE.digest}"},
        {"reference": f"{NAME}:v1@{IMAGE.digest}"},
        {"registry": "registry.example", "repository": "team/app", "digest": IMAGE.digest},
        {"registry": "registry.example", "repository": "team/app", "digest": IMAGE.digest, "tag": "v1", "new": 7},
    ],
)
def test_both_ways_to_name_a_reference(tmp_path: Path, line: dict[str, Any]) -> None:
    answers, problems = _read(tmp_path, {**line, "status": 200, "body": base64.b64encode(IMAGE.body).decode()})
    assert problems == []
    assert SnapshotResolver(answers, "s").manifest(REFERENCE).body == IMAGE.body


def test_by_tag(tmp_path: Path) -> None:
    line = {"registry": "docker.io", "repository": "library/nginx", "tag": "1.27", "status": 404}
    answers, _ = _read(tmp_path, line)
    assert SnapshotResolver(answers, "s").manifest(parse_reference("nginx:1.27")).state is State.MISSING


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (404, State.MISSING),
        (401, State.DENIED),
        (403, State.DENIED),
        (429, State.RATE_LIMITED),
        (503, State.SERVER_ERROR),
        (418, State.FAILED),
    ],
)
def test_a_status_alone_is_understood(tmp_path: Path, status: int, state: State) -> None:
    answers, _ = _read(tmp_path, {"reference": f"{NAME}@{IMAGE.digest}", "status": status})
    answer = SnapshotResolver(answers, "s").manifest(REFERENCE)
    assert (answer.state, answer.detail) == (state, f"recorded: HTTP status {status}")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ('{"status": 200}', "neither reference nor registry"),
        ('{"reference": "UPPER/Case", "status": 200}', "reference is not one"),
        ('{"reference": "a/b@sha256:12", "status": 200}', "64 hex digits"),
        ('{"reference": 7, "status": 200}', "neither reference nor registry"),
        ('{"reference": "a/b:v1"}', "neither a state"),
        ('{"reference": "a/b:v1", "state": "splendid"}', "neither a state"),
        ('{"reference": "a/b:v1", "status": "200"}', "neither a state"),
        ('{"reference": "a/b:v1", "status": 200, "body": "%%%"}', "not base64"),
        ('{"reference": "a/b:v1", "status": 200, "body": "\u00e9"}', ""),
        ('{"reference": "a/b:v1", "status": 200, "kind": "signature"}', "none of manifest, config, blob"),
    ],
)
def test_a_bad_line_is_a_problem_and_hides_no_other(tmp_path: Path, line: str, reason: str) -> None:
    good = {"reference": f"{NAME}@{IMAGE.digest}", "status": 404}
    answers, problems = _read(tmp_path, "", line, good)
    assert list(answers) == [manifest_key(REFERENCE)]
    assert [number for number, _ in problems] == [2]
    assert reason in problems[0][1]
    assert "counts as not recorded" in problems[0][1]


def test_a_file_of_another_kind_does_not_fill_the_report(tmp_path: Path) -> None:
    answers, problems = _read(tmp_path, *(["not a snapshot"] * 500))
    assert answers == {}
    assert len(problems) == 21
    assert "More lines were left out: 480." in problems[-1][1]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"\x80\xff\x00\n" * 3)
    assert [problem.line for problem in read_snapshot(tmp_path / "s")[1]] == [1, 2, 3]


def test_an_overlong_line_is_left_out_in_pieces(tmp_path: Path) -> None:
    good = json.dumps({"reference": f"{NAME}@{IMAGE.digest}", "status": 404}).encode()
    (tmp_path / "s").write_bytes(b"x" * (25 * 1024 * 1024) + b"\n" + good + b"\n")
    answers, problems = read_snapshot(tmp_path / "s")
    assert list(answers) == [manifest_key(REFERENCE)]
    assert {problem.line for problem in problems} == {1}
    assert "longer than 24 MiB" in problems[0].text


def test_what_is_not_recorded_says_so() -> None:
    answer = SnapshotResolver({}, "fleet.jsonl").manifest(REFERENCE)
    assert answer.state is State.NOT_RECORDED
    assert "fleet.jsonl" in answer.detail
    assert "planner snapshot" in answer.detail


def test_details_of_a_snapshot_are_no_more_trusted_than_those_of_a_registry(tmp_path: Path) -> None:
    detail = "\x1b[2J https://bob:hunter2@registry.example " + "x" * 1000
    line = {"reference": f"{NAME}@{IMAGE.digest}", "state": "failed", "detail": detail}
    answers, _ = _read(tmp_path, line)
    read = answers[manifest_key(REFERENCE)].detail
    assert "\x1b" not in read
    assert "hunter2" not in read
    assert len(read) <= 300


def test_writing_replaces_the_file_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("old")
    write_snapshot(path, recorded(IMAGE), WHEN)
    assert len(path.read_text().splitlines()) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["s"]
    with pytest.raises(UsageError, match=r"no-such-folder.*make its folder"):
        write_snapshot(tmp_path / "no-such-folder" / "s", {}, WHEN)


def test_reading_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_snapshot(tmp_path / "none")
