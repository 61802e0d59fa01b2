"""What real skopeo makes of registries that fail, each in its own way, and what planner makes of skopeo's words."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planner.model.platform import Platform
from planner.model.reference import Reference, parse_reference
from planner.model.resolution import Resolution, State
from planner.resolve import resolve
from planner.resolve.credentials import Credentials
from planner.resolve.give_up import GivingUp
from planner.resolve.skopeo import SkopeoResolver
from tests.support.registry import free_port
from tests.support.tools import require_tool

AMD64 = frozenset({Platform("linux", "amd64")})


def _reference(host: str, name: str, number: int = 1) -> Reference:
    return parse_reference(f"{host}/{name}@sha256:{number:064x}")


def _one(host: str, name: str, timeout: float = 30) -> Resolution:
    reference = _reference(host, name)
    return resolve([reference], SkopeoResolver(timeout=timeout), AMD64)[reference]


@pytest.mark.parametrize(
    ("name", "state", "words"),
    [
        ("status-401", State.DENIED, "authentication required"),
        ("status-403", State.DENIED, "access to the resource is denied"),
        ("status-404", State.MISSING, "manifest unknown"),
        ("status-404-name", State.MISSING, "not known to registry"),
        ("status-404-harbor", State.MISSING, "artifact"),
        ("status-404-schema1", State.MISSING, "no longer supported"),
        ("status-404-html", State.NOT_A_MANIFEST, "web page"),
        ("status-429", State.RATE_LIMITED, "pull rate limit"),
        ("status-500", State.SERVER_ERROR, "500 Internal Server Error"),
        ("status-503", State.SERVER_ERROR, "503"),
        ("html", State.NOT_A_MANIFEST, "guest network"),
        ("empty", State.NOT_A_MANIFEST, "empty"),
        ("config-instead", State.NOT_A_MANIFEST, "architecture, os, rootfs"),
        ("error-document", State.NOT_A_MANIFEST, "an error document"),
        ("list", State.NOT_A_MANIFEST, "a list"),
        ("large", State.TOO_LARGE, "4194304"),
        ("close", State.UNREACHABLE, "EOF"),
    ],
)
def test_each_failure_has_its_state_and_its_words(misbehaving: str, name: str, state: State, words: str) -> None:
    resolution = _one(misbehaving, name)
    assert (resolution.state, resolution.manifest) == (state, None), resolution.detail
    assert words in resolution.detail
    assert len(resolution.detail) <= 300


def test_wrong_bytes_are_not_believed(misbehaving: str) -> None:
    resolution = _one(misbehaving, "wrong-bytes")
    # skopeo hands them on before 1.19.0, and refuses them itself later.
    assert (resolution.state, resolution.manifest) == (State.MISMATCH, None), resolution.detail


def test_a_silent_registry_costs_the_timeout_and_no_more(misbehaving: str) -> None:
    started = time.monotonic()
    assert _one(misbehaving, "silent", timeout=1).state is State.TIMEOUT
    assert time.monotonic() - started < 6


def test_nobody_listens() -> None:
    require_tool("skopeo")
    resolution = _one(f"127.0.0.1:{free_port()}", "x")
    assert resolution.state is State.UNREACHABLE
    assert "connection refused" in resolution.detail


def test_no_such_host() -> None:
    require_tool("skopeo")
    # Where there is no name server at all the question may end otherwise, but never well.
    assert _one("no-such-host.invalid", "x", timeout=5).state in (State.UNREACHABLE, State.TIMEOUT)


def test_a_registry_that_is_down_is_asked_three_times_and_stops_no_other(misbehaving: str) -> None:
    host = f"127.0.0.1:{free_port()}"
    down = [_reference(host, "x", number) for number in range(30)]
    up = _reference(misbehaving, "status-404")
    resolutions = resolve([*down, up], GivingUp(SkopeoResolver()), AMD64, jobs=1)
    assert {resolutions[one].state for one in down} == {State.UNREACHABLE}
    assert sum("not asked" in resolutions[one].detail for one in down) == 27
    assert resolutions[up].state is State.MISSING


def test_a_broken_auth_file_is_named_without_its_content(misbehaving: str, tmp_path: Path) -> None:
    authfile = tmp_path / "auth.json"
    authfile.write_text('{"auths": {"x": {"auth": "c2VjcmV0OnNlY3JldA=="')
    credentials = Credentials(authfile)
    answer = SkopeoResolver(credentials).manifest(_reference(misbehaving, "status-404"))
    assert answer.state is State.MISSING, "it is asked without a login, as by HTTP"
    [notice] = credentials.notices
    assert f"{authfile} is no JSON" in notice
    assert "c2Vjc" not in notice + answer.detail


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose registries.conf skopeo reads."""
    configuration = tmp_path / ".config" / "containers"
    configuration.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return configuration / "registries.conf"


def test_plain_http_is_a_tls_failure_where_it_was_not_allowed(misbehaving: str, home: Path) -> None:
    home.write_text(f'[[registry]]\nprefix = "strict.example"\nlocation = "{misbehaving}"\n')
    reference = _reference("strict.example", "status-404")
    assert SkopeoResolver().manifest(reference).state is State.TLS
    assert SkopeoResolver(insecure=frozenset({"strict.example"})).manifest(reference).state is State.MISSING


def test_a_certificate_of_nobody(home: Path, tmp_path: Path) -> None:
    require_tool("skopeo")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    openssl = [require_tool("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=strict.example", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*openssl, *names], check=True, capture_output=True, timeout=60)
    port = free_port()
    server = subprocess.Popen(
        [openssl[0], "s_server", "-quiet", "-accept", f"127.0.0.1:{port}", "-cert", str(certificate), "-key", str(key)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        home.write_text(f'[[registry]]\nprefix = "strict.example"\nlocation = "127.0.0.1:{port}"\n')
        reference = _reference("strict.example", "x")
        deadline = time.monotonic() + 10
        while (answer := SkopeoResolver(timeout=5).manifest(reference)).state is State.UNREACHABLE:
            assert time.monotonic() < deadline, answer.detail
        assert answer.state is State.TLS
        assert "x509" in answer.detail
    finally:
        server.terminate()
        server.wait(10)


def test_a_blocked_registry(misbehaving: str, home: Path) -> None:
    home.write_text('[[registry]]\nlocation = "blocked.example"\nblocked = true\n')
    assert SkopeoResolver().manifest(_reference("blocked.example", "x")).state is State.REFUSED


def test_the_primary_registry_counts_not_its_mirror(misbehaving: str, home: Path) -> None:
    home.write_text(
        f'[[registry]]\nprefix = "mirrored.example"\nlocation = "{misbehaving}"\ninsecure = true\n'
        f'[[registry.mirror]]\nlocation = "{misbehaving}/status-403"\ninsecure = true\n'
    )
    answer = SkopeoResolver().manifest(_reference("mirrored.example", "status-404"))
    assert answer.state is State.MISSING
    assert "denied" not in answer.detail


def test_a_registries_conf_that_cannot_be_read(misbehaving: str, home: Path) -> None:
    home.write_text("[[registry]\n")
    answer = SkopeoResolver().manifest(_reference(misbehaving, "status-404"))
    assert answer.state is State.FAILED
    assert "registries.conf" in answer.detail


_ASK = """
import sys
from planner.model.platform import Platform
from planner.model.reference import parse_reference
from planner.resolve import resolve
from planner.resolve.skopeo import SkopeoResolver
references = [parse_reference(f"{sys.argv[1]}/silent@sha256:{number:064x}") for number in range(20)]
print("asking", flush=True)
try:
    resolve(references, SkopeoResolver(program=sys.argv[2]), frozenset({Platform("linux", "amd64")}), jobs=4)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_an_interrupt_ends_quickly_and_leaves_no_skopeo(misbehaving: str, tmp_path: Path) -> None:
    # skopeo under a path of its own, so that its processes can be told from others.
    skopeo = tmp_path / "skopeo"
    shutil.copy(require_tool("skopeo"), skopeo)
    process = subprocess.Popen(
        [sys.executable, "-c", _ASK, misbehaving, str(skopeo)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 20
    while len(_running(skopeo)) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(_running(skopeo)) == 4
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    stdout, _ = process.communicate(timeout=20)
    assert stdout.split() == [b"asking", b"interrupted"]
    assert time.monotonic() - started < 5
    assert _running(skopeo) == []


def _running(program: Path) -> list[str]:
    listed = subprocess.run(
        [require_tool("ps"), "-e", "-o", "args="],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "500"},
    )
    return [line for line in listed.stdout.splitlines() if line.startswith(str(program))]
