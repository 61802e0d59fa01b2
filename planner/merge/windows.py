"""Version windows of several reports: what pulls in each of them."""

from collections.abc import Iterable, Sequence, Set
from itertools import product

from planner.model.engine import Range, Version, parse_range
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference
from planner.model.report import Report, Window, asked


def merged_windows(
    reports: Sequence[Report], unheard: Sequence[Set[Reference]], occurrences: Iterable[Occurrence]
) -> tuple[Window, ...]:
    """The windows in the order of the images, of each report without those of the digests that it is nowhere heard on.

    Two reports may differ on a digest, since the platform of their hosts or their knowledge does: the versions count
    that pull it in both.
    """
    turn = {digest: n for n, digest in enumerate(dict.fromkeys(o.reference.digest for o in occurrences))}
    found: dict[tuple[str, str, str], Window] = {}
    for report, left in zip(reports, unheard, strict=True):
        heard = {o.reference.digest for o in report.occurrences if asked(o.reference) not in left}
        for window in report.windows:
            key = (window.digest, window.engine, window.store)
            if not left or window.digest in heard:
                known = found.setdefault(key, window)
                if known.pulls != window.pulls:
                    pulls = common(known.pulls, window.pulls)
                    found[key] = Window(*key, pulls)
    return tuple(sorted(found.values(), key=lambda window: turn.get(window.digest, len(turn))))


def common(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """The ranges that lie in both, oldest first."""
    pairs = product(map(_range, one), map(_range, other))
    return tuple(str(both) for both in (_overlap(*pair) for pair in pairs) if both)


def _overlap(one: Range, other: Range) -> Range | None:
    low = max((r.low for r in (one, other) if r.low), default=None)
    high = min((r.high for r in (one, other) if r.high), default=None)
    last = min((r.last for r in (one, other) if r.last), default=None)
    if high and last:  # the nearer end is enough
        high, last = (high, None) if high <= last else (None, last)
    return None if _is_empty(low, high, last) else Range(low, high, last)


def _is_empty(low: Version | None, high: Version | None, last: Version | None) -> bool:
    return low is not None and ((high is not None and high <= low) or (last is not None and last < low))


def _range(text: str) -> Range:
    return Range() if text == str(Range()) else parse_range(text)
