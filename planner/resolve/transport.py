"""HTTP with bounds: on size, redirects and where credentials go. Every way to fail is an `ObstacleError` with a state.

Bounds on time are the caller's: whoever asks puts `asyncio.timeout` around it, which ends slow drips as well.
"""

import os
import re
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
_UNCHECKED = "it could not be checked"
_WHAT_ANSWERS = f"{_UNCHECKED}; see what answers there"
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_CONNECT = f"{_UNCHECKED}; check its name, the network and the proxy"


Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Response:
    """What came: `body` is unpacked and within the limit that was asked for; `url` is where it came from at last."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: URL


class NotConnectedError(ObstacleError):
    """No connection, or no TLS on it, with the host of `url`: not a byte of HTTP has passed."""

    def __init__(self, state: State, detail: str, url: URL, *, again: bool = False) -> None:
        super().__init__(state, detail, again=again)
        self.url = url


class Transport:
    """The connections that a registry takes, to its token server and its storage too. Used within one event loop."""

    def __init__(
        self, context: Callable[[str], ssl.SSLContext], count: Callable[[], None], connections: int = 64
    ) -> None:
        """`context` gives the TLS settings for a `host:port`; ValueError says what is wrong with them.

        `count` is called before every request, each hop of a redirect too; it raises ObstacleError to stop it.
        """
        self._context = context
        self._count = count
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

        Authorization and forms go to the first host alone, and TLS is never left on the way.
        """
        sent = list(headers)
        for _ in range(_REDIRECTS + 1):
            self._count()
            response = await self._once(method, url, sent, limit, form)
            location = response.headers.get("Location", "")
            if response.status not in _REDIRECT_STATUSES or not location:
                return response
            target = _joined(url, location)
            if url.scheme == "https" and target.scheme != "https":
                why = f"{_place(url)} redirects from HTTPS to plain HTTP ({_place(target)})"
                raise ObstacleError(State.TLS, f"{why}, which is not followed: {_WHAT_ANSWERS}")
            if target.origin() != url.origin():
                if form:  # which holds an identity token
                    why = f"{_place(url)} wants a login sent on to {_place(target)}"
                    raise ObstacleError(State.FAILED, f"{why}, which is not done: {_WHAT_ANSWERS}")
                sent = [(name, value) for name, value in sent if name != "Authorization"]
            url = target
        why = f"{_place(url)} redirects more than {_REDIRECTS} times"
        raise ObstacleError(State.FAILED, f"{why}: {_WHAT_ANSWERS}")

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
                body = b"" if method == "HEAD" else await _body(response.content, packed, limit, _place(url))
                return Response(response.status, response.headers, body, url)
        except (aiohttp.ClientError, ssl.SSLError, OSError, ValueError) as error:
            raise _obstacle(error, url) from error

    def _tls(self, url: URL) -> ssl.SSLContext:
        place = _place(url)
        if place not in self._contexts:
            try:
                self._contexts[place] = self._context(place)
            except ValueError as error:
                raise ObstacleError(State.TLS, str(error)) from error
        return self._contexts[place]


def http_url(text: str, base: URL | None = None) -> URL:
    """The URL that a registry names, seen from `base`; with no user and password. ValueError if it is none of HTTP."""
    if not _PRINTABLE.fullmatch(text):
        raise ValueError("it has characters that no URL has")
    url = URL(text, encoded=True)  # a signed URL must stay as it is
    url = base.join(url) if base else url
    # Some of what is wrong comes out only when it is looked at: an odd port, no host.
    if url.scheme not in ("http", "https") or not url.host or not url.port:
        raise ValueError("it is none of HTTP")
    return url.with_user(None) if url.user or url.password else url


def _joined(url: URL, location: str) -> URL:
    try:
        return http_url(location, url)
    except ValueError as error:
        why = f"{_place(url)} redirects to what is no HTTP URL"
        raise ObstacleError(State.FAILED, f"{why}: {_WHAT_ANSWERS}") from error


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


def _place(url: URL) -> str:
    """The host with its port, for messages and settings: never with a user or a password."""
    return url.authority.rpartition("@")[2]


async def _body(stream: aiohttp.StreamReader, packed: str, limit: int, host: str) -> bytes:
    packed = packed.strip().lower()
    if packed not in ("", "identity", "gzip", "x-gzip"):
        # Foreign words come last: nothing but `plain` may cut them, after secrets are taken out.
        why = f"{host} sends a body packed in a way that nobody asked for"
        raise ObstacleError(State.FAILED, f"{why}: {_WHAT_ANSWERS}. It says {packed}")
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if packed.endswith("gzip") else None
    body = bytearray()
    async for chunk in stream.iter_chunked(_CHUNK):
        if unpack:
            try:
                # What does not fit stays packed in `unconsumed_tail`; it is too much then anyway.
                body += unpack.decompress(chunk, limit + 1 - len(body))
            except zlib.error as error:
                why = f"{host} sends a gzip body that cannot be unpacked"
                raise ObstacleError(State.FAILED, f"{why}: {_WHAT_ANSWERS}") from error
        else:
            body += chunk
        if len(body) > limit:
            why = f"The answer is larger than {limit >> 20} MiB"
            raise ObstacleError(State.TOO_LARGE, f"{why}: {_UNCHECKED}; see what {host} stores there")
    if unpack and body and not unpack.eof:
        raise ObstacleError(State.FAILED, f"{host} sends a gzip body without its end: {_WHAT_ANSWERS}")
    return bytes(body)


def _obstacle(error: Exception, url: URL) -> ObstacleError:
    host = _place(url)
    if isinstance(error, TimeoutError):
        why = f"{host} took no connection within {_CONNECT_SECONDS:g} seconds: {_CONNECT}"
        return ObstacleError(State.TIMEOUT, why, again=True)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError | ssl.SSLError):
        return _not_connected(error, url)
    if isinstance(error, aiohttp.ClientOSError) and "ALERT" in str(error.__cause__):  # TLS 1.3 says so after the start
        mend = f"put client.cert and client.key into ~/.config/containers/certs.d/{host}"
        why = f"{host} refuses TLS ({error.strerror}): {_UNCHECKED}; if it wants a client certificate, {mend}"
        return ObstacleError(State.TLS, why)
    if isinstance(error, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError | ConnectionError):
        why = f"{host} hung up before its answer was complete: {_UNCHECKED}; run again"
        return ObstacleError(State.UNREACHABLE, why, again=True)
    words = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    return ObstacleError(State.FAILED, f"{host} does not speak HTTP: {_WHAT_ANSWERS}. {words}")


def _not_connected(error: Exception, url: URL) -> NotConnectedError:
    host = _place(url)
    state, again = State.UNREACHABLE, False
    match error:
        case aiohttp.ClientConnectorCertificateError():
            state, why = State.TLS, f"{host} has a certificate that this machine does not trust"
            mend = "install its CA, or declare insecure = true under [[registries]]"
            why += f" ({error.certificate_error}): {_UNCHECKED}; {mend}"
        case aiohttp.ClientConnectorSSLError() | ssl.SSLError():
            cause = getattr(error, "os_error", error)  # the error itself names a Python object
            state, why = State.TLS, f"There is no TLS with {host} ({cause}): {_UNCHECKED}"
            why += "; for a registry over plain HTTP declare insecure = true under [[registries]]"
        case aiohttp.ClientHttpProxyError(status=407):
            why = f"The proxy on the way to {host} wants a login, or another one: {_UNCHECKED}; put it into HTTPS_PROXY"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            why = f"The proxy on the way to {host} fails ({error}): {_UNCHECKED}; check HTTPS_PROXY and NO_PROXY"
            again = True
        case aiohttp.ClientConnectorDNSError():
            why = f"There is no host {host}: {_CONNECT}"
        case aiohttp.ClientConnectorError() if error.errno:
            why = f"{host} cannot be reached, {os.strerror(error.errno).lower()}: {_CONNECT}"
        case _:
            why = f"{host} cannot be reached ({error}): {_CONNECT}"
    return NotConnectedError(state, why, url, again=again)
