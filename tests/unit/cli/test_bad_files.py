"""Files that are not as they should be: each has its own message, and none hides what the others hold."""

import os
from pathlib import Path
from typing import Any

import pytest

from planner.report import FORMATS
from tests.support.command import run
from tests.support.images import Image, from_parts
from tests.unit.cli.recorded import NAME, PULLS, RECORDED, SCHEMA2, write_inventory

PINNED = f"{NAME}@{SCHEMA2.digest}"


BY_HAND = "correct the file, or check it by hand"


def problems(infra: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The problems of a scan of a good file (h0/compose.yml) and whatever is beside it, and the whole report."""
    done = run("scan", infra, "--offline", infra / RECORDED, "--format", "json", home=infra.parent)
    assert done.said == ""
    report = done.json
    assert "h0/compose.yml" in {occurrence["file"] for occurrence in report["occurrences"]}
    # A reference that no engine accepts is known to break.
    fatal = any(problem["kind"] == "invalid-reference" for problem in report["problems"])
    assert done.code == (1 if fatal else 3 if report["problems"] else 0)
    return report["problems"], report


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    return write_inventory(tmp_path / "infra", PULLS)


@pytest.mark.parametrize(
    ("name", "content", "kind", "words", "found"),
    [
        ("compose.yml", f"services: {{a: [\n  image: {PINNED}\n", "unparsable", BY_HAND, 1),
        ("pod.yaml", f"apiVersion: v1\nkind: Pod\n\timage: {PINNED}\n", "unparsable", "no YAML or JSON", 1),
        ("compose.yml", f"services:\n  w\udce4b:\n    image: {PINNED}\n", "wrong-encoding", "save it as UTF-8", 1),
        ("compose.yml", "[" * 5000 + f"\nimage: {PINNED}\n", "unparsable", BY_HAND, 1),
        ("compose.yml", "services:\n  a:\n    image: Foo/Bar@sha256:12\n", "invalid-reference", "hex digits", 0),
        ("large.yml", f"image: {PINNED}\n#" + "x" * 11_000_000, "too-large", "raise the limit", 0),
    ],
    ids=["yaml", "tabs", "latin-1", "deep", "reference", "large"],
)  # fmt: skip
def test_a_bad_file_is_a_problem(  # noqa: PLR0913, PLR0917  the columns of the table above
    infra: Path, name: str, content: str, kind: str, words: str, found: int
) -> None:
    # The host runs everything here, so that no file is without a host.
    (infra / "planner.toml").write_text((infra / "planner.toml").read_text().replace("h0/**", "**"))
    (infra / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    every, report = problems(infra)
    assert [(problem["file"], problem["kind"]) for problem in every] == [(name, kind)], every
    assert words in every[0]["text"]
    assert sum(occurrence["file"] == name for occurrence in report["occurrences"]) == found


def test_binary_files_and_circles_are_no_problem_but_a_link_that_leads_out_is(infra: Path) -> None:
    (infra / "image.bin").write_bytes(b"\0\1" + PINNED.encode())
    (infra / "round").symlink_to(infra, target_is_directory=True)
    (infra / "dangling").symlink_to("nowhere")
    (infra / "out").symlink_to(infra.parent)
    os.mkfifo(infra / "pipe.yml")
    every, report = problems(infra)
    found = [(problem["file"], problem["kind"]) for problem in every]
    assert (found, len(report["occurrences"])) == ([("out", "link-outside")], 1)


def test_a_file_that_no_host_runs_is_not_clean(infra: Path) -> None:
    (infra / "compose.yml").write_text(f"services:\n  a:\n    image: {PINNED}\n")
    every, _ = problems(infra)
    assert [(problem["file"], problem["kind"]) for problem in every] == [("compose.yml", "no-host")]


def test_hostile_names_reach_no_terminal(infra: Path) -> None:
    (infra / "\x1b]0;gotcha\x07.yml").write_text(f"image: {PINNED}\n")
    for flags in ((), ("--format", "csv")):
        done = run("scan", infra, "--offline", infra / RECORDED, *flags, home=infra.parent)
        assert "\x1b" not in done.out + done.said
    assert "\\x1b]0;gotcha" in run("scan", infra, "--offline", infra / RECORDED, home=infra.parent).out


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    done = run("scan", tmp_path / "nowhere", home=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "nowhere does not exist; name a folder or a file to scan" in done.said


def test_a_single_file_is_scanned(infra: Path) -> None:
    done = run("scan", "h0/compose.yml", "--offline", RECORDED, "--format", "json", home=infra)
    assert (done.code, [o["file"] for o in done.json["occurrences"]]) == (0, ["compose.yml"])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("this is no JSON", "it is not JSON"),
        ('{"reference": "a b", "status": 200}', "its reference is not one"),
        (f'{{"reference": "{NAME}@{SCHEMA2.digest}", "status": 200, "body": "%%%"}}', "its body is not base64"),
    ],
)
def test_a_bad_line_of_a_recorded_registry(infra: Path, line: str, words: str) -> None:
    with (infra / RECORDED).open("a") as file:
        file.write(line + "\n")
    every, report = problems(infra)
    assert [problem["kind"] for problem in every] == ["snapshot-line"]
    assert words in every[0]["text"]
    assert report["resolutions"][0]["state"] == "resolved"


def test_a_recorded_registry_without_an_answer(infra: Path) -> None:
    (infra / RECORDED).write_text("")
    every, report = problems(infra)
    assert [problem["kind"] for problem in every] == ["not-recorded"]
    assert "planner snapshot" in every[0]["text"]
    assert [finding["verdict"] for finding in report["findings"]] == ["unknown"]


def test_a_recorded_registry_that_is_not_there(infra: Path) -> None:
    done = run("scan", infra, "--offline", "nowhere.jsonl", home=infra.parent)
    assert (done.code, done.out) == (2, "")
    assert "cannot read the recorded registry nowhere.jsonl: No such file" in done.said


def test_hostile_media_types_reach_no_reader(tmp_path: Path) -> None:
    """A lone surrogate cannot be encoded, an escape is obeyed by terminals, an override turns text around."""
    named = from_parts(SCHEMA2.config, [("application/EVIL", b"x")], config_type="application/EVIL")
    evil = Image(named.media_type, named.body.replace(b"EVIL", rb"\ud800\u001b[31m\u202e<script>"), named.blobs)
    engines = ("docker 20.10.24", "containerd 2.1.4", "podman 4.3.1")
    infra = write_inventory(tmp_path / "infra", *((engine, evil) for engine in engines))
    pairs = [flag for name in FORMATS for flag in ("--format", name, "-o", name)]
    assert run("scan", infra, "--offline", infra / RECORDED, *pairs, home=tmp_path).code == 1
    for name in FORMATS:
        text = (tmp_path / name).read_text("utf-8")
        assert not {"\x1b", "\u202e"} & set(text)
        assert name != "html" or "202e<script>" not in text
