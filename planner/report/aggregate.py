"""What the HTML page shows: findings and pulls brought together by image, cause and group of hosts, worst first.

A page grows with what is different, not with hosts x occurrences.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from planner.model.finding import Finding, Verdict
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference
from planner.model.report import Cause, Report, asked
from planner.report.words import unique

# Whose hosts an outcome is for, by position in Report.groups; None: no host declared, or whatever the engine.
Position = int | None


@dataclass(frozen=True, slots=True)
class Line:
    """The hosts of one group that meet one outcome. `stays`: no upgrade is planned that could change it."""

    group: Position
    hosts: tuple[str, ...]
    moments: tuple[Moment, ...]
    stays: bool
    message: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One image with one cause, at all places where the same hosts meet it."""

    image: Reference
    verdict: Verdict
    cause: str
    places: tuple[Occurrence, ...]
    lines: tuple[Line, ...]
    evidence: tuple[str, ...]
    remedies: tuple[str, ...]

    @property
    def now(self) -> bool:
        """Whether it is met today already."""
        return any(Moment.NOW in line.moments for line in self.lines)

    @property
    def pulls(self) -> int:
        """How many pulls, counted as hosts x places."""
        return len(self.places) * sum(len(line.hosts) or 1 for line in self.lines)


@dataclass(frozen=True, slots=True)
class Block:
    """All entries of one cause and verdict. `remedies` are those that every one of them has."""

    cause: Cause
    verdict: Verdict
    entries: tuple[Entry, ...]
    remedies: tuple[str, ...]

    @property
    def now(self) -> bool:
        """Whether it is met today already."""
        return any(entry.now for entry in self.entries)

    @property
    def moments(self) -> tuple[Moment, ...]:
        """When it is met, by any of its hosts."""
        met = {moment for entry in self.entries for line in entry.lines for moment in line.moments}
        return tuple(moment for moment in Moment if moment in met)

    @property
    def mended(self) -> bool:
        """Whether the planned upgrade does away with it everywhere."""
        return not any(line.stays or Moment.AFTER in line.moments for entry in self.entries for line in entry.lines)

    @property
    def advice(self) -> str:
        """The first thing to do, in words that hold for every entry."""
        if self.remedies and self.remedies[0] == self.entries[0].remedies[0]:
            return self.remedies[0]
        general = self.cause.remedies[0] if self.cause.remedies else self.cause.title
        return general.partition(":")[0] + "." if "{" in general else general

    @property
    def places(self) -> int:
        """How many occurrences are concerned."""
        return len({place for entry in self.entries for place in entry.places})

    @property
    def hosts(self) -> int:
        """How many hosts are concerned."""
        return len({host for entry in self.entries for line in entry.lines for host in line.hosts})


@dataclass(frozen=True, slots=True)
class Cell:
    """What the hosts of one group get of one image. `after` is None where nothing is planned that could change it."""

    now: Verdict
    after: Verdict | None
    worst: Finding | None

    @property
    def severity(self) -> tuple[int, int]:
        """Sort key: what is worst at any moment, then what is worst today."""
        return (max(self.now.severity, self.after.severity if self.after else 0), self.now.severity)


@dataclass(frozen=True, slots=True)
class Row:
    """One image over all groups; a group that is not in `cells` does not run it."""

    image: Reference
    places: int
    cells: dict[int, Cell]


def blocks(report: Report) -> list[Block]:
    """The findings by cause and verdict; first what breaks and no planned upgrade mends, then what breaks today."""
    found: dict[tuple[str, Verdict], list[Entry]] = defaultdict(list)
    for entry in _entries(report):
        found[entry.cause, entry.verdict].append(entry)
    return sorted((_block(report, *key, group) for key, group in found.items()), key=_urgency)


def _block(report: Report, cause: str, verdict: Verdict, entries: list[Entry]) -> Block:
    known = report.causes.get(cause) or Cause(cause, cause.replace("-", " ") or "no cause given", "", ())
    shared = tuple(text for text in entries[0].remedies if all(text in e.remedies for e in entries))
    ordered = sorted(entries, key=lambda e: (not e.now, -e.pulls, str(e.image), e.places[0].file, e.places[0].line))
    return Block(known, verdict, tuple(ordered), shared)


def _urgency(block: Block) -> tuple[object, ...]:
    return (-block.verdict.severity, block.mended, not block.now, -sum(e.pulls for e in block.entries), block.cause.id)


def _entries(report: Report) -> Iterator[Entry]:
    """Findings that differ in nothing but the place become one line; lines that share all places become one entry."""
    position = positions(report)
    same: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for f in report.findings:
        line = (position(f), f.hosts, f.outcome.message, f.moment)
        same[asked(f.occurrence.reference), f.outcome.cause, f.verdict, line].append(f)
    together: dict[tuple[object, ...], list[list[Finding]]] = defaultdict(list)
    for (image, cause, verdict, _), found in same.items():
        together[image, cause, verdict, unique(f.occurrence.id for f in found)].append(found)
    for lines in together.values():
        yield _entry(report, position, lines)


def _entry(report: Report, position: Callable[[Finding], Position], found: list[list[Finding]]) -> Entry:
    first = found[0][0]
    merged: dict[tuple[Position, tuple[str, ...], str], list[Finding]] = defaultdict(list)
    for findings in found:
        merged[position(findings[0]), findings[0].hosts, findings[0].outcome.message].extend(findings)
    lines = [_line(report, *key, findings) for key, findings in merged.items()]
    everything = [f for findings in found for f in findings]
    return Entry(
        image=asked(first.occurrence.reference),
        verdict=first.verdict,
        cause=first.outcome.cause,
        places=tuple(dict.fromkeys(f.occurrence for f in found[0])),
        lines=tuple(sorted(lines, key=lambda line: (line.moments[0] is Moment.AFTER, -len(line.hosts), line.hosts))),
        evidence=unique(text for f in everything for text in f.outcome.evidence),
        remedies=unique(text for f in everything for text in f.remedies),
    )


def _line(report: Report, group: Position, hosts: tuple[str, ...], message: str, findings: list[Finding]) -> Line:
    met = {f.moment for f in findings}
    stays = Moment.NOW in met and not any(report.changes(f) for f in findings)
    return Line(group, hosts, tuple(m for m in Moment if m in met), stays, message, tuple(findings))


def positions(report: Report) -> Callable[[Finding], Position]:
    """Where a finding's group stands in Report.groups; looked up by identity first, since hashing a group is dear."""
    known = {id(group): n for n, group in enumerate(report.groups)}

    def position(finding: Finding) -> Position:
        if finding.group is None:
            return None
        found = known.get(id(finding.group))
        return report.groups.index(finding.group) if found is None else found

    return position


def rows(report: Report) -> list[Row]:
    """Every image with what each group that runs it gets, worst first."""
    places: dict[Reference, list[Occurrence]] = defaultdict(list)
    for occurrence in report.occurrences:
        places[asked(occurrence.reference)].append(occurrence)
    met = _met(report)
    made = []
    for image, where in places.items():
        running = sorted({n for o in where for n in report.runners.get(o.id, ())})
        cells = {n: _cell(report, image, n, [*met[image, n], *met[image, None]]) for n in running}
        made.append(Row(image, len(where), cells))
    return sorted(made, key=lambda row: (*_worst(row.cells.values()), str(row.image)))


def _met(report: Report) -> dict[tuple[Reference, Position], list[Finding]]:
    """Findings by image and group, one for each moment and verdict: the first by place."""
    position = positions(report)
    met: dict[tuple[Reference, Position], dict[tuple[Moment, Verdict], Finding]] = defaultdict(dict)
    for f in report.findings:
        met[asked(f.occurrence.reference), position(f)].setdefault((f.moment, f.verdict), f)
    return defaultdict(list, {key: list(found.values()) for key, found in met.items()})


def _cell(report: Report, image: Reference, position: int, findings: list[Finding]) -> Cell:
    """The worst of `findings` at each moment; what no upgrade changes counts afterwards too."""
    registry = next((r for r in report.registries if r.host == image.registry), None)
    changes = bool(report.groups[position].target or (registry and registry.target))
    now = [f for f in findings if f.moment is Moment.NOW]
    after = [f for f in findings if f.moment is Moment.AFTER or not report.changes(f)]
    worst = max([*now, *after], key=lambda f: f.verdict.severity, default=None)
    return Cell(_verdict(now), _verdict(after) if changes else None, worst)


def _verdict(findings: list[Finding]) -> Verdict:
    return max((f.verdict for f in findings), key=lambda v: v.severity, default=Verdict.PULLS)


def _worst(cells: Iterable[Cell]) -> tuple[int, ...]:
    """Sort key: the most severe cell, then how many are as severe."""
    severities = [cell.severity for cell in cells]
    top = max(severities, default=(0, 0))
    return (-top[0], -top[1], -severities.count(top))
