"""Carries the copies of a plan out: each is foretold, made where nothing is yet, and held against what was foretold.

Nothing is deleted, and nothing is written over: what has the destination's name already is what would be made, or the
copy is refused.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from planner.assess.likeness import differences, why_other
from planner.model.plan import Conversion
from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution, State
from planner.plan.copies.conversion import chosen, copies_of, predicted
from planner.resolve import Resolver, resolve
from planner.resolve.skopeo_copy import Copier


class Ending(StrEnum):
    """How a conversion ended. The first two are good."""

    MADE = "made"
    THERE = "already there"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Copied:
    """A conversion that ended. `digest` is that of the copy, empty where there is none to use; `text` says the rest."""

    conversion: Conversion
    ending: Ending
    text: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Tools:
    """What conversions are made with. `resolver` must not answer from a cache; `insecure` is as in scans."""

    resolver: Resolver
    copier: Copier
    insecure: frozenset[str] = frozenset()


def convert(
    conversions: Iterable[Conversion], tools: Tools, begin: Callable[[Conversion], None] = lambda _: None
) -> Iterator[Copied]:
    """Carry conversions out one after the other; yields what became of each as soon as it has ended.

    `begin` is called before each. One that fails does not keep the others from being made.
    """
    places: dict[Reference, Conversion] = {}
    for conversion in conversions:
        begin(conversion)
        if not _is_one_copy(places.setdefault(conversion.destination, conversion), conversion):
            text = f"{conversion.destination} is the destination of two different copies; nothing was copied"
            yield Copied(conversion, Ending.REFUSED, text)
        else:
            yield _converted(conversion, tools)


def _is_one_copy(first: Conversion, other: Conversion) -> bool:
    """Whether one copy serves both: what has one digest is the same bytes in every registry."""
    is_alike = first == replace(other, source=first.source) and first.source.digest == other.source.digest
    return first == other or (is_alike and first.source.digest is not None)


def _converted(conversion: Conversion, tools: Tools) -> Copied:
    source, there = _ask(conversion.source, tools), _ask(conversion.destination, tools)
    if source.state is not State.RESOLVED:
        return Copied(conversion, Ending.FAILED, f"the source could not be read: {source.detail}")
    expected = predicted(source, conversion)
    if expected is None:
        form = f"{conversion.format}{f' for {conversion.platform}' if conversion.platform else ''}"
        text = f"the source cannot be had as {form}: it holds what has no place there, or lacks a part; plan again"
        return Copied(conversion, Ending.FAILED, text)
    if there.state is State.RESOLVED:
        return _compared(conversion, source, expected, there)
    if there.state is not State.MISSING:
        text = f"whether the destination is there already could not be asked, so nothing was copied: {there.detail}"
        return Copied(conversion, Ending.FAILED, text)
    with tempfile.TemporaryDirectory(prefix="planner-") as folder:
        calls = copies_of(conversion, tools.insecure, folder)
        if why := tools.copier.copy(calls, conversion.source, conversion.destination):
            return Copied(conversion, Ending.FAILED, why)
    return _verified(conversion, expected, tools)


def _compared(conversion: Conversion, source: Resolution, expected: Resolution, there: Resolution) -> Copied:
    """What is there already is taken as the copy if it has its form and the source's layers, or its config for gzip."""
    image = chosen(source, conversion.platform)
    wrong = differences(expected, there) or (why_other(image, there, gzip=conversion.gzip) if image else "",)
    if any(wrong):
        text = f"something else has its name, {there.digest}, and is left as it is: {'; '.join(wrong)}"
        return Copied(conversion, Ending.REFUSED, f"{text}. Name another place with --to")
    blobs = "its config is that of the source" if conversion.gzip else "its layers are those of the source"
    unseen = "; its layers, which are compressed anew, cannot be compared" if conversion.gzip else ""
    text = f"its form is as foretold, and {blobs}{unseen}"
    return Copied(conversion, Ending.THERE, text, there.digest)


def _verified(conversion: Conversion, expected: Resolution, tools: Tools) -> Copied:
    """The copy as the registry has it: its digest by tag, its bytes by digest, and its form as was foretold."""
    found = _ask(conversion.destination, tools)
    digest = found.digest
    if found.state is State.RESOLVED:
        found = _ask(replace(conversion.destination, tag=None, digest=digest), tools)
    if wrong := differences(expected, found):
        text = f"a copy was made and is not what it must be, so nothing is pinned to it: {'; '.join(wrong)}"
        return Copied(conversion, Ending.FAILED, text)
    return Copied(conversion, Ending.MADE, "its bytes are those of its digest, its form is as foretold", digest)


def _ask(reference: Reference, tools: Tools) -> Resolution:
    """The whole of what a registry has: every entry of an index, as far as planner follows any."""
    return resolve([reference], tools.resolver, None)[asked(reference)]
