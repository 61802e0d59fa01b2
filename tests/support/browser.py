"""A real browser, headless: what a page becomes in it, what it complains of, and whom it calls."""

import contextlib
import re
import socket
import subprocess
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.tools import require_tool

_QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--enable-logging=stderr",
    "--allow-file-access-from-files",
    "--virtual-time-budget=5000",
]

# What the browser asks of its maker whatever the page is, an empty one too.
_OWN = re.compile(rb"[A-Z]+ (http://)?(clients2\.google\.com/time/|(update\.googleapis|accounts\.google)\.com[:/])")


@dataclass(frozen=True)
class Visit:
    """The document after its scripts ran, and the lines of the console."""

    dom: str
    console: list[str]


def visit(page: Path, fragment: str = "", *extra: str) -> Visit:
    """Open a file, with a URL fragment where one is given; a browser of its own, with a profile of its own."""
    browser = require_tool("chromium", "chromium-browser", "google-chrome")
    ran = subprocess.run(
        [
            browser,
            *_QUIET,
            *extra,
            f"--user-data-dir={page.parent / 'profile'}",
            "--dump-dom",
            f"{page.as_uri()}{fragment}",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "</html>" in ran.stdout, ran.stderr
    return Visit(ran.stdout, re.findall(r"^.*CONSOLE.*$", ran.stderr, re.MULTILINE))


def widths(page: Path, width: int) -> tuple[int, int]:
    """How wide the content of a file is in a window so wide, and how much of it is seen, in pixels."""
    frame = page.with_name("frame.html")
    frame.write_text(
        f"<html><body><iframe src='{page.name}' style='width:{width}px;height:900px;border:0'></iframe><script>"
        "addEventListener('load', () => {"
        "const root = document.querySelector('iframe').contentDocument.documentElement;"
        "document.title = `${root.scrollWidth} of ${root.clientWidth}`; })</script></body></html>"
    )
    title = re.search("<title>([0-9]+) of ([0-9]+)</title>", visit(frame).dom)
    assert title
    return int(title[1]), int(title[2])


def screenshot(page: Path, width: int, height: int, *, dark: bool = False) -> list[bytes]:
    """The rows of the picture that a file makes, as PNG filters them: rows of one colour are alike."""
    picture = page.with_name("shot.png")
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    visit(page, "", f"--window-size={width},{height}", f"--screenshot={picture}", *scheme)
    data, at, pixels = picture.read_bytes(), 8, b""
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            pixels += data[at + 8 : at + 8 + size]
        at += 12 + size
    plain = zlib.decompress(pixels)
    size = len(plain) // int.from_bytes(data[20:24])
    return [plain[start : start + size] for start in range(0, len(plain), size)]


def printed_headings(page: Path) -> list[str]:
    """The headings of a file printed as PDF, in the order in which its outline has them."""
    printed = page.with_name("printed.pdf")
    visit(page, "", "--generate-pdf-document-outline", f"--print-to-pdf={printed}")
    titles = re.findall(rb"/Title (?:<([0-9A-F]+)>|\(((?:\\.|[^\\)])*)\))", printed.read_bytes())
    return [
        bytes.fromhex(hexed.decode()).decode("utf-16") if hexed else re.sub(rb"\\(.)", rb"\1", plain).decode()
        for hexed, plain in titles
    ]


def calls(page: Path) -> list[bytes]:
    """The first bytes of every connection that the page makes to the network, whatever the host."""
    with _proxy() as (port, heard):
        visit(page, "", f"--proxy-server=127.0.0.1:{port}", "--proxy-bypass-list=<-loopback>")
    return [said for said in heard if not _OWN.match(said)]


@contextlib.contextmanager
def _proxy() -> Iterator[tuple[int, list[bytes]]]:
    """A listener that takes every request that is meant for the network, and answers none."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(2)
                        heard.append(connection.recv(200))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)
