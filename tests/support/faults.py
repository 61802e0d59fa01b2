"""Ways in which a registry fails, each a server that serves its repository `bad` so and all else well."""

import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from functools import cache

from tests.support.images import Image, build_image, build_index, from_parts
from tests.support.raw_server import Behaviour, Peer, Shelf, error, healthy, shelf

GOOD = build_image({"good": b"good\n"}, kind="v2s2")
BAD = build_image({"bad": b"bad\n"}, kind="v2s2")
CHILD = build_image({"child": b"child\n"}, kind="v2s2")
INDEX = build_index([(CHILD, "linux/amd64")], "v2s2")
LARGE = Image(BAD.media_type, BAD.body + b" " * 10_000_000, BAD.blobs)

HTML = b"<html><body>Please log in to the guest network</body></html>"
_JSON = ("Content-Type", "application/json")
_TYPE = ("Content-Type", BAD.media_type)
_OTHER = from_parts(b"{}", [], "v2s2")
_HERE = f"/v2/bad/manifests/{BAD.digest}"
CONTENT = shelf("good", GOOD) | shelf("bad", BAD, INDEX, LARGE)


@dataclass(frozen=True)
class Fault:
    """`what` the registry does, in the words of the docs; `image` is what is asked for, `bad` how it is answered.

    `exits` are the codes of a run over http and over skopeo that meets nothing worse.
    """

    what: str
    bad: Behaviour
    image: Image = BAD
    path: str = _HERE
    exits: tuple[int, int] = (3, 3)

    def behaviour(self, kept: Shelf = CONTENT) -> Behaviour:
        """That of the whole registry."""
        well = healthy(kept)

        def answer(peer: Peer) -> None:
            (self.bad if peer.path.startswith(self.path) else well)(peer)

        return answer


def status(code: int, body: bytes = b"{}", *headers: tuple[str, str]) -> Behaviour:
    """Always the same answer."""
    return lambda peer: peer.answer(code, body, *(headers or (_JSON,)))


def typed(content_type: str) -> Behaviour:
    """The manifest, under another type."""
    return status(200, BAD.body, ("Content-Type", content_type))


def once(first: Behaviour) -> Behaviour:
    """`first`, and from then on as if nothing had been."""

    def answer(peer: Peer) -> None:
        (first if peer.server.requests().count(peer.path) == 1 else healthy(CONTENT))(peer)

    return answer


def busy(retry_after: Callable[[], str]) -> Behaviour:
    """429 with a Retry-After."""
    return lambda peer: peer.answer(429, error("TOOMANYREQUESTS"), _JSON, ("Retry-After", retry_after()))


def moved(location: Callable[[Peer], str]) -> Behaviour:
    """A redirect."""
    return lambda peer: peer.answer(307, b"", ("Location", location(peer)))


def silent(peer: Peer) -> None:
    peer.wait(600)


def close(peer: Peer) -> None:
    peer.hang_up()


def reset_in_the_body(peer: Peer) -> None:
    _begin(peer, b"Content-Length: %d\r\n" % len(BAD.body), BAD.body[:100])
    peer.wait(0.05)
    peer.reset()


def cut_short(peer: Peer) -> None:
    _begin(peer, b"Content-Length: %d\r\n" % len(BAD.body), BAD.body[:100])
    peer.hang_up()


def drip(peer: Peer) -> None:
    _begin(peer, b"Content-Length: 100000\r\n")
    for _ in range(6000):
        peer.raw(b" ")
        peer.wait(0.1)


def endless(peer: Peer) -> None:
    _begin(peer, b"Transfer-Encoding: chunked\r\n")
    while not peer.server.ended.is_set():
        peer.raw(b"10000\r\n" + b" " * 65536 + b"\r\n")


def endless_header(peer: Peer) -> None:
    peer.raw(b"HTTP/1.1 200 OK\r\nX-Filler: ")
    for _ in range(5_000):
        peer.raw(b"x" * 65536)
    peer.hang_up()


def bomb(peer: Peer) -> None:
    peer.answer(200, _packed(), _TYPE, ("Content-Encoding", "gzip"))


@cache
def _packed() -> bytes:
    return gzip.compress(bytes(200_000_000), 1)


def torn_gzip(peer: Peer) -> None:
    peer.answer(200, gzip.compress(BAD.body)[:-20], _TYPE, ("Content-Encoding", "gzip"))


def banner(peer: Peer) -> None:
    peer.raw(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    peer.hang_up()


def other_header(peer: Peer) -> None:
    peer.answer(200, BAD.body, _TYPE, ("Docker-Content-Digest", f"sha256:{1:064x}"))


def _begin(peer: Peer, headers: bytes, body: bytes = b"") -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: " + BAD.media_type.encode() + b"\r\n"
    peer.raw(head + headers + b"\r\n" + body)


def _bearer(peer: Peer, words: str = "") -> tuple[str, str]:
    realm = f'Bearer realm="http://{peer.server.host}/token",service="tests"'
    return ("WWW-Authenticate", realm + words)


def never_enough(peer: Peer) -> None:
    peer.answer(401, error("UNAUTHORIZED", "authentication required"), _JSON, _bearer(peer))


def with_tokens(token: Behaviour, bad: Behaviour = never_enough) -> Behaviour:
    """A registry that wants a token, which `token` gives out at /token."""
    return lambda peer: (token if peer.path.startswith("/token") else bad)(peer)


def given(peer: Peer) -> None:
    peer.answer(200, b'{"token": "t-%d", "expires_in": 300}' % len(peer.server.requests("/token")), _JSON)


def expiring(peer: Peer) -> None:
    """Each token is good for one request: the next one needs a new one."""
    tokens = len(peer.server.requests("/token"))
    sent = [seen.get("Authorization") for seen in peer.server.seen]
    latest = f"Bearer t-{tokens}"
    if peer.headers.get("Authorization") == latest and sent.count(latest) == 1:
        healthy(CONTENT)(peer)
    else:
        peer.answer(401, error("UNAUTHORIZED"), _JSON, _bearer(peer, ',error="invalid_token"'))


_CHILD = f"/v2/bad/manifests/{CHILD.digest}"
_CONFIG = f"/v2/bad/blobs/{BAD.blob_digests[0]}"
_SURVIVED = (0, 0)
_RETRIED = (0, 3)  # by http alone
_UNKNOWN = error("MANIFEST_UNKNOWN", "manifest unknown")

# Those that need more than a behaviour (a closed port, TLS, IPv6) are in tests/registry/test_faults.py.
FAULTS = {
    "silent": Fault("takes the request and never answers", silent),
    "close": Fault("closes the connection instead of an answer", close),
    "reset in the body": Fault("resets the connection in the middle of the manifest", reset_in_the_body),
    "cut short": Fault("closes the connection in the middle of the manifest", cut_short),
    "slow drip": Fault("sends a byte every tenth of a second", drip),
    "endless body": Fault("never stops sending", endless),
    "endless header": Fault("sends a header of 300 MB", endless_header),
    "gzip bomb": Fault("sends 1 MB that unpacks to 200 MB", bomb),
    "torn gzip": Fault("sends a gzip body without its end", torn_gzip),
    "large manifest": Fault("has a manifest of 10 MB, as the digest says", healthy(CONTENT), LARGE, "/none"),
    "no HTTP": Fault("answers with the banner of an SSH server", banner),
    "redirect loop": Fault("redirects to itself", moved(lambda peer: peer.path)),
    "redirect away": Fault(
        "redirects to another host, which has it",
        moved(lambda peer: f"http://localhost:{peer.server.server_port}{peer.path.replace('bad', 'elsewhere')}"),
        exits=_SURVIVED,
    ),
    "redirect to a dead host": Fault(
        "redirects to a port where nobody listens", moved(lambda peer: "http://127.0.0.1:9/x")
    ),
    "redirect to no URL": Fault("redirects to `http://[`", moved(lambda peer: "http://[")),
    "401 without a challenge": Fault("answers 401 and says not how to log in", status(401, error("UNAUTHORIZED"))),
    "401 loop": Fault("answers 401 to every token that it gave", with_tokens(given), path="/"),
    "403": Fault("answers 403", status(403, error("DENIED", "requested access to the resource is denied"))),
    "no token": Fault("answers 500 where tokens are given out", with_tokens(status(500)), path="/"),
    "token is none": Fault("answers HTML where tokens are given out", with_tokens(status(200, HTML)), path="/"),
    "token expires": Fault(
        "gives tokens that are good for one request", with_tokens(given, expiring), path="/", exits=_RETRIED
    ),
    "wrong digest": Fault("sends another manifest", status(200, _OTHER.body, _TYPE), exits=(1, 1)),
    "wrong Content-Type": Fault("sends the manifest as text/plain", typed("text/plain"), exits=(1, 1)),
    "no Content-Type": Fault(
        "sends the manifest without a Content-Type", status(200, BAD.body, ("X-None", "")), exits=(1, 1)
    ),
    "wrong header": Fault("sends another digest in Docker-Content-Digest", other_header, exits=_SURVIVED),
    "captive portal": Fault("answers 200 and HTML", status(200, HTML, ("Content-Type", "text/html"))),
    "404": Fault("answers 404 MANIFEST_UNKNOWN", status(404, _UNKNOWN), exits=(1, 1)),
    "404 page": Fault("answers 404 and HTML", status(404, HTML, ("Content-Type", "text/html"))),
    "child 404": Fault("has the index, answers 404 for its entry", status(404, _UNKNOWN), INDEX, _CHILD, (1, 1)),
    "child 500": Fault("has the index, answers 500 for its entry", status(500), INDEX, _CHILD),
    "config 404": Fault(
        "has the manifest, answers 404 for its config", status(404, error("BLOB_UNKNOWN")), BAD, _CONFIG, (1, 1)
    ),
    "config 500": Fault("has the manifest, answers 500 for its config", status(500), BAD, _CONFIG),
    "429": Fault("answers 429, always", status(429, error("TOOMANYREQUESTS"))),
    "429, a second": Fault("answers 429 once, `Retry-After: 1`", once(busy(lambda: "1")), exits=_SURVIVED),
    "429, a date": Fault(
        "answers 429 once, `Retry-After` with a date a second ahead",
        once(busy(lambda: formatdate(time.time() + 1, usegmt=True))),
        exits=_SURVIVED,
    ),
    "429, negative": Fault("answers 429 once, `Retry-After: -5`", once(busy(lambda: "-5")), exits=_SURVIVED),
    "429, garbage": Fault("answers 429 once, `Retry-After: soon`", once(busy(lambda: "soon")), exits=_SURVIVED),
    "429, absurd": Fault("answers 429, `Retry-After: 99999999999`", busy(lambda: "99999999999")),
    "500 then 200": Fault("answers 500 once", once(status(500)), exits=_RETRIED),
    "500": Fault("answers 500, always", status(500)),
    "503": Fault("answers 503 and HTML, always", status(503, HTML, ("Content-Type", "text/html"))),
}
