"""Which proxy a request takes. The expectations of NO_PROXY are those of golang.org/x/net/http/httpproxy."""

import base64

import pytest
from yarl import URL

from planner.model.resolution import State
from planner.resolve.answer import ObstacleError
from planner.resolve.proxies import Proxy, proxy_for

PROXY = "http://proxy.example:3128"


def way(url: str, **variables: str) -> str:
    found = proxy_for(URL(url), variables)
    return str(found.url) if found else ""


def test_a_variable_for_each_scheme() -> None:
    variables = {"HTTPS_PROXY": "http://tls.example:1", "HTTP_PROXY": "http://plain.example:2"}
    assert way("https://r.example/v2/", **variables) == "http://tls.example:1"
    assert way("http://r.example/v2/", **variables) == "http://plain.example:2"
    assert way("https://r.example/v2/", HTTP_PROXY=PROXY, ALL_PROXY=PROXY) == ""
    assert way("https://r.example/v2/") == ""


def test_capitals_win_unless_they_are_empty() -> None:
    assert way("https://r.example/", https_proxy=PROXY) == PROXY
    assert way("https://r.example/", HTTPS_PROXY=PROXY, https_proxy="http://small.example") == PROXY
    assert way("https://r.example/", HTTPS_PROXY="", https_proxy=PROXY) == PROXY
    assert way("https://r.example/", HTTPS_PROXY=PROXY, no_proxy="r.example") == ""


@pytest.mark.parametrize("text", ["proxy.example:3128", "http://proxy.example:3128", "http://proxy.example:3128/"])
def test_a_proxy_without_a_scheme_speaks_http(text: str) -> None:
    assert way("https://r.example/", HTTPS_PROXY=text).rstrip("/") == PROXY


def test_its_login_is_kept_apart() -> None:
    found = proxy_for(URL("https://r.example/"), {"HTTPS_PROXY": "http://us%40er:p%2Fw%C3%A4@proxy.example:3128"})
    assert found == Proxy(URL(PROXY), "Basic " + base64.b64encode("us@er:p/wä".encode()).decode())
    assert "Basic" not in repr(found)


@pytest.mark.parametrize(
    "text", ["socks5://user:hunter2@p.example", "ftp://hunter2@p", "http://hunter2:99999999/", "http://"]
)
def test_what_cannot_be_used_is_said_and_not_shown(text: str) -> None:
    with pytest.raises(ObstacleError, match="HTTPS_PROXY") as caught:
        way("https://r.example/", HTTPS_PROXY=text)
    assert caught.value.state is State.UNREACHABLE
    assert "hunter2" not in caught.value.detail


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "LOCALHOST"])
def test_loopback_takes_none(host: str) -> None:
    assert way(f"http://{host}:5000/", HTTP_PROXY=PROXY) == ""


@pytest.mark.parametrize(
    ("no_proxy", "direct", "proxied"),
    [
        ("*", ["r.example", "10.0.0.1"], []),
        ("r.example", ["r.example", "a.r.example", "R.EXAMPLE", "r.example:444"], ["xr.example", "example"]),
        (".r.example", ["a.r.example", "b.a.r.example"], ["r.example"]),
        ("*.r.example", ["a.r.example"], ["r.example", "xr.example"]),
        ("r.example:5000", ["r.example:5000", "a.r.example:5000"], ["r.example", "r.example:5001"]),
        ("r.example:443", ["r.example"], ["r.example:5000"]),
        (" a.example , r.example,", ["r.example", "a.example"], ["b.example"]),
        ("10.1.2.3", ["10.1.2.3", "10.1.2.3:5000"], ["10.1.2.4", "110.1.2.3"]),
        ("10.1.2.3:5000", ["10.1.2.3:5000"], ["10.1.2.3", "10.1.2.3:5001"]),
        ("10.0.0.0/8", ["10.1.2.3", "10.1.2.3:5000"], ["11.1.2.3", "r.example"]),
        ("10.1.2.3/8", ["10.200.2.3"], ["11.1.2.3"]),
        ("fd00::/8", ["[fd00::1]:5000"], ["[fe00::1]", "10.0.0.1"]),
        ("[fd00::1]:5000,fd00::2", ["[fd00::1]:5000", "[fd00::2]:443"], ["[fd00::1]:443"]),
        ("10.0.0.0/99,:5000,.,/,", [], ["10.1.2.3", "r.example:5000"]),
        ("", [], ["r.example"]),
    ],
)
def test_no_proxy(no_proxy: str, direct: list[str], proxied: list[str]) -> None:
    for host in direct:
        assert way(f"https://{host}/v2/", HTTPS_PROXY=PROXY, NO_PROXY=no_proxy) == "", host
    for host in proxied:
        assert way(f"https://{host}/v2/", HTTPS_PROXY=PROXY, NO_PROXY=no_proxy) == PROXY, host
