"""Where a unit or a registry may stop on its way: its present, a release for each way to behave, its target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from planner.assess.engine_view import default
from planner.assess.windows import boundaries
from planner.model.engine import Software, Version
from planner.model.finding import HostGroup
from planner.model.host import Registry
from planner.model.knowledge import EngineKnowledge, Knowledge, RegistryKnowledge, Release, Support


@dataclass(frozen=True, slots=True)
class Stop:
    """A version at which a unit can be. `group` has it as its engine and no target.

    `is_bridge`: neither the present nor the target. `switched`: with the switches on that make up for what the version
    has off by default, which is a last resort.
    """

    group: HostGroup
    is_bridge: bool = False
    switched: frozenset[str] = frozenset()


def stops(group: HostGroup, knowledge: Knowledge) -> tuple[Stop, ...]:
    """From the present to the target in the order in which they are passed; the present alone where there is none."""
    now = replace(group, target=None, target_store="", target_may=(), hosts=())
    if group.target is None:
        return (Stop(now), *_switched(now, knowledge))
    then = replace(now, engine=group.target, store=group.target_store, engine_may=group.target_may)
    bridges = (Stop(at_version(group, software, knowledge), is_bridge=True) for software in _between(group, knowledge))
    found: list[Stop] = []
    for stop in (Stop(now), *bridges, Stop(then)):
        found += [stop, *(replace(also, is_bridge=stop.is_bridge) for also in _switched(stop.group, knowledge))]
    return tuple(found)


def _between(group: HostGroup, knowledge: Knowledge) -> Iterable[Software]:
    """The last release before each version that changes something, on the way from the present to the target."""
    target = group.target
    engine = knowledge.engine(group.engine.name)
    wanted = knowledge.engine(target.name) if target else None
    if not (target and engine and wanted and group.engine.version and target.version):
        return []
    if engine is wanted:
        low, high = sorted((group.engine.version, target.version))
        found = _software(group.engine.name, _last_of_each(engine, low, high))
        return found if low == group.engine.version else reversed(found)
    # To another engine: by newer releases of the present one, or older ones of that to come.
    ours = newest_of_each(group.engine, knowledge)
    theirs = _software(target.name, _last_of_each(wanted, wanted.first, target.version))
    return [*ours, *theirs]


def newest_of_each(present: Software, knowledge: Knowledge) -> list[Software]:
    """The newest release of every run of versions that behave alike, above the present one, up to the newest known."""
    engine = knowledge.engine(present.name)
    if engine is None or present.version is None:
        return []
    return _software(present.name, _last_of_each(engine, present.version, engine.newest, with_high=True))


def _software(name: str, versions: Iterable[Version]) -> list[Software]:
    return [Software(name, version, f"{name} {version}") for version in versions]


def _last_of_each(engine: EngineKnowledge, low: Version, high: Version, *, with_high: bool = False) -> list[Version]:
    return last_of_each(boundaries(engine), engine.releases, low, high, with_high=with_high)


def last_of_each(
    bounds: Sequence[Version], releases: Sequence[Release], low: Version, high: Version, *, with_high: bool = False
) -> list[Version]:
    """The newest release of every run of versions that behave alike, between `low` and `high`, both left out."""
    ends = [bound for bound in bounds if low < bound < high] + [high]
    known = [
        release.version
        for release in releases
        if low < release.version < high or (with_high and release.version == high)
    ]
    found: list[Version] = []
    for end in ends:
        before = [version for version in known if version < end or (with_high and version == end == high)]
        if before and (not found or before[-1] > found[-1]):
            found.append(before[-1])
    return found


def at_version(group: HostGroup, software: Software, knowledge: Knowledge) -> HostGroup:
    """The same hosts with another version; their image store stays where an upgrade leaves it as it is."""
    engine = knowledge.engine(software.name)
    store = group.store
    if engine and software.version:
        is_same = knowledge.engine(group.engine.name) is engine
        keeps = is_same and (
            group.store == group.target_store or default(engine, "upgrade-keeps-store", software.version) == "yes"
        )
        store = group.store if keeps else default(engine, "default-store", software.version)
    return replace(
        group, engine=software, target=None, store=store, target_store="", engine_may=(), target_may=(), hosts=()
    )


def _switched(group: HostGroup, knowledge: Knowledge) -> Iterable[Stop]:
    """The same with every switch on by which this version does what it has off by default; none where it has none."""
    engine, version = knowledge.engine(group.engine.name), group.engine.version
    if engine is None or version is None:
        return []
    entries = (entry for entries in engine.capabilities.values() for entry in entries)
    off = frozenset(
        switch
        for entry in entries
        if entry.state is Support.SWITCHED_OFF and version in entry.versions and entry.store in ("", group.store)
        for switch in entry.switches
    )
    off -= group.switches
    return [Stop(replace(group, switches=group.switches | off), switched=off)] if off else []


def registry_stops(registry: Registry, knowledge: Knowledge) -> tuple[Registry, ...]:
    """What a registry may run on its way, the present first; its target last, where it has one.

    `software` stays what it runs now, which decides how its content was written; `target` is the stop.
    """
    now = replace(registry, target=None)
    if registry.target is None:
        return (now,)
    known = knowledge.registry(registry.target.name)
    present, target = registry.software, registry.target
    if not (known and present and present.version and target.version) or knowledge.registry(present.name) is not known:
        return (now, registry)
    low, high = sorted((present.version, target.version))
    found = _software(present.name, last_of_each(registry_boundaries(known), known.releases, low, high))
    way = found if low == present.version else reversed(found)
    return (now, *(replace(registry, target=software) for software in way), registry)


def registry_boundaries(known: RegistryKnowledge) -> list[Version]:
    """Every version of a registry at which something changes."""
    ranges = [entry.versions for entries in (known.rules, known.stores) for entry in entries]
    return sorted({bound for versions in ranges for bound in (versions.low, versions.high) if bound})
