"""The plan's page in a real browser: seen, quiet, self-contained, narrow enough, and printed with every step."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from planner.model.report import Report
from planner.report import PLAN_FORMATS, Options
from planner.report.plan.words import numbered
from tests.support.browser import Window, calls, opened, printed, visit, widths
from tests.support.html_page import elements
from tests.support.runbook_example import PLANNED, hostile, large


def _write(folder: Path, report: Report) -> Path:
    path = folder / "plan.html"
    path.write_text(PLAN_FORMATS["html"].render(report, Options()), "utf-8")
    return path


@pytest.mark.parametrize("report_", [PLANNED, hostile()], ids=["full", "hostile"])
def test_it_is_quiet_and_calls_nobody(tmp_path: Path, report_: Report) -> None:
    page = _write(tmp_path, report_)
    seen = visit(page)
    assert seen.console == []
    # There is no script that could have made it: what is there is there without one.
    assert elements(seen.dom, "script") == []
    assert calls(page) == []


@pytest.mark.parametrize(
    ("report_", "width"),
    [(PLANNED, 390), (PLANNED, 1440), (hostile(), 390)],
    ids=["full, narrow", "full, wide", "hostile, narrow"],
)
def test_no_width_makes_it_scroll_sideways(tmp_path: Path, report_: Report, width: int) -> None:
    content, seen = widths(_write(tmp_path, report_), width)
    assert content <= seen <= width


def test_it_can_be_seen_by_day_and_by_night(tmp_path: Path) -> None:
    page = _write(tmp_path, PLANNED)
    with opened(page) as seen, opened(page, window=Window(dark=True)) as other:
        day, night = (_picture(each.page) for each in (seen, other))
    assert len(_colours(day)) > 100
    assert len(_colours(night)) > 100
    assert day.getpixel((5, 5)) != night.getpixel((5, 5))
    blank = tmp_path / "blank.html"
    blank.write_text("<html><body></body></html>")
    with opened(blank) as seen:
        assert len(_colours(_picture(seen.page))) == 1


def _picture(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def _colours(picture: Image.Image) -> list[object]:
    return list(picture.getcolors(maxcolors=1 << 24) or ())


@pytest.mark.parametrize("report_", [PLANNED, large(hosts=40, images=14)], ids=["full", "folded"])
def test_every_step_is_printed(tmp_path: Path, report_: Report) -> None:
    sheets = printed(_write(tmp_path, report_))
    assert report_.plan
    steps = [each for wave in numbered(report_.plan) for each in wave]
    assert {each.number for each in steps} <= {heading.split()[0] for heading in sheets.headings if heading}
    # What is folded away on the screen is printed too.
    assert sheets.headings.count("Back out") == sum(bool(each.step.backout) for each in steps)
