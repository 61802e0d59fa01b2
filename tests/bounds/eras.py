"""Eras of engines: what a range of releases does, as read in their sources, and whether the knowledge says the same.

`engines.csv` has one era a line: from the release `first` to the release `last` (empty: to the newest), both real, the
engine answers each of `names` as `expected` says. It was typed and derived from the collected facts about engines
(column `fact` has the id there), never from the files that it is held against; `says` are words of the message that
the fact quotes, `-` where it is silent. A bound that moves by one release takes an era's first or last release with it.

kind: `need` (names are needs, expected is a state, `nothing` where the release cannot have it),
`rule` (names are behaviours, expected is a value), `accept` (expected are the types asked for, in short), `span` (what
is known at all begins and ends there), `gap` (whether the numbers are releases: `none`, or words that say why not).
`switches` are separated by commas, for their names hold spaces.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planner.assess.engine_view import EngineView, default, view
from planner.model import media_type as mt
from planner.model.engine import Version, parse_version
from planner.model.knowledge import EngineKnowledge, Knowledge

HERE = Path(__file__).parent
SILENT = "-"
SHORT = {
    mt.SCHEMA1_SIGNED: "s1",
    mt.SCHEMA1: "s1-unsigned",
    mt.SCHEMA2: "s2",
    mt.MANIFEST_LIST: "list",
    mt.OCI_MANIFEST: "oci",
    mt.OCI_INDEX: "index",
    "application/json": "json",
    "*/*": "any",
}


@dataclass(frozen=True)
class Era:
    """One line of the table."""

    engine: str
    store: str
    client: str
    switches: str
    kind: str
    names: str
    ref: str
    scope: str
    size: str
    first: str
    last: str
    expected: str
    says: str
    fact: str


def load_eras(path: Path = HERE / "engines.csv") -> list[Era]:
    """Every line of the table."""
    with path.open(newline="") as file:
        return [Era(**row) for row in csv.DictReader(file)]


def disagreements(era: Era, knowledge: Knowledge) -> Iterator[str]:
    """A line for people for each release at an end of the era of which the knowledge says something else."""
    engine = knowledge.engine(era.engine)
    if engine is None:
        yield f"planner knows no engine {era.engine}"
        return
    if era.kind == "span":
        found = f"{engine.first} to {engine.newest}"
        if found != f"{era.first} to {era.last}":
            yield f"{era.engine} is known from {found}, {era.fact} says {era.first} to {era.last}"
        return
    for version in (parse_version(era.first), parse_version(era.last) if era.last else engine.newest):
        for name in era.names.split():
            found = _found(era, engine, name, version)
            if found != era.expected:
                where = " ".join(word for word in (era.store, era.client, era.ref, era.scope, era.switches) if word)
                yield f"{era.engine} {version} {where}: {name} is {found!r}, {era.fact} says {era.expected!r}"


def _found(era: Era, engine: EngineKnowledge, name: str, version: Version) -> str:
    if era.kind == "gap":
        why = next((gap.why for gap in engine.gaps if version in gap.versions), "none")
        return era.expected if era.expected in why else why
    if name == "default-store":
        return default(engine, name, version)
    switches = frozenset(filter(None, era.switches.split(",")))
    seen = view(engine, version, era.store, era.client, switches)
    match era.kind:
        case "rule":
            return seen.behaviour(name)
        case "accept":
            return " ".join(sorted(SHORT.get(kind, kind) for kind in seen.accept))
    return _state(era, seen, name)


def _state(era: Era, seen: EngineView, need: str) -> str:
    """The state, with what the message lacks of the words that the fact quotes."""
    entry = seen.capability(need, era.ref, era.scope, int(era.size or 0))
    if entry is None:
        return "nothing"
    messages = "\n".join((entry.message, entry.gated_message, entry.warning))
    as_said = not messages.strip() if era.says == SILENT else era.says in messages
    return str(entry.state) if as_said else f"{entry.state}, saying {messages.strip()!r}"
