"""A read-only registry on loopback that sends what it is given, whatever the client accepts. Independent of planner."""

import contextlib
import json
import threading
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.oracle_images import StoredImage, StoredManifest

_MISSING = json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}).encode()


class StaticRegistry:
    """A running server. `host` is what stands in references: 127.0.0.1:PORT. Images can be added while it runs.

    `asked` are the requests that came, such as `GET /v2/team/app/manifests/latest`.
    """

    def __init__(self, host: str) -> None:
        self.host = host
        self.asked: list[str] = []
        self.manifests: dict[tuple[str, str], StoredManifest] = {}
        self.blobs: dict[tuple[str, str], bytes] = {}

    def add(self, images: Iterable[StoredImage]) -> None:
        """Serve these images too."""
        for image in images:
            self.manifests |= {(image.repository, name): stored for name, stored in image.manifests.items()}
            self.blobs |= {(image.repository, digest): blob for digest, blob in image.blobs.items()}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # dockerd wants connections that stay
    disable_nagle_algorithm = True  # headers and body are two small writes: together they would wait for an answer
    registry: StaticRegistry

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # engines hang up when they have seen enough
            super().handle()

    def do_GET(self) -> None:
        self.registry.asked.append(f"{self.command} {self.path}")
        path = self.path.partition("?")[0].strip("/")
        if path == "v2":
            self._send(200, "application/json", b"{}")
            return
        repository, kind, name = (*path.removeprefix("v2/").rsplit("/", 2), "", "")[:3]
        stored = self.registry.manifests.get((repository, name)) if kind == "manifests" else None
        blob = self.registry.blobs.get((repository, name)) if kind == "blobs" else None
        if stored:
            self._send(200, stored.content_type, stored.body, stored.digest)
        elif blob is not None:
            self._send(200, "application/octet-stream", blob, name)
        else:
            self._send(404, "application/json", _MISSING)

    do_HEAD = do_GET  # noqa: N815  the name that http.server looks for

    def _send(self, status: int, content_type: str, body: bytes, digest: str = "") -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
            self.send_header("Content-Length", str(len(body)))
            for header, value in (("Content-Type", content_type), ("Docker-Content-Digest", digest)):
                if value:
                    self.send_header(header, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that http.server gave it
        """Say nothing: a test shows what matters."""


@contextlib.contextmanager
def static_registry() -> Iterator[StaticRegistry]:
    """Run the server until the block ends."""

    class Handler(_Handler):
        """The handler of this server alone."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.registry = registry = StaticRegistry(f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
