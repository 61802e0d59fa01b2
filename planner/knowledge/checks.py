"""What the form alone does not tell: words that nobody reads, and entries that contradict each other."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

from planner.knowledge.document import Mistake, Place
from planner.knowledge.near import nearest
from planner.knowledge.schema import EngineEntries, RegistryFile
from planner.model import media_type as mt
from planner.model.engine import Range, parse_range, parse_version
from planner.model.knowledge import CHOICES, ENGINE_BLANKS, REGISTRY_BLANKS, Support

_MESSAGES = ("message", "gated_message", "warning", "child_message")


def engine_mistakes(
    file: EngineEntries, needs: Collection[str], stores: Collection[str], clients: Collection[str]
) -> Iterator[Mistake]:
    """The mistakes of an engine file: `needs` are those that planner asks about, the rest is the engine's own."""
    for need, entries in file.need.items():
        place: Place = ("need", need)
        if need not in needs:
            text = (
                f"nothing asks for the need {need!r}{nearest(need, sorted(needs))}; `planner engines NAME` lists them"
            )
            yield place, text
        for index, entry in enumerate(entries):
            yield from _of_blanks((*place, index), entry, ENGINE_BLANKS)
            if entry.state is Support.SWITCHED_OFF and not entry.switches:
                yield (*place, index, "state"), f"{entry.state} says that a switch helps; name it in `switches`"
        yield from _overlaps(place, entries, lambda e: (e.store, e.client, e.ref, e.scope, e.when, e.limit))
    for rule, choices in file.behaviour.items():
        place = ("behaviour", rule)
        yield from _of_rule(place, rule, [entry.value for entry in choices], stores, clients)
        yield from _overlaps(place, choices, lambda e: (e.store, e.client, e.when))
    yield from _overlaps(("accept",), file.accept, lambda e: (e.store,))
    yield from _overlaps(("gap",), file.gap, lambda _: ())
    for at, entry in _all_entries(file):
        for member, known in (("store", stores), ("client", clients)):
            value = getattr(entry, member, "")
            if value and value not in known:
                has = f"it has {', '.join(known)}" if known else f"it has no {member}s"
                yield (*at, member), f"{value!r} is no {member} of this engine: {has}"


def registry_mistakes(file: RegistryFile, causes: Collection[str]) -> Iterator[Mistake]:
    """The mistakes of a registry file; `causes` are the known ids. Rules may overlap: the first that matches holds."""
    for index, rule in enumerate(file.rule):
        place: Place = ("rule", index)
        yield from _of_blanks(place, rule, REGISTRY_BLANKS)
        yield from _of_range(place, rule.versions)
        yield from _of_cause((*place, "cause"), rule.cause, causes)
        # A type that no document has would let the rule hold for none, or for every client.
        yield from _of_types((*place, "stored"), rule.stored)
        yield from _of_types((*place, "unless_accepted"), [rule.unless_accepted])
        yield from _of_types((*place, "if_accepted"), [rule.if_accepted])
    for index, lifetime in enumerate(file.lifetime):
        yield from _of_range(("lifetime", index), lifetime.versions)
        yield from _of_cause(("lifetime", index, "explains"), lifetime.explains, causes)
    for index, stores in enumerate(file.stores):
        yield from _of_range(("stores", index), stores.versions)
        yield from _of_types(("stores", index, "types"), stores.types)


def _of_cause(place: Place, cause: str, known: Collection[str]) -> Iterator[Mistake]:
    if cause and cause not in known:
        text = f"there is no cause {cause!r}{nearest(cause, sorted(known))}; docs/causes.md lists them"
        yield place, text


def _of_types(place: Place, types: Iterable[str]) -> Iterator[Mistake]:
    for unknown in sorted({*types} - mt.MANIFESTS - {""}):
        close = nearest(unknown, sorted(mt.MANIFESTS))
        yield (
            place,
            f"{unknown!r} is no media type of a manifest{close}; write one of {', '.join(sorted(mt.MANIFESTS))}",
        )


def span_mistakes(first: str, newest: str) -> Iterator[Mistake]:
    """A file that ends before it begins."""
    if parse_version(newest) < parse_version(first):
        yield ("newest",), f"`newest` {newest} is older than `first` {first}"


def _all_entries(file: EngineEntries) -> Iterator[tuple[Place, Any]]:
    for kind, tables in (("need", file.need), ("behaviour", file.behaviour)):
        for name, entries in tables.items():
            yield from (((kind, name, index), entry) for index, entry in enumerate(entries))
    yield from ((("accept", index), entry) for index, entry in enumerate(file.accept))


def _of_rule(
    place: Place, rule: str, values: Sequence[str], stores: Collection[str], clients: Collection[str]
) -> Iterator[Mistake]:
    if rule not in CHOICES:
        yield place, f"nothing asks for the rule {rule!r}{nearest(rule, list(CHOICES))}; known are {', '.join(CHOICES)}"
        return
    own = {"default-store": stores, "default-client": clients}
    known = own.get(rule, CHOICES[rule])
    for index, value in enumerate(values):
        if value not in known:
            yield (*place, index, "value"), f"{value!r} is no value of {rule}; write one of {', '.join(sorted(known))}"


def _of_blanks(place: Place, entry: Any, known: Collection[str]) -> Iterator[Mistake]:
    for member in _MESSAGES:
        for blank in re.findall(r"\{(\w+)\}", getattr(entry, member, "")):
            if blank not in known:
                blanks = ", ".join(f"{{{name}}}" for name in sorted(known))
                yield (*place, member), f"nothing fills in {{{blank}}}; a message may have {blanks}"


def _of_range(place: Place, text: str) -> Iterator[Mistake]:
    if _is_empty(parse_range(text)):
        yield (*place, "versions"), f"{text!r} holds no version: its end is not above its beginning"


def _overlaps(place: Place, entries: Sequence[Any], circumstances: Callable[[Any], object]) -> Iterator[Mistake]:
    """Entries of which two hold for one version in the same circumstances: only the first would ever be read."""
    for index, entry in enumerate(entries):
        yield from _of_range((*place, index), entry.versions)
    for (_, one), (index, other) in combinations(enumerate(entries), 2):
        if circumstances(one) == circumstances(other) and _meet(parse_range(one.versions), parse_range(other.versions)):
            text = f"{other.versions!r} overlaps {one.versions!r} above, in the same circumstances; let one end where"
            yield (*place, index, "versions"), f"{text} the other begins"


def _meet(one: Range, other: Range) -> bool:
    lows = [low for low in (one.low, other.low) if low]
    highs = [high for high in (one.high, other.high) if high]
    return not lows or not highs or max(lows) < min(highs)


def _is_empty(versions: Range) -> bool:
    return versions.low is not None and versions.high is not None and versions.high <= versions.low
