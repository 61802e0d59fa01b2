"""What the page has for those without scripts, on paper, in narrow windows, and with names that attack it."""

import json
from pathlib import Path
from typing import Any

import pytest

from planner.report.escape import visible
from tests.support.browser import ENTRY, Seen, Window, entries, opened, printed, squeezed, widths_of
from tests.support.hostile_tree import NAMES

_REPORTS = pytest.mark.parametrize("name", ["fleet", "founding", "hostile"])


def _told(folder: Path) -> Any:
    return json.loads((folder / "report.json").read_text("utf-8"))


def _words(report: Any) -> set[str]:
    """What a reader must find of each finding and problem, as it can be looked for in `_text`."""
    places = {each["id"]: each for each in report["occurrences"]}
    told = {problem["text"] for problem in report["problems"]}
    for finding in report["findings"]:
        place = places[finding["occurrence"]]
        told |= {f"{place['file']}:{place['line']}:{place['column']}", report["causes"][finding["cause"]]["title"]}
        if not finding["suppression"]:
            told |= {finding["message"], *finding["evidence"]}
        # What the planned upgrade mends needs nothing else, which is said in other words.
        if finding["moment"] == "after":
            told |= {piece for remedy in finding["remedies"] for piece in remedy.split("`")}
    return {_text(visible(each).replace("`", "").strip(".; ")) for each in told}


def _text(shown: str) -> str:
    """Without blanks, and small: styles make letters large."""
    return squeezed(shown).casefold()


def _unfold(seen: Seen) -> None:
    seen.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")


@_REPORTS
def test_without_scripts_everything_is_there_and_nothing_is_offered_that_needs_them(
    request: pytest.FixtureRequest, name: str
) -> None:
    folder = request.getfixturevalue(name)
    with opened(folder / "report.html", window=Window(scripts=False)) as seen:
        page = seen.page
        assert entries(page).count() == page.locator(ENTRY).count() > 0
        findings = {f["id"] for f in _told(folder)["findings"] if not f["suppression"]}
        assert findings <= {each.get_attribute("id") for each in page.locator(".line [id]").all()}
        controls = "button:visible, input:not([type=radio]):visible, select:visible, output:visible"
        assert page.locator(controls).count() == 0
        fold = page.locator("article details").first
        fold.locator("summary").click()
        assert fold.get_attribute("open") is not None
        _unfold(seen)
        text = _text(page.locator("body").inner_text())
        assert [words for words in _words(_told(folder)) if words not in text] == []
        assert seen.is_quiet, (seen.console, seen.asked)


def test_what_is_folded_is_printed_and_what_only_works_on_a_screen_is_not(fleet: Path) -> None:
    sheets = printed(fleet / "report.html")
    text = sheets.text.casefold()
    assert [words for words in _words(_told(fleet)) if words not in text] == []
    assert "Findings" in sheets.headings
    for control in ("copied", "downloadjson", "theme", "skiptotheanswer"):
        assert control not in text, control


@_REPORTS
def test_no_width_makes_the_page_scroll_sideways(request: pytest.FixtureRequest, name: str) -> None:
    with opened(request.getfixturevalue(name) / "report.html") as seen:
        _unfold(seen)
        for width in (1440, 768, 390, 320):
            seen.page.set_viewport_size({"width": width, "height": 900})
            content, in_sight = widths_of(seen.page)
            assert content <= in_sight <= width
        assert seen.is_quiet, (seen.console, seen.asked)


def test_hostile_names_run_nothing_and_are_spelled_out(hostile: Path, fleet: Path) -> None:
    with opened(fleet / "report.html") as seen:
        tags = set(seen.page.locator("*").evaluate_all("all => all.map(each => each.tagName)"))
        scripts = seen.page.locator("script").count()
    with opened(hostile / "report.html") as seen:
        page = seen.page
        page.on("dialog", lambda dialog: seen.console.append(dialog.message))
        assert page.evaluate("globalThis.owned") is None
        assert "owned" not in page.title()
        assert set(page.locator("*").evaluate_all("all => all.map(each => each.tagName)")) <= tags | {"PRE"}
        assert page.locator("script").count() == scripts
        handlers = (
            "all => all.flatMap(each => [...each.attributes].filter(a => a.name.startsWith('on')).map(a => a.name))"
        )
        assert page.locator("*").evaluate_all(handlers) == []
        text = page.locator("body").text_content() or ""
        assert not {char for char in text if not char.isprintable()} - {"\n"}
        told = squeezed(text)
        assert [name for name in NAMES if squeezed(visible(name)) not in told] == []
        # The page works on: a name that is typed or chosen finds what has it.
        for name in NAMES[:-1]:
            page.get_by_role("searchbox", name="Text").fill(visible(name)[:60])
            assert entries(page).count() > 0, name
        assert seen.is_quiet, (seen.console, seen.asked)


def test_hostile_names_are_whole_in_what_is_downloaded(hostile: Path) -> None:
    report = _told(hostile)
    assert set(NAMES) <= {each["name"] for each in report["hosts"]}
    # YAML allows no key of 10 kB; such a file is searched by spelling alone.
    assert set(NAMES[:-1]) <= {
        each["name"].removeprefix("services.").removesuffix(".image") for each in report["occurrences"]
    }
