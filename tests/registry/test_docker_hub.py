"""Docker Hub's budget: what is counted there, what is said of it, and how a run goes on when it is used up.

A server stands in for Docker Hub behind a proxy, with its names, its token flow and its way of counting: GET of a
manifest is a pull, HEAD and blobs are none (https://docs.docker.com/docker-hub/usage/pulls).
"""

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.command import Done, run, write_compose
from tests.support.images import build_image
from tests.support.proxy import Proxy, running_proxy
from tests.support.raw_server import Peer, error, healthy, serving, shelf

IMAGES = [build_image({"n": b"%d" % number}, kind="v2s2") for number in range(3)]
NAMES = [f"docker.io/library/app@{image.digest}" for image in IMAGES]
REALM = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/app:pull"'


@dataclass
class Hub:
    """What Docker Hub knows of this address: how many pulls are left, and those that it counted."""

    authority: Path
    proxy: Proxy = field(init=False)
    left: int = 100
    counted: list[str] = field(default_factory=list)

    def answer(self, peer: Peer) -> None:
        """As Docker Hub does."""
        if peer.path.startswith("/token"):
            peer.answer(200, json.dumps({"token": "stranger", "expires_in": 300}).encode())
        elif peer.headers.get("Authorization") != "Bearer stranger":
            peer.answer(401, error("UNAUTHORIZED"), ("WWW-Authenticate", REALM))
        elif "/manifests/" in peer.path and peer.command == "GET" and self.left == 0:
            peer.answer(429, error("TOOMANYREQUESTS", "You have reached your pull rate limit."), *self._limits())
        else:
            if "/manifests/" in peer.path and peer.command == "GET":
                self.left -= 1
                self.counted.append(peer.path)
            self._serve(peer)

    def _serve(self, peer: Peer) -> None:
        kept = shelf("library/app", *IMAGES)
        if found := kept.get(peer.path):
            digest = ("Docker-Content-Digest", peer.path.rpartition("/")[2])
            peer.answer(200, found[1], ("Content-Type", found[0]), digest, *self._limits())
        else:
            healthy(kept)(peer)

    def _limits(self) -> tuple[tuple[str, str], ...]:
        return ("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", f"{self.left};w=21600")

    def scan(self, home: Path, *flags: str) -> Done:
        """A scan of the three images, with Docker Hub behind the proxy."""
        infra = write_compose(home / "infra", *NAMES)
        address = f"http://{self.proxy.address}"
        flags = (*flags, "--timeout", "8", "--format", "json")
        return run("scan", infra, *flags, home=home, HTTPS_PROXY=address, SSL_CERT_FILE=str(self.authority))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    authority = Authority(tmp_path / "ca")
    pair = authority.sign("hub", "DNS:registry-1.docker.io", "DNS:auth.docker.io")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    stand_in = Hub(authority.pair.certificate)
    with (
        serving(stand_in.answer, context) as server,
        running_proxy(("127.0.0.1", int(server.host.rpartition(":")[2]))) as stand_in.proxy,
    ):
        yield stand_in


def _states(done: Done) -> list[str]:
    return sorted(each["state"] for each in done.json["resolutions"])


def test_what_is_left_is_said_before_it_is_used(hub: Hub, tmp_path: Path) -> None:
    hub.left = 57
    done = hub.scan(tmp_path, "--resolver", "http")
    assert _states(done) == ["resolved"] * 3
    assert "asking for 3 digests, 1 registry; Docker Hub: 3 counted pulls at least, 57 left" in done.said
    assert len(hub.counted) == 3
    assert set(hub.proxy.asked) == {"registry-1.docker.io:443", "auth.docker.io:443"}


def test_skopeo_takes_twice_as_many(hub: Hub, tmp_path: Path) -> None:
    done = hub.scan(tmp_path)
    assert _states(done) == ["resolved"] * 3
    assert "Docker Hub: 3 counted pulls at least, 100 in 6 hours are free without a login" in done.said
    assert len(hub.counted) == 6


def test_media_types_cost_nothing(hub: Hub, tmp_path: Path) -> None:
    done = hub.scan(tmp_path, "--resolver", "http", "--depth", "type")
    assert _states(done) == ["type-only"] * 3
    assert hub.counted == []


def test_a_budget_that_is_used_up_ends_the_run_and_the_next_goes_on(hub: Hub, tmp_path: Path) -> None:
    hub.left = 2
    done = hub.scan(tmp_path, "--resolver", "http")
    assert done.code == 3
    assert _states(done) == ["rate-limited", "resolved", "resolved"]
    problem = next(each for each in done.json["problems"] if each["kind"] == "rate-limited")
    assert "run again later" in problem["text"]
    hub.left = 100
    again = hub.scan(tmp_path, "--resolver", "http")
    assert _states(again) == ["resolved"] * 3
    assert "asking for 1 digest, 1 registry (2 more in the cache); Docker Hub: 1 counted pull at least" in again.said
    assert len(hub.counted) == 3
