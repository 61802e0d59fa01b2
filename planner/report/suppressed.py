"""What is suppressed, brought together by who accepts it: for the terminal and the HTML page."""

from collections import defaultdict
from dataclasses import dataclass

from planner.model.finding import Finding, Verdict
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.report import Report
from planner.model.suppression import Suppression
from planner.report.order import by_finding
from planner.report.words import WHEN, unique


@dataclass(frozen=True, slots=True)
class Accepted:
    """One place with one cause and verdict. `hosts` is empty where it holds whatever the engine."""

    place: Occurrence
    verdict: Verdict
    cause: str
    moments: tuple[Moment, ...]
    hosts: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def when(self) -> str:
        """`today and after the upgrade`."""
        return " and ".join(WHEN[moment] for moment in self.moments)


def accepted(report: Report) -> list[tuple[Suppression, list[Accepted]]]:
    """The suppressed findings of each suppression, in the order of where it is written."""
    found: dict[Suppression, dict[tuple[str, str, Verdict], list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for f in sorted(report.suppressed, key=by_finding):
        if f.suppression:
            found[f.suppression][f.occurrence.id, f.outcome.cause, f.verdict].append(f)
    ordered = sorted(found.items(), key=lambda pair: (pair[0].file, pair[0].line, pair[0].reason))
    return [(told, [_accepted(alike) for alike in own.values()]) for told, own in ordered]


def _accepted(alike: list[Finding]) -> Accepted:
    first, met = alike[0], {f.moment for f in alike}
    moments = tuple(moment for moment in Moment if moment in met)
    hosts = unique(host for f in alike for host in f.hosts)
    return Accepted(first.occurrence, first.verdict, first.outcome.cause, moments, hosts, tuple(alike))
