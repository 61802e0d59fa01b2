"""The one order of occurrences and findings, so that two reports of the same state are the same text."""

from planner.model.finding import Finding
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence


def by_place(o: Occurrence) -> tuple[str, int, int, str, str]:
    """Sort key: where an occurrence is."""
    return (o.file, o.line, o.column, o.role, o.name)


def by_finding(f: Finding) -> tuple[object, ...]:
    """Sort key: where a finding is, then when, on which hosts, and why."""
    return (*by_place(f.occurrence), f.moment is Moment.AFTER, f.hosts, f.outcome.cause, f.outcome.message)
