"""A token server for a real registry with `auth: token`, on a loopback port. Independent of planner.

It gives tokens to pull to who shows a password (GET, Basic) or an identity token (POST, OAuth2), as
https://distribution.github.io/distribution/spec/auth/token and .../oauth say.
"""

import base64
import contextlib
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.support.certificates import Pair, self_signed
from tests.support.tools import require_tool

SERVICE = "registry of tests"
ISSUER = "token server of tests"


@dataclass
class TokenServer:
    """A running server. `passwords` by user, `refresh` user by identity token, `may_pull` repositories by user.

    `given` are the tokens that it gave out, `asked` the ways in which it was asked: GET or POST, and the user.
    """

    realm: str
    pair: Pair
    passwords: Mapping[str, str]
    refresh: Mapping[str, str]
    may_pull: Mapping[str, tuple[str, ...]]
    given: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, object]:
        """The part `auth` of the registry's configuration."""
        bundle = str(self.pair.certificate)
        token = {"realm": self.realm, "service": SERVICE, "issuer": ISSUER, "rootcertbundle": bundle}
        return {"auth": {"token": token}}

    def token(self, user: str, scope: str) -> str:
        """A JSON web token for what `user` may of `scope` (repository:NAME:pull)."""
        kind, _, rest = scope.partition(":")
        name, _, _ = rest.rpartition(":")
        allowed = name in self.may_pull.get(user, ())
        access = [{"type": kind, "name": name, "actions": ["pull"]}] if allowed else []
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": user, "aud": SERVICE, "exp": now + 300, "nbf": now - 10, "iat": now - 10}
        chain = "".join(self.pair.certificate.read_text().splitlines()[1:-1])
        header = {"typ": "JWT", "alg": "RS256", "x5c": [chain]}
        parts = [_packed(json.dumps(part).encode()) for part in (header, {**claims, "jti": "1", "access": access})]
        sign = [require_tool("openssl"), "dgst", "-sha256", "-sign", str(self.pair.key)]
        signature = subprocess.run(sign, input=".".join(parts).encode(), capture_output=True, check=True).stdout
        self.given.append(".".join([*parts, _packed(signature)]))
        return self.given[-1]


class _Handler(BaseHTTPRequestHandler):
    server_of_tokens: TokenServer

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        scheme, _, pair = self.headers.get("Authorization", "").partition(" ")
        user, _, password = base64.b64decode(pair).decode().partition(":") if scheme == "Basic" else ("", "", "")
        known = bool(user) and self.server_of_tokens.passwords.get(user) == password
        self._answer(query, user if known else "", "token", denied=not known)

    def do_POST(self) -> None:
        form = {name: values[0] for name, values in parse_qs(self._body().decode()).items()}
        refresh = form.get("refresh_token", "") if form.get("grant_type") == "refresh_token" else ""
        user = self.server_of_tokens.refresh.get(refresh, "")
        self._answer(form, user, "access_token", denied=not user)

    def _body(self) -> bytes:
        if "Content-Length" in self.headers:
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""  # skopeo sends chunks
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body

    def _answer(self, asked: Mapping[str, str], user: str, key: str, *, denied: bool) -> None:
        server = self.server_of_tokens
        server.asked.append((self.command, user))
        wrong = denied or asked.get("service") != SERVICE
        answer = {"details": "unknown"} if wrong else {key: server.token(user, asked.get("scope", ""))}
        body = json.dumps(answer).encode()
        self.send_response(401 if wrong else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that http.server gave it
        """Say nothing: a test shows what matters."""


@contextlib.contextmanager
def token_server(
    folder: Path,
    passwords: Mapping[str, str],
    refresh: Mapping[str, str],
    may_pull: Mapping[str, tuple[str, ...]],
    tls: Pair | None = None,
) -> Iterator[TokenServer]:
    """Run the server until the block ends; with `tls` its realm is at 0.0.0.0: here, but no name of loopback."""
    folder.mkdir(parents=True, exist_ok=True)

    class Handler(_Handler):
        """The handler of this server alone."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    realm = f"http://127.0.0.1:{server.server_address[1]}/token"
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls.certificate, tls.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        realm = f"https://0.0.0.0:{server.server_address[1]}/token"
    pair = self_signed(folder, "tokens", rsa=True)  # distribution 2.8 takes RS256
    Handler.server_of_tokens = running = TokenServer(realm, pair, passwords, refresh, may_pull)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
