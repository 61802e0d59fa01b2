"""The heat map: every cell tells now and after, the worst comes first, and what is left out is counted."""

from dataclasses import replace
from itertools import product

import pytest

from planner.model.engine import parse_software
from planner.model.finding import Verdict
from planner.model.host import Registry
from planner.model.reference import parse_reference
from planner.model.report import asked
from planner.report.page.heat import Cell, Row, heat_map, rows
from tests.support.report_example import CLEAN, GROUPS, LEGACY, OCCURRENCES, PRIVATE, REPORT, SHOP, large

BREAKS, RISK, UNKNOWN, PULLS = Verdict.BREAKS, Verdict.AT_RISK, Verdict.UNKNOWN, Verdict.PULLS


def _row(image: str) -> Row:
    return next(row for row in rows(REPORT) if row.image == asked(parse_reference(image)))


def test_a_cell_tells_now_and_after() -> None:
    web, bills = 1, 0
    assert (_row(LEGACY).cells[web].now, _row(LEGACY).cells[web].after) == (Verdict.AT_RISK, Verdict.BREAKS)
    assert (_row(SHOP).cells[bills].now, _row(SHOP).cells[bills].after) == (Verdict.BREAKS, Verdict.PULLS)
    assert set(_row(SHOP).cells) == {0, 1, 3}


def test_where_no_upgrade_is_planned_there_is_no_after() -> None:
    cell = _row(PRIVATE).cells[2]
    assert (cell.now, cell.after) == (Verdict.UNKNOWN, None)
    planned = Registry("quay.example", parse_software("distribution 2.8.3"), parse_software("distribution 3.0.0"))
    changed = next(
        r for r in rows(replace(REPORT, registries=(planned,))) if r.image == asked(parse_reference(PRIVATE))
    )
    assert changed.cells[2].after is Verdict.PULLS  # assess would have said so otherwise: a finding for then


def test_what_holds_whatever_the_engine_is_in_every_cell() -> None:
    everywhere = replace(
        REPORT, runners={**REPORT.runners, OCCURRENCES[1].id: {0: GROUPS[0].hosts, 4: GROUPS[4].hosts}}
    )
    row = next(r for r in rows(everywhere) if r.image == asked(parse_reference(PRIVATE)))
    assert {n: (c.now, c.after) for n, c in row.cells.items()} == {
        0: (Verdict.UNKNOWN, Verdict.UNKNOWN),
        4: (Verdict.UNKNOWN, None),
    }


@pytest.mark.parametrize(
    ("now", "after", "said"),
    [
        (PULLS, PULLS, "same"),
        (PULLS, None, "same"),
        (BREAKS, BREAKS, "still breaks"),
        (BREAKS, None, "still breaks"),
        (RISK, RISK, "still at risk"),
        (UNKNOWN, UNKNOWN, "still not checked"),
        (BREAKS, PULLS, "mended"),
        (RISK, PULLS, "mended"),
        (BREAKS, RISK, "only at risk"),
        (PULLS, BREAKS, "new break"),
        (RISK, BREAKS, "new break"),
        (PULLS, RISK, "new risk"),
        (PULLS, UNKNOWN, "then not checked"),
        (UNKNOWN, PULLS, "then pulls"),
        (UNKNOWN, BREAKS, "then breaks"),
    ],
)
def test_what_the_upgrade_makes_of_it(now: Verdict, after: Verdict | None, said: str) -> None:
    assert Cell(now, after, None).difference == said


def test_nothing_that_cannot_be_checked_is_said_to_be_mended_or_new() -> None:
    for now, after in product(Verdict, Verdict):
        if UNKNOWN in (now, after):
            assert Cell(now, after, None).difference.split()[0] in ("then", "still")


def test_bands_go_from_what_no_upgrade_mends_to_what_is_at_risk() -> None:
    found = heat_map(REPORT, 100, 24, upgrades=True)
    assert [(band.title, band.size) for band in found.bands] == [
        ("Breaks today and after the upgrade", 2),
        ("Breaks after the upgrade", 1),
        ("Breaks today, no more after the upgrade", 2),
        ("Not checked", 1),
        ("At risk", 1),
    ]
    assert [row.image.repository for row in found.well] == ["acme/gateway"]
    assert sum(len(band.rows) for band in found.bands) == found.size == found.shown == 7


def test_an_image_that_is_not_checked_after_the_upgrade_is_not_said_to_break_no_more() -> None:
    doubt = tuple(
        replace(f, outcome=replace(f.outcome, verdict=UNKNOWN)) if f.moment == "after" and f.group is GROUPS[3] else f
        for f in REPORT.findings
    )
    found = heat_map(replace(REPORT, findings=doubt), 100, 24, upgrades=True)
    (band,) = (band for band in found.bands if "not checked after" in band.title)
    assert [row.image.repository for row in band.rows] == ["tools/migrate"]


def test_without_an_upgrade_nothing_is_said_of_it() -> None:
    groups = {id(group): replace(group, target=None) for group in GROUPS}
    report = replace(
        REPORT,
        groups=tuple(groups.values()),
        findings=tuple(
            replace(f, group=groups[id(f.group)] if f.group else None) for f in REPORT.findings if f.moment == "now"
        ),
    )
    titles = [band.title for band in heat_map(report, 100, 24, upgrades=False).bands]
    assert titles == ["Breaks", "Not checked", "At risk"]


def test_what_nobody_runs_is_apart() -> None:
    lonely = replace(CLEAN, runners={k: v for k, v in CLEAN.runners.items() if k != OCCURRENCES[7].id})
    (band,) = heat_map(lonely, 100, 24, upgrades=True).bands
    assert (band.title, [row.image.repository for row in band.rows]) == ("Run by no declared host", ["acme/gateway"])


def test_a_large_map_keeps_the_worst_and_counts_the_rest() -> None:
    found = heat_map(large(occurrences=60, hosts=60, groups=30, images=20), 8, 24, upgrades=True)
    assert (found.size, found.shown, len(found.columns), len(found.rows)) == (20, 8, 24, 20)
    assert [(len(band.rows), band.size) for band in found.bands] == [(8, 20)]
    # The column of the one group that breaks is kept, wherever it stands.
    one = replace(REPORT, findings=tuple(f for f in REPORT.findings if f.group is GROUPS[4]))
    assert [column.number for column in heat_map(one, 100, 1, upgrades=True).columns] == [4]


def test_columns_stand_by_the_first_row_that_they_do_not_simply_pull() -> None:
    found = heat_map(REPORT, 100, 24, upgrades=True)
    rows = [row for band in found.bands for row in band.rows]
    first = [
        next((n for n, row in enumerate(rows) if c.number in row.cells and row.cells[c.number].severity > (0, 0)), 99)
        for c in found.columns
    ]
    assert first == sorted(first)
    assert [column.number for column in found.columns] != sorted(column.number for column in found.columns)
