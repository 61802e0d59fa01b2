"""Theme, copying, downloads and the keyboard."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import ENTRY, Window, entries, opened

# Of a group of radio buttons Tab reaches the chosen one, and arrows the others.
_FOCUSABLE = "a[href], button, input:not([type=radio]:not(:checked)), select, summary, [tabindex='0']"
# What has the focus, as a number among what can have it, and whether it can be seen that it has.
_FOCUSED = f"""() => {{
  const element = document.activeElement;
  const isMarked = (each) => each && getComputedStyle(each).outlineStyle !== 'none'
    && parseFloat(getComputedStyle(each).outlineWidth) >= 2;
  const all = [...document.querySelectorAll("{_FOCUSABLE}")].filter(each => each.checkVisibility());
  const box = element.getBoundingClientRect();
  return {{
    number: all.indexOf(element), of: all.length, name: element.className || element.name || element.textContent.trim(),
    isMarked: isMarked(element) || isMarked(element.closest('label')),
    isSeen: box.bottom > 0 && box.top < innerHeight && box.width > 0,
  }};
}}"""


def _ground(page: Page) -> str:
    """The colour that the page is painted on."""
    return str(page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor"))


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_is_chosen_kept_and_given_back_to_the_system(fleet: Path, system: str) -> None:
    with opened(fleet / "report.html", window=Window(dark=system == "dark")) as seen:
        page, theme = seen.page, seen.page.get_by_role("combobox", name="Theme")
        own = _ground(page)
        other = "light" if system == "dark" else "dark"
        theme.select_option(other)
        chosen = _ground(page)
        assert chosen != own
        page.reload()
        assert _ground(page) == chosen
        expect(theme).to_have_value(other)
        theme.select_option(system)
        assert _ground(page) == own
        theme.select_option("")
        assert _ground(page) == own
        page.emulate_media(color_scheme="dark" if system == "light" else "light")
        assert _ground(page) == chosen
        page.reload()
        assert _ground(page) == chosen
        assert seen.is_quiet, (seen.console, seen.asked)


def test_a_button_copies_what_is_beside_it(page: Page) -> None:
    page.get_by_text("Accept it for a time").first.click()
    texts = set()
    for button in page.get_by_role("button", name="Copy").element_handles():
        text = button.evaluate("button => button.parentElement.querySelector('code, pre').textContent")
        button.click()
        page.wait_for_function("button => button.textContent === 'Copied'", arg=button)
        assert page.evaluate("navigator.clipboard.readText()") == text
        texts.add(text)
    assert any(text.startswith("# planner: ignore[") for text in texts)
    assert any(text.startswith("[[ignore]]\n") for text in texts)


def test_copying_that_is_not_allowed_is_said(page: Page) -> None:
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.get_by_text("Accept it for a time").first.click()
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Not allowed")).to_be_visible()


@pytest.mark.parametrize("suffix", ["json", "csv"])
@pytest.mark.parametrize("report_", ["fleet", "hostile"])
def test_a_download_is_what_the_command_writes(request: pytest.FixtureRequest, report_: str, suffix: str) -> None:
    folder = request.getfixturevalue(report_)
    with opened(folder / "report.html") as seen:
        with seen.page.expect_download() as saved:
            seen.page.get_by_role("button", name=f"Download {suffix.upper()}").click()
        assert saved.value.suggested_filename == f"planner-report.{suffix}"
        assert Path(saved.value.path()).read_bytes() == (folder / f"report.{suffix}").read_bytes()
        assert seen.is_quiet, (seen.console, seen.asked)


def test_tab_reaches_everything_in_its_order_and_shows_where_it_is(page: Page) -> None:
    """Also what is folded, once it is unfolded; at the end the focus leaves the page, so that nothing is a trap."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the answer")).to_be_focused()
    assert page.evaluate(_FOCUSED)["isSeen"]
    count = page.evaluate(_FOCUSED)["of"]
    for number in range(1, count):
        page.keyboard.press("Tab")
        at = page.evaluate(_FOCUSED)
        assert at["number"] == number, at
        assert at["isMarked"], at
        assert at["isSeen"], at
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUSED)["number"] <= 0
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(_FOCUSED)["number"] == count - 1


def test_the_skip_link_leads_past_the_head(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1


def test_what_is_folded_opens_and_shuts_by_key(page: Page) -> None:
    fold = page.locator("article details").first
    fold.locator("summary").focus()
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        assert fold.evaluate("each => each.open")
        page.keyboard.press(key)
        assert not fold.evaluate("each => each.open")


def test_filters_and_downloads_work_by_key(page: Page, fleet: Path) -> None:
    page.get_by_role("searchbox", name="Text").focus()
    page.keyboard.type("monthly-close")
    shown, every = entries(page), page.locator(ENTRY).count()
    few = shown.count()
    assert 0 < few < every
    page.keyboard.press("Enter")  # which must not send a form
    assert shown.count() == few
    page.get_by_role("button", name="Clear").press("Space")
    expect(shown).to_have_count(every)
    page.get_by_role("button", name="Download JSON").focus()
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    report = json.loads(Path(saved.value.path()).read_text("utf-8"))
    assert report["schema_version"] == 1
