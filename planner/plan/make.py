"""The plan of one run, from what its earlier stages found."""

from collections.abc import Container, Mapping, Sequence

from planner.model.finding import HostGroup
from planner.model.host import Host, Registry
from planner.model.knowledge import Knowledge
from planner.model.occurrence import Occurrence
from planner.model.plan import Plan
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution
from planner.plan.blocked import broken_at_the_end, held
from planner.plan.bridges import registry_stops, stops
from planner.plan.ceilings import ceilings
from planner.plan.fleet import Fleet, Pin, Runners, fleet
from planner.plan.journey import Journey, journey
from planner.plan.options import Option, options, platforms_of
from planner.plan.pose import Posed, Poser, can_copy
from planner.plan.problem import Turn
from planner.plan.solve import solve
from planner.plan.steps import steps
from planner.plan.trial import Trials


def make_plan(  # noqa: PLR0913, PLR0917 - the facts of a run
    occurrences: Sequence[Occurrence],
    resolutions: Mapping[Reference, Resolution],
    hosts: Sequence[Host],
    groups: Sequence[HostGroup],
    runners: Runners,
    registries: Sequence[Registry],
    knowledge: Knowledge,
    *,
    to: str = "",
    insecure: Container[str] = (),
) -> Plan:
    """Steps in waves, from what is declared to the declared targets; what stands against them; how far others can go.

    `to` is the registry, with a prefix perhaps, where copies go; empty: beside what they are made from. `insecure` are
    registries whose commands need flags for plain HTTP.
    """
    who = fleet(occurrences, groups, runners, {host.name: host.ring for host in hosts if host.ring is not None})
    posed = _posed(who, resolutions, registries, knowledge, to)
    importance = [
        *(len(unit.hosts) for unit in who.units),
        *(len(hosts) + 1 for _ in posed.hosts),
        *(0 for _ in who.pins),
    ]
    solution = solve(posed.problem, importance)
    trip = journey(posed, solution.schedule)
    blocked = (*held(solution.holds, posed, knowledge), *broken_at_the_end(trip, knowledge))
    has_targets = any(host.target for host in hosts) or any(registry.target for registry in registries)
    return Plan(
        feasible=not blocked,
        steps=steps(trip, knowledge, insecure),
        blocked=blocked,
        ceilings=() if has_targets else ceilings(who, resolutions, registries, knowledge),
        notes=tuple(_notes(trip, has_hosts=bool(hosts), has_targets=has_targets)),
    )


def _posed(
    who: Fleet,
    resolutions: Mapping[Reference, Resolution],
    registries: Sequence[Registry],
    knowledge: Knowledge,
    to: str,
) -> Posed:
    """The problem, with the options of every pin that can be had at all."""
    ways = {unit.group: stops(unit.group, knowledge) for unit in who.units}
    of_unit = [ways[unit.group] for unit in who.units]
    of_registry = {registry.host: registry_stops(registry, knowledge) for registry in registries}
    offered = [options(pin.reference, resolutions, _platforms(pin, who), to, knowledge) for pin in who.pins]
    told = dict(resolutions)
    for option in (option for some in offered for option in some):
        if option.resolution:
            told[asked(option.pulled)] = option.resolution
    trials = Trials(knowledge, list(dict.fromkeys(s.group for some in of_unit for s in some)), of_registry, told)
    kept = [[o for o in some if _can_be_had(o, trials, of_registry)] for some in offered]
    return Poser(who, of_unit, of_registry, kept, trials).pose()


def _can_be_had(option: Option, trials: Trials, stops: Mapping[str, Sequence[Registry]]) -> bool:
    """Copies that no stop of their registries takes are none."""
    if option.conversion is None:
        return True
    hosts = dict.fromkeys((option.conversion.source.registry, option.conversion.destination.registry))
    moving = [host for host in hosts if len(stops.get(host, ())) > 1]
    stages = [()] if not moving else [((host, n),) for host in moving for n in range(len(stops[host]))]
    return any(can_copy(option, trials, stage) for stage in stages)


def _platforms(pin: Pin, who: Fleet) -> list[Platform]:
    found = (platforms_of(declared, who.units[unit].group.platform) for unit, declared in pin.users)
    return sorted(frozenset[Platform]().union(*found), key=str)


def _notes(trip: Journey, *, has_hosts: bool, has_targets: bool) -> list[str]:
    schedule = trip.schedule
    notes = []
    if not (has_hosts or has_targets):
        notes.append("declare [[hosts]] with `engine` and `target` in planner.toml at PATH, or in a CSV with --hosts")
    elif not has_targets:
        notes.append(
            "no host or registry has a target, so nothing is upgraded: see how far each group of hosts can go as it is"
        )
    notes += [_missed(turn, trip) for turn in schedule.missed]
    if not schedule.is_optimal:
        notes.append("the search stopped before it could prove that there is no plan with fewer waves or bridges")
    return notes


def _missed(turn: Turn, trip: Journey) -> str:
    units = trip.posed.fleet.units
    first, then = units[turn.first[0]], units[turn.then[0]]
    return (
        f"ring {then.ring} cannot wait for ring {first.ring} on the way to {first.group.target}: what they pull is "
        f"against it; {then.hosts[0]} and those like it go first, so watch them as you would the canaries"
    )
