"""The page of a fleet of 10,000 places and 200 hosts: small enough to send, and open about its gaps."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support import large_fleet
from tests.support.browser import ENTRY, entries, opened
from tests.support.command import run

MOST = 5_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    recorded = large_fleet.write(folder)
    files = [word for suffix in ("html", "json", "csv") for word in ("-o", folder / f"report.{suffix}")]
    done = run("scan", folder / "fleet", "--offline", recorded, *files, home=folder)
    assert "10,000 pinned references, 200 hosts" in done.said
    assert re.search(r"\b1,[0-9]{3} suppressed", done.said)
    return folder


def test_it_is_no_larger_than_mail_and_tickets_take(folder: Path) -> None:
    assert (folder / "report.html").stat().st_size <= MOST


def test_it_says_what_it_leaves_out_and_has_it_to_save(folder: Path) -> None:
    with opened(folder / "report.html") as seen:
        page = seen.page
        assert page.get_by_text(re.compile(r"^[0-9,]+ of [0-9,]+ images are shown")).count() == 1
        # Each cause with more images than the page has says so; what it names is what it has.
        for block in page.locator(".block").all():
            said = block.get_by_text(re.compile(r"^[0-9,]+ of [0-9,]+ groups of findings are shown"))
            count = block.get_by_role("article").count()
            if said.count():
                assert said.inner_text().startswith(f"{count} of ")
        assert page.locator(".left-out").count() > 10
        for suffix in ("json", "csv"):
            with page.expect_download() as saved:
                page.get_by_role("button", name=f"Download {suffix.upper()}").click()
            assert Path(saved.value.path()).read_bytes() == (folder / f"report.{suffix}").read_bytes()
        assert seen.is_quiet, (seen.console, seen.asked)


def test_a_filter_says_that_there_is_more(folder: Path) -> None:
    with opened(folder / "report.html", "#host=docker-00-1") as seen:
        status = seen.page.get_by_role("status")
        expect(status).to_have_text(
            re.compile("^[0-9]+ of [0-9]+ shown; [0-9]+ more, not on this page, are not filtered$")
        )
        assert 0 < entries(seen.page).count() < seen.page.locator(ENTRY).count()
