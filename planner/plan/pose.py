"""The problem of one fleet: its units, registries and pins as actors, each pull as a link, judged by assess."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from planner.model.finding import HostGroup, Outcome
from planner.model.host import Registry
from planner.model.knowledge import Knowledge
from planner.plan.bridges import Stop
from planner.plan.fleet import Fleet, Pin, Unit, Way
from planner.plan.ground import Ground
from planner.plan.options import Option
from planner.plan.order.problem import Actor, At, Link, Preparation, Problem, Turn
from planner.plan.trial import Stage, Trials, can_copy, holds

# What it costs to set a switch, beside the ranks of options.
_SWITCH = 100


@dataclass(frozen=True, slots=True)
class Posed:
    """A problem with what its numbers stand for: actors are the units, then the registries, then the pins."""

    fleet: Fleet
    stops: tuple[tuple[Stop, ...], ...]  # of each unit
    hosts: tuple[str, ...]  # the registries that move
    registries: Mapping[str, tuple[Registry, ...]]  # the stops of every declared registry
    options: tuple[tuple[Option, ...], ...]  # of each pin
    trials: Trials
    problem: Problem

    @property
    def first_pin(self) -> int:
        """The number of the actor that is the first pin."""
        return len(self.stops) + len(self.hosts)

    def stage(self, group: HostGroup, option: Option, places: Sequence[int]) -> Stage:
        """The stops of the registries that a group asks for an option, from the places of all actors."""
        moving = self.trials.moving(group, option.pulled)
        return tuple((host, places[len(self.stops) + self.hosts.index(host)]) for host in moving)


class Poser:
    """Poses the problem; tables of broken combinations are shared by pulls that are alike."""

    def __init__(self, ground: Ground) -> None:
        self._fleet, self._stops, self._trials = ground.fleet, ground.stops, ground.trials
        self._registries, self._knowledge = ground.registries, ground.knowledge
        self._hosts = tuple(host for host, found in self._registries.items() if len(found) > 1)
        self._tables: dict[object, frozenset[tuple[int, ...]]] = {}
        self._options = tuple(self._of_pin(pin, ground) for pin in range(len(self._fleet.pins)))

    def _of_pin(self, number: int, ground: Ground) -> tuple[Option, ...]:
        """What a pin may become; itself alone where no host on its way has anything against it."""
        original, users = (ground.original(number),), self._fleet.pins[number].users
        links = (self._link(number, unit, ways, original) for unit, ways in users)
        return ground.options(number) if any(link.broken for link in links) else original

    def pose(self) -> Posed:
        """The problem with everything that its numbers stand for."""
        actors = [
            *map(_unit, self._stops),
            *(_registry(self._registries[host]) for host in self._hosts),
            *map(self._pin, self._options),
        ]
        links = tuple(
            link
            for number, pin in enumerate(self._fleet.pins)
            for unit, ways in pin.users
            if (link := self._link(number, unit, ways, self._options[number])).broken
        )
        problem = Problem(tuple(actors), links, tuple(_turns(self._fleet.units, self._knowledge)))
        registries = {host: tuple(found) for host, found in self._registries.items()}
        return Posed(self._fleet, self._stops, self._hosts, registries, self._options, self._trials, problem)

    def _pin(self, options: Sequence[Option]) -> Actor:
        prepared = tuple(
            (place, Preparation(frozenset(self._barred(option))))
            for place, option in enumerate(options)
            if option.conversion
        )
        last = frozenset(place for place, option in enumerate(options) if option.is_last_resort)
        goals = frozenset(range(len(options)))
        return Actor(tuple(o.rank for o in options), goals, ordered=False, prepared=prepared, last_resorts=last)

    def _barred(self, option: Option) -> Iterator[At]:
        """The stops of registries at which a copy cannot be made: its source is not handed out, or it is not taken."""
        conversion = option.conversion
        if conversion is None:
            return
        for number, host in enumerate(self._hosts, len(self._stops)):
            for place in range(len(self._registries[host])):
                touched = host in (conversion.source.registry, conversion.destination.registry)
                if touched and not can_copy(option, self._trials, ((host, place),)):
                    yield At(number, place)

    def _link(self, number: int, unit: int, ways: frozenset[Way], options: Sequence[Option]) -> Link:
        pin, group = self._fleet.pins[number], self._stops[unit][0].group
        moving = sorted({host for option in options for host in self._trials.moving(group, option.pulled)})
        first = len(self._stops)
        actors = (unit, first + len(self._hosts) + number, *(first + self._hosts.index(host) for host in moving))
        alike = tuple(self._trials.key(option.pulled, routed=group.route is not None) for option in options)
        way = (group, self._stops[unit][-1].group, len(self._stops[unit]))
        key = (*way, ways, alike, tuple(moving))
        if key not in self._tables:
            self._tables[key] = frozenset(self._broken(pin, options, unit, ways, moving))
        return Link(actors, self._tables[key], len(pin.occurrences) * len(self._fleet.units[unit].hosts))

    def _broken(
        self, pin: Pin, options: Sequence[Option], unit: int, ways: frozenset[Way], moving: list[str]
    ) -> Iterator[tuple[int, ...]]:
        occurrence = pin.occurrences[0]
        for place, stop in enumerate(self._stops[unit]):
            for at in product(*(range(len(self._registries[host])) for host in moving)):
                every = dict(zip(moving, at, strict=True))
                for way in ways:
                    first: Outcome | None = None
                    for number, option in enumerate(options):
                        asks = self._trials.moving(stop.group, option.pulled)
                        stage = tuple((host, every[host]) for host in asks)
                        outcome = self._trials.outcome(stop.group, occurrence, option.pulled, way, stage)
                        first = first or outcome
                        if not holds(outcome, first, is_original=number == 0):
                            yield (place, number, *at)


def _unit(stops: Sequence[Stop]) -> Actor:
    costs = tuple(_SWITCH * bool(stop.switched) for stop in stops)
    bridges = frozenset(n for n, stop in enumerate(stops) if stop.is_bridge)
    moves = any(stop.group.engine != stops[0].group.engine for stop in stops)
    last = stops[-1].group.engine
    # A host whose switches alone could change stays where it is.
    goals = frozenset(n for n, stop in enumerate(stops) if stop.group.engine == last and (n or not moves))
    resorts = frozenset(n for n, stop in enumerate(stops) if stop.switched)
    return Actor(costs, goals, bridges=bridges, last_resorts=resorts)


def _registry(stops: Sequence[Registry]) -> Actor:
    last = len(stops) - 1
    return Actor((0,) * len(stops), frozenset({last}), bridges=frozenset(range(1, last)))


def _turns(units: Sequence[Unit], knowledge: Knowledge) -> Iterator[Turn]:
    """Canaries first: of those that go to the same target, however it is spelt, each ring after the one before it."""
    targets: dict[object, dict[int, list[int]]] = {}
    for number, unit in enumerate(units):
        if unit.ring is not None and (target := unit.group.target):
            engine = knowledge.engine(target.name)
            key = (engine.name if engine else target.name, target.version or target.text)
            targets.setdefault(key, {}).setdefault(unit.ring, []).append(number)
    for rings in targets.values():
        for ring, following in pairwise(sorted(rings)):
            yield Turn(tuple(rings[ring]), tuple(rings[following]))
