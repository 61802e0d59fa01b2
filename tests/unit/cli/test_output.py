"""Where reports go: pairs of format and file, data on stdout and messages on stderr, files that cannot be written."""

import json
import os
import pty
import re
import socket
import subprocess
from pathlib import Path
from typing import IO

import pytest

from planner.report import FORMATS
from tests.support.command import PLANNER, Done, environment, run
from tests.unit.cli.recorded import BREAKS, RECORDED, write_inventory


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    return write_inventory(tmp_path / "infra", BREAKS)


def scan(infra: Path, *flags: str) -> Done:
    """Scan it from the folder above, which is where files are written to."""
    return run("scan", "infra", "--offline", f"infra/{RECORDED}", *flags, home=infra.parent)


def test_without_flags_the_terminal_table(infra: Path) -> None:
    done = scan(infra)
    assert (done.code, done.said) == (1, "")
    assert done.out.startswith("1 pinned reference, 1 host: 1 breaks today")
    assert "\x1b" not in done.out


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_each_format_goes_to_stdout_alone(infra: Path, name: str) -> None:
    done = scan(infra, "--format", name)
    assert (done.code, done.said) == (1, "")
    assert len(done.out) > 100


def test_a_dash_is_stdout(infra: Path) -> None:
    assert scan(infra, "--format", "csv", "-o", "-").out == scan(infra, "--format", "csv").out


def test_the_suffix_chooses_the_format(infra: Path) -> None:
    beginning = {
        "csv": "file,line,column",
        "json": "{",
        "html": "<!doctype html>",
        "junit": "<?xml",
        "markdown": "## planner",
        "sarif": '{\n"$schema"',
    }
    suffixes = {suffix: each.name for each in FORMATS.values() for suffix in each.suffixes}
    done = scan(infra, *(flag for suffix in suffixes for flag in ("-o", f"report{suffix}")))
    assert (done.code, done.out) == (1, "")
    assert f"wrote {', '.join(f'report{suffix}' for suffix in suffixes)}" in done.said
    for suffix, name in suffixes.items():
        text = (infra.parent / f"report{suffix}").read_text("utf-8-sig")
        assert text.lstrip().lower().startswith(beginning[name])


def test_pairs_are_made_in_order(infra: Path) -> None:
    done = scan(infra, "--format", "csv", "--format", "json", "-o", "rows", "-o", "-", "--format", "html", "-o", "page")
    assert (done.code, done.json["schema_version"]) == (1, 1)
    assert (infra.parent / "rows").read_text("utf-8-sig").startswith("file,line,column")
    assert "<html" in (infra.parent / "page").read_text("utf-8")
    assert done.said.splitlines() == [
        "planner: 1 pinned reference, 1 host: 1 breaks today",
        "planner: wrote rows, page",
    ]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--format", "xlsx"), f"no format 'xlsx'; there are {', '.join(sorted(FORMATS))}"),
        (("--format", "csv", "--format", "json"), "more than one --format needs one -o for each"),
        (("--format", "csv", "-o", "a", "-o", "b"), "1 --format and 2 -o: give one -o for each --format"),
        (("--format", "csv", "--format", "json", "-o", "a"), "2 --format and 1 -o"),
        (("-o", "report.xlsx"), "report.xlsx: no format has this suffix"),
        (("-o", "report"), "add --format, one of csv, github"),
        (("-o", "nowhere/report.html"), "its folder does not exist"),
        (("--format", "csv", "-o", "infra"), "it is a folder"),
        (("-o", "a.csv", "-o", "a.csv"), "-o a.csv is given twice"),
        (("--format", "csv", "-o", "-", "--format", "json", "-o", "-"), "-o - is given twice"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_asked(
    infra: Path, flags: tuple[str, ...], words: str
) -> None:
    # A recorded registry that is none would be the next complaint.
    done = run("scan", "infra", "--offline", "infra", *flags, home=infra.parent)
    assert (done.code, done.out) == (2, "")
    assert words in done.said
    assert len(done.said.splitlines()) == 1


def test_a_full_disk_does_not_keep_other_reports_from_being_written(infra: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full to write to")
    done = scan(infra, "--format", "csv", "-o", "/dev/full", "--format", "json", "-o", "report.json")
    assert done.code == 2
    assert "cannot write to /dev/full: No space left on device" in done.said
    assert "wrote report.json" in done.said
    assert json.loads((infra.parent / "report.json").read_text())["summary"]["now"]["breaks"] == 1


def test_a_full_stdout_is_no_defect_of_planner(infra: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full to write to")
    with Path("/dev/full").open("wb") as full:
        done = _popen(infra, stdout=full)
    assert (done.returncode, done.stderr) == (2, b"planner: cannot write to stdout: No space left on device\n")


def test_a_reader_that_leaves_changes_nothing_of_the_result(infra: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = _popen(infra, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def _popen(infra: Path, stdout: int | IO[bytes]) -> subprocess.CompletedProcess[bytes]:
    command: list[str | Path] = [PLANNER, "scan", "infra", "--offline", f"infra/{RECORDED}", "--format", "json"]
    return subprocess.run(
        command,
        cwd=infra.parent,
        env=environment(infra.parent),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_and_links_on_a_terminal_unless_unwanted(infra: Path, variables: dict[str, str]) -> None:
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [PLANNER, "scan", "infra", "--offline", f"infra/{RECORDED}"],
        cwd=infra.parent,
        env=environment(infra.parent, {"TERM": "xterm-256color", **variables}),
        stdin=subprocess.DEVNULL,
        stdout=inner,
        stderr=subprocess.DEVNULL,
    )
    os.close(inner)
    text = _read_terminal(outer)
    assert process.wait(30) == 1
    assert b"breaks" in text
    assert (b"\x1b[" in text) is not bool(variables)
    link = f"\x1b]8;;file://{socket.gethostname()}{infra}/h0/compose.yml\x1b\\infra/h0/compose.yml:3:".encode()
    assert (link in re.sub(rb"\x1b\[[0-9;]*m", b"", text)) is not bool(variables)


def _read_terminal(terminal: int) -> bytes:
    """All that is written until the other end is closed, which Linux reports as an error."""
    chunks = []
    try:
        while chunk := os.read(terminal, 65536):
            chunks.append(chunk)
    except OSError:
        pass
    finally:
        os.close(terminal)
    return b"".join(chunks)


def test_no_report_holds_what_stands_beside_a_reference(infra: Path) -> None:
    image = "registry.example/a@sha256:" + "1" * 64
    (infra / "pull.sh").write_text(f"docker login -u ci -p hunter2 r.example && docker pull {image}\n")
    (infra / "h1").mkdir()
    # Line ends of old: to planner it is one line.
    compose = f"services:\r  a:\r    environment: {{A: hunter2}}\r    image: {image}\r    command: x hunter2\r"
    (infra / "h1" / "compose.yml").write_bytes(compose.encode())
    done = scan(infra, "-o", "report.json", "-o", "report.html")
    assert done.code == 1, done.said
    texts = [(infra.parent / name).read_text() for name in ("report.json", "report.html")]
    assert not any("hunter" in text for text in texts)
    shown = {o["file"]: o["excerpt"] for o in json.loads(texts[0])["occurrences"]}
    assert (shown["pull.sh"], shown["h1/compose.yml"]) == (f"docker … docker pull {image}", f"… image: {image}")
