"""skopeo's debug log: the Content-Type is taken from it, nothing else gets out. tests/registry has the real skopeo."""

import json
import stat
from pathlib import Path

import pytest

from planner.model.reference import parse_reference
from planner.model.resolution import State
from planner.resolve.cache import Cache
from planner.resolve.caching import CachingResolver
from planner.resolve.debug_log import content_type, waits, without_debug
from planner.resolve.skopeo import SkopeoResolver
from planner.resolve.snapshot import RecordingResolver, snapshot_text
from tests.support.images import build_image

IMAGE = build_image({"hello": b"hello\n"})
REFERENCE = parse_reference(f"registry.example/team/app@{IMAGE.digest}")
SECRET = "hunter2-of-alice"
NOISE = [
    f"No credentials matching registry.example found in /home/{SECRET}/.docker/config.json",
    f"GET https://registry.example/token?account={SECRET}",
    f'Ping "https://{SECRET}@registry.example/v2/" level=fatal msg="denied: {SECRET}"',
]


def quoted(text: str) -> str:
    """As Go's %q does for what stands here."""
    return json.dumps(text)


def debug(message: str) -> str:
    return f'time="2026-11-23T22:01:32Z" level=debug msg={quoted(message)}\n'


def line(header: str) -> str:
    return debug(f"Content-Type from manifest GET is {quoted(header)}")


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ("application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.manifest.v1+json"),
        ("text/plain; charset=utf-8", "text/plain"),
        ('Application/JSON; charset="utf-8"', "application/json"),
        ("application/octet-stream", "application/octet-stream"),
        ("", ""),
        ("\u001b[31mred", "unreadable"),
        ("a b", "unreadable"),
        ("x" * 300, "unreadable"),
    ],
)
def test_the_type_of_the_header(header: str, known: str) -> None:
    assert content_type("".join(map(debug, NOISE)) + line(header)) == known


def test_it_waits_after_a_429_until_it_asks_again() -> None:
    request = debug("GET https://registry.example/v2/a/manifests/too many requests to")
    waiting = request + debug("Too many requests to https://registry.example/v2/a: sleeping for 60.000000 seconds")
    assert waits(waiting + debug('Accessing "registry.example/a" failed: context deadline exceeded'))
    assert not waits(waiting + request)
    assert not waits(request)
    assert not waits("")


def test_the_last_manifest_counts_and_no_line_says_nothing() -> None:
    assert content_type(line("text/html") + debug("mirror failed") + line("application/json")) == "application/json"
    assert content_type("") is None
    assert content_type("".join(map(debug, NOISE))) is None


@pytest.mark.parametrize(
    "log",
    [
        f'time="x" level=fatal msg={quoted(line("text/html"))}\n',
        debug(line("text/html")),
        debug(f"GET https://registry.example/{line('text/html')}"),
    ],
)
def test_what_a_registry_says_is_not_taken_for_the_line(log: str) -> None:
    assert content_type(log) is None


def test_warnings_and_errors_stay() -> None:
    kept = 'time="x" level=warning msg="odd"\npanic: no\ntime="x" level=fatal msg="EOF"\n'
    assert without_debug(debug(NOISE[0]) + kept) == kept
    assert without_debug("".join(map(debug, NOISE))).strip() == ""


def program(directory: Path, log: str, ending: str) -> str:
    """A skopeo that says `log` on stderr and ends as `ending` says."""
    (directory / "log").write_text(log)
    (directory / "body").write_bytes(IMAGE.body)
    path = directory / "skopeo"
    path.write_text(
        '#!/bin/sh\nif [ "$1" = --version ]; then echo skopeo version 1.9.3; exit 0; fi\n'
        f'cat "{directory}/log" >&2\n{ending}\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        ('cat "$(dirname "$0")/body"', State.RESOLVED),
        ("exit 1", State.TOOL_FAILED),
        ("kill -SEGV $$", State.TOOL_FAILED),
        ('echo \'time="x" level=fatal msg="reading manifest: manifest unknown"\' >&2; exit 1', State.MISSING),
        ("echo 'something new' >&2; exit 1", State.FAILED),
    ],
)
@pytest.mark.parametrize("repeated", [1, 2000])
def test_no_debug_line_gets_out(tmp_path: Path, ending: str, state: State, repeated: int) -> None:
    log = "".join(map(debug, NOISE)) * repeated + line("application/json")
    skopeo = SkopeoResolver(program=program(tmp_path, log, ending))
    cache = Cache(tmp_path / "cache.sqlite3")
    recorder = RecordingResolver(CachingResolver(skopeo, cache))
    answer = recorder.manifest(REFERENCE)
    cache.close()
    assert answer.state is state, answer.detail
    assert answer.content_type == ("application/json" if state is State.RESOLVED else None)
    for said in (repr(answer), snapshot_text(recorder.answers, "2026-01-01"), str(cache.notices)):
        assert "alice" not in said
    assert b"alice" not in (tmp_path / "cache.sqlite3").read_bytes()


def test_the_cache_keeps_the_type_beside_the_bytes(tmp_path: Path) -> None:
    skopeo = SkopeoResolver(program=program(tmp_path, line(IMAGE.media_type), 'cat "$(dirname "$0")/body"'))
    for source in ("skopeo", "cache"):
        answer = CachingResolver(skopeo, Cache(tmp_path / "cache.sqlite3")).manifest(REFERENCE)
        assert (answer.content_type, answer.source) == (IMAGE.media_type, source)
