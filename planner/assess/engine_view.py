"""One engine at one version, with one store, client and set of switches: what the knowledge says about just that."""

from dataclasses import dataclass, field

from planner.model.engine import Software, Version
from planner.model.knowledge import Accept, Behaviour, Capability, EngineKnowledge, Knowledge

ANYTHING = "*/*"


@dataclass(frozen=True, slots=True)
class EngineView:
    """Knowledge narrowed to one class of hosts. Built once per class, asked for every image."""

    engine: EngineKnowledge
    version: Version
    store: str
    client: str
    switches: frozenset[str]
    accept: frozenset[str]
    _capabilities: dict[str, tuple[Capability, ...]] = field(repr=False)
    _behaviours: dict[str, str] = field(repr=False)
    joined: bool = False  # the types of `accept` come in one header line

    def capability(self, need: str, ref: str, scope: str, size: int = 0) -> Capability | None:
        """The first entry for `need` that holds; None if the knowledge does not say."""
        for entry in self._capabilities.get(need, ()):
            if entry.ref in ("", ref) and entry.scope in ("", scope) and (not entry.limit or size > entry.limit):
                return entry
        return None

    def behaviour(self, rule: str) -> str:
        """The value of a rule, empty if the knowledge does not say."""
        return self._behaviours.get(rule, "")

    @property
    def label(self) -> str:
        """Engine, version and store or client, for evidence."""
        where = " ".join(word for word in (self.store, self.client) if word)
        return f"{self.engine.name} {self.version}" + (f" ({where})" if where else "")


def why_unknown(software: Software, knowledge: Knowledge) -> str:
    """Why nothing can be said about this engine, or an empty text if something can."""
    engine = knowledge.engine(software.name)
    if engine is None:
        known = ", ".join(sorted(knowledge.engines))
        return software.why or f"planner knows no engine {software.name!r}; it knows {known}"
    if software.version is None:
        return software.why
    if software.version < engine.first:
        return f"{engine.title} {software.version} is older than {engine.first}, the oldest release known"
    for gap in engine.gaps:
        if software.version in gap.versions:
            return f"{software.version} is no release of {engine.title}: {gap.why}"
    if software.version > engine.newest:
        known = f"the newest release known (knowledge of {engine.checked})"
        return f"{engine.title} {software.version} is newer than {engine.newest}, {known}"
    return ""


def why_misplaced(engine: EngineKnowledge, store: str, client: str, knowledge: Knowledge) -> str:
    """Why nothing can be said about a store or client of this engine, or an empty text if something can."""
    for kind, declared, known in (("store", store, engine.stores), ("client", client, engine.clients)):
        # An engine without any takes no notice of what another one, before or after an upgrade, has.
        if declared and known and declared not in known:
            why = f"{declared!r} is no {kind} of {engine.title}; planner knows {', '.join(known)}"
            # What pulls by itself has releases of its own, which decide more than the daemon's.
            itself = f'; it has versions of its own, so declare engine = "{declared} VERSION" without {kind}'
            return why + (itself if knowledge.engine(declared) else "")
    return ""


def view(engine: EngineKnowledge, version: Version, store: str, client: str, switches: frozenset[str]) -> EngineView:
    """Narrow the knowledge of `engine`. Empty `store` and `client` mean the default of the version."""
    store = store or default(engine, "default-store", version)
    client = client or default(engine, "default-client", version)

    def holds(entry: Capability | Behaviour) -> bool:
        return (
            version in entry.versions
            and entry.store in ("", store)
            and entry.client in ("", client)
            and entry.when <= switches
        )

    capabilities = {need: tuple(e for e in entries if holds(e)) for need, entries in engine.capabilities.items()}
    behaviours = {rule: next((e.value for e in entries if holds(e)), "") for rule, entries in engine.behaviours.items()}
    asks = next((a for a in engine.accepts if _asks(a, version, store)), None)
    accept, joined = (asks.types, asks.joined) if asks else (frozenset({ANYTHING}), False)
    return EngineView(engine, version, store, client, switches, accept, capabilities, behaviours, joined)


def released_view(found: EngineView) -> EngineView:
    """The same host at the release that its version precedes; itself where it is a release."""
    released = found.version.released
    return (
        found if released is found.version else view(found.engine, released, found.store, found.client, found.switches)
    )


def _asks(accept: Accept, version: Version, store: str) -> bool:
    return version in accept.versions and accept.store in ("", store)


def default(engine: EngineKnowledge, rule: str, version: Version) -> str:
    """The value of a rule that depends on the version alone, empty if there is none."""
    return next((b.value for b in engine.behaviours.get(rule, ()) if version in b.versions), "")
