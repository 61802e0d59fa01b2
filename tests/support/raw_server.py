"""HTTP/1.1 servers on loopback that answer, or fail to, as a test tells them, and count. Independent of planner."""

import contextlib
import json
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.images import Image
from tests.support.tools import require_tool

Behaviour = Callable[["Peer"], None]
# Path: Content-Type and body.
Shelf = dict[str, tuple[str, bytes]]


class Peer(BaseHTTPRequestHandler):
    """A client's connection, at one request: `command`, `path`, `headers` and `body` say what it asks."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "RawServer"
    body = b""

    def answer(self, status: int, body: bytes = b"", *headers: tuple[str, str]) -> None:
        """A well-formed answer; for HEAD without the body."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        self.wfile.write(data)

    def hang_up(self) -> None:
        """Close the connection after this answer."""
        self.close_connection = True

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        raise ConnectionResetError

    def wait(self, seconds: float) -> None:
        """Let time pass, but not beyond the server's end."""
        if self.server.ended.wait(seconds):
            raise ConnectionAbortedError

    def start_tls(self, context: ssl.SSLContext) -> None:
        """From here on this connection speaks TLS, as behind a proxy that was asked to CONNECT."""
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)  # unbuffered, as it was

    def handle(self) -> None:
        # Clients hang up on what they have seen enough of, and refuse certificates.
        with contextlib.suppress(OSError, ValueError):
            if isinstance(self.connection, ssl.SSLSocket):
                self.connection.do_handshake()
            super().handle()

    def _act(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.note(self)
        self.server.behaviour(self)

    do_GET = do_HEAD = do_POST = do_CONNECT = _act  # noqa: N815  the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that http.server gave it
        """Say nothing: a test shows what matters."""


class RawServer(ThreadingHTTPServer):
    """A server on a port of its own. `host` is what stands in references; `asked` is what came, as (command, path).

    `seen` are the headers of the same requests; `accepted` counts connections.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, behaviour: Behaviour, address: str = "127.0.0.1", port: int = 0) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), Peer, bind_and_activate=False)
        self.server_bind()  # bound and not listening: a port that refuses, which nobody else can take
        name = f"[{address}]" if ":" in address else address
        self.host = f"{name}:{self.server_address[1]}"
        self.behaviour = behaviour
        self.tls: ssl.SSLContext | None = None
        self.ended = threading.Event()
        self.asked: list[tuple[str, str]] = []
        self.seen: list[Message] = []
        self.accepted = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def listen(self) -> None:
        self.server_activate()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Refuse from now on, and end the answers that are under way. The port is free then."""
        self.ended.set()
        if self._thread:
            self.shutdown()
        self.server_close()

    def requests(self, start: str = "/v2/") -> list[str]:
        """The paths that were asked for, of those that begin with `start`; the bare `/v2/` is not among them."""
        return [path for _, path in self.asked if path.startswith(start) and path != "/v2/"]

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        self.accepted += 1
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to report."""

    def note(self, peer: Peer) -> None:
        with self._lock:
            self.asked.append((peer.command, peer.path))
            self.seen.append(peer.headers)


@contextlib.contextmanager
def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """A server that listens until the block ends."""
    server = RawServer(behaviour)
    server.tls = tls
    server.listen()
    try:
        yield server
    finally:
        server.end()


def shelf(repository: str, *images: Image, tag: str = "") -> Shelf:
    """What a registry serves of images: manifests by digest, the first by `tag` too, entries of indexes, blobs."""
    kept: Shelf = {}
    for image in images:
        kept |= shelf(repository, *image.children)
        kept[f"/v2/{repository}/manifests/{image.digest}"] = (image.media_type, image.body)
        for blob, body in zip(image.blob_digests, image.blobs, strict=True):
            kept[f"/v2/{repository}/blobs/{blob}"] = ("application/octet-stream", body)
    if tag:
        kept[f"/v2/{repository}/manifests/{tag}"] = (images[0].media_type, images[0].body)
    return kept


def error(code: str, message: str = "") -> bytes:
    """A registry's error document."""
    return json.dumps({"errors": [{"code": code, "message": message}]}).encode()


def healthy(kept: Shelf) -> Behaviour:
    """A registry that serves what it has, and says 404 to all else."""

    def answer(peer: Peer) -> None:
        if peer.path == "/v2/":
            peer.answer(200, b"{}", ("Content-Type", "application/json"))
        elif found := kept.get(peer.path):
            peer.answer(200, found[1], ("Content-Type", found[0]))
        else:
            code = "MANIFEST_UNKNOWN" if "/manifests/" in peer.path else "BLOB_UNKNOWN"
            peer.answer(404, error(code, "unknown to registry"), ("Content-Type", "application/json"))

    return answer


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for a host name or address, and the server's settings for TLS with it."""
    kind = "IP" if name.replace(".", "").isdigit() else "DNS"
    public, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = [require_tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName={kind}:{name}"]
    subprocess.run([*command, "-keyout", key, "-out", public], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, key)
    return public, context
