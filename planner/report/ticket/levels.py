"""What a change means for whom: hosts by verdict, today and after, and the levels that follow from it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.model.finding import Finding, Verdict
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.report import Report
from planner.model.ticket import Kind, Level, Lines
from planner.report.order import by_finding
from planner.report.ticket.changes import Change
from planner.report.words import WORDS, plural, upgrades

_WHEN = {Moment.NOW: "today", Moment.AFTER: "after the planned upgrade, with the pins as they are"}
_SOFTWARE = (Kind.UPGRADE, Kind.REGISTRY_UPGRADE, Kind.SWITCH)


@dataclass(frozen=True, slots=True)
class Met:
    """What the hosts of a change meet at each moment where it concerns them, and those hosts by their worst verdict.

    What holds whatever the engine is met by all of them. `moments` has no `after` where no upgrade is planned.
    """

    findings: Mapping[Moment, Sequence[Finding]]
    hosts: Mapping[Moment, Counter[Verdict]]

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The moments that are told apart."""
        return tuple(self.findings)

    def verdicts(self, *moments: Moment) -> set[Verdict]:
        """Every verdict but `pulls` that is met at any of the moments."""
        return {finding.verdict for moment in moments for finding in self.findings[moment]}


class Verdicts:
    """The findings of a report by occurrence, and the occurrences by the hosts that run them: asked for each change."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._moments = tuple(Moment) if upgrades(report) else (Moment.NOW,)
        self._met: dict[tuple[str, Moment], list[Finding]] = defaultdict(list)
        for finding in sorted(report.findings, key=by_finding):
            stays = finding.moment is Moment.NOW and not report.changes(finding)
            for moment in Moment if stays else (finding.moment,):
                self._met[finding.occurrence.id, moment].append(finding)
        self._group = {host: n for n, group in enumerate(report.groups) for host in group.hosts}
        self._run: dict[int, list[Occurrence]] = defaultdict(list)
        for occurrence in report.occurrences:
            for position in report.runners.get(occurrence.id, ()):
                self._run[position].append(occurrence)

    def met(self, change: Change) -> Met:
        """What the hosts of a change meet."""
        places = self._concerned(change)
        findings = {moment: self._findings(change, places, moment) for moment in self._moments}
        runners = (hosts for id_ in places for hosts in self._report.runners.get(id_, {}).values())
        running = {host for hosts in {id(hosts): hosts for hosts in runners}.values() for host in hosts}
        hosts = [host for host in change.hosts if host in running]
        return Met(findings, {moment: _by_verdict(hosts, found) for moment, found in findings.items()})

    def _concerned(self, change: Change) -> dict[str, Occurrence]:
        """The places whose pulls a change can alter, by id: its own, or of software all that its hosts run."""
        own = {occurrence.id: occurrence for occurrence in change.occurrences}
        if change.kind not in _SOFTWARE:
            return own
        positions = dict.fromkeys(self._group[host] for host in change.hosts if host in self._group)
        run = (occurrence for position in positions for occurrence in self._run[position])
        if change.registries:
            run = (occurrence for occurrence in run if occurrence.reference.registry in change.registries)
        return own | {occurrence.id: occurrence for occurrence in run}

    def _findings(self, change: Change, places: Iterable[str], moment: Moment) -> list[Finding]:
        hosts = set(change.hosts)
        found = (finding for id_ in places for finding in self._met[id_, moment])
        return [finding for finding in found if not finding.hosts or not hosts.isdisjoint(finding.hosts)]


def _by_verdict(hosts: Iterable[str], findings: Iterable[Finding]) -> Counter[Verdict]:
    worst: dict[tuple[str, ...], Verdict] = {}
    for finding in findings:
        worst[finding.hosts] = _worse(finding.verdict, worst.get(finding.hosts))
    verdicts = dict.fromkeys(hosts, Verdict.PULLS)
    # The worst last: it is what stays.
    for named, verdict in sorted(worst.items(), key=lambda item: item[1].severity):
        verdicts.update(dict.fromkeys(verdicts.keys() & (named or verdicts.keys()), verdict))
    return Counter(verdicts.values())


def _worse(one: Verdict, other: Verdict | None) -> Verdict:
    return max(one, other or one, key=lambda verdict: verdict.severity)


def levels(change: Change, met: Met) -> tuple[Level, Level, Level, Lines]:
    """Risk, impact and priority of a change, and what they come from, in words. The rules are in docs/tickets.md."""
    today = met.verdicts(Moment.NOW)
    reasons = tuple(_risks(change, today))
    risk = max((level for level, _ in reasons), key=_SEVERITY.__getitem__, default=Level.LOW)
    told = [text for level, text in reasons if level is risk] or [_NO_RISK]
    impact = _impact(met.verdicts(*met.moments))
    priority = Level.HIGH if Verdict.BREAKS in today else min(impact, Level.MODERATE, key=_SEVERITY.__getitem__)
    lines = (f"Risk {risk}: {'; '.join(told)}.", f"Impact {impact}: {_IMPACT[impact]}.", *_counted(change, met))
    return risk, impact, priority, lines


_NO_RISK = "every pull is proven, nothing that runs is replaced, and it can be backed out"
_SEVERITY = {Level.LOW: 0, Level.MODERATE: 1, Level.HIGH: 2}
_IMPACT = {
    Level.HIGH: "a pull that it concerns breaks today, or after the planned upgrade with the pins as they are",
    Level.MODERATE: "a pull that it concerns is at risk or could not be checked, and none breaks",
    Level.LOW: "all pulls that it concerns work, today and after the planned upgrade",
}


def _impact(ever: set[Verdict]) -> Level:
    if Verdict.BREAKS in ever:
        return Level.HIGH
    return Level.MODERATE if ever - {Verdict.PULLS} else Level.LOW


def _risks(change: Change, today: set[Verdict]) -> Iterator[tuple[Level, str]]:
    """Why a change is no low risk, each reason with its level."""
    if change.blocked:
        yield Level.HIGH, "no order of steps is proven for this"
        return
    unproven = sum(bool(pull.unproven) for step in change.steps for pull in step.pulls)
    unproven = max(unproven, len({text for step in change.steps for text in step.unproven}))
    if unproven:
        yield Level.HIGH, f"{plural(unproven, 'pull')} that it rests on could not be checked"
    if any(not step.backout for step in change.steps):
        yield Level.HIGH, "it cannot be backed out, or not everywhere"
    if Verdict.UNKNOWN in today:
        yield Level.HIGH, "what is pulled today could not be checked everywhere"
    if change.kind in _SOFTWARE:
        yield Level.MODERATE, "software that runs is replaced or set otherwise"
    if change.kind is not Kind.CONVERSION and today & {Verdict.AT_RISK, Verdict.BREAKS}:
        yield Level.MODERATE, "pulls that it concerns are at risk or break today"


def _counted(change: Change, met: Met) -> Iterator[str]:
    """Hosts by verdict, a line for each moment; a line more for what nobody runs."""
    for moment, counts in met.hosts.items():
        told = [f"{WORDS[v]}: {plural(counts[v], 'host')}" for v in reversed(Verdict) if counts[v]]
        yield f"Pulls {_WHEN[moment]}: {'; '.join(told) or 'no declared host runs what it concerns'}."
    whatever = {finding.verdict for found in met.findings.values() for finding in found if finding.group is None}
    if whatever and not change.hosts:
        severe = sorted(whatever, key=lambda verdict: -verdict.severity)
        yield f"Whatever the engine: {', '.join(WORDS[verdict] for verdict in severe)}."
