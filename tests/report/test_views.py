"""The map shows today, after the upgrade, both, or what changes: by click, by key, by link, and without scripts."""

from pathlib import Path

import pytest
from playwright.sync_api import ElementHandle, Page, expect

from tests.support.browser import Window, opened

# Of a cell that the upgrade mends, what each view says and what it does not.
_VIEWS = {
    "Today and after": ({"breaks", "pulls"}, {"mended"}),
    "Today": ({"breaks"}, {"pulls", "mended"}),
    "After the upgrade": ({"pulls"}, {"breaks", "mended"}),
    "What changes": ({"mended"}, {"breaks", "pulls"}),
}


def _mended(page: Page) -> ElementHandle:
    found = page.get_by_role("cell", name="now breaks then pulls").first.element_handle()
    assert found
    return found


def _holds(cell: ElementHandle, view: str) -> bool:
    said, unsaid = _VIEWS[view]
    text = cell.inner_text()
    return all(word in text for word in said) and not any(word in text for word in unsaid)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_each_view_says_its_own(fleet: Path, scripts: bool) -> None:
    with opened(fleet / "report.html", window=Window(scripts=scripts)) as seen:
        cell = _mended(seen.page)
        for view in (*_VIEWS, "Today and after"):
            seen.page.get_by_role("radio", name=view, exact=True).check()
            assert _holds(cell, view), (view, cell.inner_text())
        assert seen.is_quiet, (seen.console, seen.asked)


def test_arrows_choose_a_view(fleet: Path) -> None:
    with opened(fleet / "report.html") as seen:
        cell = _mended(seen.page)
        seen.page.get_by_role("radio", name="Today and after").focus()
        for view in ("Today", "After the upgrade", "What changes"):
            seen.page.keyboard.press("ArrowRight")
            expect(seen.page.get_by_role("radio", name=view, exact=True)).to_be_focused()
            assert _holds(cell, view)


def test_the_address_keeps_the_view_beside_the_filters(fleet: Path) -> None:
    with opened(fleet / "report.html") as seen:
        page = seen.page
        page.get_by_role("radio", name="What changes").check()
        page.get_by_role("combobox", name="Verdict").select_option("breaks")
        assert page.evaluate("location.hash") == "#view=change&verdict=breaks"
        page.reload()
        expect(page.get_by_role("radio", name="What changes")).to_be_checked()
        expect(page.get_by_role("combobox", name="Verdict")).to_have_value("breaks")
        page.get_by_role("button", name="Clear").click()
        page.wait_for_function("location.hash === '#view=change'")
        page.get_by_role("radio", name="Today and after").check()
        assert "view" not in page.evaluate("location.hash")
    with opened(fleet / "report.html", "#view=after") as seen:
        expect(seen.page.get_by_role("radio", name="After the upgrade")).to_be_checked()
    with opened(fleet / "report.html", "#view=%3Cscript%3E") as seen:
        expect(seen.page.get_by_role("radio", name="Today and after")).to_be_checked()
