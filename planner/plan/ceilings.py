"""Without targets: how far each unit can go with its pins as they are, and what is in the way of the next version."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.assess.windows import boundaries
from planner.model.engine import Software, Version
from planner.model.finding import HostGroup
from planner.model.knowledge import EngineKnowledge, Knowledge
from planner.model.plan import Ceiling
from planner.model.reference import Reference
from planner.model.resolution import Resolution
from planner.plan.bridges import at_version
from planner.plan.fleet import Pin, Unit
from planner.plan.ground import Ground
from planner.plan.trial import Trials, works


@dataclass(frozen=True, slots=True)
class _Run:
    """Versions that behave alike: the first of them, and the newest release."""

    first: HostGroup
    last: Version


def ceilings(ground: Ground, resolutions: Mapping[Reference, Resolution]) -> tuple[Ceiling, ...]:
    """One for each unit that pulls anything; pulls that fail today stand in nobody's way."""
    who, knowledge = ground.fleet, ground.knowledge
    runs = {unit.group: list(_runs(unit.group, knowledge)) for unit in who.units}
    groups = [*(replace(g, hosts=()) for g in runs), *(run.first for some in runs.values() for run in some)]
    trials = Trials(knowledge, list(dict.fromkeys(groups)), ground.registries, resolutions)
    pulls = [[who.pins[number] for number, _ in some] for some in who.pulls()]
    return tuple(
        _ceiling(number, unit, pins, runs[unit.group], trials)
        for number, (unit, pins) in enumerate(zip(who.units, pulls, strict=True))
        if pins
    )


def _ceiling(number: int, unit: Unit, pins: Sequence[Pin], runs: Sequence[_Run], trials: Trials) -> Ceiling:
    now = replace(unit.group, hosts=())
    good = [pin for pin in pins if not _obstacles(number, [pin], now, trials)]
    newest = str(unit.group.engine) if runs else ""
    for run in runs:
        if obstacles := _obstacles(number, good, run.first, trials):
            found = tuple((o, cause) for pin, cause in obstacles for o in pin.occurrences)
            return Ceiling(unit.hosts, str(unit.group.engine), newest, str(run.first.engine), found)
        newest = f"{run.first.engine.name} {run.last}"
    return Ceiling(unit.hosts, str(unit.group.engine), newest)


def _obstacles(number: int, pins: Sequence[Pin], group: HostGroup, trials: Trials) -> list[tuple[Pin, str]]:
    """The pins that do not work there, with their causes; what nobody can tell works nowhere."""
    found = []
    for pin in pins:
        for platform in dict(pin.users)[number]:
            outcome = trials.outcome(group, pin.occurrences[0], pin.reference, platform, ())
            if not works(outcome):
                found.append((pin, outcome.cause))
                break
    return found


def _runs(group: HostGroup, knowledge: Knowledge) -> Iterator[_Run]:
    """From the present version on, the runs of versions up to the newest known; none where the present is not known."""
    engine, now = knowledge.engine(group.engine.name), group.engine.version
    if engine is None or now is None or not engine.first <= now <= engine.newest:
        return
    starts = [now, *(bound for bound in boundaries(engine) if bound > now)]
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        last = engine.newest if end is None else _last_before(engine, end, start)
        software = Software(group.engine.name, start, f"{group.engine.name} {start}")
        first = replace(group, hosts=()) if start == now else at_version(group, software, knowledge)
        yield _Run(first, last)


def _last_before(engine: EngineKnowledge, end: Version, start: Version) -> Version:
    before = engine.before(end)
    return before.version if before and before.version > start else start
