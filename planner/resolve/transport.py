"""HTTP with bounds: on size, redirects and where credentials go. Every way to fail is an `ObstacleError` with a state.

Bounds on time are the caller's: whoever asks puts `asyncio.timeout` around it, which ends slow drips as well.
"""

import os
import ssl
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from planner import __version__
from planner.model.resolution import State
from planner.resolve.answer import ObstacleError
from planner.resolve.proxies import proxy_for

_CHUNK = 64 * 1024
_REDIRECTS = 5
_CONNECT_SECONDS = 15.0
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})


Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Response:
    """What came: `body` is unpacked and within the limit that was asked for; `url` is where it came from at last."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: URL


class Transport:
    """The connections that a registry takes, to its token server and its storage too. Used within one event loop."""

    def __init__(self, context: Callable[[str], ssl.SSLContext], connections: int = 64) -> None:
        """`context` gives the TLS settings for a `host:port`; ValueError says what is wrong with them."""
        self._context = context
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._session = aiohttp.ClientSession(
            auto_decompress=False,  # a bomb must be stopped while it is unpacked
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=connections),
            headers={"User-Agent": f"planner/{__version__}", "Accept-Encoding": "identity"},
            skip_auto_headers=("Accept",),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
        )

    async def fetch(
        self, method: str, url: URL, headers: Headers, limit: int, form: Mapping[str, str] | None = None
    ) -> Response:
        """Send a request and follow redirects; `limit` is in bytes, for the body. Raises ObstacleError.

        Authorization and a form go to the first host alone, and TLS is never left on the way.
        """
        sent = list(headers)
        for _ in range(_REDIRECTS + 1):
            response = await self._once(method, url, sent, limit, form)
            location = response.headers.get("Location", "")
            if response.status not in _REDIRECT_STATUSES or not location:
                return response
            target = _joined(url, location)
            if url.scheme == "https" and target.scheme != "https":
                raise ObstacleError(State.TLS, f"it redirects from HTTPS to plain HTTP ({target.host}): not followed")
            if target.origin() != url.origin():
                if form:
                    raise ObstacleError(
                        State.FAILED, f"it sends credentials to another host ({target.host}): not followed"
                    )
                sent = [(name, value) for name, value in sent if name != "Authorization"]
            url = target
        raise ObstacleError(State.FAILED, f"it redirects more than {_REDIRECTS} times: this could not be checked")

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def _once(
        self, method: str, url: URL, headers: Headers, limit: int, form: Mapping[str, str] | None
    ) -> Response:
        options: dict[str, Any] = {"allow_redirects": False, "data": form, **_way(url, headers)}
        if url.scheme == "https":
            options["ssl"] = self._tls(url)
        try:
            async with self._session.request(method, url, **options) as response:
                packed = response.headers.get("Content-Encoding", "")
                body = b"" if method == "HEAD" else await _body(response.content, packed, limit)
                return Response(response.status, response.headers, body, url)
        except (aiohttp.ClientError, ssl.SSLError, OSError, ValueError) as error:
            raise _obstacle(error, url) from error

    def _tls(self, url: URL) -> ssl.SSLContext:
        place = url.authority.rpartition("@")[2]
        if place not in self._contexts:
            try:
                self._contexts[place] = self._context(place)
            except ValueError as error:
                raise ObstacleError(State.TLS, str(error)) from error
        return self._contexts[place]


def _joined(url: URL, location: str) -> URL:
    try:
        target = url.join(URL(location, encoded=True))  # a signed URL must stay as it is
    except ValueError as error:
        raise ObstacleError(State.FAILED, "it redirects to something that is no URL") from error
    if target.scheme not in ("http", "https") or not target.host:
        raise ObstacleError(State.FAILED, "it redirects to something that is no HTTP URL: not followed")
    return target.with_user(None) if target.user or target.password else target


def _way(url: URL, headers: Headers) -> dict[str, Any]:
    """The headers of a request, and the proxy that it takes."""
    proxy = proxy_for(url, os.environ)
    if proxy is None:
        return {"headers": headers}
    login = [("Proxy-Authorization", proxy.authorization)] if proxy.authorization else []
    # The proxy of a tunnel sees the request that opens it, any other every request.
    if url.scheme == "https":
        return {"headers": headers, "proxy": proxy.url, "proxy_headers": dict(login)}
    return {"headers": [*headers, *login], "proxy": proxy.url}


async def _body(stream: aiohttp.StreamReader, packed: str, limit: int) -> bytes:
    packed = packed.strip().lower()
    if packed not in ("", "identity", "gzip", "x-gzip"):
        raise ObstacleError(State.FAILED, f"it sends a body packed as {packed!r}, which nobody asked for")
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if packed.endswith("gzip") else None
    body = bytearray()
    async for chunk in stream.iter_chunked(_CHUNK):
        if unpack:
            try:
                # What does not fit stays packed in `unconsumed_tail`; it is too much then anyway.
                body += unpack.decompress(chunk, limit + 1 - len(body))
            except zlib.error as error:
                raise ObstacleError(State.FAILED, "it sends a gzip body that cannot be unpacked") from error
        else:
            body += chunk
        if len(body) > limit:
            raise ObstacleError(State.TOO_LARGE, f"its answer exceeds {limit} bytes: this could not be checked")
    return bytes(body)


def _obstacle(error: Exception, url: URL) -> ObstacleError:
    host = url.authority.rpartition("@")[2]
    state, again = State.UNREACHABLE, False
    match error:
        case TimeoutError():
            state, again = State.TIMEOUT, True
            why = f"{host} took no connection within {_CONNECT_SECONDS:g} seconds"
        case aiohttp.ClientConnectorCertificateError():
            state = State.TLS
            why = (
                f"{host} has a certificate that this machine does not trust ({error.certificate_error}); install its CA"
            )
            why += ", or declare insecure = true under [[registries]]"
        case aiohttp.ClientConnectorSSLError() | ssl.SSLError():
            cause = getattr(error, "os_error", error)  # the error itself names a Python object
            state, why = State.TLS, f"no TLS with {host} ({cause}); for a registry over plain HTTP: insecure = true"
        case aiohttp.ClientOSError() if "ALERT" in str(error.__cause__):  # of TLS 1.3, after the connection stands
            state, why = State.TLS, f"{host} refuses TLS ({error.strerror}); if it wants a client certificate, put "
            why += f"client.cert and client.key into ~/.config/containers/certs.d/{host}"
        case aiohttp.ClientHttpProxyError(status=407):
            why = f"the proxy on the way to {host} wants a login, or another one: put it into HTTPS_PROXY"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            why, again = f"the proxy on the way to {host} fails: {error}", True
        case aiohttp.ClientConnectorDNSError():
            why = f"no such host: {host}; check the name, or the network of this machine"
        case aiohttp.ClientConnectorError():
            why = f"{host} cannot be reached: {error.strerror or error}"
        case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError() | ConnectionError():
            why, again = f"{host} hung up before its answer was complete", True
        case _:
            state = State.FAILED
            why = f"{host} does not speak HTTP as planner knows it: {type(error).__name__}: {error}"
    return ObstacleError(state, why, again=again)
