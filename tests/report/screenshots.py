"""The pictures of the docs, drawn from the page of the sample fleet: `./scripts/screenshots`."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from planner.report import FORMATS, Options
from planner.resolve.opening import Opening
from planner.scan import Request, scan
from tests.support.browser import Window, close, opened

DOCS = Path(__file__).parents[2] / "docs"
MOST = 300_000
# The page says when the scan began; a fixed time keeps the pictures the same.
_STARTED = datetime(2026, 11, 30, 8, 15, tzinfo=UTC)
_FLEET = Path("sample_inventories/acme")
# The page takes the font of the reader's system; a bare Debian has but a wide one, which few readers have.
_FONT, _PACKAGE = "Inter", "fonts-inter"
_STYLE = f":is(body, input, select, button, .kind) {{ font-family: {_FONT}, sans-serif; }}"


@dataclass(frozen=True)
class Picture:
    """A file in docs: what of the page is in it, in which window."""

    name: str
    window: Window
    at: str = ""


PICTURES = (
    Picture("report.png", Window(1440, 1000)),
    Picture("report-dark.png", Window(1440, 1000, dark=True), "#map"),
    Picture("report-phone.png", Window(390, 844)),
)


def main() -> None:
    _say_what_is_missing()
    os.chdir(DOCS.parent)  # the page names the fleet as it was given
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "report.html"
        report = scan(Request(_FLEET, how=Opening(offline=_FLEET / "registry.jsonl")), _STARTED)
        page.write_text(FORMATS["html"].render(report, Options()), "utf-8")
        for picture in PICTURES:
            size = _draw(page, picture)
            print(f"docs/{picture.name}: {size / 1000:.0f} kB")
            if size > MOST:
                sys.exit(f"docs/{picture.name} has more than {MOST / 1000:.0f} kB: show less of the page")
    close()


def _say_what_is_missing() -> None:
    program = shutil.which("fc-list")
    if not (program and subprocess.run([program, _FONT], capture_output=True, check=False).stdout):
        missing = f"{_FONT} is not installed (apt-get install {_PACKAGE}): the pictures have this system's own font"
        print(missing, file=sys.stderr)


def _draw(page: Path, picture: Picture) -> int:
    """Write the picture; returns its size in bytes."""
    with opened(page, picture.at, picture.window) as seen:
        seen.page.add_style_tag(content=_STYLE)
        return (DOCS / picture.name).write_bytes(seen.page.screenshot(animations="disabled"))


if __name__ == "__main__":
    main()
