"""Eras of registries: what a range of releases hands out, by the collected facts, and whether the knowledge agrees.

`registries.csv` has one era a line, as in eras.py: from the release `first` to `last` (empty: the newest one known), a
registry that stores the kind `stored` answers a request by `ref` of a client that asks for the types `accept` with
`expected`: `stored` (the bytes that it has), the type that it makes of them, a status, `refused` where no source has
the status, or `unknown`. Lines of the kind `lifetime` say whether (`yes`, `no`) an explanation with the words `says`
is given for the cause `stored`, those of the kind `stores` whether (`yes`, `no`, `unknown`) what is of the type
`stored` may be pushed, with the words `says` in the refusal. The table was typed from the facts (column `fact`), not
from the knowledge.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planner.assess.delivery import Delivered, Refused, RegistryView, Unsure, deliver
from planner.assess.shape import Entry, Shape
from planner.assess.storing import storable, why_refused
from planner.model import media_type as mt
from planner.model.engine import Version, parse_version
from planner.model.knowledge import Knowledge, RegistryKnowledge
from planner.model.media_type import ConfigKind, LayerKind
from planner.model.platform import Platform
from planner.model.resolution import State
from tests.bounds.eras import HERE, SHORT

_TYPES = {short: kind for kind, short in SHORT.items()}


def _image(kind: str, config: ConfigKind, layer: LayerKind) -> Shape:
    amd64 = Platform("linux", "amd64")
    return Shape(kind, kind, declared=kind, config=config, layers=frozenset({layer}), platform=amd64)


def _index(kind: str, architecture: str, child: Shape, declared: bool = True) -> Shape:
    entry = Entry(Platform("linux", architecture), child.served, child, State.RESOLVED)
    return Shape(kind, kind, declared=kind if declared else None, entries=(entry,))


_SCHEMA2 = _image(mt.SCHEMA2, ConfigKind.DOCKER, LayerKind.DOCKER)
_OCI = _image(mt.OCI_MANIFEST, ConfigKind.OCI, LayerKind.OCI)
STORED = {
    "s1": Shape(mt.SCHEMA1_SIGNED, mt.SCHEMA1_SIGNED, platform=Platform("linux", "amd64")),
    "s2": _SCHEMA2,
    "list": _index(mt.MANIFEST_LIST, "amd64", _SCHEMA2),
    "list-without-amd64": _index(mt.MANIFEST_LIST, "arm64", _SCHEMA2),
    "oci": _OCI,
    "index": _index(mt.OCI_INDEX, "amd64", _OCI),
    "index-undeclared": _index(mt.OCI_INDEX, "amd64", _OCI, declared=False),
}


@dataclass(frozen=True)
class DeliveryEra:
    """One line of the table."""

    kind: str
    software: str
    first: str
    last: str
    stored: str
    ref: str
    accept: str
    expected: str
    says: str
    fact: str


def load_deliveries(path: Path = HERE / "registries.csv") -> list[DeliveryEra]:
    """Every line of the table."""
    with path.open(newline="") as file:
        return [DeliveryEra(**row) for row in csv.DictReader(file)]


def disagreements(era: DeliveryEra, knowledge: Knowledge) -> Iterator[str]:
    """A line for people for each release at an end of the era of which the knowledge says something else."""
    registry = knowledge.registry(era.software)
    if registry is None:
        yield f"planner knows no registry software {era.software}"
        return
    for version in (parse_version(era.first), parse_version(era.last) if era.last else registry.newest):
        found = _FOUND[era.kind](era, registry, version)
        if found != era.expected:
            asked = f"{era.stored} by {era.ref} with [{era.accept}]"
            yield f"{era.software} {version}: {asked} gives {found!r}, {era.fact} says {era.expected!r}"


def _lifetime(era: DeliveryEra, registry: RegistryKnowledge, version: Version) -> str:
    holds = any(
        version in lifetime.versions and lifetime.explains == era.stored and era.says in lifetime.text
        for lifetime in registry.lifetimes
    )
    return "yes" if holds else "no"


def _stores(era: DeliveryEra, registry: RegistryKnowledge, version: Version) -> str:
    view = RegistryView("registry.example", registry, version)
    refused = why_refused(view, _TYPES[era.stored])
    if era.says not in refused:
        return f"saying {refused!r}"
    return {True: "yes", False: "no", None: "unknown"}[storable(view, _TYPES[era.stored])]


def stored(registry: RegistryKnowledge, version: Version) -> list[bool | None]:
    """Whether a release stores each type of a manifest."""
    return [storable(RegistryView("registry.example", registry, version), kind) for kind in sorted(mt.MANIFESTS)]


def handed_out(registry: RegistryKnowledge, version: Version, stored: str, ref: str, accept: str) -> Delivered:
    """What a release makes of a kind of STORED for a client with these types, in short."""
    types = frozenset(_TYPES[short] for short in accept.split())
    return deliver(STORED[stored], RegistryView("registry.example", registry, version), ref, types)


def _delivered(era: DeliveryEra, registry: RegistryKnowledge, version: Version) -> str:
    shape = STORED[era.stored]
    sent = handed_out(registry, version, era.stored, era.ref, era.accept)
    match sent:
        case Unsure():
            return "unknown"
        case Refused(status, message):
            said = str(status) if status else "refused"
            return said if era.says in message else f"{said}, saying {message!r}"
        case _ if sent == shape:
            return "stored"
    return SHORT[sent.served] + (", header of another" if sent.wrong_header else "")


_FOUND = {"delivery": _delivered, "lifetime": _lifetime, "stores": _stores}
