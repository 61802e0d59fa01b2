"""Occurrences: a reference at file:line:column, and what it is there for."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from planner.model.platform import Platform
from planner.model.reference import Reference


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a reference that stand in a file as they are: `length` of them from `start` of its text.

    `offset` is where, in characters of the file's text without a byte order mark.
    """

    start: int
    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A reference in a file.

    `file` is relative to the scanned path; `line` and `column` are 1-based and point at the digest's text (at
    the reference where there is no digest). `format` is the file format's name, `role` what the reference is
    for ("service", "container", "init container", "job", "stage" ...), `name` whose it is (the service, the
    container). `raw` is the reference as written, with variables filled in. `platform` is set where the file asks
    for one.
    `used_in` names the file that uses the reference where the digest stands in another one (a `.env`).
    `used_at` are the lines of the file that uses it where an alias, a merge key, an `extends` or a variable brings in
    a digest that stands elsewhere, in order; at most 100.
    `confidence` is "parsed" where the format was understood, "text" where only the spelling was recognised.
    `selector` are labels that a node must have to run it; empty: the file asks for none.
    `ordinal` counts occurrences that agree in everything but their place.
    `spans` say where the characters of `raw` stand, in order: several where it is put together, none for those that
    nobody wrote so (the "/" between two fields, an escaped character). `alike` are those of other users of the same
    place, who may have put the same text together of other parts. Reports carry none of these, nor the selector.
    `excerpt` is what model.excerpt shows of the line of the file; empty where it is not known.
    """

    file: str
    line: int
    column: int
    format: str
    role: str
    name: str
    raw: str
    reference: Reference
    platform: Platform | None = None
    used_in: str | None = None
    confidence: Literal["parsed", "text"] = "parsed"
    ordinal: int = 0
    used_at: tuple[int, ...] = ()
    selector: frozenset[tuple[str, str]] = field(default=frozenset(), compare=False, repr=False)
    spans: tuple[Span, ...] = field(default=(), compare=False, repr=False)
    alike: tuple[tuple[Span, ...], ...] = field(default=(), compare=False, repr=False)
    excerpt: str = field(default="", compare=False, repr=False)

    @property
    def all_spans(self) -> tuple[Span, ...]:
        """The spans of all users."""
        return (*self.spans, *(span for spans in self.alike for span in spans)) if self.alike else self.spans

    @property
    def id(self) -> str:
        """Twelve hex digits that survive edits elsewhere in the file: links and baselines stay valid."""
        return _id(self.file, self.role, self.name, self.raw, self.ordinal)


@cache  # asked for again and again, by every stage
def _id(file: str, role: str, name: str, raw: str, ordinal: int) -> str:
    return hashlib.sha256("\0".join((file, role, name, raw, str(ordinal))).encode()).hexdigest()[:12]


def number(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Sort by place and set `ordinal`, so that every `id` is unique."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    numbered = []
    for occurrence in sorted(occurrences, key=lambda o: (o.file, o.line, o.column, o.role, o.name)):
        key = (occurrence.file, occurrence.role, occurrence.name, occurrence.raw)
        numbered.append(replace(occurrence, ordinal=seen[key]) if seen[key] else occurrence)
        seen[key] += 1
    return numbered
