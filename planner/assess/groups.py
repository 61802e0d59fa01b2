"""Hosts as classes: a verdict is computed once per class, the cost grows with what is different."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from pathspec import GitIgnoreSpec

from planner.assess.engine_view import default
from planner.assess.windows import boundaries
from planner.model.engine import Software, Version
from planner.model.finding import HostGroup
from planner.model.host import Host
from planner.model.knowledge import EngineKnowledge, Knowledge
from planner.model.occurrence import Occurrence


def group(hosts: Sequence[Host], knowledge: Knowledge) -> tuple[HostGroup, ...]:
    """Hosts that share engine, version, target, store, client, switches, platform and route, in declared order."""
    members: dict[tuple[object, ...], list[Host]] = {}
    for host in hosts:
        since = (host.engine_since, host.target_since)
        key = (host.engine, host.target, host.store, host.client, host.switches, host.platform, since, host.route)
        members.setdefault(key, []).append(host)
    return tuple(_group(same, knowledge) for same in members.values())


def _group(hosts: Sequence[Host], knowledge: Knowledge) -> HostGroup:
    host = hosts[0]
    store = host.store or _default(host.engine, "default-store", knowledge)
    declared = (host.store,) if host.store else ()
    engine_may = _may(host.engine, host.engine_since, declared, knowledge)
    keeps = _keeps_store(host, knowledge)
    kept = tuple(dict.fromkeys((store, *(each for _, each in engine_may)))) if keeps else ()
    return HostGroup(
        engine=host.engine,
        target=host.target,
        store=store,
        target_store=store if keeps else _default(host.target or host.engine, "default-store", knowledge),
        client=host.client or _default(host.engine, "default-client", knowledge),
        switches=host.switches,
        platform=host.platform,
        hosts=tuple(h.name for h in hosts),
        engine_may=engine_may,
        target_may=_may(host.target, host.target_since, kept, knowledge) if host.target else (),
        route=host.route,
    )


def _keeps_store(host: Host, knowledge: Knowledge) -> bool:
    """An upgraded host keeps its store where the engine says so, even if a fresh install would choose another."""
    target = host.target or host.engine
    stays = knowledge.engine(target.name) is knowledge.engine(host.engine.name)  # whatever it is called
    return stays and bool(host.store or _default(target, "upgrade-keeps-store", knowledge) == "yes")


def _may(
    software: Software, since: Version | None, stores: Sequence[str], knowledge: Knowledge
) -> tuple[tuple[Version, str], ...]:
    """Every run of versions from `since` on, with each of `stores`; without any, with those of fresh installations."""
    engine = knowledge.engine(software.name)
    if engine is None or software.version is None or (since is None and len(stores) < 2):
        return ()
    first = since or software.version
    known = dict.fromkeys(stores)
    found: list[tuple[Version, str]] = []
    for version in (first, *(each for each in boundaries(engine) if first < each <= software.version)):
        if not stores:
            known[default(engine, "default-store", version)] = None
        found += [(version, each) for each in known]
    return tuple(found)


def _default(software: Software, rule: str, knowledge: Knowledge) -> str:
    engine: EngineKnowledge | None = knowledge.engine(software.name)
    return default(engine, rule, software.version) if engine and software.version else ""


def runners(
    occurrences: Iterable[Occurrence], hosts: Sequence[Host], groups: Sequence[HostGroup]
) -> Mapping[str, Mapping[int, tuple[str, ...]]]:
    """For each occurrence id the hosts that run it, by the position of their group; one mapping per file."""
    specs = {host.runs: GitIgnoreSpec.from_lines(host.runs) if host.runs else None for host in hosts}
    by_files: dict[tuple[object, ...], Mapping[int, tuple[str, ...]]] = {}
    chosen = cache(lambda running, selector: _chosen([host for host in hosts if host.runs in running], selector))
    result = {}
    for occurrence in occurrences:
        files = (occurrence.file, occurrence.used_in) if occurrence.used_in else (occurrence.file,)
        key = (files, occurrence.selector)
        if key not in by_files:
            running = frozenset(r for r, spec in specs.items() if spec is None or any(map(spec.match_file, files)))
            names = chosen(running, occurrence.selector)
            each = ((i, tuple(name for name in g.hosts if name in names)) for i, g in enumerate(groups))
            by_files[key] = {index: found for index, found in each if found}
        result[occurrence.id] = by_files[key]
    return result


def _chosen(hosts: Sequence[Host], selector: frozenset[tuple[str, str]]) -> set[str]:
    """The hosts, of nodes of a cluster those alone that have the labels; all, where none has them all.

    A pool may have no node just now. What is no node of a cluster has no labels, and runs what it is declared to run.
    """
    fitting = {host.name for host in hosts if selector <= host.labels} if selector else set()
    return {host.name for host in hosts if not (fitting and host.labels) or host.name in fitting}
