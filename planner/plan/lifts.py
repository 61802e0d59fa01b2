"""What would lift a core, each tried on the hosts and pulls of the core before it is named."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.model.engine import Software
from planner.model.finding import HostGroup
from planner.model.host import Registry
from planner.plan.bridges import at_version, newest_of_each
from planner.plan.fleet import Fleet, Pin, Unit
from planner.plan.ground import Ground
from planner.plan.order.problem import Schedule
from planner.plan.order.solve import Core, solve
from planner.plan.pose import Posed, Poser


@dataclass(frozen=True, slots=True)
class Lift:
    """`besides` are the last resorts that it takes, such as a switch; `target` is the other one, if it is one."""

    besides: tuple[str, ...]
    target: Software | None = None


class Lifts:
    """The hosts and pulls of one core, apart from all others: what lifts it may not do for everything together."""

    def __init__(self, core: Core, posed: Posed, ground: Ground) -> None:
        self._posed, self._ground = posed, ground
        pulls = [posed.problem.links[index].actors[:2] for index in core.links]
        self._numbers = sorted({unit for unit, _ in pulls} | {n for n in core.actors if n < len(posed.stops)})
        self._bound = set(core.actors)
        self._pin_numbers = sorted({pin - posed.first_pin for _, pin in pulls})
        self._pins = [
            self._pin(posed.fleet.pins[pin], {unit for unit, other in pulls if other == posed.first_pin + pin})
            for pin in self._pin_numbers
        ]
        moving = {posed.hosts[n - len(posed.stops)] for n in core.actors if len(posed.stops) <= n < posed.first_pin}
        self._registries = [
            stops[-1] if host in moving else replace(stops[0], target=None) for host, stops in posed.registries.items()
        ]

    def _pin(self, pin: Pin, units: set[int]) -> Pin:
        users = ((self._numbers.index(unit), platforms) for unit, platforms in pin.users if unit in units)
        return replace(pin, users=tuple(users))

    def short_of_target(self, unit: int) -> Lift | None:
        """The furthest stop of a unit at which the core would be possible; None where only its present is."""
        stops = [stop for stop in self._posed.stops[unit] if stop.is_bridge and not stop.switched]
        return self._first_target(unit, [stop.group.engine for stop in reversed(stops)])

    def target(self, unit: int) -> Lift | None:
        """The oldest release that makes the core possible as the target of a unit without one; None: none does."""
        group = self._posed.fleet.units[unit].group
        return self._first_target(unit, newest_of_each(group.engine, self._ground.knowledge))

    def registry_short_of_target(self, host: str) -> Lift | None:
        """The furthest stop of a registry at which the core would be possible; None where only its present is."""
        stops = reversed(self._posed.registries[host][1:-1])
        return _first((stop.target, self._try(registry=stop)) for stop in stops)

    def without(self, unit: int, pin: int) -> Lift | None:
        """That a unit does not pull a pin."""
        others, _ = self._parted(unit, pin)
        return self._try(pins=others)

    def with_its_own(self, unit: int, pin: int) -> Lift | None:
        """That a unit has a pin for itself, which may be changed without those that share it now."""
        others, own = self._parted(unit, pin)
        return self._try(pins=[*others, own])

    def _parted(self, unit: int, pin: int) -> tuple[list[Pin], Pin]:
        """All pins without one that a unit pulls, and that one."""
        number, index = self._numbers.index(unit), self._pin_numbers.index(pin)
        users = self._pins[index].users
        own, shared = (tuple(u for u in users if (u[0] == number) is is_own) for is_own in (True, False))
        left = [replace(self._pins[index], users=shared)] if shared else []
        return [*self._pins[:index], *left, *self._pins[index + 1 :]], replace(self._pins[index], users=own)

    def _first_target(self, unit: int, targets: Sequence[Software]) -> Lift | None:
        return _first((target, self._try({unit: target})) for target in targets)

    def _try(
        self,
        targets: Mapping[int, Software] | None = None,
        registry: Registry | None = None,
        pins: Sequence[Pin] | None = None,
    ) -> Lift | None:
        """Whether all can do what the core wants, with other targets, a registry on another way, or other pins."""
        units = tuple(self._unit(number, (targets or {}).get(number)) for number in self._numbers)
        registries = [registry if registry and registry.host == each.host else each for each in self._registries]
        ground = self._ground.apart(Fleet(units, tuple(self._pins if pins is None else pins)), registries)
        posed = Poser(ground).pose()
        solution = solve(posed.problem, [1] * len(posed.problem.actors))
        return None if solution.holds else Lift(tuple(_last_resorts(posed, solution.schedule)))

    def _unit(self, number: int, target: Software | None) -> Unit:
        unit = self._posed.fleet.units[number]
        if target:
            return replace(unit, group=_with_target(unit.group, target, self._ground))
        return unit if number in self._bound else replace(unit, group=_without_target(unit.group))


def _first(tried: Iterable[tuple[Software | None, Lift | None]]) -> Lift | None:
    """The first that takes no last resort, else the first."""
    found: list[Lift] = []
    for target, lift in tried:
        if lift:
            found.append(replace(lift, target=target))
            if not lift.besides:
                return found[-1]
    return found[0] if found else None


def _last_resorts(posed: Posed, schedule: Schedule) -> Iterator[str]:
    """What is done on the way for want of anything better."""
    for leg in schedule.legs:
        if leg.place not in posed.problem.actors[leg.actor].last_resorts:
            continue
        if leg.actor < len(posed.stops):
            switches = ", ".join(sorted(posed.stops[leg.actor][leg.place].switched))
            yield f"{switches} set on {named(posed.fleet.units[leg.actor].hosts)}"
        else:
            pin = leg.actor - posed.first_pin
            yield f"{posed.fleet.pins[pin].reference.name} re-pinned to {posed.options[pin][leg.place].what}"


def named(names: Sequence[str]) -> str:
    """Hosts that are alike: `web-1 and 11 like it`."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} like it"


def _with_target(group: HostGroup, target: Software, ground: Ground) -> HostGroup:
    there = at_version(group, target, ground.knowledge)
    return replace(group, target=target, target_store=there.store, target_may=())


def _without_target(group: HostGroup) -> HostGroup:
    return replace(group, target=None, target_store="", target_may=())
