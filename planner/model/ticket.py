"""Change tickets: one for each change of a plan, and the profile of the importer that reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# Some lines of text, the first to the last; what came from outside is spelled out and never begins one.
Lines = tuple[str, ...]


class Kind(StrEnum):
    """What a ticket is about. A decision is asked for where no step leads on."""

    CONVERSION = "conversion"
    REGISTRY_UPGRADE = "registry-upgrade"
    SWITCH = "switch"
    UPGRADE = "engine-upgrade"
    REPIN = "re-pin"
    DECISION = "decision-needed"


class Level(StrEnum):
    """How high a risk, an impact or a priority is."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One change, or one decision, as the people who approve it want to read it.

    `correlation_id` is the same in the next run while the change is the same one. `wave` is None for a decision.
    `items` are the configuration items that change: hosts, services or registries. `hosts` are all that are affected,
    `depends_on` the correlation ids of what has to be done before. `analysis` is risk and impact in words.
    """

    correlation_id: str
    kind: Kind
    title: str
    wave: int | None
    risk: Level
    impact: Level
    priority: Level
    items: tuple[str, ...]
    hosts: tuple[str, ...]
    depends_on: tuple[str, ...]
    description: Lines
    implementation: Lines
    backout: Lines
    test: Lines
    analysis: Lines
    justification: Lines


# The parts that a body is built from, each below its heading.
PARTS: Mapping[str, str] = {
    "description": "Description",
    "justification": "Justification",
    "implementation": "Implementation plan",
    "test": "Test plan",
    "backout": "Back-out plan",
    "analysis": "Risk and impact",
}
# What a column may hold, beside a text of its own, in words for the docs.
HOLDS: Mapping[str, str] = {
    "title": "what changes, in one line",
    "description": "the full title, why, hosts, order, costs, and what is not proven",
    "body": "all parts, each below its heading",
    "kind": "conversion, registry-upgrade, switch, engine-upgrade, re-pin or decision-needed",
    "wave": "the wave; empty for a decision",
    "wave_label": "`wave-` and its number; empty for a decision",
    "risk": "the level of the risk, by the rule of docs/tickets.md",
    "impact": "the level of the impact, by the rule of docs/tickets.md",
    "priority": "by the rule of docs/tickets.md",
    "items": "the hosts, services or registries that change",
    "item": "the host, service or registry that changes; empty where it is more than one",
    "hosts": "the hosts that are affected",
    "host_count": "how many they are",
    "depends_on": "the correlation ids of the changes to make before",
    "implementation": "numbered: edits by file:line, commands, what to check",
    "backout": "how to undo it, or why that is impossible",
    "test": "each pull with its command and the digest that must arrive, by hosts",
    "analysis": "hosts by verdict, today and after; what the levels come from",
    "justification": "why, with the evidence and its sources",
    "correlation_id": "the same in every run while the change is the same",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `holds` is a key of HOLDS, else every cell is `text`.

    `limit` is the longest that the importer takes, in characters, 0 where only spreadsheets set one. `choices` are
    the importer's own words for kinds or levels; empty: those of planner.
    """

    header: str
    holds: str = ""
    text: str = ""
    limit: int = 0
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What an importer reads.

    `spreadsheet`: people open it in one, so that files begin with a byte-order mark, and cells that would be read as a
    number or a date are guarded as those are that would be a formula.
    `heading` is written above each part of a body, with {title}; `before` and `after` each part are lines that keep
    the importer from reading the part as markup, `indent` are spaces that do the same; `broken` maps texts that would
    end such a part to what is written instead.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    source: tuple[str, ...]
    spreadsheet: bool = False
    heading: str = "{title}"
    before: str = ""
    after: str = ""
    indent: int = 0
    broken: Mapping[str, str] | None = None
