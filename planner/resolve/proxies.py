"""Which proxy a request takes: HTTPS_PROXY, HTTP_PROXY and NO_PROXY as skopeo and the engines read them.

Source: golang.org/x/net/http/httpproxy, proxy.go. It differs from Python's urllib: capitals win over small letters,
loopback never takes a proxy, NO_PROXY may name networks, `.corp.example` leaves out the domain itself, and ALL_PROXY is
no word of it.
"""

import base64
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from yarl import URL

from planner.model.resolution import State
from planner.resolve.answer import ObstacleError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>[^:]*)")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy; `url` is without its login, which is `authorization`, the value of a header, and is never shown."""

    url: URL
    authorization: str = field(default="", repr=False)


def proxy_for(url: URL, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy for a request; None for none. Raises ObstacleError for one that cannot be used."""
    variable = f"{url.scheme.upper()}_PROXY"
    value = _value(environment, variable)
    if not value or _goes_direct(url, _value(environment, "NO_PROXY")):
        return None
    try:
        proxy = URL(value if "://" in value else f"http://{value}")
        pair = f"{proxy.user or ''}:{proxy.password or ''}".encode()
        login = f"Basic {base64.b64encode(pair).decode('ascii')}" if pair != b":" else ""
        bare = proxy.with_user(None)
    except ValueError:
        # The value may hold a password.
        raise ObstacleError(State.UNREACHABLE, f"{variable} holds no URL of a proxy: correct it") from None
    if bare.scheme not in _DEFAULT_PORTS or not bare.host:
        detail = (
            f"{variable} names a proxy that --resolver http cannot use; --resolver skopeo may, or name an HTTP proxy"
        )
        raise ObstacleError(State.UNREACHABLE, detail)
    return Proxy(bare, login)


def _value(environment: Mapping[str, str], variable: str) -> str:
    return environment.get(variable) or environment.get(variable.lower()) or ""


def _goes_direct(url: URL, no_proxy: str) -> bool:
    host = (url.host or "").lower()
    port = url.port or _DEFAULT_PORTS.get(url.scheme, 0)
    address = _address(host)
    if host == "localhost" or (address and address.is_loopback):
        return True
    entries = [entry.strip().lower() for entry in no_proxy.split(",")]
    return any(entry and _matches(entry, host, port, address) for entry in entries)


def _matches(entry: str, host: str, port: int, address: "_Address | None") -> bool:
    if entry == "*":
        return True
    if "/" in entry and (network := _network(entry)):
        return address is not None and address in network
    if split := _PORT.fullmatch(entry):
        if split["port"] and split["port"] != str(port):
            return False
        entry = split["host"].strip("[]")
    if named := _address(entry):
        return named == address
    name = entry.removeprefix("*")
    return bool(name) and (host.endswith(name if name.startswith(".") else f".{name}") or host == name)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
