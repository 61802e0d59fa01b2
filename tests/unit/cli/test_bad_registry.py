"""Registries that fail, and a skopeo that is missing or broken: verdict unknown, a message of its own, a report."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import DIGEST, PLANNER, Done, environment, run, write_compose
from tests.support.registry import free_port
from tests.support.tools import require_tool

DOWN = "down"
# Repository of the misbehaving server: verdict, state of the resolution, words of the explanation.
FAILURES = {
    DOWN: ("unknown", "unreachable", "connection refused"),
    "status-401": ("unknown", "denied", "log in (skopeo login, --authfile)"),
    "status-403": ("unknown", "denied", "log in (skopeo login, --authfile)"),
    "status-404": ("breaks", "missing", "push it again or re-pin"),
    "status-429": ("unknown", "rate-limited", "run again later"),
    "status-500": ("unknown", "server-error", "run again later"),
    "html": ("unknown", "not-a-manifest", "see what answers there"),
    "status-404-html": ("unknown", "not-a-manifest", "A web page, not a registry"),
    "empty": ("unknown", "not-a-manifest", "empty"),
    "config-instead": ("unknown", "not-a-manifest", "no manifest of a known kind"),
    "wrong-bytes": ("breaks", "digest-mismatch", "re-pin"),
}


@pytest.fixture(scope="module")
def scanned(misbehaving: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    """One scan of every failure, with all reports written."""
    home = tmp_path_factory.mktemp("failures")
    hosts = dict.fromkeys(FAILURES, misbehaving) | {DOWN: f"127.0.0.1:{free_port()}"}
    infra = write_compose(home / "infra", *(f"{host}/{name}@{DIGEST}" for name, host in hosts.items()))
    (infra / "planner.toml").write_text('[[hosts]]\nname = "web"\nengine = "docker 20.10.24"\n')
    reports = [part for suffix in ("json", "csv", "html") for part in ("-o", f"report.{suffix}")]
    return run("scan", infra, *reports, "--jobs", "16", home=home), home


def by_name(report: Any) -> dict[str, tuple[str, str, str]]:
    """What FAILURES holds, of a report."""
    names = {occurrence["id"]: occurrence["repository"] for occurrence in report["occurrences"]}
    verdicts = {names[finding["occurrence"]]: finding["verdict"] for finding in report["findings"]}
    resolutions = {repository(entry): entry for entry in report["resolutions"]}
    return {name: (verdicts[name], entry["state"], entry["detail"]) for name, entry in resolutions.items()}


def repository(entry: dict[str, str]) -> str:
    return entry["reference"].partition("@")[0].partition("/")[2]


def test_each_failure_has_its_verdict_and_its_words(scanned: tuple[Done, Path]) -> None:
    report = Done(0, (scanned[1] / "report.json").read_text(), "").json
    found = by_name(report)
    assert {name: row[:2] for name, row in found.items()} == {name: row[:2] for name, row in FAILURES.items()}
    for name, (_, _, words) in FAILURES.items():
        assert words in found[name][2], name
    explained = {found[name][2] for name in FAILURES}
    assert len(explained) >= len(FAILURES) - 1, "401 and 403 may read alike, nothing else"


def test_each_failure_is_a_problem_unless_it_is_an_answer(scanned: tuple[Done, Path]) -> None:
    report = Done(0, (scanned[1] / "report.json").read_text(), "").json
    kinds = {repository(problem): problem["kind"] for problem in report["problems"]}
    assert kinds == {name: state for name, (_, state, _) in FAILURES.items() if state != "missing"}


def test_the_reports_are_written_and_the_exit_code_tells(scanned: tuple[Done, Path]) -> None:
    done, home = scanned
    # Two of them break, whatever could not be checked.
    assert done.code == 1
    assert "2 break today" in done.said
    assert "9 could not be checked" in done.said
    rows = (home / "report.csv").read_text("utf-8-sig")
    page = (home / "report.html").read_text("utf-8")
    for name in FAILURES:
        assert name in rows
        assert name in page


def test_only_unknown_is_incomplete(misbehaving: str, tmp_path: Path) -> None:
    infra = write_compose(tmp_path / "infra", f"{misbehaving}/status-500@{DIGEST}")
    done = run("scan", infra, home=tmp_path)
    assert (done.code, done.said) == (3, "planner: asking for 1 digest, 1 registry\n")
    assert "1 could not be checked" in done.out


def test_a_credentials_file_that_is_not_there(tmp_path: Path) -> None:
    infra = write_compose(tmp_path / "infra", f"127.0.0.1:1/x@{DIGEST}")
    done = run("scan", infra, "--authfile", "nowhere.json", home=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "nowhere.json" in done.said


def test_snapshot_records_failures_and_says_so(misbehaving: str, tmp_path: Path) -> None:
    infra = write_compose(
        tmp_path / "infra", *(f"{misbehaving}/{name}@{DIGEST}" for name in ("status-500", "status-404"))
    )
    done = run("snapshot", infra, "-o", "registry.jsonl", home=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert "status-500" in done.said
    assert "recorded 2 references in registry.jsonl" in done.said
    replayed = run("scan", infra, "--offline", "registry.jsonl", "--format", "json", home=tmp_path)
    assert {name: row[:2] for name, row in by_name(replayed.json).items()} == {
        name: FAILURES[name][:2] for name in ("status-500", "status-404")
    }


def test_snapshot_to_where_nothing_can_be_written(tmp_path: Path) -> None:
    infra = write_compose(tmp_path / "infra", f"127.0.0.1:{free_port()}/x@{DIGEST}")
    done = run("snapshot", infra, "-o", "nowhere/registry.jsonl", home=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "cannot write to nowhere/registry.jsonl" in done.said


def skopeo_that(folder: Path, body: str) -> str:
    """A PATH on which skopeo is a script that does as `body` says."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "skopeo").write_text(f"#!/bin/sh\n{body}\n")
    (tools / "skopeo").chmod(0o755)
    return f"{tools}:/bin:/usr/bin"


VERSION = '[ "$1" = --version ] && { echo "skopeo version 1.9.3"; exit 0; }\n'


@pytest.mark.parametrize(
    ("body", "state", "words"),
    [
        ("exit 1", "tool-failed", "it exits with code 1 and says nothing"),
        ("echo no such library >&2; exit 127", "tool-failed", "says no such library"),
        (f"{VERSION}kill -9 $$", "tool-failed", "it was ended by signal 9"),
        (f"{VERSION}exit 3", "tool-failed", "it exits with code 3 and says nothing"),
        (f"{VERSION}echo rubbish", "not-a-manifest", "it begins with 'rubbish'"),
        (f"{VERSION}echo rubbish >&2; exit 1", "failed", "try it by hand"),
        (f"{VERSION}yes rubbish", "too-large", "larger than any manifest may be"),
    ],
)
def test_a_broken_skopeo(tmp_path: Path, body: str, state: str, words: str) -> None:
    infra = write_compose(tmp_path / "infra", f"registry.example/x@{DIGEST}")
    done = run("scan", infra, "--format", "json", home=tmp_path, PATH=skopeo_that(tmp_path, body))
    resolution = done.json["resolutions"][0]
    assert (done.code, resolution["state"]) == (3, state), resolution
    assert words in resolution["detail"]
    assert [finding["verdict"] for finding in done.json["findings"]] == ["unknown"]


def test_no_skopeo_says_how_to_get_it_and_what_works_without(tmp_path: Path) -> None:
    infra = write_compose(tmp_path / "infra", f"registry.example/x@{DIGEST}")
    empty = tmp_path / "bin"
    empty.mkdir()
    done = run("scan", infra, home=tmp_path, PATH=str(empty))
    words = " ".join(done.out.split())
    assert (done.code, done.said) == (3, "")
    for part in ("skopeo is not installed", "apt-get install skopeo", "brew install skopeo", "--offline FILE"):
        assert part in words


def test_nothing_pinned_needs_no_skopeo(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "bin").mkdir()
    assert run("scan", "infra", home=tmp_path, PATH=str(tmp_path / "bin")).code == 4


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_ends_the_questions_and_returns_130(tmp_path: Path, sent: signal.Signals) -> None:
    require_tool("skopeo")
    with socket.create_server(("127.0.0.1", 0)) as server, contextlib.ExitStack() as stack:
        server.settimeout(30)
        infra = write_compose(tmp_path / "infra", f"127.0.0.1:{server.getsockname()[1]}/silent@{DIGEST}")
        process = subprocess.Popen(
            [PLANNER, "scan", infra, "-o", "report.json"],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        stack.callback(process.kill)
        asked = stack.enter_context(server.accept()[0])
        process.send_signal(sent)
        out, said = process.communicate(timeout=20)
        asked.settimeout(10)
        while asked.recv(4096):
            pass  # until skopeo, which holds the other end, is gone
    assert (process.returncode, out) == (130, b"")
    assert said.decode().startswith("planner: asking for 1 digest, 1 registry\nplanner: interrupted; ")
    assert not (tmp_path / "report.json").exists()


def test_a_cache_that_cannot_be_used_costs_only_time(misbehaving: str, tmp_path: Path) -> None:
    infra = write_compose(tmp_path / "infra", f"{misbehaving}/status-404@{DIGEST}")
    (tmp_path / "cache").write_text("a file where the folder should be")
    done = run("scan", infra, "--format", "json", home=tmp_path)
    assert done.json["resolutions"][0]["state"] == "missing"
    assert done.code == 1


def test_the_cache_is_told_and_pruned(tmp_path: Path) -> None:
    info = run("cache", "info", home=tmp_path)
    assert (info.code, info.said) == (0, "")
    assert str(tmp_path) in info.out
    pruned = run("cache", "prune", home=tmp_path)
    assert (pruned.code, pruned.out, pruned.said) == (0, "", "planner: dropped 0 entries\n")
    shutil.rmtree(tmp_path / "cache")
    assert os.fspath(tmp_path) in run("cache", "info", home=tmp_path).out
