"""The axis of a version-window chart: versions in their order, cut where it changes whether an image pulls.

The axis is ordinal: versions at which something changes and versions of hosts stand at equal distances, since releases
are not evenly spread and the order is what counts. Places along it are shares of its width, so that the picture fits
every window without its text growing or shrinking. Only what is drawn is worked out here; the template draws it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from planner.model.engine import Range, Version

# In pixels: the narrowest axis of a small screen, a letter of a label, half a mark with the blank beside it.
NARROWEST, _LETTER, MARK = 270, 6.6, 9
# More letters of a version would not fit into that twice.
_LONGEST = 14

# A place on the axis: a version, and whether it is just before it (0), the version of a host (1) or just after it (2).
_Tick = tuple[Version, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """Versions that are alike, from `start` up to `end` (shares of the axis). `pulls` is None where it is not known."""

    start: float
    end: float
    pulls: bool | None


@dataclass(frozen=True, slots=True)
class Label:
    """Text at a place of the axis, `gap` pixels beside it. `anchor` is SVG's.

    `level` is the row of labels that it stands in, so that none covers another, however narrow the axis.
    """

    at: float
    text: str
    anchor: str
    level: int
    gap: int = 0

    @property
    def shift(self) -> int:
        """Pixels from its place to where it is anchored."""
        return {"start": self.gap, "middle": 0, "end": -self.gap}[self.anchor]

    @property
    def span(self) -> tuple[float, float]:
        """From where to where it reaches on the narrowest axis, in pixels, for letters that are rather wide."""
        width, at = len(self.text) * _LETTER, self.at * NARROWEST + self.shift
        left = at - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return left, left + width


@dataclass(frozen=True, slots=True)
class Axis:
    """The versions of one engine, oldest first: all that is named lies within. `places` has the versions of hosts."""

    segments: tuple[Segment, ...]
    labels: tuple[Label, ...]
    places: Mapping[Version, float]
    ranges: tuple[Range, ...]
    newest: Version | None

    @property
    def levels(self) -> int:
        """How many rows the labels need."""
        return 1 + max((label.level for label in self.labels), default=0)

    def pulls(self, version: Version) -> bool | None:
        """Whether that version pulls; None for one that is newer than what is known."""
        if self.newest and version > self.newest:
            return None
        return any(version in known for known in self.ranges)


def axis(ranges: Sequence[Range], newest: Version | None, hosts: Iterable[Version]) -> Axis:
    """The axis for an image that pulls in `ranges`, up to the newest version that is known, with those of `hosts`."""
    bounds = sorted({*_bounds(ranges), *([(newest, 2)] if newest else [])})
    kinds = [_between(ranges, newest, *pair) for pair in pairwise([None, *bounds, None])]
    # What is the same on both sides is no cut.
    cuts = [cut for cut, (before, after) in zip(bounds, pairwise(kinds), strict=True) if before is not after]
    alike = [kind for kind, _ in groupby(kinds)]
    ticks = sorted({*cuts, *((version, 1) for version in hosts)})
    places = {tick: (n + 1) / (len(ticks) + 1) for n, tick in enumerate(ticks)}
    edges = [0.0, *(places[cut] for cut in cuts), 1.0]
    segments = tuple(Segment(*pair, pulls) for pair, pulls in zip(pairwise(edges), alike, strict=True))
    labels = _levelled((places[cut], _short(str(cut[0]))) for cut in cuts)
    return Axis(segments, labels, {v: at for (v, side), at in places.items() if side == 1}, tuple(ranges), newest)


def mark_labels(marks: Sequence[tuple[float, str]]) -> tuple[Label, ...]:
    """Labels of the one or two marks of the same hosts: beside them, away from the other; above, where no room is."""
    made: dict[int, Label] = {}
    for n in sorted(range(len(marks)), key=lambda n: marks[n][0]):
        at, text = marks[n][0], _short(marks[n][1])
        anchors = ("start", "end") if len(marks) == 1 else ("start",) if made else ("end",)
        beside = (Label(at, text, anchor, 0, MARK) for anchor in anchors)
        level = 1 + sum(label.level > 0 for label in made.values())
        above = Label(at, text, "start" if at < 1 - at else "end", level)
        made[n] = next(filter(_fits, beside), above)
    return tuple(made[n] for n in range(len(marks)))


def _fits(label: Label) -> bool:
    left, right = label.span
    return left >= 0 and right <= NARROWEST


def _bounds(ranges: Iterable[Range]) -> Iterable[_Tick]:
    for known in ranges:
        yield from ((bound, 0) for bound in (known.low, known.high) if bound)
        if known.last:
            yield (known.last, 2)


def _between(ranges: Iterable[Range], newest: Version | None, start: _Tick | None, end: _Tick | None) -> bool | None:
    """Whether the versions between two neighbouring cuts pull; None is an open end."""
    if newest and start and start >= (newest, 2):
        return None
    return any(_begins(known, start) and _reaches(known, end) for known in ranges)


def _begins(known: Range, start: _Tick | None) -> bool:
    return known.low is None or (start is not None and (known.low, 0) <= start)


def _reaches(known: Range, end: _Tick | None) -> bool:
    high = known.high is None or (end is not None and end <= (known.high, 0))
    last = known.last is None or (end is not None and end <= (known.last, 2))
    return high and last


def _levelled(cuts: Iterable[tuple[float, str]]) -> tuple[Label, ...]:
    """A label for each cut, in the first row that is free there on the narrowest axis."""
    taken: list[float] = []  # for each row where its last label ends
    made = []
    for at, text in cuts:
        label = next(
            (label for anchor in ("middle", "start", "end") if _fits(label := Label(at, text, anchor, 0))),
            Label(at, text, "middle", 0),
        )
        left, right = label.span
        level = next((n for n, end in enumerate(taken) if end + MARK <= left), len(taken))
        taken[level : level + 1] = [right]
        made.append(replace(label, level=level))
    return tuple(made)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
