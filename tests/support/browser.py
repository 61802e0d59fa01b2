"""A real browser, headless: what a page becomes in it, what it complains of, and whom it calls.

One browser for each process of the tests, started when the first page is opened. Each page has a profile of its own.
Whatever it sends to the network, a loopback address too, is heard here and answered by nobody.
"""

import contextlib
import functools
import io
import re
import socket
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from pypdf import PdfReader

from tests.support.tools import require_tool

# What the browser asks of its maker whatever the page is, an empty one too.
_OWN = re.compile(rb"[A-Z]+ (http://)?(clients2\.google\.com/time/|(update\.googleapis|accounts\.google)\.com[:/])")

# An image with a cause, on the page of a report; other articles are about something else.
ENTRY = "article[data-cause]"


@dataclass(frozen=True)
class Window:
    """What a page is seen in: how large it is in pixels, what the system prefers, and whether scripts may run."""

    width: int = 1440
    height: int = 900
    dark: bool = False
    scripts: bool = True


WIDE = Window()


@dataclass(frozen=True)
class Seen:
    """A page that is open, with what it wrote to the console and what it asked for beside its own file, up to now."""

    page: Page
    console: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def is_quiet(self) -> bool:
        """Whether it said nothing and asked for nothing, not even for what its policy then forbade."""
        return not self.console and not self.asked


@dataclass(frozen=True)
class Visit:
    """The document after its scripts ran, and the lines of the console."""

    dom: str
    console: list[str]


@contextlib.contextmanager
def opened(file: Path, fragment: str = "", window: Window = WIDE) -> Iterator[Seen]:
    """A file as it stands in a window of its own once it is loaded, with a URL fragment where one is given."""
    context = _started().browser.new_context(
        viewport={"width": window.width, "height": window.height},
        color_scheme="dark" if window.dark else "light",
        java_script_enabled=window.scripts,
        permissions=["clipboard-read", "clipboard-write"],
    )
    try:
        context.set_default_timeout(10_000)
        page, own = context.new_page(), file.as_uri()
        seen = Seen(page)
        page.on("console", lambda message: seen.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: seen.console.append(f"error: {error}"))
        context.on("request", lambda asked: None if _is_own(asked.url, own) else seen.asked.append(asked.url))
        page.goto(f"{own}{fragment}", wait_until="load")
        yield seen
    finally:
        context.close()


def _is_own(url: str, page: str) -> bool:
    return url.partition("#")[0] == page or url.startswith(("data:", "blob:"))


def entries(page: Page) -> Locator:
    """The findings of a report that can be seen, brought together by image and cause."""
    return page.get_by_role("article").and_(page.locator(ENTRY))


def visit(file: Path, fragment: str = "") -> Visit:
    """Open a file, with a URL fragment where one is given, and leave it."""
    with opened(file, fragment) as seen:
        return Visit(seen.page.content(), seen.console)


def widths(file: Path, width: int) -> tuple[int, int]:
    """How wide the content of a file is in a window so wide, and how much of it is seen, in pixels."""
    with opened(file, window=Window(width)) as seen:
        return widths_of(seen.page)


def widths_of(page: Page) -> tuple[int, int]:
    """How wide the content of a page is, and how much of it is seen, in pixels."""
    root = page.locator("html")
    return root.evaluate("root => root.scrollWidth"), root.evaluate("root => root.clientWidth")


@dataclass(frozen=True)
class Printed:
    """What is on the sheets."""

    reader: PdfReader

    @property
    def headings(self) -> list[str]:
        """In the order in which the outline has them."""
        return list(_titles(self.reader.outline))

    @property
    def text(self) -> str:
        """All text, without blanks, which PDF does not keep. Takes a second for ten sheets."""
        return squeezed("".join(sheet.extract_text() for sheet in self.reader.pages))


def printed(file: Path) -> Printed:
    """A file, printed as PDF."""
    with opened(file) as seen:
        return Printed(PdfReader(io.BytesIO(seen.page.pdf(format="A4", outline=True, tagged=True))))


def squeezed(text: str) -> str:
    """Text without blanks and ligatures, to be found in what a PDF says."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _titles(outline: Sequence[Any]) -> Iterator[str]:
    for each in outline:
        if isinstance(each, list):
            yield from _titles(each)
        else:
            yield str(each.title)


def calls(file: Path) -> list[bytes]:
    """The first bytes of every connection that the page makes to the network, whatever the host."""
    heard = _started().heard
    heard.clear()
    with opened(file) as seen:
        seen.page.wait_for_timeout(300)
    return [said for said in heard if not _OWN.match(said)]


@dataclass(frozen=True)
class _Started:
    """The browser of this process, what it sent to the network, and what ends both."""

    browser: Browser
    heard: list[bytes]
    ends: contextlib.ExitStack


@functools.cache
def _started() -> _Started:
    """The browser, started once. Playwright is told which; its own is not installed."""
    program = require_tool("chromium", "chromium-browser", "google-chrome")
    with contextlib.ExitStack() as ends:
        port, heard = ends.enter_context(_proxy())
        browser = ends.enter_context(sync_playwright()).chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--allow-file-access-from-files"],
            proxy={"server": f"http://127.0.0.1:{port}", "bypass": "<-loopback>"},
        )
        ends.callback(browser.close)
        return _Started(browser, heard, ends.pop_all())


def close() -> None:
    """End the browser if it was started: its event loop would be in the way of other tests of this process."""
    if _started.cache_info().currsize:
        _started().ends.close()
        _started.cache_clear()


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
