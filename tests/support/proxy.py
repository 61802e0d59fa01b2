"""A proxy on loopback that counts: tunnels (CONNECT) and plain requests, each led to one address. Not of planner."""

import base64
import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Proxy:
    """A running proxy. `asked` is what it was asked for, `host:port` each; whatever the name, it leads to `target`.

    `login` is `user:password`, if it wants one; `refused` counts who came without.
    """

    address: str
    target: tuple[str, int]
    login: str = ""
    asked: list[str] = field(default_factory=list)
    refused: int = 0


class _Handler(socketserver.StreamRequestHandler):
    proxy: Proxy

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self._serve()

    def _serve(self) -> None:
        method, url, _ = self.rfile.readline(65536).decode("latin-1").split()
        lines = []
        while (line := self.rfile.readline(65536)) not in (b"\r\n", b""):
            lines.append(line)
        headers = dict(line.decode("latin-1").strip().lower().split(": ", 1) for line in lines)
        wanted = base64.b64encode(self.proxy.login.encode()).decode()
        if self.proxy.login and headers.get("proxy-authorization") != f"basic {wanted}".lower():
            self.proxy.refused += 1
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n")
            self.wfile.write(b'Proxy-Authenticate: Basic realm="tests"\r\nConnection: close\r\n\r\n')
            return
        self.proxy.asked.append(url if method == "CONNECT" else urlsplit(url).netloc)
        with socket.create_connection(self.proxy.target, timeout=30) as upstream:
            if method == "CONNECT":
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = url.partition(urlsplit(url).netloc)[2] or "/"
                own = [line for line in lines if not line.lower().startswith((b"proxy-", b"connection:"))]
                head = [f"{method} {path} HTTP/1.1\r\n".encode(), *own, b"Connection: close\r\n\r\n"]
                upstream.sendall(b"".join(head))
            back = threading.Thread(target=_pump, args=(upstream, self.connection), daemon=True)
            back.start()
            _pump(self.connection, upstream)
            back.join(30)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def running_proxy(target: tuple[str, int], login: str = "") -> Iterator[Proxy]:
    """Run a proxy until the block ends."""

    class Handler(_Handler):
        """The handler of this server alone."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), Handler)
    Handler.proxy = proxy = Proxy(f"127.0.0.1:{server.server_address[1]}", target, login)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
