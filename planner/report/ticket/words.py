"""The texts of tickets: lists with numbers, hosts in short, and what is left of a text that a cell cannot hold."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from planner.model.occurrence import Occurrence
from planner.model.ticket import Lines
from planner.report.escape import visible
from planner.report.words import few, host_ranges, plural

_Item = TypeVar("_Item")
_Value = TypeVar("_Value")
_MORE = "… and {} more lines; the plan as JSON has them all"
# What a note on what is left out takes at most.
NOTE = 70
# Host ranges in a sentence; the description of a ticket has them all.
MANY = 12


def numbered(items: Iterable[Sequence[str]]) -> Lines:
    """The items as `1. …`, each of a line and those below it, which are set in."""
    lines: list[str] = []
    for number, (first, *below) in enumerate(items, 1):
        lines += [f"{number}. {first}", *(f"   {line}" for line in below)]
    return tuple(lines)


def commands(texts: Iterable[str]) -> Iterator[str]:
    """Commands behind a prompt, so that no line begins with what came from outside."""
    for text in texts:
        first, *more = text.split("\n")
        yield f"$ {visible(first)}"
        yield from (f"> {visible(line)}" for line in more)


@lru_cache(maxsize=1024)  # the same hosts stand in many changes
def folded(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """The hosts as ranges, without what does not print."""
    return tuple(map(visible, host_ranges(hosts)))


def whom(hosts: Sequence[str], limit: int = MANY) -> str:
    """`web-[01:12], db-1 (13 hosts)`."""
    return f"{few(folded(tuple(hosts)), limit)} ({plural(len(hosts), 'host')})" if hosts else "no declared host"


def where(place: Occurrence) -> str:
    """`deploy/compose.yml:8 (service ledger)`."""
    whose = f" ({visible(f'{place.role} {place.name}'.strip())})" if place.role or place.name else ""
    return f"{visible(place.file)}:{place.line}{whose}"


def alike(items: Iterable[_Item], value: Callable[[_Item], _Value]) -> list[tuple[_Value, list[_Item]]]:
    """The items that have the same value, in the order in which the values come first."""
    found: dict[_Value, list[_Item]] = {}
    for item in items:
        found.setdefault(value(item), []).append(item)
    return list(found.items())


def shortened(text: str, limit: int) -> str:
    """A line of at most `limit` characters, cut at a word with `…`; amid one that alone is too long."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    words = cut.rpartition(" ")[0]
    return (words if len(words) > limit // 2 else cut).rstrip() + "…"


def fitted(lines: Lines, limit: int) -> str:
    """The lines as one text of at most `limit` characters; the last line says how many others there are no room for."""
    text = "\n".join(lines)
    if len(text) <= limit:
        return text
    room, kept = limit - NOTE, []
    for line in lines:
        if len(line) >= room:
            # A single line may be longer than a cell: its beginning tells more than nothing.
            kept.append(shortened(line, room) if room > NOTE else "")
            break
        kept.append(line)
        room -= len(line) + 1
    left = len(lines) - len(kept)
    return "\n".join(filter(None, (*kept, _MORE.format(f"{left:,}") if left else "")))


def joined(names: Sequence[str], limit: int, guard: Callable[[str], str]) -> str:
    """The names with "; " between, each guarded for itself; where there is no room for all, how many are left out."""
    text = "; ".join(map(guard, names))
    if len(text) <= limit:
        return text
    kept: list[str] = []
    room = limit - NOTE
    for name in map(guard, names):
        if len(name) + 2 > room:
            break
        kept.append(name)
        room -= len(name) + 2
    return "; ".join((*kept, f"and {len(names) - len(kept):,} more"))
