"""Whatever bytes come instead of an answer: a state and words, never an exception, and others are answered."""

import gzip
import random

import pytest

from planner.model.platform import Platform
from planner.model.reference import parse_reference
from planner.model.resolution import State
from planner.resolve import resolve
from planner.resolve.auth_files import Login
from planner.resolve.credentials import Credentials
from planner.resolve.registry_api import HttpResolver
from tests.support.faults import BAD
from tests.support.raw_server import Behaviour, Peer, healthy, serving, shelf

AMD64 = frozenset({Platform("linux", "amd64")})
NO_URLS = [
    "http://[",
    "http://[::1",
    "http://127.0.0.1:port/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:-1/",
    "http://127.0.0.1:1%00/",
    "http://127.0.0.1:\x011/",
    "http://127.0.0.1\xe9/",
    "http://b\xfccher.example:1\xff/",
    "://",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "javascript:alert(1)",
]
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: " + BAD.media_type.encode()
ANSWERS = [
    _HEAD + b"\r\nContent-Length: %d\r\nDocker-Content-Digest: x\r\n\r\n" % len(BAD.body) + BAD.body,
    _HEAD + b"\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(BAD.body, mtime=0),
    b'HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm="http://127.0.0.1:9/t"\r\nContent-Length: 0\r\n\r\n',
    b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:9/v2/x/manifests/y?z=1\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 429 No\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\nRateLimit-Remaining: 5;w=3\r\n\r\n",
    b'HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n1d\r\n{"errors":[{"code":"A"}]}    \r\n0\r\n\r\n',
]
PIECES = [
    b"\r\n",
    b"\n",
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"http://[::1",
    b"%00",
    b"9" * 30,
    b"-1",
    b"//x",
    b":99999/",
    b'"',
]


@pytest.mark.parametrize("way", ["Location", "WWW-Authenticate"])
def test_what_is_no_url_is_not_followed(way: str) -> None:
    def answer(peer: Peer) -> None:
        number = int(peer.path.split("/")[2].removeprefix("r"))
        value = NO_URLS[number].encode("latin-1")
        head = b"HTTP/1.1 307 Moved\r\nLocation: " + value
        if way == "WWW-Authenticate":
            head = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm="' + value + b'"'
        peer.raw(head + b"\r\nContent-Length: 0\r\n\r\n")

    found = _asked(answer, len(NO_URLS))
    for text, (state, detail) in zip(NO_URLS, found, strict=True):
        assert (state, "it could not be checked; see what answers there" in detail) == (State.FAILED, True), (
            text,
            detail,
        )


def test_damaged_answers() -> None:
    chance = random.Random(20261129)
    damaged = [_damaged(chance.choice(ANSWERS), chance) for _ in range(300)]
    found = _asked(lambda peer: _send(peer, damaged[int(peer.path.split("/")[2].removeprefix("r"))]), len(damaged))
    states = {state for state, _ in found}
    assert states >= {State.FAILED, State.UNREACHABLE, State.RESOLVED}, "the damage is too much, or too little"
    assert all(detail for state, detail in found if state is not State.RESOLVED)


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """With a few bytes changed, lost, or put in, mostly in the headers; or cut off."""
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(min(len(damaged), 250) or 1)
        match chance.randrange(4):
            case 0:
                damaged[place : place + 1] = chance.randbytes(1)
            case 1:
                del damaged[place : place + chance.randint(1, 20)]
            case 2:
                damaged[place:place] = chance.choice(PIECES)
            case _:
                damaged[place:place] = chance.randbytes(chance.randint(1, 9))
    return bytes(damaged[: chance.randrange(len(damaged))] if chance.random() < 0.1 else damaged)


def _send(peer: Peer, data: bytes) -> None:
    peer.raw(data)
    peer.hang_up()


def _asked(answer: Behaviour, count: int) -> list[tuple[State, str]]:
    """What becomes of questions to the repositories r0, r1 …; a good one in between is always answered."""
    kept = shelf("good", BAD)

    def registry(peer: Peer) -> None:
        (answer if peer.path.startswith("/v2/r") else healthy(kept))(peer)

    with serving(registry) as server:
        resolver = HttpResolver(Credentials(environment={"HOME": "/nonexistent"}), timeout=1)
        names = [f"r{number}" for number in range(count)]
        parsed = [parse_reference(f"{server.host}/{name}@{BAD.digest}") for name in [*names, "good"]]
        try:
            answers = resolve(parsed, resolver, AMD64, jobs=64, per_registry=64)
        finally:
            resolver.close()
    *bad, good = (answers[reference] for reference in parsed)
    assert good.state is State.RESOLVED, good.detail
    return [(one.state, one.detail) for one in bad]


@pytest.mark.parametrize("left", ["²", "٣", "9" * 5000, "-1", "1e3"])
def test_a_limit_that_is_no_number_is_none(left: str) -> None:
    def limited(peer: Peer) -> None:
        value = left.encode()
        head = _HEAD + b"\r\nRateLimit-Remaining: " + value + b"\r\nContent-Length: %d\r\n\r\n" % len(BAD.body)
        peer.raw(head + BAD.body)

    [(state, detail)] = _asked(limited, 1)
    assert state is State.RESOLVED, detail


@pytest.mark.parametrize("life", ["1" + "0" * 400, "1e999", "Infinity", "NaN", "-1", "true", '"60"', "9" * 5000])
def test_a_token_with_an_odd_life(life: str) -> None:
    def registry(peer: Peer) -> None:
        if peer.path.startswith("/v2/r0/token"):
            peer.answer(200, b'{"token": "t", "expires_in": ' + life.encode() + b"}")
        elif peer.headers.get("Authorization"):
            peer.answer(200, BAD.body, ("Content-Type", BAD.media_type))
        else:
            realm = f'Bearer realm="http://{peer.server.host}/v2/r0/token"'
            peer.answer(401, b"", ("WWW-Authenticate", realm))

    [(state, detail)] = _asked(registry, 1)
    # Python reads no integer of so many digits.
    assert state is (State.FAILED if len(life) > 4300 else State.RESOLVED), detail


def test_a_defect_ends_no_run() -> None:
    class Defective(Credentials):
        """What nobody has foreseen, for one registry alone."""

        def lookup(self, registry: str, repository: str) -> Login | None:
            if repository == "defect":
                raise ZeroDivisionError("a secret?")
            return super().lookup(registry, repository)

    def locked(peer: Peer) -> None:
        peer.answer(401, b"{}", ("WWW-Authenticate", 'Basic realm="tests"'))

    with serving(locked) as server, serving(healthy(shelf("good", BAD))) as other:
        resolver = HttpResolver(Defective(environment={"HOME": "/nonexistent"}), timeout=5)
        names = (f"{server.host}/defect", f"{server.host}/a", f"{other.host}/good")
        parsed = [parse_reference(f"{name}@{BAD.digest}") for name in names]
        try:
            answers = resolve(parsed, resolver, AMD64, jobs=1, per_registry=1)
        finally:
            resolver.close()
    defect, locked_out, good = (answers[reference] for reference in parsed)
    assert (defect.state, locked_out.state, good.state) == (State.FAILED, State.DENIED, State.RESOLVED)
    assert defect.detail.startswith("a defect in planner: ZeroDivisionError in test_odd_answers.py, line ")
    assert "please report it" in defect.detail
    assert "secret" not in defect.detail
