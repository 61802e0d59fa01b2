"""The version windows of the page: nothing is in the picture alone, and the picture lies about nothing."""

import re
from dataclasses import replace

import pytest

from planner.model.report import Report
from planner.report import FORMATS, Options
from tests.support.html_page import Element, elements, having
from tests.support.report_example import EMPTY, REPORT, WITHOUT_HOSTS


def _page(report: Report = REPORT) -> str:
    return FORMATS["html"].render(report, Options())


def _rows(page: str, class_: str) -> list[str]:
    return [" ".join(re.sub(r"\s+", " ", e.text).split()) for e in having(page, class_) if e.name == "tr"]


def _share(element: Element, name: str) -> float:
    return float((element.attributes[name] or "").removesuffix("%"))


def test_the_page_says_what_counts_and_how_the_axis_is() -> None:
    text = " ".join(elements(_page(), "html")[0].text.split())
    assert "artifacts that pull but do not run do not" in text
    assert "Versions stand at equal distances, in their order" in text


def test_what_is_drawn_is_told_in_words() -> None:
    page = _page()
    engines, hosts = _rows(page, "engine"), _rows(page, "hosts")
    assert any(row.startswith("docker (graphdriver) 1.6.0 up to before 28.2.0") for row in engines)
    assert any(row.startswith("bill-[01:03] 3 hosts 1.9.1 does not pull → 20.10.24 pulls") for row in hosts)
    assert any("at risk today" in row for row in hosts)
    for svg in elements(page, "svg"):
        assert "true" in (
            svg.attributes.get("aria-hidden"),
            *(["true"] if "svg" in svg.within or "ul" in svg.within else []),
        )


def test_the_words_lead_to_the_finding() -> None:
    page = _page()
    ids = {e.attributes.get("id") for e in elements(page)}
    links = [e for e in elements(page, "a") if "th" in e.within]
    assert links
    assert {str(e.attributes["href"])[1:] for e in links} <= ids


def test_a_bar_is_cut_where_it_is_labelled() -> None:
    page = _page()
    bar = page[page.index('class="axis"') :]
    bar = bar[: bar.index("</svg>")]
    # Schema 2: before 1.10.0 nothing, after it everything; the hosts' versions are 1.9.1 and 20.10.24.
    off, on = elements(bar, "rect")
    assert (off.attributes["class"], _share(off, "x"), _share(off, "width")) == ("off", 0, 50)
    assert (on.attributes["class"], _share(on, "x"), _share(on, "width")) == ("on", 50, 50)
    (label,) = elements(bar, "text")
    assert (label.text, _share(label, "x")) == ("1.10.0", 50)


def test_other_engines_are_folded_unless_no_host_is_declared() -> None:
    page = _page()
    folded = list(having(page, "others"))
    assert [" ".join(e.text.split())[:14] for e in folded[:1]] == ["1 other engine"]
    assert all("open" not in e.attributes for e in folded)
    page = _page(WITHOUT_HOSTS)
    assert not list(having(page, "others"))
    assert len(_rows(page, "engine")) == 12
    assert not _rows(page, "hosts")
    assert "hosts today" not in page


def test_hosts_of_no_known_version_are_named_below() -> None:
    groups = tuple(
        replace(g, engine=replace(g.engine, version=None, text="docker latest"), target=None) for g in REPORT.groups
    )
    findings = tuple(f for f in REPORT.findings if f.group is None)
    page = _page(replace(REPORT, groups=groups, findings=findings))
    assert any("none of the known: bill-[01:03], web-[01:12]" in e.text for e in having(page, "note"))


@pytest.mark.parametrize("report_", [EMPTY, replace(REPORT, windows=())], ids=["empty", "no windows"])
def test_without_windows_there_is_no_section(report_: Report) -> None:
    assert 'id="windows"' not in _page(report_)
