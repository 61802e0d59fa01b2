"""The parts of docs/engines.md and docs/causes.md: eras, switches, messages, affected versions, sources."""

import re
from collections.abc import Iterable, Iterator, Sequence

from planner.explain.course import courses
from planner.explain.eras import LEGEND, eras, kinds, switches
from planner.explain.phrases import Phrase, phrases, release_numbers
from planner.explain.spans import spans
from planner.knowledge import load_knowledge
from planner.model.knowledge import Capability, EngineKnowledge, Knowledge
from planner.model.report import Cause

SOURCE = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)@(?P<tag>[\w.+-]+):(?P<path>[\w./+-]+?)(?::(?P<line>\d+))?")
REFUSED = {
    "unsupported": "refused",
    "removed": "refused",
    "deprecated-off-by-default": "refused unless a setting is on",
    "deprecated-on": "pulls with a warning",
    "hollow": "nothing that runs",
    "uncertain": "not certain",
}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table. Bars, angle brackets and line ends inside cells are made harmless."""
    lines = [head, ["---"] * len(head), *rows]
    cells = [[" ".join(str(cell).split()).replace("|", "\\|") for cell in line] for line in lines]
    return ["| " + " | ".join(line) + " |" for line in cells]


def code(words: Iterable[object]) -> str:
    """The words as Markdown code, with commas between."""
    return ", ".join(f"`{word}`" for word in words)


def engines() -> list[str]:
    """A section per engine: eras, settings that re-enable, every boundary with its source."""
    knowledge = load_knowledge()
    lines = [f"In the tables: {LEGEND}. All by digest, for linux/amd64; the artifact is a Helm chart.", ""]
    for engine in knowledge.engines.values():
        lines += [f"## {engine.title}", "", *_engine(engine, knowledge)]
    return lines[:-1]


def _engine(engine: EngineKnowledge, knowledge: Knowledge) -> Iterator[str]:
    known = f"`{engine.name}`, known from {engine.first} to {engine.newest} as of {engine.checked}"
    yield f"{known}. Source: {sources(engine.source)}."
    yield ""
    for course in courses(knowledge, engine.name):
        if course.where:
            yield from (f"### {course.title}", "")
        yield from table(["versions", *kinds()], [(course.text(era.versions), *era.cells) for era in eras(course)])
        yield ""
    if known_switches := switches(engine):
        rows = [(code(sorted(s.names)), s.need, s.where, s.versions, s.last or "still works") for s in known_switches]
        yield from table(["setting", "re-enables", "store or client", "works in", "last release"], rows)
        yield ""
    entries = [entry for entries in engine.capabilities.values() for entry in entries]
    yield from (f"<details><summary>All {len(entries)} boundaries with their sources</summary>", "")
    yield from table(["need", "versions", "state", "where", "known from", "source"], map(_boundary, entries))
    yield from ("", "</details>", "")


def _boundary(entry: Capability) -> tuple[object, ...]:
    where = " ".join(word for word in (entry.store, entry.client, entry.ref and f"by {entry.ref}", *sorted(entry.when)))
    return entry.need, f"`{entry.versions}`", entry.state, where, entry.verified, sources(entry.source)


def causes() -> list[str]:
    """A section per cause; its heading is the anchor that reports link to."""
    knowledge = load_knowledge()
    said: dict[str, list[Phrase]] = {}
    for phrase in phrases(knowledge):
        said.setdefault(phrase.cause, []).append(phrase)
    lines: list[str] = []
    for cause in knowledge.causes.values():
        lines += [f"## {cause.id}", "", *_cause(cause, said.get(cause.id, []), knowledge)]
    return lines[:-1]


def _cause(cause: Cause, said: Sequence[Phrase], knowledge: Knowledge) -> Iterator[str]:
    yield f"{cause.title[:1].upper()}{cause.title[1:]}. {cause.explanation}"
    yield ""
    for remedy in cause.remedies:
        yield "- " + re.sub(r"[{](\w+)[}]", lambda word: word[1].upper(), remedy)
    yield ""
    if said:
        yield from table(["message", "printed by"], _messages(said))
        yield ""
    if affected := list(_affected(cause, knowledge)):
        yield from table(["engine", "need", "versions"], affected)
        yield ""
    if found := sorted({source for phrase in said for source in phrase.source if SOURCE.fullmatch(source)}):
        yield from ("<details><summary>Sources of the messages</summary>", "")
        yield from (f"- {sources([source])}" for source in found)
        yield from ("", "</details>", "")


def _messages(said: Sequence[Phrase]) -> Iterator[tuple[str, str]]:
    """Each text with all who print it, in the order of the knowledge."""
    by_text: dict[str, dict[str, list[Phrase]]] = {}
    for phrase in said:
        name = f"{phrase.sayer.title}, {phrase.sayer.where}" if phrase.sayer.where else phrase.sayer.title
        manner = " (the pull succeeds)" if phrase.is_warning else ""
        by_text.setdefault(phrase.text, {}).setdefault(name + manner, []).append(phrase)
    for text, who in by_text.items():
        yield _code(text), "; ".join(f"{name} {_versions(same)}" for name, same in who.items())


def _versions(same: Sequence[Phrase]) -> str:
    sayer = same[0].sayer
    return spans((each.sayer.versions for each in same), sayer.first, sayer.newest, sayer.releases)


def _affected(cause: Cause, knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    """For each engine and need of the cause, the versions that do not simply pull, by what they do."""
    for engine in knowledge.engines.values():
        for need in (need for need, its in knowledge.cause_of.items() if its == cause.id):
            by_where: dict[str, dict[str, list[Capability]]] = {}
            for entry in engine.capabilities.get(need, ()):
                if effect := REFUSED.get(entry.state):
                    where = ", ".join(word for word in (engine.title, entry.store or entry.client) if word)
                    how = f"{effect} by {entry.ref}" if entry.ref else effect
                    by_where.setdefault(where, {}).setdefault(how, []).append(entry)
            for where, effects in by_where.items():
                yield where, need, "; ".join(f"{how}: {_ranges(same, engine)}" for how, same in effects.items())


def _ranges(entries: Sequence[Capability], engine: EngineKnowledge) -> str:
    return spans((entry.versions for entry in entries), engine.first, engine.newest, release_numbers(engine))


def sources(names: Iterable[str]) -> str:
    """The sources, those in public repositories as links to the very line."""
    return "; ".join(_source(name) for name in names)


def _source(name: str) -> str:
    if name.startswith("https://"):
        return f"<{name}>"
    found = SOURCE.fullmatch(name)
    if not found:
        return _code(name)
    line = f"#L{found['line']}" if found["line"] else ""
    text = f"{found['repo']}@{found['tag']} {found['path'].rpartition('/')[2]}{line.replace('#L', ':')}"
    return f"[{text}](https://github.com/{found['repo']}/blob/{found['tag']}/{found['path']}{line})"


def _code(text: str) -> str:
    """Text as code, whatever it holds."""
    fence = "``" if "`" in text else "`"
    space = " " if fence == "``" else ""
    return f"{fence}{space}{text}{space}{fence}"
