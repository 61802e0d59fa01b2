"""What the HTML page tells of findings: brought together by image, cause and group of hosts, worst first.

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
from planner.report.fate import Fate, Position, followers, positions
from planner.report.words import unique, why


@dataclass(frozen=True, slots=True)
class Line:
    """The hosts of one group that meet one outcome. `stays`: no upgrade is planned that could change it.

    `follower` is the worst that the same hosts meet at one of the places once the upgrade has ended this. `why` says
    why the outcome is unknown.
    """

    group: Position
    hosts: tuple[str, ...]
    moments: tuple[Moment, ...]
    stays: bool
    message: str
    why: str
    findings: tuple[Finding, ...]
    follower: Finding | None

    @property
    def fate(self) -> Fate:
        """What the planned upgrade does to it."""
        if self.stays or Moment.AFTER in self.moments:
            return Fate.STAYS
        return Fate.FOLLOWED if self.follower else Fate.MENDED


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
        return _pulls(self, self.lines)

    @property
    def lasting(self) -> tuple[Line, ...]:
        """The lines that no planned upgrade ends."""
        return tuple(line for line in self.lines if line.fate is Fate.STAYS)


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
    def fate(self) -> Fate:
        """What the planned upgrade does to it: mended only if every place of every host is."""
        return min(line.fate for entry in self.entries for line in entry.lines)

    @property
    def follower(self) -> Finding | None:
        """The worst that is met after the upgrade in its stead, where the upgrade ends it everywhere."""
        if self.fate is not Fate.FOLLOWED:
            return None
        found = (line.follower for entry in self.entries for line in entry.lines)
        return max((f for f in found if f), key=lambda f: f.verdict.severity)

    @property
    def places(self) -> int:
        """How many occurrences are concerned."""
        return len({place for entry in self.entries for place in entry.places})

    @property
    def hosts(self) -> int:
        """How many hosts are concerned."""
        return len({host for entry in self.entries for line in entry.lines for host in line.hosts})


@dataclass(frozen=True, slots=True)
class Answer:
    """Lines of which the engines say the same."""

    message: str
    why: str
    lines: tuple[Line, ...]


def answers(lines: Iterable[Line]) -> list[Answer]:
    """The lines by what is said, in their order: a message stands once for all hosts that print it."""
    same: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        same[line.message, line.why].append(line)
    return [Answer(*said, tuple(own)) for said, own in same.items()]


def blocks(report: Report) -> list[Block]:
    """The findings by cause and verdict; first what breaks and no planned upgrade mends, then what breaks today."""
    found: dict[tuple[str, Verdict], list[Entry]] = defaultdict(list)
    for entry in _entries(report):
        found[entry.cause, entry.verdict].append(entry)
    return sorted((_block(report, *key, group) for key, group in found.items()), key=_urgency)


def _block(report: Report, cause: str, verdict: Verdict, entries: list[Entry]) -> Block:
    known = report.causes.get(cause) or Cause(cause, cause.replace("-", " ") or "no cause given", "", ())
    shared = tuple(text for text in entries[0].remedies if all(text in e.remedies for e in entries))
    ordered = sorted(entries, key=_entry_urgency)
    return Block(known, verdict, tuple(ordered), shared)


def _entry_urgency(entry: Entry) -> tuple[object, ...]:
    place = entry.places[0]
    return (not entry.lasting, not entry.now, -entry.pulls, str(entry.image), place.file, place.line)


def _urgency(block: Block) -> tuple[object, ...]:
    lasting = sum(_pulls(entry, entry.lasting) for entry in block.entries)
    everything = sum(entry.pulls for entry in block.entries)
    mended = block.fate is Fate.MENDED
    return (-block.verdict.severity, mended, not block.now, -lasting, -everything, block.cause.id)


def _pulls(entry: Entry, lines: Iterable[Line]) -> int:
    return len(entry.places) * sum(len(line.hosts) or 1 for line in lines)


def _entries(report: Report) -> Iterator[Entry]:
    """Findings that differ in nothing but the place become one line; lines that share all places become one entry."""
    position, follow = positions(report), followers(report)
    same: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for f in report.findings:
        line = (position(f), f.hosts, f.outcome.message, why(f), f.moment)
        same[asked(f.occurrence.reference), f.outcome.cause, f.verdict, line].append(f)
    together: dict[tuple[object, ...], list[list[Finding]]] = defaultdict(list)
    for (image, cause, verdict, _), found in same.items():
        together[image, cause, verdict, unique(f.occurrence.id for f in found)].append(found)
    for lines in together.values():
        yield _entry(report, position, follow, lines)


def _entry(
    report: Report,
    position: Callable[[Finding], Position],
    follow: Callable[[Finding], Finding | None],
    found: list[list[Finding]],
) -> Entry:
    first = found[0][0]
    merged: dict[tuple[Position, tuple[str, ...], str, str], list[Finding]] = defaultdict(list)
    for findings in found:
        head = findings[0]
        merged[position(head), head.hosts, head.outcome.message, why(head)].extend(findings)
    lines = [_line(report, follow, group, findings) for (group, *_), findings in merged.items()]
    # What the planned upgrade ends needs nothing else, so the advice is for the rest where there is one.
    advised = [line for line in lines if line.fate is Fate.STAYS] or lines
    return Entry(
        image=asked(first.occurrence.reference),
        verdict=first.verdict,
        cause=first.outcome.cause,
        places=tuple(dict.fromkeys(f.occurrence for f in found[0])),
        lines=tuple(sorted(lines, key=lambda line: (line.moments[0] is Moment.AFTER, -len(line.hosts), line.hosts))),
        evidence=unique(text for findings in found for f in findings for text in f.outcome.evidence),
        remedies=unique(text for line in advised for f in line.findings for text in f.remedies),
    )


def _line(
    report: Report, follow: Callable[[Finding], Finding | None], group: Position, findings: list[Finding]
) -> Line:
    first, met = findings[0], {f.moment for f in findings}
    later = () if Moment.AFTER in met else filter(None, map(follow, findings))
    return Line(
        group=group,
        hosts=first.hosts,
        moments=tuple(m for m in Moment if m in met),
        stays=Moment.NOW in met and not any(report.changes(f) for f in findings),
        message=first.outcome.message,
        why=why(first),
        findings=tuple(findings),
        follower=max(later, key=lambda f: f.verdict.severity, default=None),
    )
