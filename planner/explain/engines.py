"""`planner engines`: the knowledge by itself, as text."""

from collections.abc import Iterator

from planner.errors import UsageError
from planner.knowledge import load_knowledge
from planner.model import media_type as mt
from planner.model.engine import Version
from planner.model.knowledge import EngineKnowledge, RegistryKnowledge


def engine_text(name: str | None) -> str:
    """What is known, in a list, or all about one engine or registry software; UsageError for an unknown name."""
    knowledge = load_knowledge()
    if name is None:
        lines = [_row(e.name, e.first, e.newest, e.title, e.stores or e.clients) for e in knowledge.engines.values()]
        lines += [_row(r.name, r.first, r.newest, r.title, ("registry",)) for r in knowledge.registries.values()]
        return "\n".join(lines) + "\n\nEvery boundary with its source: planner engines NAME\n"
    if engine := knowledge.engine(name.lower()):
        return "\n".join(_engine(engine)) + "\n"
    if registry := knowledge.registry(name.lower()):
        return "\n".join(_registry(registry)) + "\n"
    known = ", ".join([*knowledge.engines, *knowledge.registries])
    raise UsageError(f"planner knows nothing of {name!r}; it knows {known}")


def _row(name: str, first: Version, newest: Version, title: str, extra: tuple[str, ...]) -> str:
    return f"{name:<14} {f'{first} to {newest}':<18} {title}" + (f" ({', '.join(extra)})" if extra else "")


def _engine(engine: EngineKnowledge) -> Iterator[str]:
    yield f"{engine.title} ({engine.name}), known from {engine.first} to {engine.newest}"
    yield f"source: {'; '.join(engine.source)}"
    if engine.aliases:
        yield f"also called {', '.join(engine.aliases)}"
    for gap in engine.gaps:
        yield f"{gap.versions}: {gap.why} ({'; '.join(gap.source)})"
    for need, entries in engine.capabilities.items():
        yield f"\n{need}"
        for c in entries:
            where = " ".join(word for word in (c.store, c.client, c.ref and f"by {c.ref}", *sorted(c.when)) if word)
            yield f"  {c.versions!s:<22} {c.state:<26} {where}".rstrip()
            yield from (f"      {line}" for line in (c.message and f"says: {c.message}", c.note) if line)
            if c.switches:
                yield f"      works with {', '.join(sorted(c.switches))}"
            yield f"      {c.verified}: {'; '.join(c.source)}"


def _registry(registry: RegistryKnowledge) -> Iterator[str]:
    yield f"{registry.title} ({registry.name}), known from {registry.first} to {registry.newest}"
    yield f"source: {'; '.join(registry.source)}\n\nThe first rule that matches holds:"
    for rule in registry.rules:
        stored = ", ".join(sorted(mt.TITLES.get(kind, kind) for kind in rule.stored)) or "anything"
        by = f" by {rule.ref}" if rule.ref else ""
        unless = f", unless the client accepts {rule.unless_accepted}" if rule.unless_accepted else ""
        yield f"  {rule.versions!s:<18} {stored}{by}{unless}: {rule.action} {rule.status or ''} {rule.message}".rstrip()
        yield f"      {'; '.join(rule.source)}"
