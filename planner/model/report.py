"""The report: everything a run found, ready to be written in any format."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from planner.model.finding import Finding, HostGroup, Verdict
from planner.model.host import Host, Registry
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.plan import Plan
from planner.model.reference import Reference
from planner.model.resolution import Resolution
from planner.model.since import Since
from planner.model.source import Problem


@dataclass(frozen=True, slots=True)
class Window:
    """The versions of one engine that pull one digest: `pulls` are ranges such as `>=1.10.0,<29.0.0`, oldest first."""

    digest: str
    engine: str
    store: str
    pulls: tuple[str, ...]


# The resolver of a report that only lists references.
NOT_ASKED = "none"


@dataclass(frozen=True, slots=True)
class Part:
    """A report that was merged into another one, under `name`; the other members are those of it and its Provenance."""

    name: str
    root: str
    version: str
    started: str
    resolver: str
    files_seen: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made the report. `started` is ISO 8601 with zone; `resolver` is how registries were asked, or NOT_ASKED.

    `accept` are the media types of manifests that registries were asked for: some convert, or deny, what a client does
    not name. Empty where none was asked. `reports` are those that it was merged from; `started` is then the oldest of
    theirs, since it holds for all.
    """

    version: str
    started: str
    resolver: str
    files_seen: int
    knowledge: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    reports: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a pull fails, in general: `id` names the defect, `remedies` are ways out, the best first.

    `message` is what is printed where it is the same whatever the engine, `source` where that is known from.
    """

    id: str
    title: str
    explanation: str
    remedies: tuple[str, ...]
    message: str = ""
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a scan. `resolutions` is keyed by the reference asked for (no tag where there is a digest)."""

    root: str
    occurrences: tuple[Occurrence, ...]
    resolutions: Mapping[Reference, Resolution]
    hosts: tuple[Host, ...]
    groups: tuple[HostGroup, ...]
    registries: tuple[Registry, ...]
    findings: tuple[Finding, ...]
    windows: tuple[Window, ...]
    problems: tuple[Problem, ...]
    causes: Mapping[str, Cause]
    provenance: Provenance
    # For each occurrence id: the names of the hosts that run it, as positions in `groups` mapped to host names.
    runners: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)
    # None where it was not asked for.
    plan: Plan | None = None
    # Findings that somebody accepts, each with its suppression: they are none of `findings`, and do not count.
    suppressed: tuple[Finding, ...] = ()
    # None where it was not compared with an earlier report.
    since: Since | None = None

    @property
    def is_list(self) -> bool:
        """Whether references were only listed: no registry was asked, and no verdict follows from what is not here."""
        return self.provenance.resolver == NOT_ASKED

    @property
    def every_finding(self) -> tuple[Finding, ...]:
        """What is not simply pulled, whether it counts or is suppressed."""
        return (*self.findings, *self.suppressed) if self.suppressed else self.findings

    @property
    def gaps(self) -> tuple[Problem, ...]:
        """The problems that leave something unchecked."""
        return tuple(problem for problem in self.problems if not problem.is_advice)

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Those of the gaps that no engine would even ask for: pulls that are known to fail."""
        return tuple(problem for problem in self.problems if problem.is_fatal)

    @property
    def advice(self) -> tuple[Problem, ...]:
        """The other problems: what can be tidied up."""
        return tuple(problem for problem in self.problems if problem.is_advice)

    def resolution(self, occurrence: Occurrence) -> Resolution | None:
        """What the registry said of an occurrence, None if it was not asked."""
        return self.resolutions.get(asked(occurrence.reference))

    def counts(self, moment: Moment) -> Counter[Verdict]:
        """Occurrences by their worst verdict at `moment`; what has no planned change counts for `after` as it does now.

        An occurrence that no declared host runs, and that nothing is wrong with, is not counted; nor is one with
        which nothing is wrong but what is suppressed.
        """
        return Counter(self.worst(moment).values())

    def worst(self, moment: Moment) -> dict[str, Verdict]:
        """For each occurrence id its worst verdict over all hosts at `moment`."""
        verdicts: dict[str, Verdict] = {}
        accepted = {f.occurrence.id for f in self.suppressed if self.holds(f, moment)}
        for occurrence in self.occurrences:
            if occurrence.id not in accepted and (not self.hosts or self.runners.get(occurrence.id)):
                verdicts[occurrence.id] = Verdict.PULLS
        for finding in self.findings:
            if self.holds(finding, moment):
                known = verdicts.get(finding.occurrence.id, Verdict.PULLS)
                verdicts[finding.occurrence.id] = max(known, finding.verdict, key=lambda v: v.severity)
        return verdicts

    def holds(self, finding: Finding, moment: Moment) -> bool:
        """Whether a finding is met at `moment`: what has no planned change is met afterwards as it is now."""
        return finding.moment is moment or (moment is Moment.AFTER and not self.changes(finding))

    def changes(self, finding: Finding) -> bool:
        """Whether an upgrade of engine or registry is planned for this finding, so that `after` differs from `now`."""
        return self.is_upgraded(finding.occurrence.reference, finding.group)

    def is_upgraded(self, reference: Reference, group: HostGroup | None) -> bool:
        """Whether an upgrade is planned of a group, or of a registry that it asks for a reference."""
        if group and group.target:
            return True
        upgraded = {registry.host for registry in self.registries if registry.target}
        course = group.route.course(reference) if upgraded and group and group.route else None
        hosts = {each.registry for each in course.questions()} if course else {reference.registry}
        return bool(upgraded & hosts)


def asked(reference: Reference) -> Reference:
    """The question that a reference stands for: the digest alone decides where there is one, no tag means `latest`."""
    tag = None if reference.digest else reference.tag or "latest"
    return Reference(reference.registry, reference.repository, tag, reference.digest)
