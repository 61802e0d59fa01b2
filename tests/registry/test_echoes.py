"""Registries that repeat what they were sent, in every place and spelling: none of it gets into an answer."""

import base64
import html
import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from planner.model.reference import parse_reference
from planner.model.resolution import State
from planner.resolve.answer import Answer
from planner.resolve.credentials import Credentials
from planner.resolve.registry_api import HttpResolver
from planner.resolve.secrets import without
from planner.resolve.skopeo import SkopeoResolver
from tests.support.faults import BAD
from tests.support.raw_server import Behaviour, Peer, error, healthy, serving, shelf
from tests.support.tools import require_tool

PASSWORD = "Pa/ss w&rd<x>\"quoted\\it'sé"
TOKEN = "s3cr3tOpaque/value+ABC=="
JSON = ("Content-Type", "application/json")


def asked(behaviour: Behaviour, folder: Path, resolver: str, password: str = PASSWORD) -> Answer:
    """The answer of a registry that wants a password and then behaves so."""

    def closed(peer: Peer) -> None:
        if peer.headers.get("Authorization"):
            behaviour(peer)
        else:
            peer.answer(401, b"{}", ("WWW-Authenticate", 'Basic realm="tests"'))

    with serving(closed) as server:
        return asked_of(server.host, folder, resolver, password)


def asked_of(host: str, folder: Path, resolver: str, password: str = PASSWORD) -> Answer:
    auth = {"auth": base64.b64encode(f"bob:{password}".encode()).decode()}
    (folder / "auth.json").write_text(json.dumps({"auths": {host: auth}}))
    credentials = Credentials(folder / "auth.json")
    if resolver == "skopeo":
        require_tool("skopeo")
    asking = HttpResolver(credentials, timeout=10) if resolver == "http" else SkopeoResolver(credentials, timeout=10)
    try:
        return asking.manifest(parse_reference(f"{host}/a@{BAD.digest}"))
    finally:
        asking.close()


def of_go(text: str) -> str:
    return json.dumps(text)[1:-1].replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


SPELLINGS: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON of Go": of_go,
    "JSON in JSON": lambda text: of_go(of_go(text)),
    "URL in JSON": lambda text: quote(text, safe=""),
    "HTML in JSON": lambda text: of_go(html.escape(text)),
}


@pytest.mark.parametrize("resolver", ["http", "skopeo"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_password_in_an_error(tmp_path: Path, resolver: str, spelling: str) -> None:
    word = SPELLINGS[spelling](PASSWORD)
    body = '{"errors": [{"code": "DENIED", "message": "not for ' + word + ' here"}]}'
    answer = asked(lambda peer: peer.answer(403, body.encode(), JSON), tmp_path, resolver)
    assert answer.state is State.DENIED
    assert "not for … here" in answer.detail


@pytest.mark.parametrize("place", ["Retry-After", "Location", "Content-Type", "Docker-Content-Digest", "status line"])
@pytest.mark.parametrize("resolver", ["http", "skopeo"])
def test_a_password_in_a_header(tmp_path: Path, resolver: str, place: str) -> None:
    password = "Hunter2Hunter2"

    def echo(peer: Peer) -> None:
        match place:
            case "Retry-After":
                peer.answer(429 if resolver == "http" else 404, b"", (place, password))
            case "Location":
                peer.answer(307, b"", (place, f"http://{password}.invalid/x"))
            case "status line":
                peer.raw(b"HTTP/1.1 " + password.encode() + b"\r\n\r\n")
                peer.hang_up()
            case _:
                value = f"application/{password}" if place == "Content-Type" else password
                peer.answer(200, BAD.body, (place, value))

    answer = asked(echo, tmp_path, resolver, password)
    shown = f"{answer.detail} {answer.content_type} {answer.header_digest}".lower()
    assert password.lower() not in shown
    if resolver == "http":
        assert "…" in shown or answer.content_type == "unreadable"


def test_a_password_that_is_everywhere_spoils_no_answer(tmp_path: Path) -> None:
    def registry(peer: Peer) -> None:
        peer.answer(200, BAD.body, ("Content-Type", BAD.media_type), ("Docker-Content-Digest", BAD.digest))

    for resolver in ("http", "skopeo"):
        for password in ("application", "sha256", BAD.digest[7:11]):
            answer = asked(registry, tmp_path, resolver, password)
            assert (answer.state, answer.content_type) == (State.RESOLVED, BAD.media_type)
            assert answer.header_digest == (BAD.digest if resolver == "http" else "")


def test_a_token_in_an_error(tmp_path: Path) -> None:
    def registry(peer: Peer) -> None:
        sent = peer.headers.get("Authorization", "")
        if peer.path.startswith("/token"):
            peer.answer(200, json.dumps({"token": TOKEN}).encode(), JSON)
        elif sent.startswith("Bearer "):
            peer.answer(403, error("DENIED", f"credential {sent.removeprefix('Bearer ')} lacks scope"), JSON)
        else:
            peer.answer(401, b"{}", ("WWW-Authenticate", f'Bearer realm="http://{peer.server.host}/token"'))

    with serving(registry) as server:
        answer = asked_of(server.host, tmp_path, "http")
    assert "credential … lacks scope" in answer.detail


def test_half_a_secret_is_not_left_by_a_cut() -> None:
    long = "k" * 150 + "0123456789" * 200
    for before in range(0, 3000, 97):
        assert "01234" not in without("x" * before + " " + long, [long])
    assert without("the first of many: " + "k" * 150 + "0123456789" * 30, [long]) == "the first of many: …"


def test_rows_of_backslashes_take_no_time() -> None:
    started = time.process_time()
    text = "a" + "\\" * 60_000
    for secret in ('a"b"c', '"abc', "a\\b\\\\c", "\\\\abc"):
        assert without(text, [secret]) == text
    assert time.process_time() - started < 2


def test_what_a_registry_has_is_found_with_any_password(tmp_path: Path) -> None:
    """Characters that mean something to the patterns in which secrets are looked for."""
    for password in ("((((", "[a-z", "\\\\\\\\", "....", "$^|?*+{1}", "    ", "\t\té\U0001f600"):
        assert asked(healthy(shelf("a", BAD)), tmp_path, "http", password).state is State.RESOLVED
        assert without(f"<{password}>", [password]) == "<…>"
