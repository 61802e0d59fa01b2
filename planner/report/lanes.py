"""Where the declared hosts are on the axis of a version window, and where the upgrade takes them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.model.engine import Software, Version
from planner.model.finding import Finding, HostGroup, Verdict
from planner.model.moment import Moment
from planner.model.reference import Reference
from planner.model.report import Report, asked
from planner.report.chart import Axis, Label, axis, mark_labels
from planner.report.heat import Cell, Row
from planner.report.windows import Bar, Engine, WindowClass, newest_known
from planner.report.words import WORDS, unique

_BY_VERSION = {True: "pulls", False: "does not", None: "is not known"}


@dataclass(frozen=True, slots=True)
class Stop:
    """A version that hosts have at one moment, on the axis of `engine`; `verdict` is the worst that they meet with it.

    `also` are the versions that they may have instead, where it is not known which.
    """

    engine: Engine
    software: Software
    verdict: Verdict
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
    """One engine's versions with the hosts that have it, the oldest first. `left` there is no room for."""

    bar: Bar
    axis: Axis
    lanes: tuple[Lane, ...]
    left: tuple[Lane, ...]


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
    """The charts of `classes`, with the hosts of `found`, the rows of the heat map: for each engine at `most` so many."""
    cells = {row.image: row.cells for row in found}
    running, newest = _running(report), newest_known(report)
    made = []
    for images in classes:
        bars = {bar.key: bar for bar in images.bars}
        ways: dict[_Way, list[_Met]] = defaultdict(list)
        for met in _met(images.references, cells, running):
            ways[_way(report.groups[met.group], met.cells, bars)].append(met)
        drawn = [_lanes(bar, newest.get(bar.key[0]), ways, most) for bar in images.bars]
        shown = {host for each in drawn for lane in (*each.lanes, *each.left) for host in lane.hosts}
        hosts = (host for alike in ways.values() for met in alike for host in met.hosts)
        used = tuple(each for each in drawn if each.lanes or not report.hosts)
        others = tuple(each for each in drawn if each not in used)
        made.append(Picture(images, used, others, unique(host for host in hosts if host not in shown)))
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
    now = max((cell.now for cell in cells), key=lambda v: v.severity)
    then = max((cell.then for cell in cells), key=lambda v: v.severity)
    there = _stop(group, Moment.AFTER, then, bars) if group.target else None
    return _Way(_stop(group, Moment.NOW, now, bars), there)


def _stop(group: HostGroup, moment: Moment, verdict: Verdict, bars: Mapping[Engine, Bar]) -> Stop:
    software, store = group.at(moment)
    wheres = (store, group.client, "")
    engine = next(((software.name, w) for w in wheres if (software.name, w) in bars), (software.name, store))
    also = tuple(version for version, other in group.may(moment) if other == store and version != software.version)
    return Stop(engine, software, verdict, also)


def _lanes(bar: Bar, newest: Version | None, ways: Mapping[_Way, Sequence[_Met]], most: int) -> Lanes:
    mine = [way for way in ways if any(stop.engine == bar.key for stop in _stops(way))]
    stops = [stop for way in mine for stop in _stops(way) if stop.engine == bar.key]
    drawn = axis(bar.known, newest, {v for stop in stops for v in (stop.software.version, *stop.also) if v})
    lanes = []
    for way in sorted(mine, key=_severity, reverse=True):
        now, then = _marks(way, bar.key, drawn)
        if now or then:
            worst = [cell.worst for met in ways[way] for cell in met.cells if cell.worst]
            finding = max(worst, key=lambda f: f.verdict.severity, default=None)
            hosts = unique(host for met in ways[way] for host in met.hosts)
            words, notes = tuple(_words(way, bar.key, drawn)), _notes(way, bar.key, drawn)
            lanes.append(Lane(hosts, now, then, words, notes, finding))
    shown = sorted(lanes[:most], key=lambda lane: [mark.at for mark in (lane.now, lane.then) if mark])
    return Lanes(bar, drawn, tuple(shown), tuple(lanes[most:]))


def _severity(way: _Way) -> int:
    return max(stop.verdict.severity for stop in _stops(way))


def _marks(way: _Way, engine: Engine, drawn: Axis) -> tuple[Mark | None, Mark | None]:
    """Where they are and where they go, as far as it is on this axis; one mark where that is the same place."""
    stops = [stop if stop and stop.engine == engine and stop.software.version else None for stop in (way.now, way.then)]
    places = [drawn.places[stop.software.version] if stop and stop.software.version else None for stop in stops]
    if places[0] == places[1]:
        stops[1] = places[1] = None
    named = [(at, str(stop.software.version)) for stop, at in zip(stops, places, strict=True) if stop and at is not None]
    labels = iter(mark_labels(named))
    now, then = (
        Mark(at, next(labels), stop.verdict, tuple(drawn.places[v] for v in stop.also)) if stop and at is not None else None
        for stop, at in zip(stops, places, strict=True)
    )
    return now, then


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
    said = [_note(_pulls(stop, engine, drawn), stop.verdict) if stop.engine == engine else "" for stop in _stops(way)]
    if len(set(said)) == 1:
        return tuple(filter(None, said[:1]))
    return tuple(f"{note} {moment.words}" for note, moment in zip(said, Moment, strict=True) if note)


def _note(by_version: bool | None, verdict: Verdict) -> str:
    match by_version, verdict:
        case True, Verdict.AT_RISK:
            return "at risk"
        case True, Verdict.BREAKS:
            return "breaks for another reason"
        case (True | False), Verdict.UNKNOWN:
            return "not checked"
        case False, Verdict.PULLS:
            return "pulls all the same"
        case False, Verdict.AT_RISK:
            return "pulls all the same, at risk"
        case None, (Verdict.PULLS | Verdict.AT_RISK | Verdict.BREAKS):
            return WORDS[verdict]
        case _:
            return ""


def _pulls(stop: Stop, engine: Engine, drawn: Axis) -> bool | None:
    version = stop.software.version
    return drawn.pulls(version) if version and stop.engine == engine else None


def _stops(way: _Way) -> Iterator[Stop]:
    yield way.now
    if way.then:
        yield way.then
