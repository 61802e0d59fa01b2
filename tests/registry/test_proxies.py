"""Proxies by both ways to ask: a real one on loopback, which leads every name to the same registry.

No name server knows the names here: who comes through, came through the proxy.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.images import build_image
from tests.support.logins import details, scan, states
from tests.support.proxy import running_proxy
from tests.support.registry import running_registry
from tests.support.tools import require_tool

IMAGE = build_image({"hello": b"hello\n"})
NAME = "registry.planner.invalid:5000"
PASSWORD = "password-of-proxy"
RESOLVERS = pytest.mark.parametrize("resolver", ["skopeo", "http"])


@dataclass(frozen=True)
class Behind:
    """Two registries behind a proxy: `private` has a certificate of the CA in `trusted`, `plain` is plain HTTP."""

    private: tuple[str, int]
    plain: tuple[str, int]
    trusted: dict[str, str]


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    require_tool("skopeo")
    program, folder = require_tool("docker-registry"), tmp_path_factory.mktemp("behind")
    authority = Authority(folder / "ca")
    pair = authority.sign("server", "DNS:registry.planner.invalid", "IP:0.0.0.0")
    tls = {"certificate": str(pair.certificate), "key": str(pair.key)}
    with ExitStack() as stack:
        plain = stack.enter_context(running_registry(folder, program))
        plain.push(IMAGE, "team/app")
        private = stack.enter_context(running_registry(folder, program, settings={"http": {"tls": tls}}))
        (private_port, plain_port) = (int(registry.host.rpartition(":")[2]) for registry in (private, plain))
        trusted = {"SSL_CERT_FILE": str(authority.pair.certificate)}
        yield Behind(("127.0.0.1", private_port), ("127.0.0.1", plain_port), trusted)


def image(host: str = NAME) -> str:
    return f"{host}/team/app@{IMAGE.digest}"


def insecure(home: Path, *hosts: str) -> None:
    (home / "in").mkdir()
    declared = "".join(f'[[registries]]\nhost = "{host}"\ninsecure = true\n' for host in hosts)
    (home / "in" / "planner.toml").write_text(declared)


@RESOLVERS
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_a_tunnel(behind: Behind, tmp_path: Path, resolver: str, variable: str) -> None:
    with running_proxy(behind.private) as proxy:
        variables = {**behind.trusted, variable: f"http://{proxy.address}"}
        done = scan(tmp_path, resolver, image(), variables=variables)
        assert states(done) == ["resolved"], details(done)
        assert set(proxy.asked) == {NAME}
        assert len(proxy.asked) == 1 or resolver == "skopeo"  # a process for each question


@RESOLVERS
def test_a_proxy_for_plain_http(behind: Behind, tmp_path: Path, resolver: str) -> None:
    insecure(tmp_path, NAME)
    with running_proxy(behind.plain, f"user:{PASSWORD}") as proxy:
        there = f"user:{PASSWORD}@{proxy.address}"
        done = scan(tmp_path, resolver, image(), variables={"HTTP_PROXY": there, "HTTPS_PROXY": there})
        assert states(done) == ["resolved"], details(done)
        assert proxy.refused == 0
        assert PASSWORD not in done.out + done.said
        wrong = f"user:{PASSWORD}-wrong@{proxy.address}"
        done = scan(tmp_path, resolver, image(), variables={"HTTP_PROXY": wrong, "HTTPS_PROXY": wrong})
        assert states(done) == ["unreachable"], details(done)
        assert "login" in details(done)
        assert PASSWORD not in done.out + done.said


@RESOLVERS
def test_a_proxy_that_wants_a_login(behind: Behind, tmp_path: Path, resolver: str) -> None:
    with running_proxy(behind.private, f"us er:{PASSWORD}/@") as proxy:
        there = f"http://us%20er:{PASSWORD}%2F%40@{proxy.address}"
        done = scan(tmp_path, resolver, image(), variables={**behind.trusted, "HTTPS_PROXY": there})
        assert states(done) == ["resolved"], details(done)
        assert proxy.refused == 0
        wrong = f"http://user:{PASSWORD}-wrong@{proxy.address}"
        for variables in ({"HTTPS_PROXY": wrong}, {"HTTPS_PROXY": proxy.address}):
            done = scan(tmp_path, resolver, image(), variables={**behind.trusted, **variables})
            assert states(done) == ["unreachable"], details(done)
            assert "login" in details(done)
            assert PASSWORD not in done.out + done.said


@RESOLVERS
@pytest.mark.parametrize(
    "no_proxy", ["0.0.0.0", "0.0.0.0/8", "other.example, 0.0.0.0:PORT", "*"], ids=["host", "network", "port", "all"]
)
def test_who_needs_no_proxy(behind: Behind, tmp_path: Path, resolver: str, no_proxy: str) -> None:
    port = behind.private[1]
    with running_proxy(behind.private) as proxy:
        variables = {**behind.trusted, "HTTPS_PROXY": proxy.address, "NO_PROXY": no_proxy.replace("PORT", str(port))}
        done = scan(tmp_path, resolver, image(f"0.0.0.0:{port}"), variables=variables)
        assert states(done) == ["resolved"], details(done)
        assert proxy.asked == []


@RESOLVERS
def test_who_needs_a_proxy_all_the_same(behind: Behind, tmp_path: Path, resolver: str) -> None:
    others = "planner.invalid:1, .registry.planner.invalid, egistry.planner.invalid, 0.0.0.0/8, 127.0.0.0/8"
    with running_proxy(behind.private) as proxy:
        variables = {**behind.trusted, "HTTPS_PROXY": proxy.address, "NO_PROXY": others}
        done = scan(tmp_path, resolver, image(), variables=variables)
        assert states(done) == ["resolved"], details(done)
        assert proxy.asked
        # Through its domain it would be asked directly, where nobody knows the name.
        done = scan(
            tmp_path, resolver, image(), variables={**variables, "NO_PROXY": "invalid"}, flags=("--timeout", "5")
        )
        assert states(done)[0] in ("unreachable", "timeout")


@RESOLVERS
def test_loopback_is_asked_directly(behind: Behind, tmp_path: Path, resolver: str) -> None:
    with running_proxy(behind.plain) as proxy:
        variables = {"HTTP_PROXY": proxy.address, "HTTPS_PROXY": proxy.address}
        images = [image(f"127.0.0.1:{behind.plain[1]}"), image(f"localhost:{behind.plain[1]}")]
        assert states(scan(tmp_path, resolver, *images, variables=variables)) == ["resolved", "resolved"]
        assert proxy.asked == []


def test_socks_is_for_skopeo(behind: Behind, tmp_path: Path) -> None:
    variables = {"HTTPS_PROXY": f"socks5://user:{PASSWORD}@127.0.0.1:1"}
    done = scan(tmp_path, "http", image(), variables=variables)
    assert states(done) == ["unreachable"]
    assert "--resolver skopeo" in details(done)
    assert PASSWORD not in done.out + done.said
