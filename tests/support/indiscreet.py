"""A server that gives away what it knows: signed URLs, and what it was sent. Independent of planner.

`moved` has its config behind a signed URL. `expired` has one that ends in an error, which repeats the URL. `echo` wants
a password, and refuses it in words that repeat it.
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.images import Image

SIGNATURE = "X-Amz-Signature=5b1c9e2f7a3d4e6f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    image: Image

    def do_GET(self) -> None:
        repository = self.path.removeprefix("/v2/").partition("/")[0]
        shown = self.headers.get("Authorization", "")
        if self.path == "/v2/":
            self._send(200, b"{}")
        elif repository == "echo" and not shown:
            self._send(401, b"{}", {"WWW-Authenticate": 'Basic realm="tests"'})
        elif repository == "echo":
            words = f"cannot read {shown!r}, Authorization: {shown}; ask for {self._signed('echo')}"
            self._send(403, json.dumps({"errors": [{"code": "DENIED", "message": words}]}).encode())
        elif "/manifests/" in self.path:
            self._send(200, self.image.body, {"Content-Type": self.image.media_type})
        elif self.path.endswith(SIGNATURE):
            self._storage(repository)
        else:
            self._send(307, b"", {"Location": self._signed(repository)})

    def _storage(self, repository: str) -> None:
        if repository == "moved":
            self._send(200, self.image.blobs[0])
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
def indiscreet_server(image: Image) -> Iterator[str]:
    """Run the server until the block ends; yields its host, 127.0.0.1:PORT."""
    handler = type("Handler", (_Handler,), {"image": image})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
