"""TLS on real registries by both ways to ask: private CAs, client certificates, and what is not verified.

0.0.0.0 is this machine too, and no name that engines trust without TLS, as they do 127.0.0.1 and localhost.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.certificates import Authority, Pair, self_signed
from tests.support.images import build_image
from tests.support.logins import ask, docker, entry, outcome, scan
from tests.support.registry import Registry, running_registry
from tests.support.token_server import token_server
from tests.support.tools import require_tool

IMAGE = build_image({"hello": b"hello\n"})
RESOLVERS = pytest.mark.parametrize("resolver", ["skopeo", "http"])


@dataclass(frozen=True)
class Shop:
    """A CA, a client certificate of it, and registries: plain HTTP, a certificate of the CA, one that asks for one."""

    authority: Authority
    client: Pair
    plain: str
    private: str
    mutual: str
    self_signed: str

    def image(self, host: str) -> str:
        return f"{host}/team/app@{IMAGE.digest}"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    require_tool("skopeo")
    program, folder = require_tool("docker-registry"), tmp_path_factory.mktemp("shop")
    authority = Authority(folder / "ca")
    server = authority.sign("server", "IP:0.0.0.0", "IP:127.0.0.1")
    alone = self_signed(folder, "alone", "IP:0.0.0.0")
    tls = {"certificate": str(server.certificate), "key": str(server.key)}
    mutual = {**tls, "clientcas": [str(authority.pair.certificate)]}
    by_itself = {"certificate": str(alone.certificate), "key": str(alone.key)}
    with running_registry(folder, program) as plain:
        plain.push(IMAGE, "team/app")
        with (
            running_registry(folder, program, settings={"http": {"tls": tls}}) as private,
            running_registry(folder, program, settings={"http": {"tls": mutual}}) as asking,
            running_registry(folder, program, settings={"http": {"tls": by_itself}}) as lonely,
        ):
            hosts = [named(registry) for registry in (plain, private, asking, lonely)]
            yield Shop(authority, authority.sign("client"), *hosts)


def named(registry: Registry) -> str:
    return registry.host.replace("127.0.0.1", "0.0.0.0")


def certificates(home: Path, host: str, *pairs: Pair, authority: Authority | None = None) -> None:
    """Put a CA and client certificates where skopeo and podman look for those of a registry."""
    folder = home / ".config" / "containers" / "certs.d" / host
    folder.mkdir(parents=True)
    if authority:
        shutil.copy(authority.pair.certificate, folder / "ca.crt")
    for pair in pairs:
        shutil.copy(pair.certificate, folder / "client.cert")
        shutil.copy(pair.key, folder / "client.key")


@RESOLVERS
def test_who_is_not_trusted_is_not_asked(shop: Shop, own_home: Path, resolver: str) -> None:
    answers = ask(resolver, *(shop.image(host) for host in (shop.private, shop.self_signed, shop.plain)))
    assert outcome(answers) == ["tls", "tls", "tls"]
    assert all("insecure = true" in answer.detail for answer in answers)


@RESOLVERS
def test_what_is_named_insecure_is_asked(shop: Shop, tmp_path: Path, resolver: str) -> None:
    (tmp_path / "in").mkdir()
    declared = "".join(f'[[registries]]\nhost = "{host}"\ninsecure = true\n' for host in (shop.self_signed, shop.plain))
    (tmp_path / "in" / "planner.toml").write_text(declared)
    done = scan(tmp_path, resolver, *(shop.image(host) for host in (shop.self_signed, shop.plain, shop.private)))
    found = {resolution["reference"]: resolution["state"] for resolution in done.json["resolutions"]}
    assert found[shop.image(shop.self_signed)] == found[shop.image(shop.plain)] == "resolved"
    assert found[shop.image(shop.private)] == "tls"  # nobody named it
    assert done.code == 3


@RESOLVERS
def test_loopback_needs_no_name(shop: Shop, own_home: Path, resolver: str) -> None:
    ports = [host.rpartition(":")[2] for host in (shop.self_signed, shop.plain)]
    images = [shop.image(f"{name}:{port}") for port in ports for name in ("127.0.0.1", "localhost")]
    assert outcome(ask(resolver, *images)) == ["resolved"] * 4


@RESOLVERS
def test_a_private_ca_of_the_system(shop: Shop, own_home: Path, monkeypatch: pytest.MonkeyPatch, resolver: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(shop.authority.pair.certificate))
    assert outcome(ask(resolver, shop.image(shop.private))) == ["resolved"]


@RESOLVERS
def test_a_private_ca_and_a_client_certificate_of_one_registry(shop: Shop, own_home: Path, resolver: str) -> None:
    certificates(own_home, shop.private, authority=shop.authority)
    certificates(own_home, shop.mutual, shop.client, authority=shop.authority)
    answers = ask(resolver, *(shop.image(host) for host in (shop.private, shop.mutual)))
    assert outcome(answers) == ["resolved", "resolved"]


@RESOLVERS
def test_the_ca_of_a_registry_counts_for_its_token_server(own_home: Path, resolver: str) -> None:
    require_tool("skopeo")
    program, folder = require_tool("docker-registry"), own_home / "registry"
    authority = Authority(folder / "ca")
    pair = authority.sign("server", "IP:0.0.0.0", "IP:127.0.0.1")
    tls = {"tls": {"certificate": str(pair.certificate), "key": str(pair.key)}}
    with running_registry(folder, program) as plain:
        plain.push(IMAGE, "team/app")
    may_pull = {"alice": ("team/app",)}
    with (
        token_server(folder / "tokens", {"alice": "password-of-alice"}, {}, may_pull, pair) as tokens,
        running_registry(folder, program, settings={**tokens.settings, "http": tls}) as private,
    ):
        image = f"{named(private)}/team/app@{IMAGE.digest}"
        docker(own_home, {"auths": {named(private): entry("alice", "password-of-alice")}})
        certificates(own_home, named(private), authority=authority)
        assert outcome(ask(resolver, image)) == ["resolved"]
        assert ("GET", "alice") in tokens.asked
        shutil.rmtree(own_home / ".config")
        assert outcome(ask(resolver, image)) == ["tls"]


@RESOLVERS
def test_without_its_client_certificate_a_registry_refuses(shop: Shop, own_home: Path, resolver: str) -> None:
    certificates(own_home, shop.mutual, authority=shop.authority)
    (answer,) = answers = ask(resolver, shop.image(shop.mutual))
    assert outcome(answers) == ["tls"]
    assert "certificate" in answer.detail


@RESOLVERS
@pytest.mark.parametrize("name", ["ca.crt", "client.cert"])
def test_a_certificate_that_is_none(shop: Shop, own_home: Path, resolver: str, name: str) -> None:
    certificates(own_home, shop.private, authority=shop.authority)
    (own_home / ".config" / "containers" / "certs.d" / shop.private / name).write_text("no certificate")
    assert outcome(ask(resolver, shop.image(shop.private))) == ["tls"]
