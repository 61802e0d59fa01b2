"""Where the declared hosts are on the axis of a version window, and where the upgrade takes them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.model.engine import Software, Version
from planner.model.finding import Finding, HostGroup, Verdict
from planner.model.moment import Moment
from planner.model.reference import Reference
from planner.model.report import Report, asked
from planner.report.page.chart import Axis, Label, axis, mark_labels
from planner.report.page.heat import Cell, Row
from planner.report.page.windows import Bar, Engine, WindowClass, newest_known
from planner.report.words import WORDS, unique

_BY_VERSION = {True: "pulls", False: "does not pull", None: "is not known"}


@dataclass(frozen=True, slots=True)
class Stop:
    """A version that hosts have at one moment, on the axis of `engine`.

    `verdict` is the worst that they meet with it, for `concerned` of `images` images that they run. `also` are the
    versions that they may have instead, where it is not known which.
    """

    engine: Engine
    software: Software
    verdict: Verdict
    concerned: int
    images: int
    also: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A stop on the axis. `may` are the places of the versions that the hosts may have instead."""

    at: float
    label: Label
    verdict: Verdict
    may: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """Hosts that go the same way, with what they meet. `now` is None where they come from the axis of another engine.

    `then` is None where they stay, or leave for another axis. `words` says all of it, a part for each moment, as far
    as it goes by the version; `notes` say what else they meet, and `worst` is the worst of it.
    """

    hosts: tuple[str, ...]
    now: Mark | None
    then: Mark | None
    words: tuple[str, ...]
    notes: tuple[str, ...]
    worst: Finding | None

    @property
    def levels(self) -> int:
        """How many rows of labels there are above the line."""
        return max(mark.label.level for mark in (self.now, self.then) if mark)


@dataclass(frozen=True, slots=True)
class Lanes:
    """One engine's versions with the hosts that have it, the oldest first. There is no room for `left` more."""

    bar: Bar
    axis: Axis
    lanes: tuple[Lane, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The chart of images that are alike: `used` are the engines of declared hosts that run one of them.

    `undrawn` are hosts that run one and are on no axis: their version, engine, store or client is none of the known.
    """

    images: WindowClass
    used: tuple[Lanes, ...]
    others: tuple[Lanes, ...]
    undrawn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    """How the hosts of one or several groups go: from `now` to `then`, if they go."""

    now: Stop
    then: Stop | None


@dataclass(frozen=True, slots=True)
class _Met:
    """What the hosts of one group that run an image of a class get of each of its images."""

    group: int
    hosts: tuple[str, ...]
    cells: tuple[Cell, ...]


def pictures(report: Report, classes: Iterable[WindowClass], found: Iterable[Row], most: int) -> list[Picture]:
    """The charts of `classes`, with the hosts of `found`, the rows of the heat map; `most` lanes for each engine."""
    cells = {row.image: row.cells for row in found}
    running, newest = _running(report), newest_known(report)
    made = []
    for images in classes:
        bars = {bar.key: bar for bar in images.bars}
        ways: dict[_Way, list[_Met]] = defaultdict(list)
        for met in _met(images.references, cells, running):
            ways[_way(report.groups[met.group], met.cells, bars)].append(met)
        drawn = [_lanes(bar, newest.get(bar.key[0]), ways, most) for bar in images.bars]
        used = tuple(each for each in drawn if each.lanes or not report.hosts)
        others = tuple(each for each in drawn if each not in used)
        lost = (way for way in ways if not any(_is_on(stop, bar.key) for stop in _stops(way) for bar in images.bars))
        undrawn = unique(host for way in lost for met in ways[way] for host in met.hosts)
        made.append(Picture(images, used, others, undrawn))
    return made


def _running(report: Report) -> dict[Reference, dict[int, tuple[str, ...]]]:
    """For each image and group the hosts that run it, which need not be all of the group."""
    lists: dict[Reference, dict[int, dict[tuple[str, ...], None]]] = defaultdict(lambda: defaultdict(dict))
    for occurrence in report.occurrences:
        own = lists[asked(occurrence.reference)]
        for number, hosts in report.runners.get(occurrence.id, {}).items():
            own[number][hosts] = None
    return {
        image: {number: unique(host for hosts in found for host in hosts) for number, found in groups.items()}
        for image, groups in lists.items()
    }


def _met(
    references: Iterable[Reference],
    cells: Mapping[Reference, Mapping[int, Cell]],
    running: Mapping[Reference, Mapping[int, tuple[str, ...]]],
) -> Iterator[_Met]:
    own: dict[int, list[Cell]] = defaultdict(list)
    hosts: dict[int, list[str]] = defaultdict(list)
    for reference in references:
        for number, cell in cells.get(reference, {}).items():
            own[number].append(cell)
            hosts[number].extend(running[reference][number])
    for number in sorted(own):
        yield _Met(number, unique(hosts[number]), tuple(own[number]))


def _way(group: HostGroup, cells: Sequence[Cell], bars: Mapping[Engine, Bar]) -> _Way:
    there = _stop(group, Moment.AFTER, [cell.then for cell in cells], bars) if group.target else None
    return _Way(_stop(group, Moment.NOW, [cell.now for cell in cells], bars), there)


def _stop(group: HostGroup, moment: Moment, met: Sequence[Verdict], bars: Mapping[Engine, Bar]) -> Stop:
    software, store = group.at(moment)
    worst = max(met, key=lambda verdict: verdict.severity)
    wheres = (store, group.client, "")
    engine = next(((software.name, w) for w in wheres if (software.name, w) in bars), (software.name, store))
    also = tuple(version for version, other in group.may(moment) if other == store and version != software.version)
    return Stop(engine, software, worst, met.count(worst), len(met), also)


def _lanes(bar: Bar, newest: Version | None, ways: Mapping[_Way, Sequence[_Met]], most: int) -> Lanes:
    here = [way for way in ways if any(_is_on(stop, bar.key) for stop in _stops(way))]
    kept = sorted(here, key=_severity, reverse=True)[:most]
    stops = [stop for way in kept for stop in _stops(way) if _is_on(stop, bar.key)]
    drawn = axis(bar.known, newest, {v for stop in stops for v in (stop.software.version, *stop.also) if v})
    lanes = []
    for way in kept:
        now, then = _marks(way, bar.key, drawn)
        worst = [cell.worst for met in ways[way] for cell in met.cells if cell.worst]
        finding = max(worst, key=lambda f: f.verdict.severity, default=None)
        hosts = unique(host for met in ways[way] for host in met.hosts)
        words, notes = tuple(_words(way, bar.key, drawn)), _notes(way, bar.key, drawn)
        lanes.append(Lane(hosts, now, then, words, notes, finding))
    lanes.sort(key=lambda lane: [mark.at for mark in (lane.now, lane.then) if mark])
    return Lanes(bar, drawn, tuple(lanes), len(here) - len(kept))


def _is_on(stop: Stop, engine: Engine) -> bool:
    return stop.engine == engine and stop.software.version is not None


def _severity(way: _Way) -> int:
    return max(stop.verdict.severity for stop in _stops(way))


def _marks(way: _Way, engine: Engine, drawn: Axis) -> tuple[Mark | None, Mark | None]:
    """Where they are and where they go, as far as it is on this axis; one mark where that is the same place."""
    now, then = (_place(stop, engine, drawn) if stop else None for stop in (way.now, way.then))
    if now == then:
        then = None
    named = [(at, stop) for at, stop in ((now, way.now), (then, way.then)) if at is not None and stop]
    labels = mark_labels([(at, str(stop.software.version)) for at, stop in named])
    made = {
        at: Mark(at, label, stop.verdict, tuple(drawn.places[version] for version in stop.also))
        for (at, stop), label in zip(named, labels, strict=True)
    }
    return made[now] if now is not None else None, made[then] if then is not None else None


def _place(stop: Stop, engine: Engine, drawn: Axis) -> float | None:
    version = stop.software.version
    return drawn.places[version] if version and _is_on(stop, engine) else None


def _words(way: _Way, engine: Engine, drawn: Axis) -> Iterator[str]:
    """What each version does, as far as it goes by the version."""
    for stop in _stops(way):
        here = stop.engine == engine
        where = f" ({stop.engine[1]})" if stop.engine[1] else ""
        name = str(stop.software.version) if here and stop.software.version else f"{stop.software}{where}"
        also = f" (or {', '.join(map(str, stop.also))})" if stop.also else ""
        yield f"{name}{also} {_BY_VERSION[_pulls(stop, engine, drawn)] if here else WORDS[stop.verdict]}"


def _notes(way: _Way, engine: Engine, drawn: Axis) -> tuple[str, ...]:
    """What the hosts meet that their version alone does not say."""
    said = [_note(stop, _pulls(stop, engine, drawn)) if stop.engine == engine else "" for stop in _stops(way)]
    if len(set(said)) == 1:
        return tuple(filter(None, said[:1]))
    return tuple(f"{note} {moment.words}" for note, moment in zip(said, Moment, strict=True) if note)


def _note(stop: Stop, by_version: bool | None) -> str:
    match by_version, stop.verdict:
        case True, Verdict.AT_RISK:
            note = "at risk"
        case True, Verdict.BREAKS:
            note = ("break" if 1 < stop.concerned < stop.images else "breaks") + " for another reason"
        case ((True | False), Verdict.UNKNOWN):
            note = "not checked"
        case False, Verdict.PULLS:
            note = "pulls all the same"
        case False, Verdict.AT_RISK:
            note = "pulls all the same, at risk"
        case None, (Verdict.PULLS | Verdict.AT_RISK | Verdict.BREAKS):
            note = WORDS[stop.verdict]
        case _:
            return ""
    return note if stop.concerned == stop.images else f"{stop.concerned} of {stop.images} images {note}"


def _pulls(stop: Stop, engine: Engine, drawn: Axis) -> bool | None:
    version = stop.software.version
    return drawn.pulls(version) if version and stop.engine == engine else None


def _stops(way: _Way) -> Iterator[Stop]:
    yield way.now
    if way.then:
        yield way.then
