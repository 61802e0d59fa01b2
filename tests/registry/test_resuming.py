"""Runs that end early, or are held to bounds: what was answered is kept, and the next run asks for the rest alone."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support.command import PLANNER, Done, environment, run, write_compose
from tests.support.faults import BAD, CONTENT, GOOD, silent
from tests.support.images import Image, build_artifact, build_image
from tests.support.raw_server import Peer, RawServer, healthy, serving, shelf
from tests.support.tools import require_tool

# An artifact takes one question, and over http one request.
ARTIFACTS = [build_artifact(payload=b"%d" % number) for number in range(1000)]
KEPT = shelf("a", *ARTIFACTS)
BOTH = pytest.mark.parametrize("resolver", ["http", "skopeo"])


@pytest.fixture(autouse=True)
def _skopeo() -> None:
    require_tool("skopeo")


def pins(server: RawServer, images: list[Image]) -> list[str]:
    return [f"{server.host}/a@{image.digest}" for image in images]


def infra_of(home: Path, *references: str) -> Path:
    """A folder to scan, with a host: without any, what each engine does with each image takes longer than asking."""
    infra = write_compose(home / "infra", *references)
    (infra / "planner.toml").write_text('[[hosts]]\nname = "web"\nengine = "docker 20.10.24"\n')
    return infra


def scan(home: Path, resolver: str, *flags: str, path: str = "") -> Done:
    # No engine pulls an artifact as an image; these tests are about what could be checked.
    flags = ("--resolver", resolver, "--format", "json", "--fail-on", "never", *flags)
    return run("scan", home / "infra", *flags, home=home, PATH=path or os.environ["PATH"])


def states(done: Done) -> dict[str, str]:
    return {entry["reference"]: entry["state"] for entry in done.json["resolutions"]}


def count(done: Done, state: str) -> int:
    return list(states(done).values()).count(state)


def manifests(server: RawServer) -> list[str]:
    return [path for path in server.requests() if "/manifests/" in path]


def test_max_requests_ends_a_run_and_the_next_goes_on(tmp_path: Path) -> None:
    with serving(healthy(KEPT)) as server:
        infra_of(tmp_path, *pins(server, ARTIFACTS[:10]))
        # One is for the attempt in TLS.
        first = scan(tmp_path, "http", "--max-requests", "5")
        assert (first.code, count(first, "resolved"), count(first, "not-asked")) == (3, 4, 6)
        assert len(server.requests()) == 4
        [problem, *_] = first.json["problems"]
        assert "all 5 requests of --max-requests are used up; run again to go on" in problem["text"]
        assert {finding["verdict"] for finding in first.json["findings"]} >= {"unknown"}
        second = scan(tmp_path, "http")
        assert (second.code, count(second, "resolved"), len(server.requests())) == (0, 10, 10)
        assert len(set(server.requests())) == 10


def test_max_requests_counts_every_hop(tmp_path: Path) -> None:
    def moving(peer: Peer) -> None:
        hop = int(peer.path.partition("?hop=")[2] or 0)
        peer.path = peer.path.partition("?")[0]
        if hop < 3:
            peer.answer(307, b"", ("Location", f"{peer.path}?hop={hop + 1}"))
        else:
            healthy(KEPT)(peer)

    with serving(moving) as server:
        infra_of(tmp_path, *pins(server, ARTIFACTS[:10]))
        done = scan(tmp_path, "http", "--max-requests", "11", "--jobs", "1")
    assert (count(done, "resolved"), count(done, "not-asked")) == (2, 8)
    assert len(server.asked) == 10


def test_no_more_questions_are_open_than_allowed(tmp_path: Path) -> None:
    """In all and to each registry."""
    now, most = Counter[str](), Counter[str]()
    lock = threading.Lock()

    def slow(peer: Peer) -> None:
        with lock:
            now.update([peer.server.host, "all"])
            most.update({who: 1 for who in now if now[who] > most[who]})
        peer.wait(0.1)
        with lock:
            now.subtract([peer.server.host, "all"])
        healthy(KEPT)(peer)

    with serving(slow) as one, serving(slow) as other:
        infra_of(tmp_path, *pins(one, ARTIFACTS[:12]), *pins(other, ARTIFACTS[:12]))
        done = scan(tmp_path, "http", "--jobs", "5", "--jobs-per-registry", "3")
    assert count(done, "resolved") == 24
    assert max(most[one.host], most[other.host]) <= 3
    assert 3 < most["all"] <= 5


@pytest.mark.parametrize(("resolver", "images", "last"), [("http", 1000, 500), ("skopeo", 40, 10)])
def test_a_registry_that_dies_half_way(tmp_path: Path, resolver: str, images: int, last: int) -> None:
    def mortal(peer: Peer) -> None:
        if len(manifests(peer.server)) >= last:
            peer.server.end()
        if peer.server.ended.is_set():
            peer.reset()
        healthy(KEPT)(peer)

    server = RawServer(mortal)
    server.listen()
    infra_of(tmp_path, *pins(server, ARTIFACTS[:images]))
    first = scan(tmp_path, resolver)
    answered = count(first, "resolved")
    assert first.code == 3
    # All but those whose answer was on its way, and one that may be on it again.
    assert last - 20 <= answered < last
    assert count(first, "unreachable") == images - answered
    assert sum("not asked" in entry["detail"] for entry in first.json["resolutions"]) > (images - last) / 2

    alive = RawServer(healthy(KEPT), port=server.server_port)
    alive.listen()
    try:
        second = scan(tmp_path, resolver)
        assert (second.code, count(second, "resolved")) == (0, images)
        assert len(manifests(alive)) == len(set(manifests(alive))) == images - answered
    finally:
        alive.end()


@BOTH
def test_an_interrupted_run_is_resumed(tmp_path: Path, resolver: str) -> None:
    def halting(peer: Peer) -> None:
        late = "/manifests/" in peer.path and len(manifests(peer.server)) > 20
        (silent if late else healthy(KEPT))(peer)

    with serving(halting) as server:
        infra = infra_of(tmp_path, *pins(server, ARTIFACTS[:40]))
        process = subprocess.Popen(
            [PLANNER, "scan", infra, "--resolver", resolver, "--jobs", "4"],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        deadline = time.monotonic() + 60
        while len(manifests(server)) < 24 and time.monotonic() < deadline:  # four hang
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        out, said = process.communicate(timeout=30)
        assert (process.returncode, out) == (130, b"")
        assert time.monotonic() - started < 10
        assert b"interrupted" in said
        server.asked.clear()
        server.behaviour = healthy(KEPT)
        again = scan(tmp_path, resolver)
        assert count(again, "resolved") == 40
        assert len(manifests(server)) == 20


@BOTH
def test_a_dead_host_is_given_up_and_no_other(tmp_path: Path, resolver: str) -> None:
    with serving(silent) as dead, serving(healthy(KEPT)) as alive:
        infra_of(tmp_path, *pins(dead, ARTIFACTS[:30]), *pins(alive, ARTIFACTS[:30]))
        done = scan(tmp_path, resolver, "--timeout", "1", "--jobs-per-registry", "3")
    found = {(name.partition("/")[0], state) for name, state in states(done).items()}
    assert found == {(dead.host, "timeout"), (alive.host, "resolved")}
    # Two more may be asked while the third one is about to fail.
    assert len(dead.requests()) <= 5
    words = [entry["detail"] for entry in done.json["resolutions"] if entry["state"] == "timeout"]
    assert sum(f"not asked: {dead.host} failed 3 times in a row" in detail for detail in words) >= 25


def test_dead_storage_is_no_dead_registry(tmp_path: Path) -> None:
    images = [build_image({"a": b"%d" % number}) for number in range(20)]
    kept = shelf("a", *images)

    def half(peer: Peer) -> None:
        if "/blobs/" in peer.path:
            peer.answer(307, b"", ("Location", "http://127.0.0.1:1/x"))
        else:
            healthy(kept)(peer)

    with serving(half) as server:
        infra_of(tmp_path, *pins(server, images))
        done = scan(tmp_path, "http")
    assert count(done, "resolved") == 20
    assert len(set(manifests(server))) == 20
    words = [entry["detail"] for entry in done.json["resolutions"]]
    assert sum(f"{server.host} failed 3 times in a row over configs" in detail for detail in words) >= 5


HANGING_NAME_SERVER = """
import socket, sys, time
real = socket.getaddrinfo
def hanging(host, *rest, **options):
    if host == "hangs.example":
        time.sleep(30)
    return real(host, *rest, **options)
socket.getaddrinfo = hanging
from planner.cli import main
sys.argv[0] = "planner"
main()
"""


def test_a_name_server_that_hangs_does_not_outlast_the_run(tmp_path: Path) -> None:
    infra = infra_of(tmp_path, f"hangs.example/a@{BAD.digest}")
    command = [sys.executable, "-c", HANGING_NAME_SERVER, "scan", str(infra), "--resolver", "http", "--timeout", "1"]
    started = time.monotonic()
    done = subprocess.run(command, check=False, env=environment(tmp_path), capture_output=True, timeout=60)
    assert time.monotonic() - started < 15
    assert (done.returncode, b"hangs.example did not answer" in done.stdout) == (3, True)


def test_a_helper_that_hangs_is_no_registry_that_does_not_answer(tmp_path: Path) -> None:
    helper = tmp_path / "bin" / "docker-credential-hangs"
    helper.parent.mkdir()
    helper.write_text("#!/bin/sh\nexec sleep 60\n")
    helper.chmod(0o755)
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text('{"credsStore": "hangs"}')
    with serving(healthy(KEPT)) as server:
        infra_of(tmp_path, *pins(server, ARTIFACTS[:5]))
        started = time.monotonic()
        done = scan(tmp_path, "http", "--timeout", "2", path=f"{helper.parent}:{os.environ['PATH']}")
    assert count(done, "resolved") == 5
    assert time.monotonic() - started < 15
    assert "docker-credential-hangs did not answer within 2 seconds" in done.said + done.out


FALSE_SKOPEO = """#!/bin/sh
case "$*" in
    --version) ;;
    */hangs@*) sleep 60 ;;
    */killed@*) kill -9 $$ ;;
    */noisy@*) head -c 10000000 /dev/zero | tr '\\0' x >&2; exit 1 ;;
    */noisy-and-right@*) yes 'level=warning msg="deprecated"' | head -c 10000000 >&2 ;;
    */talks@*) head -c 100000000 /dev/zero ;;
esac
exec {skopeo} "$@"
"""
# Repository: state, words.
OF_SKOPEO = {
    "hangs": ("timeout", "did not answer in time: it could not be checked; run again, or raise the timeout"),
    "killed": ("tool-failed", "skopeo is broken: it was ended by signal 9"),
    "noisy": ("failed", "skopeo failed in a way that planner does not know: it could not be checked; try it by hand"),
    "noisy-and-right": ("resolved", ""),
    "talks": ("too-large", "see what the registry stores there"),
}


def on_path(folder: Path, script: str) -> str:
    """A PATH on which skopeo is that script."""
    tools = folder / "bin"
    tools.mkdir()
    (tools / "skopeo").write_text(script)
    (tools / "skopeo").chmod(0o755)
    return str(tools)


def test_a_skopeo_that_fails_takes_no_other_answer_along(tmp_path: Path) -> None:
    path = on_path(tmp_path, FALSE_SKOPEO.format(skopeo=require_tool("skopeo")))
    kept = CONTENT
    for name in OF_SKOPEO:
        kept = kept | shelf(name, BAD)
    with serving(healthy(kept)) as server:
        names = {f"{server.host}/{name}@{BAD.digest}": name for name in OF_SKOPEO}
        good = f"{server.host}/good@{GOOD.digest}"
        infra_of(tmp_path, *names, good)
        started = time.monotonic()
        done = scan(tmp_path, "skopeo", "--timeout", "2", path=f"{path}:{os.environ['PATH']}")
        assert time.monotonic() - started < 30
        found = states(done)
        assert {names[name]: state for name, state in found.items() if name != good} == {
            name: state for name, (state, _) in OF_SKOPEO.items()
        }
        assert (done.code, found[good]) == (3, "resolved")
        problems = {names[problem["reference"]]: problem["text"] for problem in done.json["problems"]}
        assert set(problems) == set(OF_SKOPEO) - {"noisy-and-right"}
        for name, text in problems.items():
            assert OF_SKOPEO[name][1] in text
            assert len(text) <= 400
        server.asked.clear()
        again = scan(tmp_path, "skopeo")
        assert set(states(again).values()) == {"resolved"}
        assert {path.split("/")[2] for path in server.requests()} == set(problems)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("#!/bin/sh\necho 'ls (GNU coreutils) 9.1'\n", "something else, which calls itself 'ls (GNU coreutils) 9.1'"),
        ("\x7fELF", "it cannot be started (Exec format error)"),
    ],
)
def test_what_is_not_skopeo(tmp_path: Path, script: str, words: str) -> None:
    with serving(healthy(KEPT)) as server:
        infra_of(tmp_path, *pins(server, ARTIFACTS[:2]))
        done = scan(tmp_path, "skopeo", path=on_path(tmp_path, script))
    assert (done.code, set(states(done).values()), server.asked) == (3, {"tool-failed"}, [])
    assert words in done.json["problems"][0]["text"]


def test_a_registry_that_only_fails_is_soon_asked_once_for_each(tmp_path: Path) -> None:
    with serving(lambda peer: peer.answer(500, b"{}")) as server:
        infra_of(tmp_path, *pins(server, ARTIFACTS[:60]))
        done = scan(tmp_path, "http", "--jobs-per-registry", "8")
        assert count(done, "server-error") == 60
        # Until five failed whatever was tried, a few more were begun.
        assert 60 < len(server.requests()) <= 60 + 3 * (5 + 8)
        assert len(set(server.requests())) == 60
