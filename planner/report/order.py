"""Which findings a report lists, and in which order: two reports of the same state are the same text."""

from collections.abc import Iterator

from planner.model.finding import PULLS, Finding
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.report import Report
from planner.model.source import Problem


def by_place(o: Occurrence) -> tuple[str, int, int, str, str]:
    """Sort key: where an occurrence is."""
    return (o.file, o.line, o.column, o.role, o.name)


def by_finding(f: Finding) -> tuple[object, ...]:
    """Sort key: where a finding is, then when, on which hosts, and why."""
    return (*by_place(f.occurrence), f.moment is Moment.AFTER, f.hosts, f.outcome.cause, f.outcome.message)


def by_problem(p: Problem) -> tuple[str, str, int, str]:
    """Sort key: what a problem is about, and where it is."""
    return (p.about, p.subject, p.line, p.text)


def pulls(report: Report) -> Iterator[Finding]:
    """The pulls that succeed: what runs, and has no finding. A finding without hosts speaks for all of them."""
    met = {(f.occurrence.id, f.moment, name) for f in report.every_finding for name in f.hosts or ("",)}
    for occurrence in report.occurrences:
        for position, hosts in report.runners.get(occurrence.id, {}).items():
            group = report.groups[position]
            for moment in Moment:
                left = tuple(h for h in hosts if (occurrence.id, moment, h) not in met)
                found = Finding(occurrence, moment, PULLS, group, left)
                if left and (occurrence.id, moment, "") not in met and (moment is Moment.NOW or report.changes(found)):
                    yield found
