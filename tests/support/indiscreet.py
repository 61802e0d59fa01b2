"""A server that gives away what it knows: signed URLs, and what it was sent. Independent of planner.

`moved` has its config behind a signed URL. `expired` has one that ends in an error, which repeats the URL. `echo` wants
a password, and refuses it in words that repeat it. `lead` wants tokens, and leads who asks for one to another host.
"""

import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.images import Image

SIGNATURE = "X-Amz-Signature=5b1c9e2f7a3d4e6f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7"


@dataclass
class Indiscreet:
    """A running server. `host` is 127.0.0.1:PORT, `caught` what the other host, localhost:PORT, was sent."""

    host: str
    image: Image
    caught: list[str] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_tests: Indiscreet

    def do_GET(self) -> None:
        repository = self.path.removeprefix("/v2/").partition("/")[0]
        shown = self.headers.get("Authorization", "")
        if self.path.startswith("/token"):
            self._send(307, b"", {"Location": self._elsewhere()})
        elif self.path.startswith("/elsewhere"):
            self.server_of_tests.caught.append(shown)
            self._send(401, b"{}")
        elif repository == "lead" and not shown:
            realm = f"http://{self.server_of_tests.host}/token"
            self._send(401, b"{}", {"WWW-Authenticate": f'Bearer realm="{realm}",service="tests"'})
        elif self.path == "/v2/" or (repository == "echo" and not shown):
            self._send(200 if shown else 401, b"{}", {"WWW-Authenticate": 'Basic realm="tests"'})
        elif repository == "echo":
            pair = base64.b64decode(shown.partition(" ")[2]).decode()
            words = f"no {pair}, {shown!r}, Authorization: {shown}; ask for {self._signed('echo')}"
            self._send(403, json.dumps({"errors": [{"code": "DENIED", "message": words}]}).encode())
        elif "/manifests/" in self.path:
            self._send(200, self.server_of_tests.image.body, {"Content-Type": self.server_of_tests.image.media_type})
        elif self.path.endswith(SIGNATURE):
            self._storage(repository)
        else:
            self._send(307, b"", {"Location": self._signed(repository)})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/token":
            self._send(307, b"", {"Location": self._elsewhere()})
        else:
            self.server_of_tests.caught.append(body)
            self._send(200, b'{"token": "token-of-elsewhere"}')

    def _elsewhere(self) -> str:
        return f"http://localhost:{self.server_of_tests.host.rpartition(':')[2]}/elsewhere"

    def _storage(self, repository: str) -> None:
        if repository == "moved":
            self._send(200, self.server_of_tests.image.blobs[0])
        else:
            body = f"<Error><Code>ExpiredToken</Code><Resource>{self._signed(repository)}</Resource></Error>"
            self._send(403, body.encode(), {"Content-Type": "application/xml"})

    def _signed(self, repository: str) -> str:
        return f"http://{self.headers['Host']}/v2/{repository}/storage?X-Amz-Expires=60&{SIGNATURE}"

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that http.server gave it
        """Say nothing: a test shows what matters."""


@contextlib.contextmanager
def indiscreet_server(image: Image) -> Iterator[Indiscreet]:
    """Run the server until the block ends."""

    class Handler(_Handler):
        """The handler of this server alone."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.server_of_tests = running = Indiscreet(f"127.0.0.1:{server.server_address[1]}", image)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
