"""The plan of one run, from what its earlier stages found."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from planner.model.knowledge import Knowledge
from planner.model.plan import Blocked, Plan, Step
from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution, State
from planner.plan.blocked import broken_at_the_end, held
from planner.plan.ceilings import ceilings
from planner.plan.ground import Ground
from planner.plan.journey import Journey, journey
from planner.plan.options import may_push
from planner.plan.order.problem import Turn
from planner.plan.order.solve import solve
from planner.plan.pose import Poser
from planner.plan.steps import steps

_SHOWN = 3


# Whom the upgrade of a registry breaks is not known where nobody is declared to pull from it, so it is no step either.
_NOBODY = (
    "declare [[hosts]] with `engine` and `target` in planner.toml at PATH, or in a CSV with --hosts",
    "without them no step can be checked, that of a registry neither: `planner scan` says what breaks for every engine",
)


def make_plan(
    ground: Ground, resolutions: Mapping[Reference, Resolution], insecure: Container[str] = (), path: str = "PATH"
) -> Plan:
    """Steps in waves, from what is declared to the declared targets; what stands against them; how far others can go.

    `insecure` are registries whose commands need flags for plain HTTP. `path` is what was scanned, for the commands.
    """
    if not ground.fleet.units:
        return Plan(feasible=True, notes=_NOBODY)
    posed, who = Poser(ground).pose(), ground.fleet
    every = sum(len(unit.hosts) for unit in who.units)
    importance = [*(len(unit.hosts) for unit in who.units), *(every + 1 for _ in posed.hosts), *(0 for _ in who.pins)]
    solution = solve(posed.problem, importance)
    trip = journey(posed, solution.schedule)
    blocked = (*held(solution.holds, posed, ground), *broken_at_the_end(trip, ground.knowledge))
    told = steps(trip, ground.knowledge, insecure, path)
    moving = any(unit.group.target for unit in who.units) or bool(posed.hosts)
    return Plan(
        feasible=not blocked,
        steps=told,
        blocked=blocked,
        ceilings=() if moving else ceilings(ground, resolutions),
        notes=(
            *_notes(trip, has_targets=moving),
            *_bridgeless(ground.without_bridges),
            *(() if ground.to else _places(told, _closed(blocked, ground.knowledge, resolutions))),
        ),
    )


def _notes(trip: Journey, *, has_targets: bool) -> list[str]:
    schedule = trip.schedule
    notes = []
    if not has_targets:
        notes.append(
            "no host or registry has a target, so nothing is upgraded: see how far each group of hosts can go as it is"
        )
    notes += [_missed(turn, trip) for turn in schedule.missed]
    if not schedule.is_optimal:
        notes.append("the search stopped before it could prove that there is no plan with fewer waves or bridges")
    return notes


def _closed(
    blocked: Iterable[Blocked], knowledge: Knowledge, resolutions: Mapping[Reference, Resolution]
) -> Iterator[Reference]:
    """What is blocked and is there, but has no copy beside it."""
    for pin in dict.fromkeys(occurrence.reference for each in blocked for occurrence in each.occurrences):
        found = resolutions.get(asked(pin)) if pin.digest and not may_push(pin, knowledge) else None
        if found and found.state is State.RESOLVED:
            yield pin


def _places(told: Iterable[Step], closed: Iterable[Reference]) -> Iterator[str]:
    """Where copies go that were given no place, and what has no copy for want of one."""
    if beside := _names(step.conversion.destination for step in told if step.conversion):
        yield (
            f"copies go beside what they are made from, which needs the right to push to {beside}; "
            "--to REGISTRY/PREFIX puts them elsewhere"
        )
    if names := _names(closed):
        yield (
            f"no copy was considered of {names}: nobody but the owner pushes there, or the registry is retired; "
            "give --to REGISTRY/PREFIX, and a copy may lift what is blocked"
        )


def _names(references: Iterable[Reference]) -> str:
    """Their repositories, the first few by name."""
    names = sorted({reference.name for reference in references})
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _bridgeless(hosts: Sequence[str]) -> Iterator[str]:
    if hosts:
        yield (
            f"{', '.join(hosts)}: planned without bridges, since there are too many combinations of registries that "
            "are asked one after the other; what is said to be out of reach may be in reach with a bridge of theirs"
        )


def _missed(turn: Turn, trip: Journey) -> str:
    units = trip.posed.fleet.units
    first, then = units[turn.first[0]], units[turn.then[0]]
    return (
        f"ring {then.ring} cannot wait for ring {first.ring} on the way to {first.group.target}: what they pull is "
        f"against it; {then.hosts[0]} and those like it go first, so watch them as you would the canaries"
    )
