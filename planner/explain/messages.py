"""`planner explain MESSAGE` and `--log FILE`: who prints these words, in which versions, why, and the ways out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from planner.errors import ExitCode, UsageError
from planner.explain.answers import Catalogue, Hit, is_generic
from planner.explain.layout import page
from planner.explain.lines import MAX_BYTES, Line, cleaned, read_lines
from planner.explain.phrases import Phrase, Sayer, engine_named, phrases, release_numbers
from planner.explain.spans import spans
from planner.knowledge import load_knowledge
from planner.model.knowledge import Knowledge, Support
from planner.model.reference import InvalidReferenceError, Reference, parse_reference
from planner.report.words import plural
from planner.resolve.failures import failures

_EXCERPT = 200  # characters of a log line
_KINDS = 30  # kinds of failure of a log that are shown
_REMEMBERED = 10_000  # lines whose answer is kept for those that differ in numbers only
_WORKS = (Support.SUPPORTED, Support.DEPRECATED)
_NUMBERS = re.compile(r"[0-9a-f]{8,}|[0-9]+")
_TOKEN = re.compile(r"[^\s\"'<>|=,;()\\]{3,400}")


def explain_message(message: str, engine: str | None = None, own: Sequence[Path] = ()) -> tuple[str, ExitCode]:
    """What a pasted message means; `own` are the user's knowledge files.

    INCOMPLETE if nobody is known to print it; UsageError for an unknown engine.
    """
    knowledge = load_knowledge(own)
    text = cleaned(message)
    if not text:
        raise UsageError("the message is empty: paste the line that the engine, kubelet or registry printed")
    if hits := _catalogue(knowledge, engine).hits(text):
        return page(_meaning(hits, knowledge, _reference_in(text))), ExitCode.CLEAN
    if lines := list(_of_the_registry(text)):
        return page(lines), ExitCode.CLEAN
    return page(_unknown(knowledge)), ExitCode.INCOMPLETE


@dataclass(slots=True)
class _Kind:
    """Lines of a log that mean the same."""

    hits: tuple[Hit, ...]
    first: Line
    count: int = 0


@dataclass(slots=True)
class _Log:
    """What reading a log has found so far."""

    lines: int = 0
    kinds: dict[frozenset[str], _Kind] = field(default_factory=dict)


def explain_log(
    path: Path, stdin: BinaryIO, engine: str | None = None, own: Sequence[Path] = ()
) -> tuple[str, ExitCode]:
    """What the lines of a log mean, `-` being stdin; UsageError if it cannot be read.

    NOTHING for an empty file, INCOMPLETE if no line is known or the file is too long to be read to its end.
    """
    knowledge = load_knowledge(own)
    catalogue = _catalogue(knowledge, engine)
    try:
        if str(path) == "-":
            log, is_cut = _read(stdin, catalogue), bool(stdin.read(1))
        else:
            with path.open("rb") as file:
                log, is_cut = _read(file, catalogue), bool(file.read(1))
    except OSError as error:
        raise UsageError(f"cannot read the log {path}: {error.strerror}") from error
    if not log.lines:
        return page([f"{path} is empty: nothing to explain"]), ExitCode.NOTHING
    lines = [*_log(log, knowledge)]
    if is_cut:
        size = MAX_BYTES // 1024 // 1024
        lines.append(f"Only the first {size} MiB were read; what follows was not looked at: split the file to see it.")
    return page(lines), ExitCode.CLEAN if log.kinds and not is_cut else ExitCode.INCOMPLETE


def _read(file: BinaryIO, catalogue: Catalogue) -> _Log:
    log = _Log()
    known: dict[str, tuple[Hit, ...]] = {}
    for line in read_lines(file):
        log.lines += 1
        key = _NUMBERS.sub("#", line.text)
        if (hits := known.get(key)) is None:
            hits = catalogue.hits_in_line(line.text)
            if len(known) < _REMEMBERED:
                known[key] = hits
        if hits:
            texts = frozenset(hit.phrase.text for hit in hits)
            log.kinds.setdefault(texts, _Kind(hits, line)).count += 1
    return log


def _log(log: _Log, knowledge: Knowledge) -> Iterator[str]:
    count = sum(kind.count for kind in log.kinds.values())
    if not count:
        none = "The line holds no" if log.lines == 1 else f"None of the {log.lines} lines holds a"
        yield f"{none} message that planner knows."
        yield from _unknown(knowledge)
        return
    ways = "1 way" if len(log.kinds) == 1 else f"{len(log.kinds)} ways"
    says = "line says" if log.lines == 1 else "lines say"
    yield f"{count} of {log.lines} {says} why a pull failed or may fail, in {ways}:"
    for kind in list(log.kinds.values())[:_KINDS]:
        text = kind.first.text
        excerpt = text if len(text) <= _EXCERPT else f"{text[: _EXCERPT // 2]} … {text[-_EXCERPT // 2 :]}"
        more = f", and {kind.count - 1} more like it" if kind.count > 1 else ""
        yield from ("", f"line {kind.first.number}{more}: {excerpt}", "")
        yield from _meaning(kind.hits, knowledge, _reference_in(text))
    if len(log.kinds) > _KINDS:
        hidden = plural(len(log.kinds) - _KINDS, "more way is", "more ways are")
        yield from ("", f"{hidden} not shown: filter the log to see them.")


def _catalogue(knowledge: Knowledge, engine: str | None) -> Catalogue:
    """The phrases to look for; with `engine` those of registries and of that engine only."""
    wanted = engine_named(engine, knowledge).name if engine else ""
    every = phrases(knowledge)
    return Catalogue(each for each in every if not wanted or each.sayer.is_registry or each.sayer.name == wanted)


def _meaning(hits: Sequence[Hit], knowledge: Knowledge, reference: Reference | None) -> Iterator[str]:
    """The causes with who prints the message, most telling first; explained in full where the words tell."""
    causes: dict[str, list[Phrase]] = {}
    for hit in hits:
        causes.setdefault(hit.phrase.cause, []).append(hit.phrase)
    # What a registry says of the client's Accept list is the engine's lack seen from the other side.
    withheld = causes.pop("", [])
    generic = is_generic(hits)
    if not all(hit.match.is_whole for hit in hits):
        yield from ("This is a part of what these print:", "")
    if generic:
        yield f"These words are generic: {_count(causes)} can be behind them, and what the image is decides."
        yield from (f"To see what each engine does with it: {_ask(reference)}", "")
    for number, (cause, said) in enumerate(causes.items()):
        if number and not generic:
            yield ""
        yield from _cause(cause, said, knowledge, reference, is_short=generic)
    if withheld:
        yield from ([""] if causes else [])
        yield "The registry says so: it has the document, but sends its kind only to clients that ask for it."
        yield from _printed_by(withheld, is_short=generic)


def _count(causes: Iterable[str]) -> str:
    number = len(list(causes))
    return "other things" if number == 1 else f"{number} causes" if number else "many things"


def _ask(reference: Reference | None) -> str:
    return f"`planner explain {reference or 'REFERENCE'}`"


def _cause(
    cause_id: str, said: Sequence[Phrase], knowledge: Knowledge, reference: Reference | None, *, is_short: bool
) -> Iterator[str]:
    cause = knowledge.causes[cause_id]
    yield f"{cause.id}: {cause.title}"
    if not is_short:
        yield f"  {cause.explanation}"
    yield from _printed_by(said, is_short=is_short)
    if is_short:
        return
    works = "; ".join(dict.fromkeys(found for phrase in said if (found := _works(phrase, knowledge))))
    remedies = [_filled(each, works, reference) for each in cause.remedies]
    yield "  ways out"
    yield from (f"    - {each}" for each in remedies if each)


def _printed_by(said: Sequence[Phrase], *, is_short: bool = False) -> Iterator[str]:
    """A line for each software, with the merged ranges of its versions, and the message as the knowledge has it."""
    by_text: dict[str, dict[tuple[str, str, bool], list[Phrase]]] = {}
    for phrase in said:
        key = (phrase.sayer.title, phrase.sayer.where, phrase.is_warning)
        by_text.setdefault("" if is_short else phrase.text, {}).setdefault(key, []).append(phrase)
    for text, sayers in by_text.items():
        if text:
            yield f"  says  {text}"
        for (title, where, is_warning), same in sayers.items():
            name = f"{title}, {where}" if where else title
            manner = " (the pull succeeds)" if is_warning else ""
            yield f"    {name} {ranges(same)}{manner}".rstrip()
            if not is_short:
                yield from _reasons(same)


def _reasons(same: Sequence[Phrase]) -> Iterator[str]:
    """Where a message is known from: read in the source, ran, or inferred."""
    first = same[0]
    yield f"      {first.verified}  {'; '.join(first.source[:2])}"
    if first.note:
        yield f"      note  {first.note}"
    if first.switches:
        yield f"      works with  {', '.join(sorted(first.switches))}"


def ranges(same: Sequence[Phrase]) -> str:
    """The versions in which software prints what all of `same` say; empty for places, which have none."""
    sayer: Sayer = same[0].sayer
    if same[0].places:
        return ""
    return spans((each.sayer.versions for each in same), sayer.first, sayer.newest, sayer.releases)


def _filled(remedy: str, works: str, reference: Reference | None) -> str:
    """A remedy with its blanks filled in; empty where it needs versions that work and none are known."""
    if "{versions}" in remedy:
        if not works:
            return ""
        remedy = remedy.replace("{versions}", works)
    remedy = remedy.replace("{replacement}", "the new place named above")
    if reference:
        return reference.fill(remedy)
    return re.sub(r"[{](\w+)[}]", lambda word: word[1].upper(), remedy)


def _works(phrase: Phrase, knowledge: Knowledge) -> str:
    """The versions of the same engine, with the same store or client, that meet the need."""
    engine = knowledge.engines.get(phrase.sayer.name)
    if engine is None:
        return ""
    entries = [
        entry.versions
        for entry in engine.capabilities.get(phrase.need, ())
        if entry.state in _WORKS and not entry.when and (entry.store or entry.client) in ("", phrase.sayer.where)
    ]
    found = spans(entries, engine.first, engine.newest, release_numbers(engine))
    where = f", {phrase.sayer.where}" if phrase.sayer.where else ""
    return f"{engine.title}{where} {found}" if found else ""


def _reference_in(text: str) -> Reference | None:
    """The image that the message names with its registry and a digest, else with a tag."""
    tagged: Reference | None = None
    for token in (word.removeprefix("docker://") for word in _TOKEN.findall(text)[:200]):
        try:
            reference = parse_reference(token.rstrip(":."))
        except InvalidReferenceError:
            continue
        if reference.digest:
            return reference
        if reference.tag and token.startswith(f"{reference.registry}/"):
            tagged = tagged or reference
    return tagged


def _of_the_registry(text: str) -> Iterator[str]:
    """What the way to the registry may have answered: it has nothing to do with the image or the engine's version."""
    lowered = text.lower()
    for failure in failures():
        if any(words in lowered for words in failure.match):
            yield f"{failure.id}: no engine version decides this; it is said on the way to the registry."
            yield f"  {failure.explanation[:1].upper()}{failure.explanation[1:]}."
            yield f"  source  {failure.source}"
            return


def _unknown(knowledge: Knowledge) -> Iterator[str]:
    yield "planner knows no engine and no registry that prints this, so it says nothing about the cause."
    known = ", ".join(f"{e.name} {e.first} to {e.newest}" for e in knowledge.engines.values())
    yield f"  It has the messages of {known}."
    yield "  What to do: paste the whole line (the cause stands behind its last colons), or all lines with --log FILE;"
    yield "  ask about the image itself: `planner explain REFERENCE`; or report the message, with engine and version."
