"""What becomes of a finding: whether the planned upgrade mends it, and what is met instead where it does not."""

from collections import defaultdict
from collections.abc import Callable
from enum import IntEnum

from planner.model.finding import Finding
from planner.model.moment import Moment
from planner.model.report import Report

# Whose hosts an outcome is for, by position in Report.groups; None: no host declared, or whatever the engine.
Position = int | None


class Fate(IntEnum):
    """What the planned upgrade does to a finding, the most urgent first."""

    STAYS = 0  # met after the upgrade, or no upgrade is planned that could change it
    FOLLOWED = 1  # ends with the upgrade, but the same hosts then meet something else at the same place
    MENDED = 2  # after the upgrade the same hosts pull


def positions(report: Report) -> Callable[[Finding], Position]:
    """Where a finding's group stands in Report.groups; looked up by identity first, since hashing a group is dear."""
    known = {id(group): n for n, group in enumerate(report.groups)}

    def position(finding: Finding) -> Position:
        if finding.group is None:
            return None
        found = known.get(id(finding.group))
        return report.groups.index(finding.group) if found is None else found

    return position


def followers(report: Report) -> Callable[[Finding], Finding | None]:
    """A function that names the worst that is met after the upgrade where a finding of today is met.

    None for what stays, and for what the upgrade mends. What holds whatever the engine is met by every group. What is
    suppressed is met all the same.
    """
    position = positions(report)
    worst: dict[str, dict[Position, Finding]] = defaultdict(dict)
    for f in report.every_finding:
        if stays(report, f):
            own, where = worst[f.occurrence.id], position(f)
            if where not in own or own[where].verdict.severity < f.verdict.severity:
                own[where] = f

    def follow(finding: Finding) -> Finding | None:
        if stays(report, finding):
            return None
        met = worst.get(finding.occurrence.id, {})
        whose = (position(finding), None) if finding.group else tuple(met)
        found = (met[group] for group in dict.fromkeys(whose) if group in met)
        return max(found, key=lambda f: f.verdict.severity, default=None)

    return follow


def stays(report: Report, finding: Finding) -> bool:
    """Whether it is met after the upgrade, or no upgrade is planned that could change it."""
    return finding.moment is Moment.AFTER or not report.changes(finding)


def fate(report: Report, finding: Finding, follower: Finding | None) -> Fate:
    """The fate of a finding that `follower`, if any, is met instead of."""
    if stays(report, finding):
        return Fate.STAYS
    return Fate.FOLLOWED if follower else Fate.MENDED
