"""What a plan and the remedies of findings stand on: who is where, where they can go, what each pin may become."""

from collections.abc import Mapping, Sequence
from math import prod

from planner.model.host import Registry
from planner.model.knowledge import Knowledge
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution
from planner.plan.bridges import Stop, registry_stops, stops
from planner.plan.fleet import Fleet, Pin
from planner.plan.options import Known, Option, options, parents, platforms_of
from planner.plan.trial import Stage, Trials, can_copy

# So many combinations of stops of registries are tried for each pull, version and option.
_MOST_TOGETHER = 200


class Ground:
    """One fleet with the stops of its units and registries. Options are worked out for those pins that are asked for.

    `to` is where copies go; empty: beside what they are made from.
    """

    def __init__(
        self,
        fleet: Fleet,
        registries: Sequence[Registry],
        resolutions: Mapping[Reference, Resolution],
        knowledge: Knowledge,
        to: str = "",
    ) -> None:
        # Many units are of one group: what they run is the same, what they pull is not.
        ways = {group: stops(group, knowledge) for group in dict.fromkeys(unit.group for unit in fleet.units)}
        self.fleet = fleet
        self.knowledge = knowledge
        self.stops: tuple[tuple[Stop, ...], ...] = tuple(ways[unit.group] for unit in fleet.units)
        self.registries = {registry.host: registry_stops(registry, knowledge) for registry in registries}
        self.to = to
        self._resolutions = dict(resolutions)
        self._known = Known(self._resolutions, parents(resolutions), knowledge)
        groups = list(dict.fromkeys(stop.group for some in self.stops for stop in some))
        self.without_bridges = self._crowded(Trials(knowledge, groups, self.registries, self._resolutions))
        for host in self.without_bridges:
            self.registries[host] = (self.registries[host][0], self.registries[host][-1])
        self.trials = Trials(knowledge, groups, self.registries, self._resolutions)
        self._options: dict[int, tuple[Option, ...]] = {}

    def _crowded(self, trials: Trials) -> tuple[str, ...]:
        """Registries asked along with others, with too many stops to try each with each: they go without bridges.

        A pin's own registry keeps its own as long as it can, since that is where copies are made.
        """
        if prod(map(len, self.registries.values())) <= _MOST_TOGETHER:
            return ()
        left = {host: len(found) for host, found in self.registries.items()}
        for pin in self.fleet.pins:
            for unit, _ in pin.users:
                together = trials.moving(self.stops[unit][0].group, pin.reference)
                for host in sorted(together, key=lambda each: (each == pin.reference.registry, each)):
                    if prod(left[each] for each in together) > _MOST_TOGETHER:
                        left[host] = 2
        return tuple(sorted(host for host, count in left.items() if count < len(self.registries[host])))

    def apart(self, fleet: Fleet, registries: Sequence[Registry]) -> "Ground":
        """The same for another fleet, or for other ways of the registries."""
        return Ground(fleet, registries, self._resolutions, self.knowledge, self.to)

    def original(self, pin: int) -> Option:
        """A pin as it is."""
        reference = self.fleet.pins[pin].reference
        return Option(reference, self._resolutions.get(asked(reference)))

    def options(self, pin: int) -> tuple[Option, ...]:
        """What a pin may become, itself first; copies that no stop of their registries would take are left out."""
        if pin not in self._options:
            found = self.fleet.pins[pin]
            others = () if found.is_fixed else options(found.reference, self._known, self._platforms(found), self.to)
            for option in others:
                if option.resolution:
                    self._resolutions.setdefault(asked(option.pulled), option.resolution)
            self._options[pin] = (self.original(pin), *(option for option in others if self._can_be_had(option)))
        return self._options[pin]

    def _platforms(self, pin: Pin) -> list[Platform]:
        units = self.fleet.units
        found = (platforms_of((way.platform for way in ways), units[unit].group.platform) for unit, ways in pin.users)
        return sorted(frozenset[Platform]().union(*found), key=str)

    def _can_be_had(self, option: Option) -> bool:
        if option.conversion is None:
            return True
        hosts = dict.fromkeys((option.conversion.source.registry, option.conversion.destination.registry))
        moving = [host for host in hosts if len(self.registries.get(host, ())) > 1]
        stages: list[Stage] = [((host, n),) for host in moving for n in range(len(self.registries[host]))] or [()]
        return any(can_copy(option, self.trials, stage) for stage in stages)
