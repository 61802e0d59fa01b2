"""What CI systems show as one entry: the findings of one cause at one reference, for all its hosts and both moments.

A finding for each group of hosts would be forty marks on one line of a compose file.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

from planner.model.finding import Finding, Verdict
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.report import Report
from planner.model.source import Problem
from planner.model.suppression import Suppression
from planner.report import words
from planner.report.escape import cut, visible
from planner.report.order import by_finding, by_place

# Of each sentence, in characters: names and the words of registries may be of any length.
_LONGEST = 1_000
_LONGEST_TITLE = 200
# Of the groups of hosts with one verdict, of different messages and remedies; the report files have all of them.
_MOST_GROUPS = 4
_MOST_ALIKE = 3


@dataclass(frozen=True, slots=True)
class Alert:
    """The findings of one cause at one reference, at least one; `verdict` is the worst of theirs.

    All of them count, or all are suppressed. `accepted` are the suppressed ones beside those that count.
    """

    occurrence: Occurrence
    cause: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...] = ()

    @property
    def is_suppressed(self) -> bool:
        """Whether all of it is suppressed."""
        return self.findings[0].suppression is not None

    @property
    def suppressions(self) -> dict[Suppression, list[Finding]]:
        """The suppressed findings by who accepts them."""
        found: dict[Suppression, list[Finding]] = {}
        for finding in (*self.findings, *self.accepted):
            if finding.suppression:
                found.setdefault(finding.suppression, []).append(finding)
        return found

    @property
    def is_today(self) -> bool:
        """Whether the worst of it is met today already."""
        return any(f.moment is Moment.NOW and f.verdict is self.verdict for f in self.findings)

    @property
    def rule(self) -> str:
        """What made it, for machines: the cause, or the verdict where it has none."""
        return self.cause or self.verdict.value

    @property
    def fingerprint(self) -> str:
        """The same in each run while reference and cause stay, whatever becomes of lines, hosts and verdict."""
        return hashlib.sha256(f"{self.occurrence.id}\0{self.rule}".encode()).hexdigest()[:32]


def alerts(findings: Iterable[Finding], accepted: Iterable[Finding] = ()) -> list[Alert]:
    """The findings by reference and cause: the worst verdict first, of those what is met today, then by place.

    Those `accepted`, which are suppressed, only go with what counts of their reference and cause.
    """
    found, beside = _grouped(findings), _grouped(accepted)
    made = [Alert(own[0].occurrence, key[1], _worst(own), own, beside.get(key, ())) for key, own in found.items()]
    return sorted(made, key=lambda a: (-a.verdict.severity, not a.is_today, by_place(a.occurrence), a.cause))


def suppressed_alerts(report: Report) -> list[Alert]:
    """What is suppressed as a whole, of references and causes of which nothing counts, in the same order."""
    counted = {(f.occurrence.id, f.outcome.cause) for f in report.findings}
    return alerts(f for f in report.suppressed if (f.occurrence.id, f.outcome.cause) not in counted)


def _grouped(findings: Iterable[Finding]) -> dict[tuple[str, str], tuple[Finding, ...]]:
    found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in sorted(findings, key=by_finding):
        found[finding.occurrence.id, finding.outcome.cause].append(finding)
    return {key: tuple(own) for key, own in found.items()}


def _worst(findings: Iterable[Finding]) -> Verdict:
    return max({finding.verdict for finding in findings}, key=attrgetter("severity"))


def problem_fingerprint(problem: Problem) -> str:
    """The same in each run while the problem stays, whatever becomes of its line."""
    told = "\0".join(("problem", problem.about, problem.subject, problem.kind, problem.text))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def cause_title(report: Report, alert: Alert) -> str:
    """The cause in words, on one line."""
    known = report.causes.get(alert.cause)
    return cut(visible(known.title if known else alert.rule.replace("-", " ")), _LONGEST_TITLE)


def headline(report: Report, alert: Alert) -> str:
    """Verdict, moment and cause on one line: `breaks after the upgrade: stored as schema 1`."""
    worst = [f for f in alert.findings if f.verdict is alert.verdict]
    told = f"{words.WORDS[alert.verdict]} {_when(worst)}: {cause_title(report, alert)}"
    return f"suppressed: {told}" if alert.is_suppressed else told


def image(occurrence: Occurrence) -> str:
    """Whose image it is, and which, on one line: `service web: nginx@sha256:09d2bb…`."""
    whose = cut(visible(f"{occurrence.role} {occurrence.name}".strip()), _LONGEST_TITLE)
    return f"{whose}: {words.short_image(occurrence.reference)}"


def what(report: Report, occurrence: Occurrence) -> str:
    """The same, and how it is stored where that is known."""
    stored = words.media_title(report.resolution(occurrence))
    return f"{image(occurrence)} ({cut(visible(stored), _LONGEST_TITLE)})" if stored else image(occurrence)


def details(alert: Alert) -> list[tuple[str, str]]:
    """Who meets it when, what the engine says, why, what to do, who accepts it: a label and one printable line each."""
    lines = [(f"{words.WORDS[verdict]} {when}", _few(whose)) for verdict, when, whose in _whose(alert)]
    for label, told in (
        ("message", (f.outcome.message for f in alert.findings)),
        ("why", map(words.why, alert.findings)),
        ("do", (f.remedies[0] for f in alert.findings if f.remedies)),
        ("suppressed", _acceptance(alert)),
    ):
        found = words.unique(filter(None, told))
        lines += [(label, line) for line in found[:_MOST_ALIKE]]
        if len(found) > _MOST_ALIKE:
            lines.append((label, f"{len(found) - _MOST_ALIKE:,} more, see the report"))
    return [(label, cut(visible(line), _LONGEST)) for label, line in lines]


def acceptance(alert: Alert) -> str:
    """Who accepts it and why, on one line, as the details have it."""
    return "; ".join(line for label, line in details(alert) if label == "suppressed")


def _acceptance(alert: Alert) -> list[str]:
    """Who accepts it and why, and for which hosts where not for all: `planner.toml:7: gone by spring (…); for h1`."""
    told = alert.suppressions
    if not alert.accepted and len(told) == 1:
        return [words.accepted_by(suppression) for suppression in told]
    return [f"{words.accepted_by(each)}; for {_few(words.unique(map(_who, own)))}" for each, own in told.items()]


def sentences(alert: Alert) -> list[str]:
    """The details, each as `label: line`."""
    return [f"{label}: {line}" for label, line in details(alert)]


def problem_title(problem: Problem) -> str:
    """What could not be read or checked, on one line: `file deploy/compose.yml:3:1`."""
    place = f":{problem.line}:{problem.column}" if problem.line else ""
    return cut(visible(f"{problem.about} {problem.subject}"), _LONGEST_TITLE) + place


def problem_head(problem: Problem) -> str:
    """The same after what it means: `not checked: file deploy/compose.yml:3:1`."""
    return f"{'to tidy up' if problem.is_advice else 'not checked'}: {problem_title(problem)}"


def problem_text(problem: Problem) -> str:
    """What happened, what it means and what to do, on one line."""
    return cut(visible(problem.text), _LONGEST)


def _whose(alert: Alert) -> list[tuple[Verdict, str, tuple[str, ...]]]:
    """For each verdict, the worst first, and moment: the groups of hosts that meet it."""
    moments: dict[tuple[Verdict, str], list[Finding]] = defaultdict(list)
    for finding in alert.findings:
        moments[finding.verdict, _who(finding)].append(finding)
    groups: dict[tuple[Verdict, str], list[str]] = defaultdict(list)
    for (verdict, who), own in moments.items():
        groups[verdict, _when(own)].append(who)
    ordered = sorted(groups.items(), key=lambda item: -item[0][0].severity)
    return [(verdict, when, words.unique(whose)) for (verdict, when), whose in ordered]


def _when(findings: Iterable[Finding]) -> str:
    met = {finding.moment for finding in findings}
    return " and ".join(words.WHEN[moment] for moment in Moment if moment in met)


def _who(finding: Finding) -> str:
    if finding.group is None:
        return "whatever the engine"
    return f"{_folded(finding.hosts)}, {words.change(finding.group)}"


@lru_cache(maxsize=4096)  # the same hosts run many images
def _folded(hosts: tuple[str, ...]) -> str:
    count = f" ({len(hosts):,} hosts)" if len(hosts) > 1 else ""
    return words.few(words.host_ranges(hosts)) + count


def _few(groups: tuple[str, ...]) -> str:
    more = len(groups) - _MOST_GROUPS
    return "; ".join(groups[:_MOST_GROUPS]) + (f" and {more:,} more groups of hosts" if more > 0 else "")
