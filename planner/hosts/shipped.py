"""Hosts declared by their platform (`debian 12 podman`, `k3s 1.30.14`, `eks 1.33`): the engine that it ships.

What the platform does not tell stays unknown: the engine gets no version, and the reason says what to declare.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from planner.knowledge.near import nearest
from planner.model.engine import Software, Version
from planner.model.host import Host
from planner.model.knowledge import Knowledge
from planner.model.shipment import PlatformKnowledge, Shipment

Platforms = Mapping[str, PlatformKnowledge]
# More releases than this are not listed in a message.
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class _Settled:
    """An engine, where its version comes from (empty: from the declaration itself), and the store where it is told.

    `since` is the oldest version that it may have, where the platform leaves it open.
    """

    software: Software
    origin: str = ""
    store: str = ""
    since: Version | None = None


def as_shipped(hosts: Iterable[Host], platforms: Platforms, knowledge: Knowledge) -> list[Host]:
    """The hosts, those that declare a platform with the engine that it ships."""

    @cache
    def settle(software: Software, store: str) -> _Settled:
        return _settle(software, store, platforms, knowledge)

    def shipped(host: Host) -> Host:
        now = settle(host.engine, host.store)
        # An upgraded host keeps its store, so it is the one of today that tells the one of tomorrow.
        after = settle(host.target, host.store or now.store) if host.target else None
        if now.software == host.engine and (after is None or after.software == host.target):
            return host
        return replace(
            host,
            engine=now.software,
            target=after.software if after else None,
            store=host.store or now.store,
            declared=host.engine.text if now.origin else "",
            declared_target=host.target.text if host.target and after and after.origin else "",
            engine_origin=now.origin,
            target_origin=after.origin if after else "",
            engine_since=now.since,
            target_since=after.since if after else None,
        )

    return [shipped(host) for host in hosts]


def _settle(software: Software, store: str, platforms: Platforms, knowledge: Knowledge) -> _Settled:
    words = [word for word in software.text.lower().split() if not word.startswith("(")]
    names = {name: platform for platform in platforms.values() for name in (platform.name, *platform.aliases)}
    if platform := names.get("-".join(words[:2])):
        return _from_platform(platform, words[2:], software.text, store)
    if knowledge.engine(software.name):
        return _Settled(software)
    if platform := names.get("".join(words[:1])):
        return _from_platform(platform, words[1:], software.text, store)
    engines, known = (", ".join(sorted(each)) for each in (knowledge.engines, platforms))
    aliases = (alias for engine in knowledge.engines.values() for alias in engine.aliases)
    meant = nearest(software.name, (*knowledge.engines, *aliases, *names))
    every = f"{engines}, and what these platforms ship: {known}"
    why = f"planner knows no engine {software.name!r}{meant}; it knows {every}"
    return _Settled(Software(software.name, None, software.text, why))


def _from_platform(platform: PlatformKnowledge, words: Sequence[str], text: str, store: str) -> _Settled:
    """What is shipped, or an engine without a version that says why."""
    found = _find(platform, words)
    if isinstance(found, str):
        return _Settled(Software(platform.name, None, text, f"{found}; {platform.ask}"))
    name = found[0].engine
    package = f" ({found[0].package})" if found[0].package else ""
    release = f"{platform.title} {words[0].removeprefix('v')}{package}"
    low = min((s.low for s in found if s.low), default=None)
    high = max((s.high for s in found if s.high), default=None)
    stores = tuple(dict.fromkeys(store for s in found for store in s.stores))
    if low is None or high is None or any(s.low is None for s in found):
        why = f"{release}: " + "; ".join(dict.fromkeys(s.note for s in found if s.note))
    elif len(stores) > 1 and store not in stores:
        why = f'{release} may have either image store: add store = "{stores[0]}" or store = "{stores[1]}"'
        return _Settled(Software(name, None, text, why))
    else:
        software = _versions(name, low, high)
        since = low if low != high else None
        return _Settled(software, _origin(found, release, software), stores[0] if len(stores) == 1 else "", since)
    return _Settled(Software(name, None, text, f"{why}; {platform.ask}"))


def _find(platform: PlatformKnowledge, words: Sequence[str]) -> list[Shipment] | str:
    """The shipments of one package of the release that `words` begin with, or why there are none."""
    if not words:
        return f"{platform.title} is declared without its release"
    release = words[0].removeprefix("v")
    here = [shipment for shipment in platform.shipments if shipment.holds_for(release)]
    if not here:
        why = f", since {platform.note}" if platform.note else f"; it knows {_known(platform, release)}"
        return f"planner does not know what {platform.title} {release} ships{why}"
    package = words[-1] if len(words) > 1 else ""
    found = [shipment for shipment in here if package in ("", shipment.package, shipment.engine)]
    packages = ", ".join(dict.fromkeys(shipment.package or shipment.engine for shipment in here))
    if not found:
        return f"planner knows no {package!r} that {platform.title} {release} ships; it knows {packages}"
    if len({(shipment.package, shipment.engine) for shipment in found}) > 1:
        return (
            f"{platform.title} {release} ships several engines: write {platform.name} {release} and one of {packages}"
        )
    return found


def _known(platform: PlatformKnowledge, release: str) -> str:
    """The releases that are known, those of the same series where they are many."""
    series = ".".join(release.split(".")[:2])
    near = [known for known in platform.releases if known.startswith(f"{series}.")]
    names = (near or platform.releases)[:_MOST_NAMED]
    more = f" and others, which `planner engines {platform.name}` lists" if len(names) < len(platform.releases) else ""
    return f"{', '.join(names)}{more}"


def _versions(name: str, low: Version, high: Version) -> Software:
    """The newest of the versions; where there are several, reports show that it is not known which it is."""
    text = str(high) if low == high else f"{low} to {high}"
    return Software(name, replace(high, text=text), f"{name} {text}")


def _origin(found: Sequence[Shipment], release: str, software: Software) -> str:
    verified = "inferred" if any(s.verified == "inferred" for s in found) else found[0].verified
    sources = "; ".join(dict.fromkeys(source for shipment in found for source in shipment.source))
    return f"{software}, as {release} ships it; {verified}, checked {found[0].checked}: {sources}"
