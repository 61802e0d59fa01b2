"""How the terminal sets rows: as a table where all columns fit, else below what they share.

    compose.yml:12:53  ✕ breaks today, then pulls  billing/mariadb  billing-[01:02] (2 hosts), docker 1.9.1 → 20.10.24

    ✕ breaks today, then pulls: billing-[01:02] (2 hosts), docker 1.9.1 → 20.10.24
      compose.yml:12:53  billing/mariadb

A place is never cut. One that is wider than its column has the line for itself.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from planner.model.finding import Verdict
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference
from planner.report import words
from planner.report.console.lines import BOLD, DIM, UNSURE, Page, cells, fit, pad
from planner.report.console.rows import Row
from planner.report.escape import visible
from planner.report.format import Options

# ANSI colours, only ever beside a word that says the same.
COLOURS = {Verdict.BREAKS: "31", Verdict.AT_RISK: "33", Verdict.UNKNOWN: UNSURE, Verdict.PULLS: "32"}
_GAP, _INDENT = "  ", 2
# Where there is no window: beyond this, a column gives up being straight.
_WIDEST = 100
_LEAST_IMAGE = 12
# What the hosts of a row need in a table; the rest is cut.
_WHOSE = 56


def place(options: Options, occurrence: Occurrence) -> str:
    """`infra/compose.yml:12:53`, from the current folder."""
    return visible(f"{options.from_here(occurrence.file)}:{occurrence.line}:{occurrence.column}")


def _names(reference: Reference) -> tuple[str, ...]:
    """The image, ever shorter: with registry and digest, without, the last part of its name."""
    full = words.short_image(reference)
    near = full.removeprefix(f"{reference.registry}/")
    bare = words.short_name(reference).removeprefix(f"{reference.registry}/")
    return tuple(map(visible, (full, near, bare, bare.rpartition("/")[2])))


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths that hold for all rows of a page.

    `is_table`: each row is one line with all there is to say. `is_whole`: nothing is cut, since there is no window.
    """

    is_table: bool
    place: int
    outcome: int
    name: int
    image: int
    whose: int = 0
    is_whole: bool = False

    def add(self, page: Page, rows: Iterable[Row], details: Callable[[Row], None] | None = None) -> None:
        """Add rows to the page; `details` adds what stands below each."""
        said = ""
        for row in rows:
            if not self.is_table:
                said = self._heading(page, row, said)
            self._row(page, row)
            if details:
                details(row)

    def shortens(self, row: Row) -> bool:
        """Whether the line of a row has no room for all of its hosts."""
        if self.is_whole or not self.is_table:
            return False
        return row.whose != row.everyone or cells(visible(row.whose)) > self.whose

    def _heading(self, page: Page, row: Row, said: str) -> str:
        """What the rows that follow share, unless it was `said` of those before."""
        whose = row.everyone if page.options.show_all else row.whose
        heading = f"{row.outcome}: {whose}" if whose else row.outcome
        # What holds whatever the engine says the section itself.
        if heading != said and (said or whose or row.after not in (None, row.now)):
            page.brief(heading, _INDENT, _colour(row))
        return heading

    def _row(self, page: Page, row: Row) -> None:
        where, file, name = place(page.options, row.place), row.place.file, _names(row.image)[self.name]
        if self.is_table:
            image = name if self.is_whole else fit(name, self.image)
            parts = ((pad(row.outcome, self.outcome) + _GAP, _colour(row)), (pad(image, self.image), ""))
            whose = visible(row.everyone) if self.is_whole else fit(visible(row.whose), self.whose)
            page.row((pad(where, self.place) + _GAP, BOLD), *parts, (f"{_GAP}{whose}", DIM), file=file)
            return
        indent = _INDENT * 2
        room = page.width - indent - max(cells(where), self.place) - len(_GAP)
        if room >= min(cells(name), _LEAST_IMAGE):
            page.row((pad(where, self.place) + _GAP, ""), (fit(name, room), DIM), indent=indent, file=file)
        else:
            page.row((where, ""), indent=indent, file=file)
            page.row((fit(name, max(page.width - indent - 2, 1)), DIM), indent=indent + 2)


def _colour(row: Row) -> str:
    return COLOURS[max(row.now, row.after or row.now, key=lambda verdict: verdict.severity)]


def layout(page: Page, rows: Sequence[Row]) -> Layout:
    """The layout for a page with these rows: a table if it fits the window, with the longest names that fit."""
    width = page.width
    places = max((cells(place(page.options, row.place)) for row in rows), default=0)
    outcome = max((cells(row.outcome) for row in rows), default=0)
    names = [max((cells(_names(row.image)[n]) for row in rows), default=0) for n in range(4)]
    if not width:
        return Layout(True, min(places, _WIDEST), outcome, 0, min(names[0], _WIDEST), is_whole=True)
    whose = max((cells(visible(row.whose)) for row in rows), default=0)
    for n, image in enumerate(names[:3]):
        room = width - _INDENT - places - outcome - image - 3 * len(_GAP)
        if room >= min(whose, _WHOSE):
            return Layout(True, places, outcome, n, image, room)
    column = min(places, width * 3 // 5)
    room = width - 2 * _INDENT - column - len(_GAP)
    return Layout(False, column, outcome, next((n for n in range(3) if names[n] <= room), 3), room)
