"""What would lift a core: other targets, each tried on the hosts and pulls of the core before it is named."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from planner.model.engine import Software
from planner.model.finding import HostGroup
from planner.model.host import Registry
from planner.plan.bridges import at_version, newest_of_each
from planner.plan.fleet import Fleet, Pin, Unit
from planner.plan.ground import Ground
from planner.plan.order.solve import Core, solve
from planner.plan.pose import Posed, Poser


class Lifts:
    """The hosts and pulls of one core, apart from all others."""

    def __init__(self, core: Core, posed: Posed, ground: Ground) -> None:
        self._posed, self._ground = posed, ground
        pulls = [posed.problem.links[index].actors[:2] for index in core.links]
        self._numbers = sorted({unit for unit, _ in pulls} | {n for n in core.actors if n < len(posed.stops)})
        self._bound = set(core.actors)
        self._pins = [
            self._pin(posed.fleet.pins[pin - posed.first_pin], {unit for unit, other in pulls if other == pin})
            for pin in sorted({pin for _, pin in pulls})
        ]
        moving = {posed.hosts[n - len(posed.stops)] for n in core.actors if len(posed.stops) <= n < posed.first_pin}
        self._registries = [
            stops[-1] if host in moving else replace(stops[0], target=None) for host, stops in posed.registries.items()
        ]

    def _pin(self, pin: Pin, units: set[int]) -> Pin:
        users = ((self._numbers.index(unit), platforms) for unit, platforms in pin.users if unit in units)
        return replace(pin, users=tuple(users))

    def short_of_target(self, unit: int) -> Software | None:
        """The furthest stop of a unit at which the core would be possible; None where only its present is."""
        stops = [stop for stop in self._posed.stops[unit] if stop.is_bridge and not stop.switched]
        return self._first(unit, (stop.group.engine for stop in reversed(stops)))

    def target(self, unit: int) -> Software | None:
        """The oldest release that makes the core possible as the target of a unit without one; None: none does."""
        group = self._posed.fleet.units[unit].group
        return self._first(unit, newest_of_each(group.engine, self._ground.knowledge))

    def _first(self, unit: int, targets: Iterator[Software] | Sequence[Software]) -> Software | None:
        return next((target for target in targets if self._is_possible(unit, target)), None)

    def _is_possible(self, unit: int, target: Software) -> bool:
        return self._has_order([self._unit(number, target if number == unit else None) for number in self._numbers])

    def _has_order(self, units: Sequence[Unit], other: Registry | None = None) -> bool:
        """Whether these units, with one registry perhaps on another way, can all do what the core wants."""
        registries = [other if other and registry.host == other.host else registry for registry in self._registries]
        ground = self._ground.apart(Fleet(tuple(units), tuple(self._pins)), registries)
        problem = Poser(ground).pose().problem
        return not solve(problem, [1] * len(problem.actors)).holds

    def _unit(self, number: int, target: Software | None) -> Unit:
        unit = self._posed.fleet.units[number]
        if target:
            return replace(unit, group=_with_target(unit.group, target, self._ground))
        return unit if number in self._bound else replace(unit, group=_without_target(unit.group))

    def registry_short_of_target(self, host: str) -> Registry | None:
        """The furthest stop of a registry at which the core would be possible; None where only its present is."""
        units = [self._unit(number, None) for number in self._numbers]
        stops = reversed(self._posed.registries[host][1:-1])
        return next((stop for stop in stops if self._has_order(units, stop)), None)


def _with_target(group: HostGroup, target: Software, ground: Ground) -> HostGroup:
    there = at_version(group, target, ground.knowledge)
    return replace(group, target=target, target_store=there.store, target_may=())


def _without_target(group: HostGroup) -> HostGroup:
    return replace(group, target=None, target_store="", target_may=())
