"""Links into the page: from outside, from the map and from the run before; what is linked to is seen and marked."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import ENTRY, entries, opened
from tests.support.command import run

_SAMPLE = Path(__file__).parents[2] / "sample_inventories" / "acme"
# How the element and what is around it, up to the image, are painted.
_PAINT = """element => {
  const paint = [];
  for (let at = element; at && at.tagName !== 'MAIN'; at = at.parentElement) {
    const style = getComputedStyle(at);
    paint.push([style.backgroundColor, style.boxShadow, style.outlineStyle, style.borderColor]);
  }
  return paint;
}"""


def _ids(file: Path) -> set[str]:
    with opened(file) as seen:
        return set(seen.page.locator("main [id]").evaluate_all("all => all.map(each => each.id)"))


def test_a_finding_is_seen_and_marked(fleet: Path) -> None:
    findings = json.loads((fleet / "report.json").read_text("utf-8"))["findings"]
    last = findings[-1]["id"]
    with opened(fleet / "report.html") as seen:
        plain = seen.page.locator(f"[id='{last}']").evaluate(_PAINT)
        expect(seen.page.locator(f"[id='{last}']")).not_to_be_in_viewport()
    with opened(fleet / "report.html", f"#{last}") as seen:
        target = seen.page.locator(f"[id='{last}']")
        expect(target).to_be_in_viewport()
        _is_not_covered(seen.page, last)
        assert target.evaluate(_PAINT) != plain
        assert seen.is_quiet, (seen.console, seen.asked)


def _is_not_covered(page: Page, finding: str) -> None:
    """What stays in sight at the top does not hide what is linked to."""
    line = page.locator(".line").filter(has=page.locator(f"[id='{finding}']"))
    box = line.bounding_box()
    assert box
    top = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('.line, form, header')?.className ?? ''",
        [box["x"] + box["width"] / 2, box["y"] + 5],
    )
    assert "line" in top.split(), top


def test_every_finding_of_the_run_can_be_linked_to(fleet: Path) -> None:
    findings = json.loads((fleet / "report.json").read_text("utf-8"))["findings"]
    assert {f["id"] for f in findings} <= _ids(fleet / "report.html")


def test_links_of_yesterday_lead_there_today(fleet: Path, tmp_path: Path) -> None:
    """The tree has moved, a file has grown at its head, and other hosts have come."""
    tree = tmp_path / "elsewhere" / "infra"
    shutil.copytree(_SAMPLE, tree)
    grown = tree / "legacy" / "billing" / "docker-compose.yml"
    grown = grown if grown.exists() else next((tree / "legacy" / "billing").glob("*.y*ml"))
    grown.write_text(f"# moved\n# down\n{grown.read_text()}")
    with (tree / "planner.toml").open("a") as settings:
        settings.write('\n[[hosts]]\nname = "new-1"\nengine = "podman 4.9.3"\nruns = ["shop/**"]\n')
    again = tmp_path / "report.html"
    run("scan", tree, "--offline", tree / "registry.jsonl", "-o", again, home=tmp_path)
    findings = json.loads((fleet / "report.json").read_text("utf-8"))["findings"]
    today = _ids(again)
    assert {f["id"] for f in findings} <= today
    assert len(today) > len(_ids(fleet / "report.html"))


def test_each_cell_of_the_map_leads_to_a_finding_of_its_image(fleet: Path) -> None:
    with opened(fleet / "report.html") as seen:
        rows = seen.page.locator("#map tbody tr").filter(has=seen.page.get_by_role("link"))
        assert rows.count() > 3
        for row in rows.all():
            image = row.get_by_role("rowheader").locator("code").get_attribute("title")
            for href in row.get_by_role("link").evaluate_all("all => all.map(each => each.getAttribute('href'))"):
                entry = seen.page.locator(ENTRY).filter(has=seen.page.locator(f"[id='{href[1:]}']"))
                assert entry.locator("code.image").get_attribute("title") == image
        rows.last.get_by_role("link").last.click()
        target = seen.page.evaluate("location.hash")[1:]
        expect(seen.page.locator(f"[id='{target}']")).to_be_in_viewport()
        _is_not_covered(seen.page, target)
        seen.page.go_back()
        expect(rows.last).to_be_in_viewport()


def test_every_link_leads_to_what_is_there_and_can_be_seen(fleet: Path) -> None:
    with opened(fleet / "report.html") as seen:
        targets = set(seen.page.locator("a[href]").evaluate_all("all => all.map(each => each.getAttribute('href'))"))
        assert len(targets) > 20
        for target in sorted(targets):
            assert target.startswith("#")
            element = seen.page.locator(f"[id='{target[1:]}']")
            expect(element).to_have_count(1)
            assert element.evaluate(
                "each => each.checkVisibility() || each.closest('article, section')?.checkVisibility()"
            )


@pytest.mark.parametrize("fragment", ["#nothing-here", "#", "#%E0%A4%A", "#=", "#a=b=c", "#'\"><b>"])
def test_a_link_to_nothing_shows_the_page(fleet: Path, fragment: str) -> None:
    with opened(fleet / "report.html", fragment) as seen:
        expect(seen.page.get_by_role("heading", level=1)).to_be_in_viewport()
        assert entries(seen.page).count() == seen.page.locator(ENTRY).count()
        seen.page.evaluate("fragment => { location.hash = fragment }", fragment)
        assert seen.is_quiet, (seen.console, seen.asked)


def test_a_link_to_what_is_not_here_says_so(fleet: Path) -> None:
    with opened(fleet / "report.html", "#f00000000000") as seen:
        expect(seen.page.locator("#astray")).to_be_visible()
    with opened(fleet / "report.html", "#findings") as seen:
        expect(seen.page.locator("#astray")).to_be_hidden()
