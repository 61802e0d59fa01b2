"""The heat map of the page: a table that tells all without its script, and four views of it that need none."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from planner.model.report import Report
from planner.report import FORMATS, Options
from tests.support.browser import opened
from tests.support.html_page import Element, elements, having
from tests.support.report_example import CLEAN, FINDINGS, GROUPS, OCCURRENCES, REPORT

CSS = (Path(__file__).parents[2] / "templates" / "style" / "map.css").read_text()
# No upgrade is planned, and nothing is found for then.
SETTLED = replace(
    REPORT,
    groups=tuple(replace(group, target=None) for group in GROUPS),
    findings=tuple(
        replace(f, group=replace(f.group, target=None) if f.group else None) for f in FINDINGS if f.moment == "now"
    ),
)


def _page(report: Report = REPORT) -> str:
    return FORMATS["html"].render(report, Options())


def _cells(page: str) -> list[Element]:
    start = page.index('id="map"')
    return elements(page[start : page.index("</section>", start)], "td")


def test_every_cell_tells_its_verdicts_in_words_and_leads_to_the_finding() -> None:
    page = _page()
    texts = {" ".join(cell.text.split()) for cell in _cells(page)}
    assert {"now breaks then pulls mended", "pulls same", "now at risk then breaks new break"} <= texts
    assert {"does not run here", "not checked still not checked"} <= texts
    links = [e.attributes["href"] for e in elements(page, "a") if "td" in e.within and "section" in e.within]
    assert len(links) == 7
    assert {str(link)[1:] for link in links} <= {finding.id for finding in FINDINGS}


def test_verdicts_have_a_symbol_beside_the_word() -> None:
    assert dict(re.findall(r'\.v\.([a-z-]+) { --s: "(.)"', CSS)) == {
        "breaks": "✕",
        "at-risk": "▲",
        "unknown": "?",
        "pulls": "✓",
    }


def test_rows_and_columns_have_heads() -> None:
    page = _page()
    (table, _) = having(page, "heat")
    heads = [e for e in elements(page, "th") if table.within[:3] == e.within[:3]]
    columns = [" ".join(e.text.split()) for e in heads if e.attributes.get("scope") == "col"]
    assert "web-[01:12] docker 20.10.24 → 29.0.0 12 hosts" in columns
    assert [e.text.split()[0] for e in heads if e.attributes.get("scope") == "rowgroup"][:2] == ["Breaks", "Breaks"]
    assert any("billing/ledger" in e.text and "schema 1 manifest, 2 places" in e.text for e in heads)
    # What tells groups apart and has no room in a head of a column is below.
    (groups,) = having(page, "groups")
    assert "graphdriver → containerd store, linux/amd64, 12 hosts" in groups.text


def test_the_map_comes_before_the_findings_and_sets_apart_what_pulls_everywhere() -> None:
    page = _page()
    assert page.index('id="answer"') < page.index('id="map"') < page.index('id="findings"')
    well, _ = having(page, "well")
    assert "open" not in well.attributes
    assert "1 image that pulls everywhere" in well.text
    assert "acme/gateway" in well.text
    assert sum("acme/gateway" in e.text for e in elements(page, "tr")) == 1
    # Where all is well, that is what the map shows, and there is no view to choose.
    page = _page(CLEAN)
    assert "open" in next(having(page, "well")).attributes
    assert not elements(page, "fieldset")
    # What nobody runs does not pull everywhere.
    lonely = replace(CLEAN, runners={k: v for k, v in CLEAN.runners.items() if k != OCCURRENCES[7].id})
    assert "acme/gateway" not in next(having(_page(lonely), "well")).text


def test_where_no_upgrade_is_planned_there_is_no_view_of_it() -> None:
    page = _page(SETTLED)
    assert not elements(page, "fieldset")
    assert not list(having(page, "diff"))
    assert {" ".join(cell.text.split()) for cell in _cells(page)} == {
        "breaks",
        "pulls",
        "at risk",
        "not checked",
        "does not run here",
    }


def test_what_is_printed_does_not_depend_on_the_view() -> None:
    screen = CSS[CSS.index("@media screen {") :]
    screen = screen[: screen.index("\n}")]
    assert CSS.count("[value=") == screen.count("[value=") > 0


# What is seen of the cells in each view.
ABSENT = "does not run here"
BOTH = sorted([ABSENT, "breaks", "pulls", "now at risk then breaks", "now breaks then pulls", "not checked", "at risk"])
NOW = sorted([ABSENT, "breaks", "pulls", "now at risk", "now breaks", "not checked", "at risk"])
AFTER = sorted([ABSENT, "breaks", "pulls", "then breaks", "then pulls", "not checked", "at risk"])
CHANGE = sorted([ABSENT, "still breaks", "same", "new break", "mended", "still not checked", "still at risk"])
# Cells that can be seen, the view and the fragment, after each step.
_STEPS = """
const frame = document.querySelector("iframe"), inside = frame.contentWindow, page = frame.contentDocument;
const seen = () => ({
  cells: [...new Set([...page.querySelectorAll("#map .scroll:not(details *) td")]
    .map((td) => td.innerText.replace(/\\s+/g, " ").trim()))].sort(),
  view: page.querySelector("[name=view]:checked").value,
  fragment: inside.location.hash,
});
const steps = [seen()];
const act = (what) => { what(); steps.push(seen()); };
"""


def _acted(page: Path, fragment: str, script: str) -> Any:
    """What `steps` holds in the end, when `script` has acted on the page in a frame."""
    frame = page.with_name("frame.html")
    frame.write_text(
        f"<iframe src='{page.name}{fragment}' style='width:1200px;height:900px'></iframe><script>"
        f"addEventListener('load', async () => {{{_STEPS}{script};"
        "document.title = encodeURIComponent(JSON.stringify(steps)); })</script></html>",
        "utf-8",
    )
    with opened(frame) as seen:
        # The script waits for what it did to take effect, longer than until the page is loaded.
        seen.page.wait_for_function("document.title")
        return json.loads(unquote(seen.page.title()))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(_page(), "utf-8")
    return path


def test_each_view_shows_its_own_and_is_kept_in_the_fragment(page: Path) -> None:
    choose = """
      for (const view of ['now', 'after', 'change', 'both'])
        act(() => page.querySelector(`[name=view][value=${view}]`).click())"""
    begun, now, after, change, both = _acted(page, "#verdict=breaks&text=a", choose)
    assert begun == both
    assert begun["cells"] == BOTH
    assert (now["cells"], now["fragment"]) == (NOW, "#verdict=breaks&text=a&view=now")
    assert (after["cells"], after["fragment"]) == (AFTER, "#verdict=breaks&text=a&view=after")
    assert (change["cells"], change["view"]) == (CHANGE, "change")


def test_the_fragment_chooses_the_view_and_a_filter_leaves_it(page: Path) -> None:
    filter_ = "page.querySelector('#filters [name=text]')"
    script = f"""
      act(() => {{ {filter_}.value = 'edge'; {filter_}.dispatchEvent(new Event('input', {{ bubbles: true }})); }});
      inside.location.hash = '#view=change&verdict=breaks';
      await new Promise((done) => inside.addEventListener('hashchange', () => setTimeout(done)));
      act(() => {{}});
      act(() => {{ page.querySelector('#filters').reset(); }});
      await new Promise((done) => setTimeout(done, 50));
      act(() => {{}})"""
    begun, filtered, moved, _, reset = _acted(page, "#view=after", script)
    assert (begun["view"], begun["fragment"], begun["cells"]) == ("after", "#view=after", AFTER)
    assert (filtered["view"], filtered["fragment"]) == ("after", "#view=after&text=edge")
    assert (moved["view"], moved["fragment"]) == ("change", "#view=change&verdict=breaks")
    assert (reset["view"], reset["fragment"]) == ("change", "#view=change")


def test_a_link_to_a_finding_stays_until_somebody_chooses_a_view(page: Path) -> None:
    link = f"#{FINDINGS[0].id}"
    begun, chosen = _acted(page, link, "act(() => page.querySelector('[name=view][value=now]').click())")
    assert (begun["view"], begun["fragment"]) == ("both", link)
    assert (chosen["view"], chosen["fragment"]) == ("now", "#view=now")


def test_a_view_that_there_is_not_is_the_usual_one(page: Path) -> None:
    (seen,) = _acted(page, "#view=%3Cscript%3E", "")
    assert (seen["view"], seen["cells"]) == ("both", BOTH)


def test_views_need_no_script(page: Path) -> None:
    text = page.read_text("utf-8")
    start = text.index("script-src ")
    page.write_text(text[:start] + "script-src 'none'" + text[text.index(";", start) :], "utf-8")
    _, after = _acted(page, "", "act(() => page.querySelector('[name=view][value=after]').click())")
    assert (after["cells"], after["fragment"]) == (AFTER, "")
