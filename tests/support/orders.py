"""Every order of single changes of a small fleet, judged by assess: what "no order" in a plan is held against.

It allows more than the search does: a host may stop at any release on its way, every place is edited for itself, and a
pin may come back to what it was.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from planner.assess import assess
from planner.model.engine import Software
from planner.model.finding import PULLS, Outcome
from planner.model.host import Host, Registry
from planner.model.knowledge import Knowledge, Release, Support
from planner.model.moment import Moment
from planner.model.report import asked
from planner.plan.bridges import registry_stops
from planner.plan.options import Known, Option, options, parents, platforms_of
from planner.plan.order.problem import Actor, At, Link, Preparation, Problem
from planner.plan.trial import can_copy, holds
from tests.support.fleets import Planned
from tests.support.replay import Facts

Places = tuple[int, ...]
Outcomes = Mapping[tuple[int, int, int, int, int], Outcome]  # by host, stop, pin, option and stop of the registry
# More states than fleets of two hosts and two pins were seen to have.
_MOST = 300_000


def goals_can_be_reached(problem: Problem) -> bool:
    """Whether any order brings every actor to a goal without breaking a link that holds."""
    start = (0,) * len(problem.actors)
    first = (start, _kept(problem, start), _made(problem, start, frozenset()))
    queue, seen = deque([first]), {first}
    while queue:
        places, kept, made = queue.popleft()
        if all(place in actor.goals for place, actor in zip(places, problem.actors, strict=True)):
            return True
        for moved in _moves(problem, places, made):
            now = _kept(problem, moved)
            state = (moved, now, _made(problem, moved, made))
            if state not in seen and all(after or not before for before, after in zip(kept, now, strict=True)):
                assert len(seen) < _MOST, "too large a fleet for every order to be tried"
                seen.add(state)
                queue.append(state)
    return False


def _kept(problem: Problem, places: Places) -> tuple[bool, ...]:
    return tuple(tuple(places[n] for n in link.actors) not in link.broken for link in problem.links)


def _made(problem: Problem, places: Places, before: frozenset[At]) -> frozenset[At]:
    """All copies that can be made by now: to have one never hurts."""
    found = {
        At(number, place)
        for number, actor in enumerate(problem.actors)
        for place, preparation in actor.prepared
        if not any(places[at.actor] == at.place for at in preparation.barred)
    }
    return before | found


def _moves(problem: Problem, places: Places, made: frozenset[At]) -> Iterator[Places]:
    for number, actor in enumerate(problem.actors):
        prepared = dict(actor.prepared)
        for place in actor.places[places[number] + 1 :] if actor.ordered else actor.places:
            if place != places[number] and (place not in prepared or At(number, place) in made):
                yield (*places[:number], place, *places[number + 1 :])


@dataclass(frozen=True)
class _Stop:
    host: Host
    is_goal: bool


def every_order(fleet: Planned) -> Problem:
    """The problem of a fleet, posed anew from what assess says of every release and every option."""
    facts = fleet.facts
    registry = registry_stops(facts.registries[0], facts.knowledge) if facts.registries else ()
    stops = [list(_stops(host, facts.knowledge)) for host in facts.hosts]
    offered = [_options(number, facts) for number in range(len(facts.occurrences))]
    outcomes: dict[tuple[int, int, int, int, int], Outcome] = {}
    for at in range(max(1, len(registry))):
        outcomes |= _outcomes(facts, stops, offered, at, [registry[at]] if registry else [])
    first_pin = len(stops) + bool(registry)
    actors, links = [], []
    for host, some in enumerate(stops):
        kept = _that_differ(host, some, outcomes)
        goals = frozenset(n for n, stop in enumerate(kept) if some[stop].is_goal)
        actors.append(Actor((0,) * len(kept), goals))
        links += list(_links(host, kept, first_pin, len(registry), outcomes))
    if registry:
        actors.append(Actor((0,) * len(registry), frozenset({len(registry) - 1})))
    for some_options in offered:
        prepared = tuple(
            (place, Preparation(frozenset(_barred(option, fleet, len(registry)))))
            for place, option in enumerate(some_options)
            if option.conversion
        )
        every = range(len(some_options))
        actors.append(Actor((0,) * len(every), frozenset(every), ordered=False, prepared=prepared))
    return Problem(tuple(actors), tuple(links))


def _options(number: int, facts: Facts) -> tuple[Option, ...]:
    """All that a place may name, for the platforms of all hosts that run its file."""
    occurrence = facts.occurrences[number]
    running = [host for host in facts.hosts if occurrence.file in host.runs]
    wanted = frozenset().union(*(platforms_of([occurrence.platform], host.platform) for host in running))
    known = Known(facts.resolutions, parents(facts.resolutions), facts.knowledge)
    others = options(occurrence.reference, known, sorted(wanted, key=str), "")
    return Option(occurrence.reference, facts.resolutions.get(asked(occurrence.reference))), *others


def _stops(host: Host, knowledge: Knowledge) -> Iterator[_Stop]:
    """A host at every release that it may pass, each without and with the switches of that release."""
    yield from _both(replace(host, target=host.engine), knowledge, is_goal=host.target is None)
    if host.target is None:
        return
    for software in _passed(host.engine, host.target, knowledge):
        yield from _both(replace(host, target=software), knowledge, is_goal=False)
    yield from _both(host, knowledge, is_goal=True)


def _both(host: Host, knowledge: Knowledge, *, is_goal: bool) -> Iterator[_Stop]:
    yield _Stop(host, is_goal)
    engine, version = (knowledge.engine(host.target.name), host.target.version) if host.target else (None, None)
    entries = [entry for entries in engine.capabilities.values() for entry in entries] if engine and version else []
    off = [entry for entry in entries if entry.state is Support.SWITCHED_OFF and version and version in entry.versions]
    switches = frozenset(switch for entry in off for switch in entry.switches)
    if switches - host.switches:
        yield _Stop(replace(host, switches=host.switches | switches), is_goal)


def _passed(now: Software, then: Software, knowledge: Knowledge) -> list[Software]:
    ours, theirs = knowledge.engine(now.name), knowledge.engine(then.name)
    assert ours
    assert theirs
    assert now.version
    assert then.version
    if ours is theirs:
        low, high = sorted((now.version, then.version))
        between = [_software(now.name, r) for r in ours.releases if low < r.version < high]
        return between if low == now.version else between[::-1]
    newer = [_software(now.name, r) for r in ours.releases if r.version > now.version]
    return [*newer, *(_software(then.name, r) for r in theirs.releases if r.version < then.version)]


def _software(name: str, release: Release) -> Software:
    return Software(name, release.version, f"{name} {release.version}")


def _outcomes(
    facts: Facts, stops: list[list[_Stop]], offered: list[tuple[Option, ...]], at: int, registries: list[Registry]
) -> dict[tuple[int, int, int, int, int], Outcome]:
    """What every host does at every stop with every option, all asked of assess at once."""
    resolutions = dict(facts.resolutions)
    occurrences = []
    for (pin, some), occurrence in zip(enumerate(offered), facts.occurrences, strict=True):
        for place, option in enumerate(some):
            occurrences.append(replace(occurrence, reference=option.pulled, name=f"{pin} {place}"))
            if option.resolution:
                resolutions.setdefault(asked(option.pulled), option.resolution)
    hosts = [replace(stop.host, name=f"{host} {n}") for host, some in enumerate(stops) for n, stop in enumerate(some)]
    found = assess(occurrences, resolutions, hosts, registries, facts.knowledge)
    outcomes = {
        (*_numbers(name), *_numbers(each.name), at): PULLS
        for each in occurrences
        for names in found.runners[each.id].values()
        for name in names
    }
    for finding in found.findings:
        if finding.moment is Moment.AFTER:
            pull = _numbers(finding.occurrence.name)
            outcomes |= {(*_numbers(name), *pull, at): finding.outcome for name in finding.hosts}
    return outcomes


def _numbers(name: str) -> tuple[int, int]:
    first, second = map(int, name.split())
    return first, second


def _that_differ(host: int, stops: list[_Stop], outcomes: Outcomes) -> list[int]:
    """The stops without those that do in everything what the one before them does."""
    rows: dict[int, list[object]] = {n: [stop.is_goal] for n, stop in enumerate(stops)}
    for (who, stop, *pull), outcome in sorted(outcomes.items(), key=lambda each: each[0]):
        if who == host:
            rows[stop].append((*pull, outcome.verdict, outcome.hollow, outcome.cause))
    return [n for n in rows if n == 0 or rows[n] != rows[n - 1]]


def _links(host: int, stops: list[int], first_pin: int, registries: int, outcomes: Outcomes) -> Iterator[Link]:
    """One for each pin that the host pulls, over the registry as well, where there is one."""
    for pin in sorted({pin for who, _, pin, _, _ in outcomes if who == host}):
        places = sorted({place for who, _, each, place, _ in outcomes if (who, each) == (host, pin)})
        broken = set()
        for (new, stop), place, at in product(enumerate(stops), places, range(max(1, registries))):
            first, outcome = outcomes[host, stop, pin, 0, at], outcomes[host, stop, pin, place, at]
            if not holds(outcome, first, is_original=place == 0):
                broken.add((new, place, at) if registries else (new, place))
        registry = (first_pin - 1,) if registries else ()
        yield Link((host, first_pin + pin, *registry), frozenset(broken))


def _barred(option: Option, fleet: Planned, registries: int) -> Iterator[At]:
    number = len(fleet.facts.hosts)
    for at in range(registries):
        if not can_copy(option, fleet.ground.trials, ((fleet.facts.registries[0].host, at),) if registries > 1 else ()):
            yield At(number, at)
