"""What we know about engines, registries and causes: the TOML files beside this module, and the user's own."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from planner.knowledge.checks import engine_mistakes, registry_mistakes, span_mistakes
from planner.knowledge.document import Document, read_document
from planner.knowledge.mistakes import validated
from planner.knowledge.near import nearest
from planner.knowledge.schema import (
    CausesFile,
    EngineEntries,
    EngineFile,
    ExtensionFile,
    RegistryFile,
    ReleasesFile,
    RetiredFile,
    RuleTable,
)
from planner.model.engine import Version, parse_range, parse_version
from planner.model.knowledge import (
    VERSIONLESS,
    Accept,
    Behaviour,
    Capability,
    DeliveryRule,
    EngineKnowledge,
    Gap,
    Knowledge,
    Lifetime,
    RegistryKnowledge,
    Release,
)
from planner.model.report import Cause
from planner.model.retirement import Retirement
from planner.model.stores import ReadOnly, Stores

_HERE = Path(__file__).parent
_Entry = TypeVar("_Entry")


def load_knowledge(extra: Sequence[Path] = ()) -> Knowledge:
    """Load the shipped files, then the user's `extra` engine, registry and retirement files.

    A later file of the same name replaces the earlier; one that `extends` an engine adds to it. Files of platforms
    are left to knowledge.platforms. Raises KnowledgeError, with every mistake and its line, where a file cannot be
    read, is not as its schema says, has a word that nobody reads or contradicts itself.
    """
    table = validated(read_document(_HERE / "causes.toml"), CausesFile).cause
    causes = {c.id: Cause(c.id, c.title, c.explanation, tuple(c.remedies), c.message, tuple(c.source)) for c in table}
    cause_of = {need: c.id for c in table for need in c.needs}
    lists = _release_lists()
    engines = {e.name: e for e in (_engine(document, cause_of, lists) for document in _shipped("engines"))}
    registries = {r.name: r for r in (_registry(document, causes, lists) for document in _shipped("registries"))}
    retired: list[Retirement] = []
    for document in map(read_document, extra):
        match _kind(document):
            case "extends":
                engine = _extended(document, engines, cause_of)
                engines[engine.name] = engine
            case "need":
                engine = _engine(document, cause_of, lists)
                engines[engine.name] = engine
            case "rule":
                registry = _registry(document, causes, lists)
                registries[registry.name] = registry
            case "retired":
                retired += _retired(document)
    retirements = (*retired, *_retired(read_document(_HERE / "retired.toml")))
    return Knowledge(engines, registries, causes, cause_of, retirements)


def _kind(document: Document) -> str:
    """The member that tells one kind of file from the others."""
    for member in ("extends", "ask", "retired", "need", "rule"):
        if member in document.members:
            return member
    text = (
        "this is no knowledge file: an engine's has [[need.NAME]] tables, a registry's [[rule]], a list of retired "
        "registries [[retired]], a platform's `ask`, and what adds to a known engine `extends`"
    )
    document.refuse([((), text)])
    return ""


def _shipped(folder: str) -> Iterator[Document]:
    return map(read_document, sorted((_HERE / folder).glob("*.toml")))


def _release_lists() -> dict[str, ReleasesFile]:
    files = (validated(document, ReleasesFile) for document in _shipped("releases"))
    return {file.name: file for file in files}


def _releases(file: ReleasesFile | None, first: Version, newest: Version) -> tuple[Release, ...]:
    """The releases of a list for which the rest of the knowledge holds, in order."""
    releases = ((parse_version(text), date) for text, date in (file.releases if file else {}).items())
    return tuple(Release(version, date) for version, date in sorted(releases) if first <= version <= newest)


def _engine(document: Document, needs: Collection[str], lists: Mapping[str, ReleasesFile]) -> EngineKnowledge:
    file = validated(document, EngineFile)
    document.refuse([*span_mistakes(file.first, file.newest), *engine_mistakes(file, needs, file.stores, file.clients)])
    listed, first, newest = lists.get(file.name), parse_version(file.first), parse_version(file.newest)
    return EngineKnowledge(
        name=file.name,
        title=file.title,
        first=first,
        newest=newest,
        aliases=tuple(file.aliases),
        stores=tuple(file.stores),
        clients=tuple(file.clients),
        registry_config=tuple(file.registry_config.files) if file.registry_config else None,
        pull_commands=file.pull.commands if file.pull else {},
        capabilities=_capabilities(file),
        behaviours=_behaviours(file),
        accepts=_accepts(file),
        gaps=_gaps(file),
        source=tuple(file.source),
        checked=file.checked,
        releases=_releases(listed, first, newest),
        complete=parse_range(listed.complete) if listed and listed.complete else None,
    )


def _extended(document: Document, engines: Mapping[str, EngineKnowledge], needs: Collection[str]) -> EngineKnowledge:
    """A known engine with the entries of the file in front: the first that holds is the one that counts."""
    file = validated(document, ExtensionFile)
    engine = engines.get(file.extends)
    if engine is None:
        meant = nearest(file.extends, engines)
        text = f"planner knows no engine {file.extends!r}{meant}; it knows {', '.join(engines)}"
        document.refuse([(("extends",), text)])
        raise AssertionError
    newest = file.newest or str(engine.newest)
    mistakes = engine_mistakes(file, needs, engine.stores, engine.clients)
    document.refuse([*span_mistakes(str(engine.newest), newest), *mistakes])
    return replace(
        engine,
        newest=parse_version(newest),
        checked=file.checked,
        source=(*file.source, *engine.source),
        capabilities=_in_front(_capabilities(file), engine.capabilities),
        behaviours=_in_front(_behaviours(file), engine.behaviours),
        accepts=(*_accepts(file), *engine.accepts),
        gaps=(*_gaps(file), *engine.gaps),
    )


def _in_front(
    own: Mapping[str, tuple[_Entry, ...]], known: Mapping[str, tuple[_Entry, ...]]
) -> dict[str, tuple[_Entry, ...]]:
    return {name: (*own.get(name, ()), *known.get(name, ())) for name in {**known, **own}}


def _capabilities(file: EngineEntries) -> dict[str, tuple[Capability, ...]]:
    return {need: tuple(Capability(need=need, **_typed(e)) for e in entries) for need, entries in file.need.items()}


def _behaviours(file: EngineEntries) -> dict[str, tuple[Behaviour, ...]]:
    return {rule: tuple(Behaviour(rule=rule, **_typed(e)) for e in entries) for rule, entries in file.behaviour.items()}


def _accepts(file: EngineEntries) -> tuple[Accept, ...]:
    return tuple(Accept(**{**_typed(accept), "types": frozenset(accept.types)}) for accept in file.accept)


def _gaps(file: EngineEntries) -> tuple[Gap, ...]:
    return tuple(Gap(**_typed(gap)) for gap in file.gap)


def _registry(document: Document, causes: Collection[str], lists: Mapping[str, ReleasesFile]) -> RegistryKnowledge:
    file = validated(document, RegistryFile)
    spans = span_mistakes(file.first, file.newest) if file.first and file.newest else ()
    document.refuse([*spans, *registry_mistakes(file, causes)])
    first = parse_version(file.first) if file.first else VERSIONLESS
    newest = parse_version(file.newest) if file.newest else VERSIONLESS
    return RegistryKnowledge(
        name=file.name,
        title=file.title,
        first=first,
        newest=newest,
        aliases=tuple(file.aliases),
        rules=tuple(_rule(rule) for rule in file.rule),
        source=tuple(file.source),
        hosts=tuple(file.hosts),
        lifetimes=tuple(Lifetime(**_typed(lifetime)) for lifetime in file.lifetime),
        stores=tuple(Stores(**_typed(stores)) for stores in file.stores),
        read_only=tuple(ReadOnly(tuple(each.match), tuple(each.source), each.verified) for each in file.read_only),
        accept_known=file.accept_known,
        checked=file.checked,
        releases=_releases(lists.get(file.name), first, newest),
    )


def _rule(table: RuleTable) -> DeliveryRule:
    written_by = parse_range(table.written_by) if table.written_by else None
    return DeliveryRule(**{**_typed(table), "written_by": written_by})


def _retired(document: Document) -> list[Retirement]:
    tables = (table.model_dump() for table in validated(document, RetiredFile).retired)
    return [
        Retirement(**{**table, "match": tuple(table["match"]), "source": tuple(table["source"])}) for table in tables
    ]


def _typed(table: BaseModel) -> dict[str, Any]:
    """The members of a checked table, with versions as a range and sources hashable."""
    members = {name: getattr(table, name) for name in type(table).model_fields}
    return {**members, "versions": parse_range(members["versions"]), "source": tuple(members["source"])}
