"""The heat map of the HTML page: what each group of hosts gets of each image, today and after the upgrade."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planner.model.finding import Finding, HostGroup, Verdict
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference
from planner.model.report import Report, asked
from planner.report.fate import Position, positions
from planner.report.words import WORDS, change, few, host_ranges

_MENDED, _ONLY, _NEW = "mended", "only at risk", {Verdict.BREAKS: "new break", Verdict.AT_RISK: "new risk"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What the hosts of one group get of one image. `after` is None where nothing is planned that could change it."""

    now: Verdict
    after: Verdict | None
    worst: Finding | None

    @property
    def then(self) -> Verdict:
        """What they get after the upgrade, which for some changes nothing."""
        return self.after or self.now

    @property
    def changes(self) -> bool:
        """Whether the verdict is another one after the upgrade."""
        return self.then is not self.now

    @property
    def difference(self) -> str:
        """What the upgrade makes of it, in a word or two that stand alone."""
        if not self.changes:
            return "same" if self.now is Verdict.PULLS else f"still {WORDS[self.now]}"
        if Verdict.UNKNOWN in (self.now, self.then):  # better or worse, nobody can say
            return f"then {WORDS[self.then]}"
        if self.then is Verdict.PULLS:
            return _MENDED
        return _NEW[self.then] if self.then.severity > self.now.severity else _ONLY

    @property
    def severity(self) -> tuple[int, int]:
        """Sort key: what is worst at any moment, then what is worst today."""
        return (max(self.now.severity, self.then.severity), self.now.severity)


@dataclass(frozen=True, slots=True)
class Row:
    """One image over all groups; a group that is not in `cells` does not run it."""

    image: Reference
    places: int
    cells: dict[int, Cell]

    @property
    def pulls(self) -> bool:
        """Whether somebody runs it, and everybody who does pulls it at any moment."""
        return bool(self.cells) and all(cell.severity == (0, 0) for cell in self.cells.values())

    @property
    def worst(self) -> tuple[int, int]:
        """How severe it is after the upgrade, and how severe today; -1 where nobody runs it."""
        cells = self.cells.values()
        return (
            max((cell.then.severity for cell in cells), default=-1),
            max((cell.now.severity for cell in cells), default=-1),
        )


@dataclass(frozen=True, slots=True)
class Column:
    """One group of hosts, by its position in Report.groups. `platform` is empty where it is that of most groups."""

    number: int
    group: HostGroup
    platform: str

    @property
    def names(self) -> str:
        """The hosts, as far as the head of a narrow column has room."""
        return few(host_ranges(self.group.hosts), 2)

    @property
    def change(self) -> str:
        """The engine with its version, and what becomes of it."""
        return change(self.group)


@dataclass(frozen=True, slots=True)
class Band:
    """Rows that are equally bad. `size` counts those as well that are left out."""

    title: str
    rows: tuple[Row, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Heat:
    """The map. `size` images are in its bands, `shown` of them on the page; `well` pull wherever they run.

    `rows` are all of them, in their order.
    """

    rows: tuple[Row, ...]
    bands: tuple[Band, ...]
    columns: tuple[Column, ...]
    well: tuple[Row, ...]
    size: int
    shown: int


def heat_map(report: Report, most_rows: int, most_columns: int, *, upgrades: bool) -> Heat:
    """The map, cut to what a page can hold: of rows and of columns the worst are kept."""
    found = rows(report)
    bad = [row for row in found if not row.pulls]
    size: Counter[str] = Counter(_title(row, upgrades=upgrades) for row in bad)
    kept: dict[str, list[Row]] = defaultdict(list)
    for row in bad[:most_rows]:
        kept[_title(row, upgrades=upgrades)].append(row)
    bands = tuple(Band(title, tuple(alike), size[title]) for title, alike in kept.items())
    well = tuple(row for row in found if row.pulls)
    columns = tuple(_columns(report, found, most_columns))
    return Heat(tuple(found), bands, columns, well, len(bad), min(len(bad), most_rows))


def _columns(report: Report, found: Sequence[Row], most: int) -> Iterable[Column]:
    def severity(number: int) -> tuple[int, int]:
        return max((row.cells[number].severity for row in found if number in row.cells), default=(-1, -1))

    def first(number: int) -> int:
        """The first row that the group does not simply pull: sorted so, what is worst stands at the upper left."""
        bad = (n for n, row in enumerate(found) if number in row.cells and row.cells[number].severity > (0, 0))
        return next(bad, len(found))

    usual = Counter(str(group.platform) for group in report.groups).most_common(1)
    worst = sorted(range(len(report.groups)), key=severity, reverse=True)[:most]
    for number in sorted(sorted(worst), key=first):
        group = report.groups[number]
        platform = str(group.platform)
        yield Column(number, group, "" if platform == usual[0][0] else platform)


def _title(row: Row, *, upgrades: bool) -> str:
    """What the rows of a band have in common; the order of bands follows from that of rows."""
    then, now = row.worst
    breaks, unknown = Verdict.BREAKS.severity, Verdict.UNKNOWN.severity
    titles = (
        (not row.cells, "Run by no declared host"),
        (not upgrades and now == breaks, "Breaks"),
        (then == now == breaks, "Breaks today and after the upgrade"),
        (then == breaks, "Breaks after the upgrade"),
        (now == breaks and then == unknown, "Breaks today, not checked after the upgrade"),
        (now == breaks, "Breaks today, no more after the upgrade"),
        (unknown in (then, now), "Not checked"),
    )
    return next((title for is_so, title in titles if is_so), "At risk")


def rows(report: Report) -> list[Row]:
    """Every image with what each group that runs it gets: first what breaks after the upgrade too, then by severity."""
    places: dict[Reference, list[Occurrence]] = defaultdict(list)
    for occurrence in report.occurrences:
        places[asked(occurrence.reference)].append(occurrence)
    met = _met(report)
    made = []
    for image, where in places.items():
        running = sorted({n for o in where for n in report.runners.get(o.id, ())})
        cells = {n: _cell(report, image, n, [*met[image, n], *met[image, None]]) for n in running}
        made.append(Row(image, len(where), cells))
    return sorted(made, key=lambda row: (*_urgency(row), str(row.image)))


def _urgency(row: Row) -> tuple[int, ...]:
    """Sort key: the worst at any moment, then after the upgrade, then today, then how many cells have the worst."""
    then, now = row.worst
    top = max(then, now)
    return (-top, -then, -now, -sum(cell.severity[0] == top for cell in row.cells.values()))


def _met(report: Report) -> dict[tuple[Reference, Position], list[Finding]]:
    """Findings by image and group, one for each moment and verdict: the first by place."""
    position = positions(report)
    met: dict[tuple[Reference, Position], dict[tuple[Moment, Verdict], Finding]] = defaultdict(dict)
    for f in report.every_finding:
        met[asked(f.occurrence.reference), position(f)].setdefault((f.moment, f.verdict), f)
    return defaultdict(list, {key: list(found.values()) for key, found in met.items()})


def _cell(report: Report, image: Reference, position: int, findings: list[Finding]) -> Cell:
    """The worst of `findings` at each moment; what no upgrade changes counts afterwards too."""
    changes = report.is_upgraded(image, report.groups[position])
    now = [f for f in findings if f.moment is Moment.NOW]
    after = [f for f in findings if f.moment is Moment.AFTER or not report.changes(f)]
    worst = max([*now, *after], key=lambda f: f.verdict.severity, default=None)
    return Cell(_verdict(now), _verdict(after) if changes else None, worst)


def _verdict(findings: list[Finding]) -> Verdict:
    return max((f.verdict for f in findings), key=lambda v: v.severity, default=Verdict.PULLS)
