"""What became of the entries of CI systems since the earlier report that a scan was compared with."""

from collections import defaultdict
from collections.abc import Callable
from enum import StrEnum

from planner.model.report import Report
from planner.model.since import Status
from planner.report.ci.alerts import Alert


class State(StrEnum):
    """In the words of SARIF (2.1.0, 3.27.24, baselineState), but for "absent": what is gone is no entry."""

    NEW = "new"
    UPDATED = "updated"  # in part; or with another verdict, or at another moment as well
    UNCHANGED = "unchanged"


def states(report: Report) -> Callable[[Alert], State | None]:
    """A function that names the state of an entry; None without a baseline, and for what is suppressed."""
    became: dict[str, set[Status]] = defaultdict(set)
    changed: set[tuple[str, str]] = set()
    for change in report.since.changes if report.since else ():
        if change.status in (Status.NEW, Status.UNKNOWN, Status.OPEN):
            for finding in change.findings:
                became[finding].add(change.status)
            changed.update((change.occurrence.id, cause) for _, cause in change.was)

    def state(alert: Alert) -> State | None:
        met = {status for f in alert.findings if not f.suppression for status in became.get(f.id, ())}
        if not met:
            return None
        if met == {Status.OPEN}:
            return State.UNCHANGED
        is_known = Status.OPEN in met or (alert.occurrence.id, alert.cause) in changed
        return State.UPDATED if is_known else State.NEW

    return state
