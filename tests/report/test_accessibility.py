"""WCAG 2.2 AA, as far as axe-core can tell: every kind of report and plan, by day and by night, wide and narrow."""

from pathlib import Path
from typing import Literal

import pytest

from planner.report import FORMATS, PLAN_FORMATS, Options
from tests.support import runbook_example
from tests.support.accessibility import violations
from tests.support.browser import opened
from tests.support.ci_reports import ACCEPTED, compared
from tests.support.report_example import CLEAN, EMPTY, REPORT, WITHOUT_HOSTS

_LOOKS: list[tuple[Literal["light", "dark"], int]] = [("light", 1440), ("dark", 390), ("dark", 1440), ("light", 390)]
_REPORTS = {
    "no hosts": WITHOUT_HOSTS,
    "clean": CLEAN,
    "empty": EMPTY,
    "suppressed, with a baseline": compared(ACCEPTED),
}
_PLANS = {"full": runbook_example.PLANNED, "nothing": runbook_example.NOTHING, "hostile": runbook_example.hostile()}


def _found(file: Path, looks: int = 2) -> list[str]:
    """What axe finds, at both widths and in both schemes; with four looks in each scheme at each width."""
    found = []
    with opened(file) as seen:
        for scheme, width in _LOOKS[:looks]:
            seen.page.emulate_media(color_scheme=scheme)
            seen.page.set_viewport_size({"width": width, "height": 900})
            found += [f"{scheme}, {width} px, {told}" for told in violations(seen.page)]
        assert seen.is_quiet, (seen.console, seen.asked)
    return found


@pytest.mark.parametrize(("name", "looks"), [("fleet", 2), ("founding", 4), ("hostile", 2)])
def test_what_the_command_writes(request: pytest.FixtureRequest, name: str, looks: int) -> None:
    assert _found(request.getfixturevalue(name) / "report.html", looks) == []


@pytest.mark.parametrize("name", _REPORTS)
def test_other_reports(tmp_path: Path, name: str) -> None:
    assert _found(_write(tmp_path, FORMATS["html"].render(_REPORTS[name], Options()))) == []


@pytest.mark.parametrize("name", _PLANS)
def test_plans(tmp_path: Path, name: str) -> None:
    assert _found(_write(tmp_path, PLAN_FORMATS["html"].render(_PLANS[name], Options()))) == []


def test_what_is_wrong_would_be_found(tmp_path: Path) -> None:
    page = FORMATS["html"].render(REPORT, Options())
    pale = "<details><summary>more</summary><p style='color: #ccc; background: #fff'>pale ✕</p></details>"
    near = "".join(f"<a href='#main' aria-label='{n}' style='display: inline-block'>{n}</a>" for n in range(3))
    file = _write(tmp_path, page.replace("</main>", f"{pale}<button></button>{near}</main>"))
    with opened(file) as seen:
        found = violations(seen.page)
    assert {told.partition(":")[0] for told in found} == {"color-contrast", "button-name", "target-size"}


def _write(folder: Path, page: str) -> Path:
    file = folder / "page.html"
    file.write_text(page, "utf-8")
    return file
