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
from tests.support.logins import details, docker, entry, scan, states
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
def test_who_is_not_trusted_is_not_asked(shop: Shop, tmp_path: Path, resolver: str) -> None:
    images = [shop.image(host) for host in (shop.private, shop.self_signed, shop.plain)]
    done = scan(tmp_path, resolver, *images)
    assert states(done) == ["tls", "tls", "tls"], details(done)
    assert all("insecure = true" in problem["text"] for problem in done.json["problems"])
    assert done.code == 3


@RESOLVERS
def test_what_is_named_insecure_is_asked(shop: Shop, tmp_path: Path, resolver: str) -> None:
    (tmp_path / "in").mkdir()
    declared = "".join(f'[[registries]]\nhost = "{host}"\ninsecure = true\n' for host in (shop.self_signed, shop.plain))
    (tmp_path / "in" / "planner.toml").write_text(declared)
    images = [shop.image(host) for host in (shop.self_signed, shop.plain)]
    assert states(scan(tmp_path, resolver, *images)) == ["resolved", "resolved"]
    # Nobody named this one.
    assert states(scan(tmp_path, resolver, shop.image(shop.private))) == ["tls"]


@RESOLVERS
def test_loopback_needs_no_name(shop: Shop, tmp_path: Path, resolver: str) -> None:
    images = []
    for host in (shop.self_signed, shop.plain):
        port = host.rpartition(":")[2]
        images += [shop.image(f"127.0.0.1:{port}"), shop.image(f"localhost:{port}")]
    assert states(scan(tmp_path, resolver, *images)) == ["resolved"] * 4


@RESOLVERS
def test_a_private_ca_of_the_system(shop: Shop, tmp_path: Path, resolver: str) -> None:
    variables = {"SSL_CERT_FILE": str(shop.authority.pair.certificate)}
    assert states(scan(tmp_path, resolver, shop.image(shop.private), variables=variables)) == ["resolved"]


@RESOLVERS
def test_a_private_ca_and_a_client_certificate_of_one_registry(shop: Shop, tmp_path: Path, resolver: str) -> None:
    certificates(tmp_path, shop.private, authority=shop.authority)
    certificates(tmp_path, shop.mutual, shop.client, authority=shop.authority)
    images = [shop.image(host) for host in (shop.private, shop.mutual)]
    done = scan(tmp_path, resolver, *images)
    assert states(done) == ["resolved", "resolved"], details(done)


@RESOLVERS
def test_the_ca_of_a_registry_counts_for_its_token_server(tmp_path: Path, resolver: str) -> None:
    require_tool("skopeo")
    program, folder = require_tool("docker-registry"), tmp_path / "registry"
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
        host = named(private)
        docker(tmp_path, {"auths": {host: entry("alice", "password-of-alice")}})
        certificates(tmp_path, host, authority=authority)
        done = scan(tmp_path, resolver, f"{host}/team/app@{IMAGE.digest}")
        assert states(done) == ["resolved"], details(done)
        assert ("GET", "alice") in tokens.asked
        shutil.rmtree(tmp_path / ".config")
        assert states(scan(tmp_path, resolver, f"{host}/team/app@{IMAGE.digest}")) == ["tls"]


@RESOLVERS
def test_without_its_client_certificate_a_registry_refuses(shop: Shop, tmp_path: Path, resolver: str) -> None:
    certificates(tmp_path, shop.mutual, authority=shop.authority)
    done = scan(tmp_path, resolver, shop.image(shop.mutual))
    assert states(done) == ["tls"], details(done)
    assert "certificate" in details(done)


@RESOLVERS
@pytest.mark.parametrize(("name", "content"), [("ca.crt", "no certificate"), ("client.cert", "no certificate")])
def test_a_certificate_that_is_none(shop: Shop, tmp_path: Path, resolver: str, name: str, content: str) -> None:
    certificates(tmp_path, shop.private, authority=shop.authority)
    (tmp_path / ".config" / "containers" / "certs.d" / shop.private / name).write_text(content)
    done = scan(tmp_path, resolver, shop.image(shop.private))
    assert done.code == 3
    assert states(done) == ["tls"], details(done)
