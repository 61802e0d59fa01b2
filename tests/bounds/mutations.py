"""Does a wrong bound get noticed? `python -m tests.bounds.mutations [FILE ...]`, FILE such as engines/docker.

Moves every version bound of the knowledge by one release, up and down, one at a time and in memory, and asks the eras
of tests/bounds and the recorded pulls of tests/oracle. Where an entry for the same circumstances begins at the bound
at which another one ends, both move: a hole or an overlap would be noticed too easily, the loader refuses overlaps.
A move after which no known release is judged otherwise, or told otherwise, is no mutation. Prints, for each file, how
many were noticed, and each that was not. Exits 1 below the share that is aimed at.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

from planner.model.engine import Range, Version
from planner.model.knowledge import EngineKnowledge, Knowledge, RegistryKnowledge
from tests.bounds import deliveries, eras
from tests.oracle.agreement import agreements
from tests.oracle.predict import Oracle, Row, load_rows

AIM = 0.95
# What an entry has besides what it says: where it holds, and what it rests on.
_SILENT = frozenset(
    {"versions", "store", "client", "ref", "scope", "when", "limit", "source", "note", "verified", "why", "text"}
)
# Lists of a file that are no needs or rules; the last is what `first` and `newest` name.
_TABLES = ("accept", "gap", "span")

_Put = Callable[[Sequence[Any]], EngineKnowledge]
_PutLine = Callable[[Sequence[Any]], RegistryKnowledge]


@dataclass(frozen=True)
class Mutation:
    """The knowledge with one bound moved. `name` is the need, rule or table that the bound belongs to."""

    file: str
    name: str
    bound: Version
    moved: Version
    knowledge: Knowledge
    is_none: bool

    def __str__(self) -> str:
        return f"{self.file}: {self.name}: {self.bound} moved to {self.moved}"


@dataclass(frozen=True)
class Judges:
    """What notices: tables and recorded pulls, read once."""

    engine_eras: Sequence[eras.Era]
    registry_eras: Sequence[deliveries.DeliveryEra]
    rows: Sequence[Row]
    oracle: Oracle

    def notice(self, mutation: Mutation) -> bool:
        """Whether any of them fails."""
        kind, _, name = mutation.file.partition("/")
        if kind == "registries":
            mine = (era for era in self.registry_eras if era.software == name)
            return any(True for era in mine for _ in deliveries.disagreements(era, mutation.knowledge))
        about = [era for era in self.engine_eras if era.engine == name and _concerns(era, mutation.name)]
        only = mutation.name if mutation.name not in _TABLES else ""
        if any(True for era in about for _ in eras.disagreements(era, mutation.knowledge, only)):
            return True
        return self._mispredicts(name, mutation.knowledge)

    def _mispredicts(self, engine: str, knowledge: Knowledge) -> bool:
        self.oracle.knowledge = knowledge
        pairs = [(row, self.oracle.predict(row)) for row in self.rows if row.engine == engine]
        return any(agreement.misses for agreement in agreements(pairs))


def read_judges() -> Judges:
    """All of them, in agreement with the knowledge as it is: otherwise everything would seem to be noticed."""
    judges = Judges(eras.load_eras(), deliveries.load_deliveries(), load_rows(), Oracle())
    knowledge = judges.oracle.knowledge
    wrong = [line for era in judges.engine_eras for line in eras.disagreements(era, knowledge)]
    wrong += [line for era in judges.registry_eras for line in deliveries.disagreements(era, knowledge)]
    pairs = [(row, judges.oracle.predict(row)) for row in judges.rows]
    wrong += [miss for agreement in agreements(pairs) for miss in agreement.misses]
    if wrong:
        sys.exit("\n".join(["the knowledge as it is does not agree:", *wrong]))
    return judges


def _concerns(era: eras.Era, name: str) -> bool:
    if era.kind in ("answers", "wording"):
        return name not in (*_TABLES, *era.names.split()) or (name, era.kind) == ("accept", "answers")
    return name in era.names.split() or name == era.kind


def mutations(knowledge: Knowledge, files: Sequence[str]) -> Iterator[Mutation]:
    """Every bound of the files moved up and down by one release."""
    for engine in knowledge.engines.values():
        if not files or f"engines/{engine.name}" in files:
            yield from _of_engine(engine, knowledge)
    for registry in knowledge.registries.values():
        if not registry.versionless and (not files or f"registries/{registry.name}" in files):
            yield from _of_registry(registry, knowledge)


def _of_engine(engine: EngineKnowledge, knowledge: Knowledge) -> Iterator[Mutation]:
    releases = _releases(engine, lambda: _engine_entries(engine))
    for name, entries, put in _parts(engine):
        for bound, moved, changed in _moves(entries, releases):
            other = replace(knowledge, engines={**knowledge.engines, engine.name: put(changed)})
            same = all(_answers(entries, engine, v) == _answers(changed, engine, v) for v in (bound, moved))
            yield Mutation(f"engines/{engine.name}", name, bound, moved, other, same)
    for first, newest in _spans(engine, releases):
        bound, moved = (engine.first, first) if first != engine.first else (engine.newest, newest)
        other_engine = replace(engine, first=first, newest=newest)
        other = replace(knowledge, engines={**knowledge.engines, engine.name: other_engine})
        yield Mutation(f"engines/{engine.name}", "span", bound, moved, other, is_none=False)


def _spans(engine: EngineKnowledge, releases: Sequence[Version]) -> Iterator[tuple[Version, Version]]:
    yield from ((first, engine.newest) for first in _neighbours(engine.first, releases))
    yield from ((engine.first, newest) for newest in _neighbours(engine.newest, releases))


def _parts(engine: EngineKnowledge) -> Iterator[tuple[str, Sequence[Any], _Put]]:
    """Every list of entries of an engine, with a function that gives the engine with another list in its place."""
    for need, entries in engine.capabilities.items():
        yield need, entries, partial(_put_need, engine, need)
    for rule, choices in engine.behaviours.items():
        yield rule, choices, partial(_put_rule, engine, rule)
    yield "accept", engine.accepts, lambda new: replace(engine, accepts=tuple(new))
    yield "gap", engine.gaps, lambda new: replace(engine, gaps=tuple(new))


def _put_need(engine: EngineKnowledge, need: str, entries: Sequence[Any]) -> EngineKnowledge:
    return replace(engine, capabilities={**engine.capabilities, need: tuple(entries)})


def _put_rule(engine: EngineKnowledge, rule: str, entries: Sequence[Any]) -> EngineKnowledge:
    return replace(engine, behaviours={**engine.behaviours, rule: tuple(entries)})


def _engine_entries(engine: EngineKnowledge) -> Iterator[Any]:
    for _, entries, _ in _parts(engine):
        yield from entries


def _of_registry(registry: RegistryKnowledge, knowledge: Knowledge) -> Iterator[Mutation]:
    releases = _releases(registry, lambda: (*registry.rules, *registry.lifetimes, *registry.stores))
    was = _handed_out(registry, releases)
    for name, entries, put in _registry_parts(registry):
        for index, entry in enumerate(entries):
            for bound, moved, changed in _moves([entry], releases):
                other_registry = put((*entries[:index], *changed, *entries[index + 1 :]))
                other = replace(knowledge, registries={**knowledge.registries, registry.name: other_registry})
                same = was == _handed_out(other_registry, releases)
                yield Mutation(f"registries/{registry.name}", f"{name} {index + 1}", bound, moved, other, same)


def _registry_parts(registry: RegistryKnowledge) -> Iterator[tuple[str, Sequence[Any], _PutLine]]:
    yield "rule", registry.rules, lambda new: replace(registry, rules=tuple(new))
    yield "lifetime", registry.lifetimes, lambda new: replace(registry, lifetimes=tuple(new))
    yield "stores", registry.stores, lambda new: replace(registry, stores=tuple(new))


def _moves(entries: Sequence[Any], releases: Sequence[Version]) -> Iterator[tuple[Version, Version, list[Any]]]:
    """(bound, where it goes, the entries then) for every bound in every circumstances."""
    edges = {
        (_circumstances(entry), bound)
        for entry in entries
        for bound in (entry.versions.low, entry.versions.high)
        if bound is not None
    }
    for where, bound in sorted(edges, key=lambda edge: (edge[1].key, str(edge[0]))):
        for moved in _neighbours(bound, releases):
            yield bound, moved, [_shift(e, bound, moved) if _circumstances(e) == where else e for e in entries]


def _shift(entry: Any, bound: Version, moved: Version) -> Any:
    low, high = entry.versions.low, entry.versions.high
    versions = Range(moved if low == bound else low, moved if high == bound else high, entry.versions.last)
    return replace(entry, versions=versions)


def _circumstances(entry: Any) -> tuple[Any, ...]:
    members = ("store", "client", "ref", "scope", "limit", "stored", "unless_accepted", "action", "explains")
    return (*(getattr(entry, member, "") for member in members), tuple(sorted(getattr(entry, "when", ()))))


def _releases(known: EngineKnowledge | RegistryKnowledge, entries: Callable[[], Any]) -> list[Version]:
    """The known releases; where nobody has listed them, what the bounds name and the patches beside them."""
    if known.releases:
        return [release.version for release in known.releases]
    bounds = {b for entry in entries() for b in (entry.versions.low, entry.versions.high) if b}
    patches = {
        Version((*b.release[:2], b.release[2] + step)) for b in bounds for step in (-1, 1) if b.release[2] + step >= 0
    }
    return sorted(bounds | patches | {known.first, known.newest})


def _neighbours(bound: Version, releases: Sequence[Version]) -> Iterator[Version]:
    """The release before a bound, and the one after it."""
    yield from [release for release in releases if release < bound][-1:]
    yield from [release for release in releases if release > bound][:1]


def _answers(entries: Sequence[Any], engine: EngineKnowledge, version: Version) -> list[Any]:
    """What the first entry that holds says in each of the circumstances that hosts can be in."""
    if not engine.first <= version <= engine.newest:
        return []
    holding = [entry for entry in entries if version in entry.versions]
    usual: Mapping[str, Any] = {"when": frozenset(), "limit": 0}
    met: Mapping[str, Iterable[Any]] = {
        "store": engine.stores or ("",),
        "client": engine.clients or ("",),
        "ref": ("tag", "digest"),
        "scope": ("root", "child"),
        **{member: {getattr(entry, member, none) for entry in entries} | {none} for member, none in usual.items()},
    }
    return [
        next((_said(entry) for entry in holding if _applies(entry, dict(zip(met, where, strict=True)))), None)
        for where in product(*met.values())
    ]


def _applies(entry: Any, where: Mapping[str, Any]) -> bool:
    named = all(getattr(entry, member, "") in ("", where[member]) for member in ("store", "client", "ref", "scope"))
    return (
        named and getattr(entry, "when", frozenset()) <= where["when"] and getattr(entry, "limit", 0) <= where["limit"]
    )


def _said(entry: Any) -> tuple[Any, ...]:
    return tuple(getattr(entry, name) for name in type(entry).__dataclass_fields__ if name not in _SILENT)


def _handed_out(registry: RegistryKnowledge, releases: Sequence[Version]) -> list[Any]:
    """What each release hands out of everything to every client, takes, and how it explains what is missing."""
    accepts = {era.accept for era in deliveries.load_deliveries()}
    asked = [(s, ref, a) for s in deliveries.STORED for ref in ("tag", "digest") for a in sorted(accepts)]
    return [
        [deliveries.handed_out(registry, version, *question) for question in asked]
        + [[_said(entry) for entry in registry.lifetimes if version in entry.versions]]
        + [deliveries.stored(registry, version)]
        for version in releases
        if registry.first <= version <= registry.newest
    ]


def main(files: Sequence[str]) -> int:
    """0 where the share of noticed mutations is as aimed at, 2 where no file is called like that."""
    judges = read_judges()
    counts: dict[str, list[int]] = {}
    for mutation in mutations(judges.oracle.knowledge, files):
        noticed, total, none = counts.setdefault(mutation.file, [0, 0, 0])
        if mutation.is_none:
            counts[mutation.file][2] += 1
            continue
        counts[mutation.file][1] += 1
        if judges.notice(mutation):
            counts[mutation.file][0] += 1
        else:
            print(f"not noticed: {mutation}")
    for file, (noticed, total, none) in counts.items():
        print(f"{file}: {noticed} of {total} moved bounds noticed ({none} moves change nothing)")
    noticed, total = (sum(count[index] for count in counts.values()) for index in (0, 1))
    if not total:
        print(f"no knowledge file is called {' or '.join(files)}; write engines/docker or registries/distribution")
        return 2
    print(f"all: {noticed} of {total}, {noticed / total:.1%} (aim {AIM:.0%})")
    return 0 if noticed >= AIM * total else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
