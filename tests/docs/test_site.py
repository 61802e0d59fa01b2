"""The site of the docs: it is built without a warning, asks nobody for anything, and no link in it is dead."""

import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.pages import ROOT

REPOSITORY = "https://git.example.org/OWNER/planner/blob/main"


class _Page(HTMLParser):
    """What a page loads, where its links lead, and the names that can be linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.names.add(given.get("id", ""))
        if tag == "a":
            self.links += [given["href"]] if "href" in given else []
        else:
            self.loads += [given[name] for name in ("src", "href", "data", "poster", "srcset") if name in given]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, _Page]:
    folder = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [ROOT / "scripts" / "site", folder],
        env=os.environ | {"PLANNER_REPOSITORY": REPOSITORY},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(folder / "index.html")
    pages = {}
    for path in folder.rglob("*.html"):
        pages[path] = _Page()
        pages[path].feed(path.read_text("utf-8"))
    return pages


def test_each_file_is_a_page_of_the_contents(site: dict[Path, _Page]) -> None:
    (index,) = (page for path, page in site.items() if path.name == "index.html" and path.parent.name == "site")
    for path in (ROOT / "docs").rglob("*.md"):
        if path.name != "index.md":
            assert path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() in index.links


def test_no_page_loads_anything_from_elsewhere(site: dict[Path, _Page]) -> None:
    folder = min(site, key=lambda path: len(path.parts)).parent
    loaded = [(path, name) for path, page in site.items() for name in page.loads]
    loaded += [
        (path, name)
        for path in folder.rglob("*.css")
        for name in re.findall(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", path.read_text("utf-8"))
        for name in name
        if name
    ]
    assert len(loaded) > 100
    for path, name in loaded:
        assert name.startswith("data:") or _there(path, name), f"{path} loads {name}"


def test_no_link_is_dead(site: dict[Path, _Page]) -> None:
    dead = [(path.name, link) for path, page in site.items() for link in page.links if not _leads(site, path, link)]
    assert not dead


def test_what_leaves_the_docs_leads_into_the_repository(site: dict[Path, _Page]) -> None:
    leaving = {link for page in site.values() for link in page.links if link.startswith(REPOSITORY)}
    assert f"{REPOSITORY}/tests/cases/format-act" in leaving
    for link in leaving:
        assert (ROOT / link.removeprefix(f"{REPOSITORY}/").partition("#")[0]).exists()


def _leads(site: dict[Path, _Page], path: Path, link: str) -> bool:
    url = urlsplit(link)
    if url.scheme:
        return url.scheme == "https"
    target = (path.parent / unquote(url.path)).resolve() if url.path else path
    known = site.get(target)
    return target.exists() and (not url.fragment or (known is not None and unquote(url.fragment) in known.names))


def _there(path: Path, name: str) -> bool:
    url = urlsplit(name)
    return not url.scheme and not url.netloc and (path.parent / unquote(url.path)).exists()
