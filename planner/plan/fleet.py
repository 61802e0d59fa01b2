"""Who moves: units of hosts that are alike and pull the same, and pins that are changed as one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from planner.model.finding import HostGroup
from planner.model.host import Host
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform
from planner.model.reference import Reference

Runners = Mapping[str, Mapping[int, tuple[str, ...]]]


class Way(NamedTuple):
    """How something is pulled: for which platform (None: the host's own), and with a tag beside the digest or not."""

    platform: Platform | None
    is_tagged: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """Hosts that share everything a verdict depends on, their ring, and all that they pull; they move as one."""

    group: HostGroup
    hosts: tuple[str, ...]
    ring: int | None


@dataclass(frozen=True, slots=True)
class Pin:
    """Occurrences of one reference that an edit changes together, or that the same units pull.

    `users` says for each unit, by number, in which ways it pulls it. `reference` has the tag that all occurrences have
    beside the digest, if any. `is_fixed`: its text stands for other references too, so that it cannot be changed alone.
    """

    reference: Reference
    occurrences: tuple[Occurrence, ...]
    users: tuple[tuple[int, frozenset[Way]], ...]
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Fleet:
    """All units and pins of one run; pins that no host pulls are not among them."""

    units: tuple[Unit, ...]
    pins: tuple[Pin, ...]

    def pulls(self) -> list[list[tuple[int, frozenset[Way]]]]:
        """For each unit the pins that it pulls, by number, and in which ways."""
        found: list[list[tuple[int, frozenset[Way]]]] = [[] for _ in self.units]
        for number, pin in enumerate(self.pins):
            for unit, platforms in pin.users:
                found[unit].append((number, platforms))
        return found


def rings(hosts: Iterable[Host]) -> dict[str, int]:
    """The place in the canary order of those hosts that have one, by name."""
    return {host.name: host.ring for host in hosts if host.ring is not None}


def fleet(
    occurrences: Sequence[Occurrence],
    groups: Sequence[HostGroup],
    runners: Runners,
    rings: Mapping[str, int],
    real: Mapping[str, str] | None = None,
) -> Fleet:
    """`runners` are the hosts that pull each occurrence, as a report has them; `rings` those of hosts, by name.

    `real` names for files that are links the one that an edit of them would change.
    """
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
    run = [(o, tuple(users[part])) for part, (_, some) in enumerate(parts) for o in some]
    return Fleet(made, tuple(_pins(run, real or {})))


def _pins(run: Sequence[tuple[Occurrence, tuple[int, ...]]], real: Mapping[str, str]) -> Iterator[Pin]:
    """What an edit changes together: one reference in one file, and all users of one text, whoever runs them."""
    ordered = sorted(run, key=lambda each: (each[0].file, each[0].line, each[0].column))
    root = list(range(len(ordered)))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = number = root[root[number]]
        return number

    named: dict[object, int] = {}
    texts: dict[tuple[str, int, int], set[str]] = {}
    for number, (occurrence, _) in enumerate(ordered):
        pinned = occurrence.reference.pinned
        for file in {occurrence.file, occurrence.used_in or occurrence.file}:
            root[find(number)] = find(named.setdefault((pinned, real.get(file, file)), number))
        texts.setdefault(_place(occurrence, real), set()).add(pinned)
    parts: dict[int, list[tuple[Occurrence, tuple[int, ...]]]] = {}
    for number, each in enumerate(ordered):
        parts.setdefault(find(number), []).append(each)
    # The same reference elsewhere that the same hosts run is one pin too: there is no reason to change one of them.
    alike: dict[object, list[tuple[Occurrence, tuple[int, ...]]]] = {}
    for some in parts.values():
        key = (some[0][0].reference.pinned, frozenset(unit for _, users in some for unit in users))
        alike.setdefault(key, []).extend(some)
    for some in alike.values():
        if any(users for _, users in some):
            yield _pin(some, is_fixed=any(len(texts[_place(occurrence, real)]) > 1 for occurrence, _ in some))


def _place(occurrence: Occurrence, real: Mapping[str, str]) -> tuple[str, int, int]:
    return real.get(occurrence.file, occurrence.file), occurrence.line, occurrence.column


def _pin(some: Sequence[tuple[Occurrence, tuple[int, ...]]], *, is_fixed: bool) -> Pin:
    ways: dict[int, set[Way]] = {}
    for occurrence, users in some:
        for unit in users:
            ways.setdefault(unit, set()).add(Way(occurrence.platform, occurrence.reference.tag is not None))
    occurrences = tuple(occurrence for occurrence, _ in some)
    by_unit = tuple((unit, frozenset(found)) for unit, found in sorted(ways.items()))
    tags = {occurrence.reference.tag for occurrence in occurrences}
    reference = occurrences[0].reference
    return Pin(reference if len(tags) == 1 else replace(reference, tag=None), occurrences, by_unit, is_fixed)
