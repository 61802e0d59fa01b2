"""The problem of one fleet: its units, registries and pins as actors, each pull as a link, judged by assess."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from planner.assess.delivery import Refused, deliver
from planner.assess.engine_view import ANYTHING
from planner.assess.shape import shape_of
from planner.assess.storing import storable
from planner.model.finding import HostGroup, Outcome, Verdict
from planner.model.host import Registry
from planner.model.platform import Platform
from planner.plan.bridges import Stop
from planner.plan.fleet import Fleet, Pin, Unit
from planner.plan.options import Option
from planner.plan.problem import Actor, At, Link, Preparation, Problem, Turn
from planner.plan.trial import Stage, Trials, is_unknown, works

# What it costs to set a switch, beside the ranks of options.
_SWITCH = 100
# What is not known of the hosts or registries themselves is no reason to prefer one digest to another.
_NOT_UNDERSTOOD = ("engine-unknown", "registry-unknown")


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

    def __init__(
        self,
        fleet: Fleet,
        stops: Sequence[Sequence[Stop]],
        registries: Mapping[str, Sequence[Registry]],
        options: Sequence[Sequence[Option]],
        trials: Trials,
    ) -> None:
        self._fleet = fleet
        self._stops = stops
        self._registries = registries
        self._hosts = tuple(host for host, found in registries.items() if len(found) > 1)
        self._options = options
        self._trials = trials
        self._tables: dict[object, frozenset[tuple[int, ...]]] = {}

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
            for unit, platforms in pin.users
            if (link := self._link(number, pin, unit, platforms)).broken
        )
        problem = Problem(tuple(actors), links, tuple(_turns(self._fleet.units)))
        stops, options = tuple(map(tuple, self._stops)), tuple(map(tuple, self._options))
        registries = {host: tuple(found) for host, found in self._registries.items()}
        return Posed(self._fleet, stops, self._hosts, registries, options, self._trials, problem)

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

    def _link(self, number: int, pin: Pin, unit: int, platforms: frozenset[Platform | None]) -> Link:
        options, group = self._options[number], self._stops[unit][0].group
        moving = sorted({host for option in options for host in self._trials.moving(group, option.pulled)})
        first = len(self._stops)
        actors = (unit, first + len(self._hosts) + number, *(first + self._hosts.index(host) for host in moving))
        alike = tuple(self._trials.key(option.pulled, routed=group.route is not None) for option in options)
        key = (
            self._stops[unit][0].group,
            self._stops[unit][-1].group,
            len(self._stops[unit]),
            platforms,
            alike,
            tuple(moving),
        )
        if key not in self._tables:
            self._tables[key] = frozenset(self._broken(pin, options, unit, platforms, moving))
        return Link(actors, self._tables[key], len(pin.occurrences) * len(self._fleet.units[unit].hosts))

    def _broken(
        self, pin: Pin, options: Sequence[Option], unit: int, platforms: frozenset[Platform | None], moving: list[str]
    ) -> Iterator[tuple[int, ...]]:
        occurrence = pin.occurrences[0]
        for place, stop in enumerate(self._stops[unit]):
            for at in product(*(range(len(self._registries[host])) for host in moving)):
                every = dict(zip(moving, at, strict=True))
                for platform in platforms:
                    first: Outcome | None = None
                    for number, option in enumerate(options):
                        asks = self._trials.moving(stop.group, option.pulled)
                        stage = tuple((host, every[host]) for host in asks)
                        outcome = self._trials.outcome(stop.group, occurrence, option.pulled, platform, stage)
                        first = first or outcome
                        if not holds(outcome, first, is_original=number == 0):
                            yield (place, number, *at)


def can_copy(option: Option, trials: Trials, stage: Stage) -> bool:
    """Whether a conversion can be made with the registries as they are at `stage`, as far as is known."""
    conversion, copy = option.conversion, option.resolution
    if conversion is None or copy is None:
        return False
    there = trials.registry(conversion.destination.registry, stage)
    if storable(there, copy.media_type) is False:
        return False
    source = trials.source(conversion.source)
    shape = shape_of(source) if source else None
    here = trials.registry(conversion.source.registry, stage)
    return shape is not None and not isinstance(deliver(shape, here, "digest", frozenset({ANYTHING})), Refused)


def holds(outcome: Outcome, original: Outcome, *, is_original: bool) -> bool:
    """Whether a pull keeps the rule: it works or, of the pin as it is, might; a change has to be proven."""
    if is_original:
        return outcome.verdict is not Verdict.BREAKS and not outcome.hollow
    if is_unknown(outcome) and is_unknown(original):
        return original.cause in _NOT_UNDERSTOOD and outcome.cause in _NOT_UNDERSTOOD
    return works(outcome)


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


def _turns(units: Sequence[Unit]) -> Iterator[Turn]:
    """Canaries first: of those that go to the same target, each ring after the one before it."""
    targets: dict[object, dict[int, list[int]]] = {}
    for number, unit in enumerate(units):
        if unit.ring is not None and unit.group.target:
            targets.setdefault(unit.group.target, {}).setdefault(unit.ring, []).append(number)
    for rings in targets.values():
        for ring, following in pairwise(sorted(rings)):
            yield Turn(tuple(rings[ring]), tuple(rings[following]))
