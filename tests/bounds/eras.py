"""Eras of engines: what a range of releases does, as read in their sources, and whether the knowledge says the same.

`engines.csv` has one era a line: from the release `first` to the release `last` (empty: to the newest), both real, the
engine answers each of `names` as `expected` says. It was typed and derived from the collected facts about engines
(column `fact` has the id there), never from the files that it is held against. `says` are words of the message that
the fact quotes, after `!` those of the era next to it, and `-` is silence. A bound that moves by one release takes an
era's first or last release with it.

kind: `need` (names are needs, expected is a state, with the switches that the pull fails without),
`rule` (names are behaviours, expected is a value), `accept` (expected are the types asked for, in short), `span` (what
is known at all begins and ends there), `gap` (whether the numbers are releases: `none`, or words that say why not),
`answers` (`yes`: every need, rule and list of types has an answer, by tag and digest, at the root and below; `no`: none
has, for the engine has no such client or store yet, or no pull by digest; names are those left out), `wording`
(`yes`: every refusal has the words `says`, `no`: none has; names are those left out).
`switches` are separated by commas, for their names hold spaces.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from planner.assess.engine_view import EngineView, default, view
from planner.model import media_type as mt
from planner.model.engine import Version, parse_version
from planner.model.knowledge import EngineKnowledge, Knowledge, Support

HERE = Path(__file__).parent
SILENT = "-"
AND = " && "
SHORT = {
    mt.SCHEMA1_SIGNED: "s1",
    mt.SCHEMA1: "s1-unsigned",
    mt.SCHEMA2: "s2",
    mt.MANIFEST_LIST: "list",
    mt.OCI_MANIFEST: "oci",
    mt.OCI_INDEX: "index",
    mt.OCI_ARTIFACT: "artifact",
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


def disagreements(era: Era, knowledge: Knowledge, only: str = "") -> Iterator[str]:
    """A line for people for each release at an end of the era of which the knowledge says something else.

    `only` one of the names is looked at, if there is one.
    """
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
        for name in (name for name in _names(era, engine, knowledge) if only in ("", name)):
            found = _found(era, engine, name, version)
            if found != era.expected:
                where = " ".join(word for word in (era.store, era.client, era.ref, era.scope, era.switches) if word)
                yield f"{era.engine} {version} {where}: {name} is {found!r}, {era.fact} says {era.expected!r}"


def _names(era: Era, engine: EngineKnowledge, knowledge: Knowledge) -> list[str]:
    match era.kind:
        case "answers":
            every = [*knowledge.cause_of, *engine.behaviours, "accept"]
        case "wording":
            every = [*engine.capabilities]
        case _:
            return era.names.split()
    return [name for name in every if name not in era.names.split()]


def _found(era: Era, engine: EngineKnowledge, name: str, version: Version) -> str:
    match era.kind:
        case "gap":
            why = next((gap.why for gap in engine.gaps if version in gap.versions), "none")
            return era.expected if era.expected in why else why
        case "answers":
            return _answers(era, engine, name, version)
        case "wording":
            return _wording(era, engine, name, version)
    return _seen(era, engine, name, version)


def _seen(era: Era, engine: EngineKnowledge, name: str, version: Version) -> str:
    if name == "default-store":
        return default(engine, name, version)
    seen = view(engine, version, era.store, era.client, frozenset(filter(None, era.switches.split(","))))
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
    state = f"{entry.state} without {' '.join(sorted(entry.switches))}" if entry.switches else str(entry.state)
    messages = "\n".join((entry.message, entry.gated_message, entry.warning)).strip()
    return state if all(_is_said(words, messages) for words in era.says.split(AND)) else f"{state}, saying {messages!r}"


def _is_said(words: str, messages: str) -> bool:
    if words == SILENT:
        return not messages
    return words[1:] not in messages if words.startswith("!") else words in messages


def _answers(era: Era, engine: EngineKnowledge, name: str, version: Version) -> str:
    """Whether there are entries for all circumstances, or none of this store; else for which there are none."""
    entries: list[Any] = [*engine.capabilities.get(name, ()), *engine.behaviours.get(name, ())]
    entries += engine.accepts if name == "accept" else ()
    holding = [entry for entry in entries if version in entry.versions]
    if era.expected == "no":
        return "yes" if any(entry.store == era.store for entry in holding) else "no"
    for ref, scope in product(("tag", "digest"), ("root", "child")):
        wanted = {"store": era.store, "client": era.client, "ref": ref, "scope": scope}
        if not any(
            all(getattr(entry, member, "") in ("", value) for member, value in wanted.items())
            and not getattr(entry, "limit", 0)
            and not getattr(entry, "when", ())
            for entry in holding
        ):
            return f"nothing by {ref} at the {scope}"
    return "yes"


def _wording(era: Era, engine: EngineKnowledge, name: str, version: Version) -> str:
    """Whether the words are in what is printed for a need; as expected where nothing is printed."""
    refusals = (Support.UNSUPPORTED, Support.REMOVED, Support.SWITCHED_OFF, Support.UNCERTAIN)
    entries = [e for e in engine.capabilities[name] if version in e.versions and e.state in refusals and e.message]
    said = {"yes" if era.says in entry.message else "no" for entry in entries}
    return era.expected if said <= {era.expected} else "not always"
