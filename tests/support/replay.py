"""Carries a plan out with assess alone: after whatever may have been done so far, does every pull still work?

Knows nothing of how the plan was found. A pull hangs on its host, its pin and the registries that it asks, and on no
other host or pin. So it is enough to move, in each wave, all hosts or none, all pins or none, and each registry or not:
every pull is then seen in every state that any order of the wave's steps can bring it to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import product

from planner.assess import assess
from planner.assess.delivery import Refused, RegistryView, deliver
from planner.assess.engine_view import ANYTHING
from planner.assess.groups import group
from planner.assess.judge import Judge
from planner.assess.shape import shape_of
from planner.assess.storing import storable
from planner.model.engine import parse_software
from planner.model.finding import PULLS, Outcome, Verdict
from planner.model.host import Host, Registry
from planner.model.knowledge import Knowledge
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.plan import Conversion, Plan, Step, StepKind
from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution
from planner.plan.copies.conversion import predicted

Pulls = Mapping[tuple[str, str], Outcome]  # by host and id of the occurrence
_MOVES_HOSTS = (StepKind.UPGRADE, StepKind.SWITCH)


@dataclass(frozen=True)
class Facts:
    """What a run found out before it planned."""

    occurrences: Sequence[Occurrence]
    resolutions: Mapping[Reference, Resolution]
    hosts: Sequence[Host]
    registries: Sequence[Registry]
    knowledge: Knowledge


@dataclass(frozen=True)
class World:
    """Where everything is. A host's `target` is what it runs, its `engine` what it ran before that: see `at_home`."""

    hosts: Mapping[str, Host]
    registries: Mapping[str, Registry]
    pins: Mapping[str, Reference]


def at_home(facts: Facts) -> World:
    """Before any step. That hosts are upgraded to what they run makes assess tell of each what happens afterwards."""
    hosts = {host.name: replace(host, target=host.engine, target_since=host.engine_since) for host in facts.hosts}
    registries = {each.host: replace(each, target=None) for each in facts.registries}
    return World(hosts, registries, {each.id: each.reference for each in facts.occurrences})


def violations(facts: Facts, plan: Plan) -> list[str]:
    """Every way in which the plan does not keep its word, in words; none for a plan that does."""
    return list(_Replay(facts, plan).violations())


class _Replay:
    def __init__(self, facts: Facts, plan: Plan) -> None:
        self._facts = facts
        self._plan = plan
        self._declared = {host.name: host for host in facts.hosts}
        self._copies = {step.conversion.destination: step.conversion for step in plan.steps if step.conversion}
        self._resolutions = _with_copies(facts.resolutions, self._copies.values())
        self._worlds = [at_home(facts)]
        for wave in plan.waves:
            self._worlds.append(self._after(self._worlds[-1], wave))
        self._known: dict[tuple[Registry, ...], dict[tuple[Host, str, Reference], Outcome]] = {}

    def violations(self) -> Iterator[str]:
        made = set[Reference]()
        for world, wave in zip(self._worlds, self._plan.waves, strict=False):
            yield from self._wave(world, wave, made)
            made |= {step.conversion.destination for step in wave if step.conversion}
        yield from self._at_the_end(self._worlds[-1])

    def _wave(self, world: World, wave: Sequence[Step], made: set[Reference]) -> Iterator[str]:
        number = wave[0].wave
        for step in wave:
            yield from (f"wave {number}: {problem}" for problem in self._not_ready(step, world, made))
        registries = [step.hosts[0] for step in wave if step.kind is StepKind.REGISTRY_UPGRADE]
        states = list(product((False, True), repeat=2 + len(registries)))
        seen = {state: self.pulls(self._partly(world, wave, registries, state)) for state in states}
        for before, after in product(states, states):
            if before != after and all(a <= b for a, b in zip(before, after, strict=True)):
                yield from self._broken(number, wave, seen[before], seen[after])
        yield from self._bad_copies(world, wave, registries)

    def _broken(self, number: int, wave: Sequence[Step], before: Pulls, after: Pulls) -> Iterator[str]:
        for (host, place), outcome in after.items():
            if not works(before[host, place]) or works(outcome):
                continue
            if outcome.verdict is not Verdict.UNKNOWN:
                yield f"wave {number}: {host} pulls {place} no more: {outcome.cause}"
            elif not any(pull.unproven and host in pull.hosts for step in wave for pull in step.pulls):
                yield f"wave {number}: nobody knows whether {host} pulls {place}, and no step says so"

    def pulls(self, world: World) -> Pulls:
        """What becomes of every pull in a world."""
        registries = tuple(world.registries.values())
        if registries not in self._known:
            self._known[registries] = self._judged(registries)
        known = self._known[registries]
        pins = [(name, host, each) for name, host in world.hosts.items() for each in world.pins.items()]
        return {(name, id_): known[host, id_, pin] for name, host, (id_, pin) in pins if (host, id_, pin) in known}

    def _judged(self, registries: Sequence[Registry]) -> dict[tuple[Host, str, Reference], Outcome]:
        """Every host as it is in any world, with every pin as it is in any: assess is asked once for them all."""
        hosts = list(dict.fromkeys(host for world in self._worlds for host in world.hosts.values()))
        pins = dict.fromkeys(pin for world in self._worlds for pin in world.pins.items())
        by_id = {each.id: each for each in self._facts.occurrences}
        # Both names tell nothing but which of them it is.
        pulled = {str(n): (id_, reference) for n, (id_, reference) in enumerate(pins)}
        occurrences = [replace(by_id[id_], reference=pin, name=n) for n, (id_, pin) in pulled.items()]
        named = [replace(host, name=str(n)) for n, host in enumerate(hosts)]
        found = assess(occurrences, self._resolutions, named, registries, self._facts.knowledge)
        outcomes = {
            (hosts[int(name)], *pulled[each.name]): PULLS
            for each in occurrences
            for names in found.runners[each.id].values()
            for name in names
        }
        for finding in found.findings:
            # What threatens a pin whoever pulls it has no hosts; it is no verdict on a pull.
            if finding.moment is Moment.AFTER:
                pull = pulled[finding.occurrence.name]
                outcomes |= {(hosts[int(name)], *pull): finding.outcome for name in finding.hosts}
        return outcomes

    def _partly(self, world: World, wave: Sequence[Step], registries: list[str], state: tuple[bool, ...]) -> World:
        hosts, pins, *upgraded = state
        done = dict(zip(registries, upgraded, strict=True))
        chosen = [
            step
            for step in wave
            if (step.kind in _MOVES_HOSTS and hosts)
            or (step.kind is StepKind.REPIN and pins)
            or (step.kind is StepKind.REGISTRY_UPGRADE and done[step.hosts[0]])
        ]
        return self._after(world, chosen)

    def _after(self, world: World, steps: Iterable[Step]) -> World:
        hosts, registries, pins = dict(world.hosts), dict(world.registries), dict(world.pins)
        for step in steps:
            match step.kind:
                case StepKind.UPGRADE | StepKind.SWITCH:
                    hosts |= {name: self._upgraded(hosts[name], step) for name in step.hosts}
                case StepKind.REGISTRY_UPGRADE:
                    (name,) = step.hosts
                    registries[name] = replace(registries[name], target=parse_software(step.after))
                case StepKind.REPIN:
                    pins |= {each.id: self._pinned(each.reference, step.new_reference) for each in step.occurrences}
                case StepKind.CONVERT:
                    pass
        return World(hosts, registries, pins)

    def _upgraded(self, host: Host, step: Step) -> Host:
        declared = self._declared[host.name]
        software, _, switches = step.after.partition(" with ")
        (now,) = group([host], self._facts.knowledge)
        is_target = declared.target is not None and software == str(declared.target)
        return replace(
            host,
            engine=host.target or host.engine,
            engine_since=host.target_since,
            store=now.target_store if host.engine != host.target else host.store,
            target=declared.target if is_target else parse_software(software),
            target_since=declared.target_since if is_target else None,
            switches=declared.switches | frozenset(filter(None, switches.split(", "))),
        )

    def _pinned(self, old: Reference, new: Reference | None) -> Reference:
        """What stands in a file that is to name `new`, where `old` was first: the tag beside the digest stays."""
        assert new is not None
        return replace(_stand_in(new) if new in self._copies else new, tag=old.tag)

    def _not_ready(self, step: Step, world: World, made: set[Reference]) -> Iterator[str]:
        """Whether a step begins where the steps before it have led."""
        if step.kind is StepKind.REPIN:
            if step.new_reference in self._copies and step.new_reference not in made:
                yield f"{step.new_reference} is pinned before it is made"
            for each in step.occurrences:
                if (stands := world.pins[each.id]) != self._pinned(each.reference, step.old_reference):
                    yield f"{each.file}:{each.line} has {stands}, not {step.old_reference}"
        for name in step.hosts if step.kind in _MOVES_HOSTS else ():
            if str(world.hosts[name].target) != step.before.partition(" with ")[0]:
                yield f"{name} runs {world.hosts[name].target}, not {step.before}"

    def _bad_copies(self, world: World, wave: Sequence[Step], registries: list[str]) -> Iterator[str]:
        """Whether a copy can be made at any time in its wave, as far as anybody knows."""
        for state in product((False, True), repeat=len(registries)):
            there = self._partly(world, wave, registries, (False, False, *state))
            judge = Judge(self._facts.knowledge, (), list(there.registries.values()))
            for conversion in (step.conversion for step in wave if step.conversion):
                source, target = (
                    judge.registry(each.registry, Moment.AFTER)[0]
                    for each in (conversion.source, conversion.destination)
                )
                if problem := self._bad_copy(conversion, source, target):
                    yield f"wave {wave[0].wave}: {conversion.destination} cannot be made: {problem}"

    def _bad_copy(self, conversion: Conversion, source: RegistryView, target: RegistryView) -> str:
        found = self._resolutions.get(asked(conversion.source))
        copy = self._resolutions.get(_stand_in(conversion.destination))
        shape = shape_of(found) if found else None
        if copy is None or shape is None:
            return "there is nothing to copy"
        if isinstance(deliver(shape, source, "digest", frozenset({ANYTHING})), Refused):
            return "the registry does not hand out the source"
        if any(storable(target, part.media_type) is False for part in copy.tree()):
            return "the registry does not take it"
        return ""

    def _at_the_end(self, world: World) -> Iterator[str]:
        held = {name for blocked in self._plan.blocked if blocked.held for name in blocked.hosts}
        for name, host in self._declared.items():
            if host.target and (world.hosts[name].target != host.target) != (name in held):
                yield f"{name} ends at {world.hosts[name].target}, and is{' ' if name in held else ' not '}blocked"
        for registry in self._facts.registries:
            ends = world.registries[registry.host].target
            if registry.target and (str(ends) != str(registry.target)) != (registry.host in held):
                yield f"{registry.host} ends at {ends}, and is{' ' if registry.host in held else ' not '}blocked"
        told = {
            (name, each.id)
            for blocked in self._plan.blocked
            if not blocked.held
            for name in blocked.hosts
            for each in blocked.occurrences
        }
        pulls = self.pulls(world)
        broken = {pull for pull, outcome in pulls.items() if not works(outcome) and outcome.verdict != Verdict.UNKNOWN}
        yield from (f"{host} does not pull {place} in the end, which is not told" for host, place in broken - told)
        yield from (f"{host} pulls {place} in the end, though it is said to break" for host, place in told - broken)
        if self._plan.feasible == bool(self._plan.blocked):
            yield "the plan is feasible exactly if nothing is blocked"


def works(outcome: Outcome) -> bool:
    """Whether a pull gives something that runs."""
    return outcome.verdict in (Verdict.PULLS, Verdict.AT_RISK) and not outcome.hollow


def _with_copies(
    resolutions: Mapping[Reference, Resolution], conversions: Iterable[Conversion]
) -> dict[Reference, Resolution]:
    """What there is to pull: what was asked for, also by the digest that a tag was found to have, and all copies."""
    known = dict(resolutions)
    for reference, found in resolutions.items():
        if found.digest:
            known.setdefault(replace(reference, tag=None, digest=found.digest), found)
    for conversion in conversions:
        source = resolutions.get(asked(conversion.source))
        if copy := predicted(source, conversion) if source else None:
            known[_stand_in(conversion.destination)] = copy
    return known


def _stand_in(destination: Reference) -> Reference:
    """A copy that is not made yet, by a digest that stands for the one that nobody knows."""
    return replace(destination, tag=None, digest=f"sha256:{sha256(str(destination).encode()).hexdigest()}")
