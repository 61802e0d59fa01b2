"""A server that speaks the registry protocol badly: the repository's first part says how. Independent of planner."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HTML = b"<html><body>Please log in to the guest network</body></html>"
CONFIG = b'{"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}'
# A well-formed manifest; no test asks for its digest.
OTHER = (
    b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [], '
    b'"config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2, '
    b'"digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}}'
)
LARGE = 12 * 1024 * 1024


def _error(code: str, message: str) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": message, "detail": {"secret": "none"}}]}).encode()


# Repository: status, Content-Type, body.
ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "status-401": (401, "application/json", _error("UNAUTHORIZED", "authentication required")),
    "status-403": (403, "application/json", _error("DENIED", "requested access to the resource is denied")),
    "status-404": (404, "application/json", _error("MANIFEST_UNKNOWN", "manifest unknown")),
    "status-404-name": (404, "application/json", _error("NAME_UNKNOWN", "repository name not known to registry")),
    "status-404-harbor": (404, "application/json", _error("NOT_FOUND", "artifact x/y@sha256:0 not found")),
    "status-404-schema1": (
        404,
        "application/json",
        _error("UNSUPPORTED", "V2 schema 1 manifest digests are no longer supported for image pulls."),
    ),
    "status-404-html": (404, "text/html", HTML),
    "status-429": (429, "application/json", _error("TOOMANYREQUESTS", "You have reached your pull rate limit.")),
    "status-500": (500, "application/json", _error("UNKNOWN", "unknown error")),
    "status-503": (503, "text/html", HTML),
    "html": (200, "text/html", HTML),
    "empty": (200, "application/json", b""),
    "config-instead": (200, "application/json", CONFIG),
    "error-document": (200, "application/json", _error("UNKNOWN", "sorry")),
    "list": (200, "application/json", b"[1, 2]"),
    "wrong-bytes": (200, "application/vnd.oci.image.manifest.v1+json", OTHER),
    "large": (200, "application/json", b" " * LARGE),
}


class _Handler(BaseHTTPRequestHandler):
    released: threading.Event

    def do_GET(self) -> None:
        repository = self.path.removeprefix("/v2/").partition("/")[0]
        if self.path == "/v2/":
            self._send(200, "application/json", b"{}")
        elif repository == "silent":
            self.released.wait(60)
            self.close_connection = True
        elif repository == "close":
            self.close_connection = True
        else:
            self._send(*ANSWERS[repository])

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            if status == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that http.server gave it
        """Say nothing: a test shows what matters."""


@contextlib.contextmanager
def misbehaving_server() -> Iterator[str]:
    """Run the server until the block ends; yields its host, 127.0.0.1:PORT."""
    released = threading.Event()
    handler = type("Handler", (_Handler,), {"released": released})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        released.set()
        server.shutdown()
        thread.join()
        server.server_close()
