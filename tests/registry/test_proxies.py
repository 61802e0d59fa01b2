"""Proxies by both ways to ask: a real one on loopback, which leads every name to the same registry.

No name server knows the names here: who comes through, came through the proxy.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.images import build_image
from tests.support.logins import ask, details, outcome, scan, states
from tests.support.proxy import running_proxy
from tests.support.registry import running_registry
from tests.support.tools import require_tool

IMAGE = build_image({"hello": b"hello\n"})
NAME = "registry.planner.invalid:5000"
PASSWORD = "password-of-proxy"
Set = Callable[..., None]
RESOLVERS = pytest.mark.parametrize("resolver", ["skopeo", "http"])


@dataclass(frozen=True)
class Behind:
    """Two registries behind a proxy: `private` has a certificate of the CA in `trusted`, `plain` is plain HTTP."""

    private: tuple[str, int]
    plain: tuple[str, int]
    trusted: Path


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
        yield Behind(("127.0.0.1", private_port), ("127.0.0.1", plain_port), authority.pair.certificate)


def image(host: str = NAME) -> str:
    return f"{host}/team/app@{IMAGE.digest}"


@pytest.fixture
def variables(behind: Behind, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Set:
    """Sets variables of the environment in which registries are asked; the CA is trusted already."""
    monkeypatch.setenv("SSL_CERT_FILE", str(behind.trusted))

    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


@RESOLVERS
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_a_tunnel(behind: Behind, variables: Set, resolver: str, variable: str) -> None:
    with running_proxy(behind.private) as proxy:
        variables(**{variable: f"http://{proxy.address}"})
        assert outcome(ask(resolver, image())) == ["resolved"]
        assert set(proxy.asked) == {NAME}
        assert len(proxy.asked) == 1 or resolver == "skopeo"


@RESOLVERS
@pytest.mark.parametrize("kind", ["tunnel", "plain"])
def test_a_proxy_that_wants_a_login(behind: Behind, variables: Set, resolver: str, kind: str) -> None:
    target, insecure = (behind.private, []) if kind == "tunnel" else (behind.plain, [NAME])
    with running_proxy(target, f"us er:{PASSWORD}/@") as proxy:
        there = f"http://us%20er:{PASSWORD}%2F%40@{proxy.address}"
        variables(HTTPS_PROXY=there, HTTP_PROXY=there)
        assert outcome(ask(resolver, image(), insecure=insecure)) == ["resolved"]
        assert proxy.refused == 0
        for wrong in (f"http://user:{PASSWORD}-wrong@{proxy.address}", proxy.address):
            variables(HTTPS_PROXY=wrong, HTTP_PROXY=wrong)
            (answer,) = answers = ask(resolver, image(), insecure=insecure)
            assert outcome(answers) == ["unreachable"]
            assert "The proxy on the way".lower() in answer.detail.lower()
            assert "wants a login" in answer.detail
            assert PASSWORD not in answer.detail


@RESOLVERS
def test_who_needs_no_proxy(behind: Behind, variables: Set, resolver: str) -> None:
    port = behind.private[1]
    with running_proxy(behind.private) as proxy:
        for no_proxy in ("0.0.0.0", "0.0.0.0/8", f"other.example, 0.0.0.0:{port}", "*"):
            variables(HTTPS_PROXY=proxy.address, NO_PROXY=no_proxy)
            assert outcome(ask(resolver, image(f"0.0.0.0:{port}"))) == ["resolved"]
        assert proxy.asked == []


@RESOLVERS
def test_who_needs_a_proxy_all_the_same(behind: Behind, variables: Set, resolver: str) -> None:
    others = "planner.invalid:1, .registry.planner.invalid, egistry.planner.invalid, 0.0.0.0/8, 127.0.0.0/8"
    with running_proxy(behind.private) as proxy:
        variables(HTTPS_PROXY=proxy.address, NO_PROXY=others)
        assert outcome(ask(resolver, image())) == ["resolved"]
        asked = len(proxy.asked)
        assert asked
        # Through its domain it is asked directly, where nobody knows the name.
        variables(NO_PROXY="invalid")
        assert outcome(ask(resolver, image(), timeout=5))[0] in ("unreachable", "timeout")
        assert len(proxy.asked) == asked


@RESOLVERS
def test_loopback_is_asked_directly(behind: Behind, variables: Set, resolver: str) -> None:
    with running_proxy(behind.plain) as proxy:
        variables(HTTP_PROXY=proxy.address, HTTPS_PROXY=proxy.address)
        images = [image(f"127.0.0.1:{behind.plain[1]}"), image(f"localhost:{behind.plain[1]}")]
        assert outcome(ask(resolver, *images)) == ["resolved", "resolved"]
        assert proxy.asked == []


def test_socks_is_for_skopeo(behind: Behind, tmp_path: Path) -> None:
    done = scan(tmp_path, "http", image(), variables={"HTTPS_PROXY": f"socks5://user:{PASSWORD}@127.0.0.1:1"})
    assert states(done) == ["unreachable"]
    assert "--resolver skopeo" in details(done)
    assert PASSWORD not in done.out + done.said
