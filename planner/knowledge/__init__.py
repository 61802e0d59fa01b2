"""What we know about engines, registries and causes: the TOML files beside this module, and the user's own."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from planner.errors import KnowledgeError
from planner.knowledge.schema import CausesFile, EngineFile, RegistryFile, RetiredFile, RuleTable
from planner.model.engine import parse_range, parse_version
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
    Retirement,
)
from planner.model.report import Cause

_HERE = Path(__file__).parent
_Schema = TypeVar("_Schema", bound=BaseModel)


def load_knowledge(extra: Sequence[Path] = ()) -> Knowledge:
    """Load the shipped files, then `extra` engine or registry files; a later one of the same name replaces the earlier.

    Raises KnowledgeError where a file cannot be read or is not as its schema says.
    """
    engines = {e.name: e for e in (_engine(path) for path in _files("engines"))}
    registries = {r.name: r for r in (_registry(path) for path in _files("registries"))}
    retired: list[Retirement] = []
    for path in extra:
        # An engine file has needs, a registry file has rules, a list of retired registries neither.
        members = _read(path)
        if "retired" in members:
            retired += _retired(path)
        elif "need" in members:
            engine = _engine(path)
            engines[engine.name] = engine
        else:
            registry = _registry(path)
            registries[registry.name] = registry
    table = _validated(_HERE / "causes.toml", CausesFile).cause
    causes = {c.id: Cause(c.id, c.title, c.explanation, tuple(c.remedies)) for c in table}
    retirements = (*retired, *_retired(_HERE / "retired.toml"))
    return Knowledge(engines, registries, causes, {need: c.id for c in table for need in c.needs}, retirements)


def _files(folder: str) -> Iterable[Path]:
    return sorted((_HERE / folder).glob("*.toml"))


def _engine(path: Path) -> EngineKnowledge:
    file = _validated(path, EngineFile)
    return EngineKnowledge(
        name=file.name,
        title=file.title,
        first=parse_version(file.first),
        newest=parse_version(file.newest),
        aliases=tuple(file.aliases),
        stores=tuple(file.stores),
        clients=tuple(file.clients),
        capabilities={
            need: tuple(Capability(need=need, **_typed(entry)) for entry in entries)
            for need, entries in file.need.items()
        },
        behaviours={
            rule: tuple(Behaviour(rule=rule, **_typed(entry)) for entry in entries)
            for rule, entries in file.behaviour.items()
        },
        accepts=tuple(Accept(**{**_typed(a), "types": frozenset(a.types)}) for a in file.accept),
        gaps=tuple(Gap(**_typed(gap)) for gap in file.gap),
        source=tuple(file.source),
    )


def _registry(path: Path) -> RegistryKnowledge:
    file = _validated(path, RegistryFile)
    return RegistryKnowledge(
        name=file.name,
        title=file.title,
        first=parse_version(file.first) if file.first else VERSIONLESS,
        newest=parse_version(file.newest) if file.newest else VERSIONLESS,
        aliases=tuple(file.aliases),
        rules=tuple(_rule(rule) for rule in file.rule),
        source=tuple(file.source),
        hosts=tuple(file.hosts),
        lifetimes=tuple(Lifetime(**_typed(lifetime)) for lifetime in file.lifetime),
        accept_known=file.accept_known,
    )


def _rule(table: RuleTable) -> DeliveryRule:
    written_by = parse_range(table.written_by) if table.written_by else None
    return DeliveryRule(**{**_typed(table), "written_by": written_by})


def _retired(path: Path) -> list[Retirement]:
    tables = (table.model_dump() for table in _validated(path, RetiredFile).retired)
    return [
        Retirement(**{**table, "match": tuple(table["match"]), "source": tuple(table["source"])}) for table in tables
    ]


def _typed(table: BaseModel) -> dict[str, Any]:
    """The members of a checked table, with versions as a range and sources hashable."""
    members = {name: getattr(table, name) for name in type(table).model_fields}
    return {**members, "versions": parse_range(members["versions"]), "source": tuple(members["source"])}


def _validated(path: Path, schema: type[_Schema]) -> _Schema:
    try:
        return schema.model_validate(_read(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise KnowledgeError(
            f"{path.name}: {place}: {first['msg']}; see CONTRIBUTING.md for the form of a knowledge file"
        ) from error


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise KnowledgeError(f"cannot read the knowledge file {path}: {error}") from error
