"""`… | planner scan -`: what is piped in is read as a file of that name would be, and no other file is."""

import csv
import io
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.command import DIGEST, PLANNER, Done, environment, run
from tests.unit.cli.recorded import BREAKS, NAME, PULLS, write_recorded

APP = f"registry.invalid/app:1@{DIGEST}"
POD = f"""apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  containers:
    - name: web
      image: {APP}
status:
  containerStatuses:
    - imageID: {APP}
"""
MEBIBYTE = 1024 * 1024


def pipe(piped: str | bytes, *arguments: str | Path, home: Path) -> Done:
    """Run planner with a pipe as its stdin."""
    done = subprocess.run(
        [PLANNER, *arguments],
        cwd=home,
        env=environment(home),
        input=piped.encode() if isinstance(piped, str) else piped,
        capture_output=True,
        timeout=120,
        check=False,
    )
    said = done.stderr.decode()
    assert "Traceback" not in said, said
    return Done(done.returncode, done.stdout.decode(), said)


def listed(piped: str | bytes, *flags: str, home: Path) -> list[dict[str, str]]:
    done = pipe(piped, "scan", "-", "--no-resolve", "--format", "csv", *flags, home=home)
    assert done.code == 0, done.said
    return list(csv.DictReader(io.StringIO(done.out)))


def places(rows: list[dict[str, str]]) -> list[tuple[str, str, str, str]]:
    return [(row["file"], row["line"], row["role"], row["name"]) for row in rows]


def test_what_is_pulled_is_found_at_its_line_and_the_status_is_not(tmp_path: Path) -> None:
    (row,) = listed(POD, home=tmp_path)
    assert places([row]) == [("stdin.yaml", "7", "container", "Pod/web: web")]
    assert (row["image"], row["column"]) == (APP, str(len("      image: registry.invalid/app:1@") + 1))


def test_json_is_known_by_its_first_character(tmp_path: Path) -> None:
    text = json.dumps({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": APP}]}})
    assert places(listed(f"\n  {text}", home=tmp_path)) == [("stdin.json", "2", "container", "Pod: a")]


def test_a_plain_list_is_neither_json_nor_yaml(tmp_path: Path) -> None:
    rows = listed(f"{APP}\n# {APP}\nregistry.invalid/other@{DIGEST}\n", home=tmp_path)
    assert places(rows) == [("stdin", "1", "text", ""), ("stdin", "3", "text", "")]


def test_the_name_says_how_it_is_read(tmp_path: Path) -> None:
    rows = listed(f"FROM {APP} AS build\n", "--stdin-name", "build/Dockerfile", home=tmp_path)
    assert [(row["file"], row["format"]) for row in rows] == [("build/Dockerfile", "dockerfile")]


def test_no_other_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    (tmp_path / ".env").write_text(f"TAG=1@{DIGEST}\n")
    done = pipe("services: {a: {image: 'registry.invalid/app:$TAG'}}\n", "scan", "-", "--no-resolve", home=tmp_path)
    assert done.code == 4
    assert "no image reference with a digest in stdin (1 file read)" in done.said


def test_references_by_tag_are_found_when_asked_for(tmp_path: Path) -> None:
    text = POD.replace(f"@{DIGEST}", "")
    rows = listed(text, "--include-tags", home=tmp_path)
    assert [row["image"] for row in rows] == ["registry.invalid/app:1"]


def test_nothing_may_mean_that_the_command_before_the_pipe_failed(tmp_path: Path) -> None:
    done = pipe("", "scan", "-", home=tmp_path)
    assert done.code == 4
    assert "in stdin (0 files read)" in done.said
    assert "the command before the pipe may have failed" in done.said


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", "\ufeff"), ("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff")], ids=str
)
def test_encodings_are_those_of_files(tmp_path: Path, encoding: str, mark: str) -> None:
    assert [row["line"] for row in listed((mark + POD).encode(encoding), home=tmp_path)] == ["7"]


@pytest.mark.parametrize(
    ("piped", "kind"),
    [
        (b"PK\0\0" + POD.encode(), "unreadable"),
        (POD.encode() + b"#" * (50 * MEBIBYTE), "too-large"),
        (POD.replace("web", "w\xe9b").encode("latin-1"), "wrong-encoding"),
    ],
    ids=["binary", "too large", "latin-1"],
)
def test_what_cannot_be_read_is_a_problem_of_that_name(tmp_path: Path, piped: bytes, kind: str) -> None:
    done = pipe(piped, "scan", "-", "--no-resolve", "--stdin-name", "pods.yaml", "--format", "json", home=tmp_path)
    assert done.code == 3
    assert [(each["file"], each["kind"]) for each in done.json["problems"]] == [("pods.yaml", kind)]


def test_up_to_the_limit_it_is_read(tmp_path: Path) -> None:
    text = f"{APP}\n".ljust(1024, "#") + f"{'#' * 1023}\n" * (50 * 1024 - 1)
    assert len(text) == 50 * MEBIBYTE
    assert len(listed(text, home=tmp_path)) == 1


def test_a_terminal_is_told_what_to_type(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            [PLANNER, "scan", "-"],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdin=theirs,
            capture_output=True,
            timeout=30,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2
    assert b"kubectl get pods -A -o json | planner scan -" in done.stderr


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ((".", "--stdin-name", "pod.yaml"), "give - in place of PATH"),
        (("-", "--stdin-name", " "), "--stdin-name is empty"),
    ],
)
def test_a_name_without_use_is_refused(tmp_path: Path, flags: tuple[str, ...], words: str) -> None:
    done = pipe(POD, "scan", *flags, home=tmp_path)
    assert done.code == 2
    assert words in done.said


def write_hosts(folder: Path) -> Path:
    """Two hosts, the old of which runs prod/ alone, and a registry with the one image."""
    engine, image = BREAKS
    write_recorded(folder / "registry.jsonl", [image])
    (folder / "planner.toml").write_text(
        f'[[hosts]]\nname = "old"\nengine = "{engine}"\nruns = ["prod/**"]\n'
        f'[[hosts]]\nname = "new"\nengine = "{PULLS[0]}"\nruns = ["**"]\n'
    )
    return folder


def recorded_pod() -> str:
    return POD.replace(APP, f"{NAME}@{BREAKS[1].digest}")


def test_hosts_are_those_of_the_current_folder_by_the_name(tmp_path: Path) -> None:
    flags = ("scan", "-", "--offline", "registry.jsonl", "--format", "json")
    write_hosts(tmp_path)
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "other.yaml").write_text(POD)  # no file that is piped in
    test = pipe(recorded_pod(), *flags, home=tmp_path)
    assert test.code == 3
    assert test.json["summary"]["root"] == "stdin"
    assert [(each["kind"], each["host"]) for each in test.json["problems"]] == [("host-runs-nothing", "old")]
    assert "--stdin-name names what is piped in" in test.json["problems"][0]["text"]
    prod = pipe(recorded_pod(), *flags, "--stdin-name", "prod/pods.yaml", home=tmp_path)
    assert prod.code == 1
    assert prod.json["problems"] == []


@pytest.mark.parametrize("form", ["terminal", "html", "csv"])
def test_every_report_has_what_was_piped_in(tmp_path: Path, form: str) -> None:
    write_hosts(tmp_path)
    flags = ("--offline", "registry.jsonl", "--format", form, "--stdin-name", "prod/<b>.yaml")
    done = pipe(recorded_pod(), "scan", "-", *flags, home=tmp_path)
    assert done.code == 1
    assert BREAKS[1].digest in done.out
    assert ("prod/<b>.yaml" in done.out) == (form != "html")


def test_a_snapshot_of_what_is_piped_in_says_to_pipe_again(tmp_path: Path) -> None:
    write_hosts(tmp_path)
    flags = ("snapshot", "-", "-o", "again.jsonl", "--no-cache")
    done = pipe(POD, *flags, home=tmp_path)
    assert "recorded 1 reference in again.jsonl; pipe the same into: planner scan - --offline again.jsonl" in done.said
    again = pipe(POD, "scan", "-", "--offline", "again.jsonl", "--format", "json", home=tmp_path)
    assert [each["reference"] for each in again.json["problems"] if "reference" in each] == [APP.replace(":1@", "@")]


def test_a_file_is_scanned_as_before(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD)
    done = run("scan", "pod.yaml", "--no-resolve", "--format", "csv", home=tmp_path)
    assert done.code == 0
    assert len(done.out.splitlines()) == 2
