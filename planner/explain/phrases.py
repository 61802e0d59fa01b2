"""What engines and registries print, taken out of the knowledge: the phrases that people paste and search for."""

from collections.abc import Iterator
from dataclasses import dataclass

from planner.errors import UsageError
from planner.model.engine import Range, Version
from planner.model.knowledge import (
    VERSIONLESS,
    Capability,
    Delivery,
    EngineKnowledge,
    Knowledge,
    RegistryKnowledge,
)
from planner.model.report import Cause
from planner.model.retirement import Retirement

_RETIRED = "retired-registry"
_OR = " | "  # between messages of which the engine prints one or the other


@dataclass(frozen=True, slots=True)
class Sayer:
    """Software in a range of versions that prints a phrase. `where` is its store or client, empty for any.

    `first` and `newest` are the ends of what is known of it; `releases` its known releases, oldest first.
    """

    name: str
    title: str
    where: str
    versions: Range
    first: Version
    newest: Version
    releases: tuple[Version, ...] = ()
    is_registry: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """One message with its blanks. `need` and `cause` are empty for what a registry says of a client's Accept list.

    `is_warning`: printed while the pull succeeds. `switches` are the settings that make it work. `places` are the
    registries or namespaces, one of which the message must name for the phrase to be meant; empty for any.
    """

    text: str
    cause: str
    need: str
    sayer: Sayer
    source: tuple[str, ...]
    verified: str
    note: str = ""
    is_warning: bool = False
    switches: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()


def phrases(knowledge: Knowledge) -> tuple[Phrase, ...]:
    """Every message of every engine and registry, in the order of the files."""
    found: list[Phrase] = []
    for engine in knowledge.engines.values():
        for need, entries in engine.capabilities.items():
            for entry in entries:
                found += _of_engine(engine, entry, knowledge.cause_of.get(need, ""))
    for registry in knowledge.registries.values():
        found += _of_registry(registry)
    for retirement in knowledge.retirements:
        if retirement.message:
            found.append(_of_retired(retirement))
    found += (_of_host(cause) for cause in knowledge.causes.values() if cause.message)
    return tuple(found)


def _of_engine(engine: EngineKnowledge, entry: Capability, cause: str) -> Iterator[Phrase]:
    where = " ".join(word for word in (entry.store, entry.client) if word)
    sayer = Sayer(
        engine.name, engine.title, where, entry.versions, engine.first, engine.newest, release_numbers(engine)
    )
    works = entry.state in ("supported", "deprecated-on", "hollow")
    said = ((entry.message, works), (entry.gated_message, False), (entry.warning, True))
    for text, is_warning in ((text, flag) for both, flag in said for text in both.split(_OR)):
        if text:
            yield Phrase(
                text, cause, entry.need, sayer, entry.source, entry.verified, entry.note, is_warning, entry.switches
            )


def _of_registry(registry: RegistryKnowledge) -> Iterator[Phrase]:
    for rule in registry.rules:
        if rule.action is Delivery.UNKNOWN:
            continue  # its message says what is not known, to our readers
        sayer = Sayer(
            registry.name,
            registry.title,
            "",
            rule.versions,
            registry.first,
            registry.newest,
            release_numbers(registry),
            is_registry=True,
        )
        for status, text in ((rule.status, rule.message), (rule.child_status, rule.child_message)):
            if text:
                note = f"with HTTP status {status}" if status else ""
                yield Phrase(text, rule.cause, "", sayer, rule.source, rule.verified, note)


def _of_retired(retirement: Retirement) -> Phrase:
    """What a retired registry answers is as much its own as what software prints."""
    place = ", ".join(retirement.match)
    sayer = Sayer(place, place, "", Range(), VERSIONLESS, VERSIONLESS, is_registry=True)
    moved = f"; now at {retirement.replacement}" if retirement.replacement else ""
    note = f"{f'since {retirement.date}: ' if retirement.date else ''}{retirement.effect}{moved}"
    places = tuple(pattern.strip("*") for pattern in retirement.match)
    return Phrase(retirement.message, _RETIRED, "", sayer, retirement.source, retirement.verified, note, places=places)


def _of_host(cause: Cause) -> Phrase:
    """What is printed because a host's own configuration says so, by whichever engine reads it."""
    whose = "the host's own configuration"
    sayer = Sayer(whose, whose, "", Range(), VERSIONLESS, VERSIONLESS, is_registry=True)
    return Phrase(cause.message, cause.id, "", sayer, cause.source, "ran")


def release_numbers(software: EngineKnowledge | RegistryKnowledge) -> tuple[Version, ...]:
    """The releases of software that the knowledge lists, oldest first; none where it lists none."""
    return tuple(release.version for release in software.releases)


def engine_named(name: str, knowledge: Knowledge) -> EngineKnowledge:
    """The engine of that name or alias; UsageError if there is none."""
    if engine := knowledge.engine(name.lower()):
        return engine
    raise UsageError(f"planner knows nothing of the engine {name!r}; it knows {', '.join(knowledge.engines)}")
