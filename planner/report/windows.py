"""Version windows for people: images that every engine treats alike share one table, with a bar for each engine."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from planner.model.engine import InvalidVersionError, Range, Version, parse_range
from planner.model.reference import Reference
from planner.model.report import Report, Window, asked
from planner.report.words import media_title, short_digest, short_image, unique

_Engine = tuple[str, str]  # name and store
_EVERY = Range()


@dataclass(frozen=True, slots=True)
class Bar:
    """The versions of one engine, oldest first, cut where the behaviour of any image changes: what pulls is filled."""

    engine: str
    ranges: tuple[str, ...]
    filled: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class WindowClass:
    """Images that the same versions pull. `title` is what the registry stores, where that is the same for all."""

    title: str
    images: tuple[str, ...]
    bars: tuple[Bar, ...]


def window_classes(report: Report) -> list[WindowClass]:
    """The windows of all digests, those of the most images first."""
    cuts = _cuts(report.windows)
    images: dict[str | None, list[Reference]] = defaultdict(list)
    for reference in dict.fromkeys(asked(o.reference) for o in report.occurrences):
        images[reference.digest].append(reference)
    windows: dict[str, list[Window]] = defaultdict(list)
    for window in report.windows:
        windows[window.digest].append(window)
    alike: dict[tuple[tuple[_Engine, tuple[str, ...]], ...], list[str]] = defaultdict(list)
    for digest, own in windows.items():
        alike[tuple(((w.engine, w.store), w.pulls) for w in own)].append(digest)
    made = []
    for behaviour, digests in alike.items():
        known = [reference for digest in digests for reference in images[digest]]
        titles = unique(media_title(report.resolutions.get(reference)) for reference in known)
        names = tuple(map(short_image, known)) or tuple(map(short_digest, digests))
        bars = tuple(_bar(engine, pulls, cuts[engine]) for engine, pulls in behaviour)
        made.append(WindowClass(titles[0] if len(titles) == 1 else "", names, bars))
    return sorted(made, key=lambda c: (-len(c.images), c.images))


def range_words(text: str) -> str:
    """A range as people read it: `1.10.0 and newer`, `1.6.0 up to before 28.2.0`."""
    known = _range(text)
    if known is None:
        return text
    match known.low, known.high, known.last:
        case None, None, None:
            return "every version"
        case low, _, Version() as newest:
            return f"{low} to {newest}, the newest known"
        case low, None, _:
            return f"{low} and newer"
        case None, high, _:
            return f"before {high}"
        case low, high, _:
            return f"{low} up to before {high}"


def _bar(engine: _Engine, pulls: tuple[str, ...], cuts: list[Version]) -> Bar:
    ranges = [known for known in map(_range, pulls) if known]
    filled = [any(r.low is None for r in ranges), *(any(cut in r for r in ranges) for cut in cuts)]
    name, store = engine
    return Bar(f"{name} ({store})" if store else name, tuple(map(range_words, pulls)), tuple(filled))


def _cuts(windows: Iterable[Window]) -> dict[_Engine, list[Version]]:
    """For each engine the versions at which some image begins or ceases to pull."""
    cuts: dict[_Engine, set[Version]] = defaultdict(set)
    for window in windows:
        for known in map(_range, window.pulls):
            bounds = (known.low, known.high) if known else ()
            cuts[window.engine, window.store].update(bound for bound in bounds if bound)
    return defaultdict(list, {engine: sorted(found) for engine, found in cuts.items()})


def _range(text: str) -> Range | None:
    """The range, None if `text` is none."""
    try:
        return _EVERY if text == str(_EVERY) else parse_range(text)
    except InvalidVersionError:
        return None
