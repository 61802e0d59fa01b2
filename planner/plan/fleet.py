"""Who moves: units of hosts that are alike and pull the same, and pins that are changed as one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from planner.model.finding import HostGroup
from planner.model.host import Host
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform
from planner.model.reference import Reference

Runners = Mapping[str, Mapping[int, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Unit:
    """Hosts that share everything a verdict depends on, their ring, and all that they pull; they move as one."""

    group: HostGroup
    hosts: tuple[str, ...]
    ring: int | None


@dataclass(frozen=True, slots=True)
class Pin:
    """Occurrences of one reference that the same units pull, or whose text stands in one place.

    `users` says for each unit, by number, for which platforms it pulls it; None: its own.
    """

    reference: Reference
    occurrences: tuple[Occurrence, ...]
    users: tuple[tuple[int, frozenset[Platform | None]], ...]


@dataclass(frozen=True, slots=True)
class Fleet:
    """All units and pins of one run; pins that no host pulls are not among them."""

    units: tuple[Unit, ...]
    pins: tuple[Pin, ...]

    def pulls(self) -> list[list[tuple[int, frozenset[Platform | None]]]]:
        """For each unit the pins that it pulls, by number, and for which platforms."""
        found: list[list[tuple[int, frozenset[Platform | None]]]] = [[] for _ in self.units]
        for number, pin in enumerate(self.pins):
            for unit, platforms in pin.users:
                found[unit].append((number, platforms))
        return found


def rings(hosts: Iterable[Host]) -> dict[str, int]:
    """The place in the canary order of those hosts that have one, by name."""
    return {host.name: host.ring for host in hosts if host.ring is not None}


def fleet(
    occurrences: Sequence[Occurrence], groups: Sequence[HostGroup], runners: Runners, rings: Mapping[str, int]
) -> Fleet:
    """`runners` are the hosts that pull each occurrence, as a report has them; `rings` those of hosts, by name."""
    # Occurrences of one file share one mapping: what a host pulls is told by which of them it is in.
    alike: dict[int, list[Occurrence]] = {}
    for occurrence in occurrences:
        alike.setdefault(id(runners.get(occurrence.id, {})), []).append(occurrence)
    parts = [(runners.get(some[0].id, {}), some) for some in alike.values()]
    pulls: dict[str, list[int]] = {}
    for number, (running, _) in enumerate(parts):
        for names in running.values():
            for name in names:
                pulls.setdefault(name, []).append(number)
    units: dict[tuple[int, int | None, tuple[int, ...]], list[str]] = {}
    for index, group in enumerate(groups):
        for name in group.hosts:
            units.setdefault((index, rings.get(name), tuple(pulls.get(name, ()))), []).append(name)
    users: list[list[int]] = [[] for _ in parts]
    for number, (_, _, pulled) in enumerate(units):
        for part in pulled:
            users[part].append(number)
    made = tuple(Unit(groups[index], tuple(names), ring) for (index, ring, _), names in units.items())
    run = [(o, tuple(users[part])) for part, (_, some) in enumerate(parts) for o in some if users[part]]
    return Fleet(made, tuple(_pins(run)))


def _pins(run: Sequence[tuple[Occurrence, tuple[int, ...]]]) -> list[Pin]:
    pins: dict[object, list[tuple[Occurrence, tuple[int, ...]]]] = {}
    of_place: dict[tuple[str, int, int], object] = {}
    for occurrence, users in sorted(run, key=lambda each: (each[0].file, each[0].line, each[0].column)):
        # A digest that stands in one place for several users can only be changed for all of them.
        place = (occurrence.file, occurrence.line, occurrence.column)
        key = of_place.setdefault(place, (occurrence.reference, users))
        pins.setdefault(key, []).append((occurrence, users))
    return [_pin(some) for some in pins.values()]


def _pin(some: Sequence[tuple[Occurrence, tuple[int, ...]]]) -> Pin:
    platforms: dict[int, set[Platform | None]] = {}
    for occurrence, users in some:
        for unit in users:
            platforms.setdefault(unit, set()).add(occurrence.platform)
    occurrences = tuple(occurrence for occurrence, _ in some)
    by_unit = tuple((unit, frozenset(found)) for unit, found in sorted(platforms.items()))
    return Pin(occurrences[0].reference, occurrences, by_unit)
