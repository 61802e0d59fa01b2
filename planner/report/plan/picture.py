"""The waves as a picture: a lane for each thing that changes, with a station in each wave that changes it.

Only what is drawn is worked out here; the template draws it. Places along the waves are shares of the width, so that
the picture fits every window without its text growing or shrinking.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from planner.model.engine import parse_software
from planner.model.plan import Blocked, Plan, Step, StepKind
from planner.model.reference import Reference
from planner.report.plan.hosts import count, some
from planner.report.plan.words import FORMS, is_unproven, switched
from planner.report.words import short_digest

# What the picture has room for: beyond so many lanes those that look alike become one, if it is more than a few, and
# then the rest is counted.
_MANY, _FEW, _MOST = 10, 2, 20
# More letters of a label would not fit into a wave of a narrow window, nor more of a name into a wide one.
_LONGEST, _LONGEST_NAME = 11, 60
# In pixels.
HEADER, LABEL, ROW, COLUMN = 36, 26, 24, 108


@dataclass(frozen=True, slots=True)
class Station:
    """One change: `shape` is the kind of step, or `blocked`; `label` is what is there afterwards."""

    column: int
    shape: str
    label: str
    is_bridge: bool = False
    is_unproven: bool = False

    @property
    def width(self) -> int:
        """Of the label, in pixels, for letters that are rather wide: so much of the line behind it is left out."""
        return 22 + 7 * len(self.label) + 14 * self.is_unproven


@dataclass(frozen=True, slots=True)
class Lane:
    """A thing that changes. `about` says what it is before anything has changed."""

    name: str
    about: str
    stations: tuple[Station, ...]

    @property
    def rows(self) -> list[list[Station]]:
        """The stations in as many rows as the busiest wave has."""
        found: list[list[Station]] = []
        for station in self.stations:
            free = next((row for row in found if all(other.column != station.column for other in row)), None)
            if free is None:
                found.append([station])
            else:
                free.append(station)
        return found

    @property
    def changed(self) -> tuple[int, int] | None:
        """The columns between which it is no longer what it was; the second is where it is blocked, -1: nowhere."""
        moves = [station.column for station in self.stations if station.shape != "blocked"]
        ends = [station.column for station in self.stations if station.shape == "blocked"]
        return (min(moves), min(ends, default=-1)) if moves else None

    @property
    def height(self) -> int:
        """In pixels."""
        return LABEL + ROW * len(self.rows) + 8


@dataclass(frozen=True, slots=True)
class Picture:
    """`columns` are the titles of the waves; `left` counts the lanes that there is no room for."""

    columns: tuple[str, ...]
    lanes: tuple[Lane, ...]
    left: int

    @property
    def height(self) -> int:
        """In pixels."""
        return HEADER + sum(lane.height for lane in self.lanes)

    @property
    def width(self) -> int:
        """The least that it can be read at, in pixels."""
        return COLUMN * len(self.columns)

    @property
    def words(self) -> str:
        """The picture for who cannot see it."""
        told = [(" ".join([lane.name, lane.about]), map(self._said, lane.stations)) for lane in self.lanes]
        return " ".join(f"{name.strip()}: {', '.join(stations)}." for name, stations in told)

    def _said(self, station: Station) -> str:
        marks = [word for word, is_so in (("bridge", station.is_bridge), ("not proven", station.is_unproven)) if is_so]
        return f"{self.columns[station.column].lower()} {' '.join([station.label, *marks])}"


def picture(plan: Plan) -> Picture:
    """What is drawn of a plan."""
    numbers = [wave[0].wave for wave in plan.waves]
    held = [blocked for blocked in plan.blocked if blocked.held]
    columns = [f"Wave {number}" for number in numbers] + (["Not reached"] if held else [])
    column = {number: place for place, number in enumerate(numbers)}
    lanes = [*_of_registries(plan, column), *_of_hosts(plan, column, held), *_of_images(plan, column)]
    if len(lanes) > _MANY:
        lanes = _alike(lanes)
    return Picture(tuple(columns), tuple(lanes[:_MOST]), len(lanes[_MOST:]))


def _of_registries(plan: Plan, column: dict[int, int]) -> Iterable[Lane]:
    steps: dict[tuple[str, ...], list[Step]] = defaultdict(list)
    for step in plan.steps:
        if step.kind is StepKind.REGISTRY_UPGRADE:
            steps[step.hosts].append(step)
    for hosts, own in steps.items():
        yield _lane(some(hosts), own[0].before, (_station(step, column) for step in own))


def _of_hosts(plan: Plan, column: dict[int, int], held: list[Blocked]) -> Iterable[Lane]:
    """Hosts that go through the same steps, and are held at the same place, share a lane."""
    ways: dict[str, list[Step | Blocked]] = defaultdict(list)
    for step in plan.steps:
        if step.kind in (StepKind.UPGRADE, StepKind.SWITCH):
            for host in step.hosts:
                ways[host].append(step)
    for blocked in held:
        for host in blocked.hosts:
            ways[host].append(blocked)
    # By identity: to compare steps is dear.
    alike: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for host, way in ways.items():
        alike[tuple(map(id, way))].append(host)
    for hosts in alike.values():
        names, way = tuple(hosts), ways[hosts[0]]
        first = next((item.before for item in way if isinstance(item, Step) and item.kind is StepKind.UPGRADE), "")
        about = ", ".join(filter(None, [count(names), first]))
        yield _lane(some(names), about, (_way_station(item, column) for item in way))


def _of_images(plan: Plan, column: dict[int, int]) -> Iterable[Lane]:
    """An image with its copies: what is pinned later is followed from what was pinned before."""
    firsts: dict[str, str] = {}
    steps: dict[str, list[Step]] = defaultdict(list)
    names: dict[str, Reference | None] = {}
    for step in plan.steps:
        if step.kind not in (StepKind.CONVERT, StepKind.REPIN):
            continue
        old = step.old_reference.pinned if step.old_reference else step.before
        first = firsts.setdefault(old, old)
        if step.new_reference:
            firsts.setdefault(step.new_reference.pinned, first)
        steps[first].append(step)
        names.setdefault(first, step.old_reference)
    for first, own in steps.items():
        name = names[first]
        about = short_digest(name.digest) if name and name.digest else ""
        yield _lane(name.repository if name else first, about, (_station(step, column) for step in own))


def _lane(name: str, about: str, stations: Iterable[Station]) -> Lane:
    return Lane(_cut(name, _LONGEST_NAME), _cut(about, _LONGEST_NAME), tuple(dict.fromkeys(stations)))


def _way_station(item: Step | Blocked, column: dict[int, int]) -> Station:
    if isinstance(item, Step):
        return _station(item, column)
    return Station(len(column), "blocked", _version(item.held))


def _station(step: Step, column: dict[int, int]) -> Station:
    return Station(column[step.wave], step.kind.value, _label(step), step.is_bridge, is_unproven(step))


def _label(step: Step) -> str:
    """What is there afterwards, as short as a station's label must be."""
    new = step.new_reference
    match step.kind:
        case StepKind.CONVERT:
            return FORMS.get(step.conversion.format, step.conversion.format) if step.conversion else "another form"
        case StepKind.REPIN:
            return f"{new.digest.partition(':')[2][:8]}…" if new and new.digest else "the copy"
        case StepKind.SWITCH:
            return f"switch {'set' if 'Set' in switched(step) else 'changed'}"
        case _:
            return _version(step.after)


def _version(text: str) -> str:
    return _cut(str(parse_software(text).version or text), _LONGEST)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _alike(lanes: list[Lane]) -> list[Lane]:
    """Lanes with the same stations as one lane, but for labels that say which of them it is."""
    found: dict[tuple[Station, ...], list[Lane]] = defaultdict(list)
    for lane in lanes:
        found[tuple(replace(s, label="re-pin") if s.shape == StepKind.REPIN else s for s in lane.stations)].append(lane)
    joined = []
    for stations, own in found.items():
        if len(own) <= _FEW:
            joined += own
        else:
            joined.append(Lane(f"{own[0].name} and {len(own) - 1:,} more alike", "", stations))
    return joined
