"""Ranges of versions in the words of people: `1.6.x`, `1.8.0 to 1.8.2`, `28.2.0 to 29.7.2`."""

from collections.abc import Iterable, Sequence

from planner.model.engine import Range, Version
from planner.model.knowledge import VERSIONLESS

_LOWEST = Version((0, 0, 0), (-1, 0))


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The ranges in order, those that touch or overlap as one; `last` of a range counts as its open end."""
    result: list[Range] = []
    for each in sorted(ranges, key=lambda r: r.low or _LOWEST):
        before = result[-1] if result else None
        if before and (before.high is None or each.low is None or each.low <= before.high):
            high = None if before.high is None or each.high is None else max(before.high, each.high)
            result[-1] = Range(before.low, high)
        else:
            result.append(Range(each.low, each.high))
    return result


def spans(ranges: Iterable[Range], first: Version, newest: Version, releases: Sequence[Version] = ()) -> str:
    """The ranges as text, within `first` to `newest`, which are the ends of what is known of the software.

    `releases` are the known ones, oldest first: without them the last release before a bound is worked out from its
    number (`1.9.x` before 1.10.0), or the bound is named.
    """
    return ", ".join(span(each, first, newest, releases) for each in merged(ranges))


def span(versions: Range, first: Version, newest: Version, releases: Sequence[Version] = ()) -> str:
    """One range as text, see `spans`; of what has no versions that could be known, `any version`."""
    if newest == VERSIONLESS:
        return str(VERSIONLESS)
    low = max(versions.low or first, first)
    high = versions.high if versions.high and versions.high <= newest else None
    if high and _is_series(low, high):
        return f"{_series(low)}.x"
    last = _last_before(high, low, releases) if high else str(newest)
    return str(low) if last == str(low) else f"{low} to {last}"


def _is_series(low: Version, high: Version) -> bool:
    """Whether the range is all releases of one MAJOR.MINOR."""
    major, minor, patch = low.release
    return patch == 0 and high.release == (major, minor + 1, 0)


def _series(version: Version) -> str:
    return str(version).rpartition(".")[0] or str(version)


def _last_before(high: Version, low: Version, releases: Sequence[Version]) -> str:
    """The last release below `high`, by the list of releases, else by its number."""
    if below := [release for release in releases if low <= release < high]:
        return str(below[-1])
    major, minor, patch = high.release
    if patch:
        return f"{_series(high)}.{patch - 1}"
    if minor:
        width = len(str(high).split(".")[1])
        return f"{major}.{minor - 1:0{width if str(high).split('.')[1].startswith('0') else 1}d}.x"
    return f"before {high}"
