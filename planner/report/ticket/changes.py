"""Changes: the steps of a plan brought together as people approve them, each with an id that lasts."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from planner.model.occurrence import Occurrence
from planner.model.plan import Blocked, Plan, Step, StepKind
from planner.model.reference import Reference
from planner.model.report import Report, asked
from planner.model.ticket import Kind
from planner.report.order import by_place
from planner.report.words import unique

_KINDS = {
    StepKind.CONVERT: Kind.CONVERSION,
    StepKind.REGISTRY_UPGRADE: Kind.REGISTRY_UPGRADE,
    StepKind.SWITCH: Kind.SWITCH,
    StepKind.UPGRADE: Kind.UPGRADE,
    StepKind.REPIN: Kind.REPIN,
}
_RINGLESS = 1 << 31  # hosts without a ring come last


@dataclass(frozen=True, slots=True)
class Change:
    """Steps of one wave that are approved as one, or what the plan cannot do (`blocked`, with neither wave nor steps).

    `hosts` are those that change or pull what changes, in the order of their declaration; `registries` those that
    change. `images` are the pinned references that it is about. `id` is a correlation id.
    """

    kind: Kind
    wave: int | None
    ring: int | None
    steps: tuple[Step, ...]
    blocked: Blocked | None
    hosts: tuple[str, ...]
    registries: tuple[str, ...]
    occurrences: tuple[Occurrence, ...]
    images: frozenset[str]
    id: str


def changes(report: Report, plan: Plan) -> list[Change]:
    """What the plan changes, in the order to do it, then what has to be decided; the same whatever the order of steps.

    One change is: the re-pin of one image in one wave, whatever tag stands beside the digest; one conversion; one
    change of an engine or of a switch in one wave and ring; the upgrade of one registry.
    """
    together: dict[tuple[object, ...], list[Step]] = defaultdict(list)
    for step in plan.steps:
        together[step.wave, _ring(step), step.kind, *_what(report, step)].append(step)
    names = {host.name: n for n, host in enumerate(report.hosts)}
    made = [_of_steps(report, names, steps) for steps in together.values()]
    made += [_of_blocked(report, names, blocked) for blocked in plan.blocked]
    return _told_apart(sorted(made, key=_order))


def _ring(step: Step) -> int | None:
    """Only what hosts run changes ring by ring."""
    return step.ring if step.kind in (StepKind.UPGRADE, StepKind.SWITCH) else None


def _what(report: Report, step: Step) -> tuple[str, ...]:
    """What a step changes, and not where: the same in every run."""
    match step.kind:
        case StepKind.CONVERT if made := step.conversion:
            how = (made.format, str(made.platform or ""), "gzip" if made.gzip else "")
            return (made.source.pinned, made.destination.pinned, *how)
        case StepKind.REPIN if step.old_reference and step.new_reference:
            return (step.old_reference.pinned, step.new_reference.pinned)
        case StepKind.REGISTRY_UPGRADE:
            return (*_registries(report, step), step.before, step.after)
    return (step.before, step.after)


def _registries(report: Report, step: Step) -> tuple[str, ...]:
    """The registries that a step upgrades: those among its hosts, else those of its pulls, else all of that version."""
    if step.kind is not StepKind.REGISTRY_UPGRADE:
        return ()
    known = {registry.host for registry in report.registries}
    if named := sorted(known.intersection(step.hosts)):
        return tuple(named)
    if asked_for := sorted({occurrence.reference.registry for occurrence in step.occurrences}):
        return tuple(asked_for)
    versions = (step.before, step.after)
    return tuple(r.host for r in report.registries if (str(r.software), str(r.target)) == versions)


def _of_steps(report: Report, names: dict[str, int], steps: Sequence[Step]) -> Change:
    # Whatever order the steps come in: within a change, the hosts declared first come first.
    steps = sorted(steps, key=lambda step: (_positions(names, step.hosts), step.before, step.after, step.id))
    first = steps[0]
    places = {occurrence.id: occurrence for step in steps for occurrence in step.occurrences}.values()
    registries = unique(name for step in steps for name in _registries(report, step))
    stated = (host for step in steps for host in step.hosts if host not in registries)
    pulled = places or [o for o in report.occurrences if o.reference.registry in registries]
    hosts = _declared(names, stated) or _runners(report, names, pulled)
    return Change(
        kind=_KINDS[first.kind],
        wave=first.wave,
        ring=_ring(first),
        steps=tuple(steps),
        blocked=None,
        hosts=hosts,
        registries=registries,
        occurrences=tuple(sorted(places, key=by_place)),
        images=frozenset(reference.pinned for step in steps for reference in _references(step)),
        id=_correlation(first.kind, *_what(report, first), _anchor(first.kind, hosts, places)),
    )


def _of_blocked(report: Report, names: dict[str, int], blocked: Blocked) -> Change:
    registries = tuple(sorted({registry.host for registry in report.registries}.intersection(blocked.hosts)))
    stated = (host for host in blocked.hosts if host not in registries)
    hosts = _declared(names, stated) or _runners(report, names, blocked.occurrences)
    files = min((occurrence.file for occurrence in blocked.occurrences), default="")
    return Change(
        kind=Kind.DECISION,
        wave=None,
        ring=None,
        steps=(),
        blocked=blocked,
        hosts=hosts,
        registries=registries,
        occurrences=tuple(sorted(blocked.occurrences, key=by_place)),
        images=frozenset(asked(occurrence.reference).pinned for occurrence in blocked.occurrences),
        id=_correlation(Kind.DECISION, blocked.cause, blocked.held, min(blocked.hosts, default=""), files),
    )


def _anchor(kind: StepKind, hosts: Iterable[str], places: Iterable[Occurrence]) -> str:
    """What tells apart changes of the same thing in several waves: the first host by name, or the first file.

    Neither waves nor all hosts or places: they may grow, and what is done already is no longer in the next plan.
    """
    match kind:
        case StepKind.UPGRADE | StepKind.SWITCH:
            return min(hosts, default="")
        case StepKind.REPIN:
            return min((occurrence.file for occurrence in places), default="")
    return ""


def _correlation(*words: str) -> str:
    return "planner-" + hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _references(step: Step) -> Iterator[Reference]:
    yield from filter(None, (step.old_reference, step.new_reference))
    if step.conversion:
        yield from (step.conversion.source, step.conversion.destination)
    yield from (asked(occurrence.reference) for occurrence in step.occurrences)


def _positions(names: dict[str, int], hosts: Iterable[str]) -> list[tuple[int, str]]:
    return sorted((names.get(host, len(names)), host) for host in hosts)


def _declared(names: dict[str, int], hosts: Iterable[str]) -> tuple[str, ...]:
    """The hosts in the order of their declaration, those that are not declared behind them by name."""
    return tuple(host for _, host in _positions(names, set(hosts)))


def _runners(report: Report, names: dict[str, int], places: Iterable[Occurrence]) -> tuple[str, ...]:
    groups = (hosts for place in places for hosts in report.runners.get(place.id, {}).values())
    return _declared(names, (host for hosts in groups for host in hosts))


def _order(change: Change) -> tuple[object, ...]:
    ring = _RINGLESS if change.ring is None else change.ring
    last = 1 << 31 if change.wave is None else change.wave
    words = [(step.before, step.after) for step in change.steps[:1]]
    return (last, ring, list(Kind).index(change.kind), words, sorted(change.images)[:1], change.hosts[:1], change.id)


def _told_apart(made: Sequence[Change]) -> list[Change]:
    """Ids once each: of several changes with one id, which differ in the wave alone, the later ones get a number."""
    seen: Counter[str] = Counter()
    apart = []
    for change in made:
        apart.append(replace(change, id=f"{change.id}-{seen[change.id] + 1}") if seen[change.id] else change)
        seen[change.id] += 1
    return apart


def dependencies(made: Sequence[Change]) -> dict[str, tuple[str, ...]]:
    """For each change of a wave, by id, the ids of those to make before it, in their order.

    That are the changes of earlier waves that touch a host, registry or image that it touches, and in its own wave the
    same change of engine or switch in an earlier ring. `made` is in the order of `changes`.
    """
    found: dict[str, tuple[str, ...]] = {}
    position = {change.id: n for n, change in enumerate(made)}
    touching: dict[tuple[str, str], list[str]] = defaultdict(list)
    for _, group in groupby((change for change in made if change.wave is not None), key=lambda change: change.wave):
        wave = list(group)
        for change in wave:
            before = {id_ for key in _touched(change) for id_ in touching[key]}
            before |= {other.id for other in wave if _is_canary(other, change)}
            found[change.id] = tuple(sorted(before, key=position.__getitem__))
        for change in wave:
            for key in _touched(change):
                touching[key].append(change.id)
    return found


def _touched(change: Change) -> Iterator[tuple[str, str]]:
    # A conversion makes a copy: nothing of the hosts that will pull it changes.
    hosts = () if change.kind is Kind.CONVERSION else (*change.hosts, *change.registries)
    yield from (("host", host) for host in hosts)
    yield from (("image", image) for image in change.images)


def _is_canary(one: Change, other: Change) -> bool:
    """Whether `one` is the same change for an earlier ring than `other` is."""
    same = one.kind is other.kind and one.steps[0].after == other.steps[0].after
    return same and one.ring is not None and one.ring < (_RINGLESS if other.ring is None else other.ring)
