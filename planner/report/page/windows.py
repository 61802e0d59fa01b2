"""Version windows for people: images that every engine treats alike share one, with the ranges of each engine."""

from collections import defaultdict
from dataclasses import dataclass

from planner.model.engine import InvalidVersionError, Range, Version, parse_range
from planner.model.reference import Reference
from planner.model.report import Report, Window, asked
from planner.report.words import media_title, short_digest, short_image, unique

# Name, and store or client where the engine has several.
Engine = tuple[str, str]
_EVERY = Range()


@dataclass(frozen=True, slots=True)
class Bar:
    """The versions of one engine that pull: `ranges` in words, oldest first, and `known`, those that are understood."""

    key: Engine
    ranges: tuple[str, ...]
    known: tuple[Range, ...]

    @property
    def engine(self) -> str:
        """The engine, with its store or client."""
        name, store = self.key
        return f"{name} ({store})" if store else name


@dataclass(frozen=True, slots=True)
class WindowClass:
    """Images that the same versions pull. `title` is what the registry stores, where that is the same for all.

    `references` are what was asked for; `images` are their short names, or the digests' where nothing refers to them.
    """

    title: str
    images: tuple[str, ...]
    references: tuple[Reference, ...]
    bars: tuple[Bar, ...]


def window_classes(report: Report) -> list[WindowClass]:
    """The windows of all digests, those of the most images first."""
    images: dict[str | None, list[Reference]] = defaultdict(list)
    for reference in dict.fromkeys(asked(o.reference) for o in report.occurrences):
        images[reference.digest].append(reference)
    windows: dict[str, list[Window]] = defaultdict(list)
    for window in report.windows:
        windows[window.digest].append(window)
    alike: dict[tuple[tuple[Engine, tuple[str, ...]], ...], list[str]] = defaultdict(list)
    for digest, own in windows.items():
        alike[tuple(((w.engine, w.store), w.pulls) for w in own)].append(digest)
    made = []
    for behaviour, digests in alike.items():
        known = [reference for digest in digests for reference in images[digest]]
        titles = unique(media_title(report.resolutions.get(reference)) for reference in known)
        names = tuple(map(short_image, known)) or tuple(map(short_digest, digests))
        bars = tuple(_bar(engine, pulls) for engine, pulls in behaviour)
        made.append(WindowClass(titles[0] if len(titles) == 1 else "", names, tuple(known), bars))
    return sorted(made, key=lambda c: (-len(c.images), c.images))


def newest_known(report: Report) -> dict[str, Version]:
    """For each engine the newest version that is known, as far as some image pulls up to there."""
    newest: dict[str, Version] = {}
    for window in report.windows:
        for known in map(_range, window.pulls):
            if known and known.last:
                newest[window.engine] = max(known.last, newest.get(window.engine, known.last))
    return newest


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


def _bar(engine: Engine, pulls: tuple[str, ...]) -> Bar:
    known = tuple(known for known in map(_range, pulls) if known)
    return Bar(engine, tuple(map(range_words, pulls)), known)


def _range(text: str) -> Range | None:
    """The range, None if `text` is none."""
    try:
        return _EVERY if text == str(_EVERY) else parse_range(text)
    except InvalidVersionError:
        return None
