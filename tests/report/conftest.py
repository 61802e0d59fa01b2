"""One browser for all tests of pages, and the reports that the real command writes for real files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support import browser, hostile_tree
from tests.support.command import run

_SAMPLES = Path(__file__).parents[2] / "sample_inventories"


@pytest.fixture(scope="package", autouse=True)
def _browser_ends() -> Iterator[None]:
    yield
    browser.close()


@pytest.fixture(scope="package")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of the sample fleet, `report.html`, `report.csv` and `report.json`."""
    return _scanned(tmp_path_factory, _SAMPLES / "acme", _SAMPLES / "acme" / "registry.jsonl")


@pytest.fixture
def seen(fleet: Path) -> Iterator[browser.Seen]:
    """The page of the sample fleet in the browser, which complains of nothing and asks for nothing until the end."""
    with browser.opened(fleet / "report.html") as seen:
        yield seen
        assert seen.is_quiet, (seen.console, seen.asked)


@pytest.fixture
def page(seen: browser.Seen) -> Page:
    """The page alone."""
    return seen.page


@pytest.fixture(scope="package")
def founding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of the founding case."""
    return _scanned(tmp_path_factory, _SAMPLES / "founding-case", _SAMPLES / "founding-case" / "registry.jsonl")


@pytest.fixture(scope="package")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of files whose names attack the page."""
    folder = tmp_path_factory.mktemp("hostile")
    recorded = hostile_tree.write(folder)
    return _scanned(tmp_path_factory, folder / "tree", recorded)


def _scanned(made: pytest.TempPathFactory, tree: Path, recorded: Path) -> Path:
    folder = made.mktemp("reports")
    files = [word for suffix in ("html", "csv", "json") for word in ("-o", folder / f"report.{suffix}")]
    done = run("scan", tree, "--offline", recorded, *files, home=folder)
    assert "wrote" in done.said, done.said
    return folder
