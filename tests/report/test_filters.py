"""Filters of the page, by hand and by link, held against the JSON report of the same run."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import ENTRY, entries, opened

Finding = dict[str, Any]


@pytest.fixture(scope="package")
def told(fleet: Path) -> list[Finding]:
    """Findings with their occurrence and their hosts' engine as the page spells it."""
    report = json.loads((fleet / "report.json").read_text("utf-8"))
    places = {each["id"]: each for each in report["occurrences"]}
    hosts = {each["name"]: each for each in report["hosts"]}
    return [{**f, "place": places[f["occurrence"]], "host": hosts[f["hosts"][0]]} for f in report["findings"]]


# The ids within those lines, "who and when", that are there to be seen.
_SEEN = "main => [...main.querySelectorAll('.line [id]')].filter(e => e.parentElement.checkVisibility()).map(e => e.id)"


def _shown(page: Page) -> set[str]:
    """The ids of the findings that can be seen."""
    return set(page.get_by_role("main").evaluate(_SEEN))


def _ids(told: list[Finding], fits: Callable[[Finding], bool]) -> set[str]:
    return {f["id"] for f in told if fits(f)}


def _engine(finding: Finding) -> str:
    host = finding["host"]
    return f"{host['declared']} → {host['target_version']}" if host["target_version"] else str(host["declared"])


# Of each filter its value in a finding.
_VALUES: dict[str, Callable[[Finding], str]] = {
    "Verdict": lambda f: f["verdict"],
    "Cause": lambda f: f["cause"],
    "Engine": _engine,
    "Registry": lambda f: f["place"]["registry"],
}


def _field(page: Page, name: str) -> Locator:
    form = page.get_by_role("form", name="Filter the findings")
    return form.get_by_role("searchbox" if name == "Text" else "combobox", name=name, exact=True)


def _choose(page: Page, name: str, value: str) -> None:
    """Choose in a list, or type into a field."""
    field = _field(page, name)
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


def test_nothing_is_hidden_at_first(page: Page, told: list[Finding]) -> None:
    assert _shown(page) == _ids(told, lambda _: True)
    count = entries(page).count()
    expect(page.get_by_role("status")).to_have_text(f"{count} of {count} shown")


@pytest.mark.parametrize("name", _VALUES)
def test_each_value_of_a_list_leaves_its_findings(page: Page, told: list[Finding], name: str) -> None:
    options = _field(page, name).get_by_role("option")
    offered = {value for value in options.evaluate_all("all => all.map(each => each.value)") if value}
    met = {_VALUES[name](f) for f in told}
    # An engine can be chosen whose hosts meet nothing.
    assert met <= offered if name == "Engine" else met == offered
    assert len(met) > 1
    for value in sorted(offered):
        _choose(page, name, value)
        assert _shown(page) == _ids(told, lambda f, value=value: _VALUES[name](f) == value), value  # type: ignore[misc]


def test_a_host_leaves_what_it_meets_and_a_part_of_a_name_what_those_meet(page: Page, told: list[Finding]) -> None:
    for value in ("store-001", "billing-02", "gha-arm-1"):
        _choose(page, "Host", value)
        assert _shown(page) == _ids(told, lambda f, value=value: value in f["hosts"])  # type: ignore[misc]
    _choose(page, "Host", "store-0")
    assert _shown(page) == _ids(told, lambda f: any("store-0" in host for host in f["hosts"]))
    _choose(page, "Host", "nobody")
    assert _shown(page) == set()
    expect(page.get_by_role("status")).to_have_text(re.compile("^0 of [0-9]+ shown$"))


def test_a_moment_leaves_what_is_met_then(page: Page, told: list[Finding]) -> None:
    for moment in ("now", "after"):
        _choose(page, "When", moment)
        shown = _shown(page)
        assert _ids(told, lambda f, moment=moment: f["moment"] == moment) <= shown  # type: ignore[misc]
        # Beside these, what the same hosts meet at both moments, or have no upgrade for.
        same = {_same(f) for f in told if f["moment"] == moment}
        others = [f for f in told if f["id"] in shown and _same(f) not in same]
        assert [f for f in others if moment == "now" or f["host"]["target_version"]] == []
        assert shown < _ids(told, lambda _: True)


def _same(finding: Finding) -> tuple[str, ...]:
    return (finding["occurrence"], finding["verdict"], finding["cause"], *finding["hosts"])


def test_a_file_leaves_its_places(page: Page, told: list[Finding]) -> None:
    files = sorted({f["place"]["file"] for f in told})
    for file in (files[0], files[-1]):
        _choose(page, "File", file)
        assert _ids(told, lambda f, file=file: f["place"]["file"] == file) <= _shown(page)  # type: ignore[misc]
        articles = entries(page)
        assert 0 < articles.count() < page.locator(ENTRY).count()
        for article in articles.all():
            places = article.locator("code.place:visible").all_inner_texts()
            assert places
            assert all(place.rpartition(":")[0].rpartition(":")[0] == file for place in places)


def test_a_text_leaves_what_has_it_in_large_or_small_letters(page: Page, told: list[Finding]) -> None:
    for text in ("MONTHLY-close", told[0]["place"]["file"], told[-1]["hosts"][0][:5]):
        _choose(page, "Text", text)
        assert entries(page).count() > 0
        for article in page.locator(ENTRY).all():
            assert article.is_visible() == (text.lower() in (article.text_content() or "").lower())
    _choose(page, "Text", "such a text is nowhere")
    expect(entries(page)).to_have_count(0)
    expect(page.get_by_role("heading", level=3).and_(page.locator(".block *"))).to_have_count(0)


def test_filters_add_up_and_clear_shows_all(page: Page, told: list[Finding]) -> None:
    first = next(f for f in told if f["verdict"] == "breaks" and f["host"]["target_version"])
    _choose(page, "Verdict", "breaks")
    _choose(page, "Host", first["hosts"][0])
    _choose(page, "Registry", first["place"]["registry"])
    fits = _ids(
        told,
        lambda f: (
            f["verdict"] == "breaks"
            and first["hosts"][0] in f["hosts"]
            and f["place"]["registry"] == first["place"]["registry"]
        ),
    )
    assert _shown(page) == fits
    expect(page.get_by_role("status")).to_contain_text(f"{entries(page).count()} of ")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function("!location.hash.includes('=')")
    assert _shown(page) == _ids(told, lambda _: True)
    assert _field(page, "Host").input_value() == ""


def test_the_address_has_the_state_and_a_reload_keeps_it(page: Page, told: list[Finding]) -> None:
    _choose(page, "Verdict", "breaks")
    _choose(page, "Text", "a&b=c #1 ü")
    assert page.evaluate("location.hash") == "#" + urlencode({"text": "a&b=c #1 ü", "verdict": "breaks"})
    _choose(page, "Text", "acme")
    before = _shown(page)
    assert before
    page.reload()
    assert _shown(page) == before
    assert _field(page, "Text").input_value() == "acme"
    assert _field(page, "Verdict").input_value() == "breaks"


def test_back_and_forward_bring_the_filters_back(page: Page, told: list[Finding]) -> None:
    _choose(page, "Verdict", "unknown")
    unknown = _shown(page)
    # A link to a finding that the filter hides shows it, and with it all others.
    breaks = next(f["id"] for f in told if f["verdict"] == "breaks")
    page.evaluate("id => { location.hash = id }", breaks)
    expect(page.locator(f"[id='{breaks}']")).to_be_in_viewport()
    assert _shown(page) == _ids(told, lambda _: True)
    page.go_back()
    expect(_field(page, "Verdict")).to_have_value("unknown")
    assert _shown(page) == unknown
    page.go_forward()
    expect(_field(page, "Verdict")).to_have_value("")
    assert _shown(page) == _ids(told, lambda _: True)


@pytest.mark.parametrize("value", ["<img src=x>", "']", "\\", "\u202e", "%", "=1+1", "x" * 10_000])
def test_a_hostile_link_filters_all_away_and_nothing_else(fleet: Path, value: str) -> None:
    with opened(fleet / "report.html", f"#host={quote(value)}&cause={quote(value)}&nonsense={quote(value)}") as seen:
        assert _shown(seen.page) == set()
        assert seen.page.locator("img").count() == 0
        assert seen.is_quiet, (seen.console, seen.asked)
