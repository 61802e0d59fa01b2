"""The page in a real browser: quiet, self-contained, whole without scripts, filtered with them."""

from pathlib import Path

import pytest

from planner.model.report import Report
from planner.report import FORMATS, Options
from tests.support.browser import calls, visit, widths
from tests.support.html_page import elements, having
from tests.support.report_example import CLEAN, EMPTY, FINDINGS, REPORT, WITHOUT_HOSTS, large


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return _write(tmp_path, REPORT)


def _write(folder: Path, report: Report) -> Path:
    path = folder / "report.html"
    path.write_text(FORMATS["html"].render(report, Options()), "utf-8")
    return path


def _shown(dom: str) -> list[tuple[str | None, str | None]]:
    """Verdict and cause of the findings that can be seen."""
    entries = [e for e in having(dom, "entry") if not e.hidden]
    return [(e.attributes["data-verdict"], e.attributes["data-cause"]) for e in entries]


@pytest.mark.parametrize("report_", [REPORT, WITHOUT_HOSTS, CLEAN, EMPTY], ids=["full", "no hosts", "clean", "empty"])
def test_the_console_stays_empty(tmp_path: Path, report_: Report) -> None:
    seen = visit(_write(tmp_path, report_))
    assert seen.console == []
    assert "<h1" in seen.dom


def test_an_error_in_the_console_would_be_seen(page: Path) -> None:
    page.write_text(page.read_text("utf-8").replace("</main>", "<script>alert(1)</script></main>"), "utf-8")
    seen = visit(page)
    assert "Content Security Policy" in "".join(seen.console)


def test_it_calls_nobody(page: Path) -> None:
    assert calls(page) == []


def test_a_call_would_be_heard(tmp_path: Path) -> None:
    loud = tmp_path / "loud.html"
    loud.write_text("<html><body><img src='http://example.test/pixel.png'></body></html>")
    assert any(b"example.test" in said for said in calls(loud))


def test_the_policy_silences_what_slips_in(page: Path) -> None:
    page.write_text(page.read_text("utf-8").replace("</main>", "<img src='http://example.test/x.png'></main>"), "utf-8")
    assert calls(page) == []


def test_without_scripts_everything_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    start = text.index("script-src ")
    page.write_text(text[:start] + "script-src 'none'" + text[text.index(";", start) :], "utf-8")
    dom = visit(page).dom
    assert len(_shown(dom)) == 8
    assert {f.id for f in FINDINGS} <= {e.attributes.get("id") for e in elements(dom)}
    # What needs the script is not offered.
    hidden = [e.attributes.get("id") or e.attributes["class"] for e in elements(dom) if e.hidden]
    assert hidden == ["theme", "astray", "filters", "downloads"]


def test_with_scripts_the_filter_is_offered_and_hides_nothing_yet(page: Path) -> None:
    dom = visit(page).dom
    assert len(_shown(dom)) == 8
    assert not elements(dom, "form")[0].hidden
    assert elements(dom, "output")[0].text == "8 of 8 shown"
    offered = [e for e in elements(dom, "option") if "datalist" in e.within]
    assert len(offered) == 25 + len({f.occurrence.file for f in FINDINGS})


@pytest.mark.parametrize(
    ("fragment", "causes"),
    [
        ("#verdict=unknown", {"not-checked"}),
        ("#verdict=at-risk", {"schema1-deprecated", "zstd-layer"}),
        ("#cause=schema1-removed", {"schema1-removed"}),
        ("#host=edge-1", {"platform-mismatch"}),
        ("#host=bill-02", {"schema2-by-digest"}),
        ("#host=ci-runner-a", {"zstd-layer", "not-checked"}),
        (
            "#moment=after",
            {"schema1-removed", "manifest-missing", "platform-mismatch", "zstd-layer", "not-checked"},
        ),
        ("#text=MIGRATE", {"manifest-missing"}),
        ("#host=web-01&moment=now", {"schema1-deprecated"}),
        ("#host=nobody", set()),
        (f"#{FINDINGS[0].id}", {f.outcome.cause for f in FINDINGS}),
        ("#verdict=%3Cscript%3E", set()),
        ("#engine=docker+1.0", set()),
        ("#text=BILL-02", {"schema2-by-digest"}),
    ],
)
def test_the_fragment_filters(page: Path, fragment: str, causes: set[str]) -> None:
    dom = visit(page, fragment).dom
    assert {cause for _, cause in _shown(dom)} == causes
    # A cause of which nothing is left goes too.
    assert sum(not e.hidden for e in having(dom, "block")) == len(causes)


def test_a_filter_says_what_it_cannot_see(tmp_path: Path) -> None:
    report = large(occurrences=400, hosts=80, groups=20, images=100)
    dom = visit(_write(tmp_path, report), "#host=h019-001").dom
    # Group 19 is beyond the lines that are shown, but still found.
    assert elements(dom, "output")[0].text == "40 of 40 shown; 60 more, not on this page, are not filtered"


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_width_makes_the_page_scroll_sideways(page: Path, width: int) -> None:
    content, seen = widths(page, width)
    assert content <= seen <= width
