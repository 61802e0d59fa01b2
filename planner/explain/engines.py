"""`planner engines`: the knowledge by itself, as text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from planner.errors import UsageError
from planner.explain.eras import every_table, switches
from planner.explain.layout import page
from planner.explain.phrases import engine_named
from planner.knowledge import load_knowledge
from planner.knowledge.platforms import platform_lines, platform_text
from planner.model import media_type as mt
from planner.model.knowledge import EngineKnowledge, Knowledge, RegistryKnowledge

_WHERE_TO_GO = ("", "What each release does, and every boundary with its source: planner engines NAME")


def engine_text(name: str | None, own: Sequence[Path] = ()) -> str:
    """What is known, in a list, or all about one engine or registry software; UsageError for an unknown name.

    `own` are the user's knowledge files.
    """
    knowledge = load_knowledge(own)
    if name is None:
        return page([*_list(knowledge), *platform_lines(own), *_WHERE_TO_GO])
    if registry := knowledge.registry(name.lower()):
        return page(_registry(registry))
    if knowledge.engine(name.lower()):
        engine = engine_named(name, knowledge)
        return page([*_eras(engine, knowledge), *_boundaries(engine)])
    if text := platform_text(name, own):
        return page(text.splitlines())
    known = ", ".join([*knowledge.engines, *knowledge.registries])
    raise UsageError(f"planner knows nothing of {name!r}; it knows {known}")


def _list(knowledge: Knowledge) -> Iterator[str]:
    for engine in knowledge.engines.values():
        span = f"{engine.first} to {engine.newest}"
        yield _row(engine.name, span, engine.title, engine.stores or engine.clients)
    for registry in knowledge.registries.values():
        yield _row(registry.name, registry.span, registry.title, ("registry",))


def _row(name: str, span: str, title: str, extra: tuple[str, ...]) -> str:
    return f"{name:<17} {span:<17} {title}" + (f" ({', '.join(extra)})" if extra else "")


def _eras(engine: EngineKnowledge, knowledge: Knowledge) -> Iterator[str]:
    """The overview: names, eras, switches."""
    yield f"{engine.title} ({engine.name}), known from {engine.first} to {engine.newest}"
    yield _origin(engine)
    if engine.aliases:
        yield f"also called {', '.join(engine.aliases)}"
    for gap in engine.gaps:
        yield f"{gap.versions}: {gap.why} ({'; '.join(gap.source)})"
    yield ""
    yield from every_table(engine, knowledge)
    if known := switches(engine):
        yield from ("", "Settings that re-enable what is refused")
        for each in known:
            where = f" ({each.where})" if each.where else ""
            yield f"  {each.need}{where} in {each.versions}: {', '.join(sorted(each.names))}"


def _origin(known: EngineKnowledge | RegistryKnowledge) -> str:
    checked = f", checked {known.checked}" if known.checked else ""
    return f"source{checked}: {'; '.join(known.source)}"


def _boundaries(engine: EngineKnowledge) -> Iterator[str]:
    yield from ("", "Every boundary, with where it is known from: the source was read, the engine ran, or inferred")
    for need, entries in engine.capabilities.items():
        yield from ("", need)
        for c in entries:
            where = " ".join(word for word in (c.store, c.client, c.ref and f"by {c.ref}", *sorted(c.when)) if word)
            yield f"  {c.versions!s:<22} {c.state:<26} {where}".rstrip()
            yield from (f"      {line}" for line in (c.message and f"says: {c.message}", c.note) if line)
            if c.switches:
                yield f"      works with {', '.join(sorted(c.switches))}"
            yield f"      {c.verified}: {'; '.join(c.source)}"


def _registry(registry: RegistryKnowledge) -> Iterator[str]:
    yield f"{registry.title} ({registry.name}), known: {registry.span}"
    yield _origin(registry)
    if registry.hosts:
        yield f"at {', '.join(registry.hosts)}"
    yield from ("", "The first rule that matches holds:")
    for rule in registry.rules:
        stored = ", ".join(sorted(mt.TITLES.get(kind, kind) for kind in rule.stored)) or "anything"
        by = f" by {rule.ref}" if rule.ref else ""
        unless = f", unless the client accepts {rule.unless_accepted}" if rule.unless_accepted else ""
        yield f"  {rule.versions!s:<18} {stored}{by}{unless}: {rule.action} {rule.status or ''} {rule.message}".rstrip()
        yield f"      {rule.verified}: {'; '.join(rule.source)}"
    for lifetime in registry.lifetimes:
        yield f"  {lifetime.versions!s:<18} {lifetime.explains}: {lifetime.text}"
        yield f"      {lifetime.verified}: {'; '.join(lifetime.source)}"
    if registry.stores:
        yield from ("", "What is pushed; the first that matches holds:")
    for stores in registry.stores:
        types = ", ".join(sorted(mt.TITLES[kind] for kind in stores.types)) or "anything"
        answer = "stored" if stores.takes else f"refused {stores.status or ''} {stores.message}".rstrip()
        unless = f", unless {stores.switch} is set" if stores.switch else ""
        yield f"  {stores.versions!s:<18} {types}: {answer}{unless}"
        yield f"      {stores.verified}: {'; '.join(stores.source)}"
