"""Stage 4, assess: what each class of hosts does with each image, now and after. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import product

from planner.assess.groups import group, runners
from planner.assess.judge import Judge, image_of
from planner.assess.lasting import retired, untagged
from planner.assess.routes import Courses, courses, decisive, stored
from planner.assess.windows import charts, nowhere, windows
from planner.model.finding import Finding, HostGroup, Outcome, Verdict
from planner.model.host import LINUX_AMD64, Host, Registry
from planner.model.knowledge import Knowledge
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.report import Window, asked
from planner.model.resolution import Resolution, State
from planner.model.source import Problem

__all__ = ["Assessment", "Courses", "assess", "chart_platform", "courses", "decisive", "every_child_counts"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The result of the stage; the members are those of model.report.Report."""

    findings: tuple[Finding, ...]
    groups: tuple[HostGroup, ...]
    runners: Mapping[str, Mapping[int, tuple[str, ...]]]
    windows: tuple[Window, ...]
    problems: tuple[Problem, ...]


def assess(  # noqa: PLR0913 - the facts of a run
    occurrences: Sequence[Occurrence],
    resolutions: Mapping[Reference, Resolution],
    hosts: Sequence[Host],
    registries: Sequence[Registry],
    knowledge: Knowledge,
    *,
    today: date | None = None,
) -> Assessment:
    """Findings for every occurrence that does not simply pull, in the order of the occurrences.

    Without hosts, only what holds for every engine and version is a finding; the windows tell the rest. `today` tells
    announced ends from past ones; None: all are past.
    """
    groups = group(hosts, knowledge)
    running = runners(occurrences, hosts, groups)
    judge = Judge(knowledge, groups, registries, resolutions)
    references = dict.fromkeys(o.reference for o in occurrences)
    images = {reference: image_of(reference, resolutions.get(asked(reference))) for reference in references}
    numbers = {reference: judge.number(image) for reference, image in images.items()}
    every, platform = charts(knowledge), chart_platform(hosts)
    # By number, so that equal images are looked at once.
    alike = {numbers[reference]: image for reference, image in images.items()}
    lost = {n: nowhere(image, platform, every) for n, image in alike.items() if not hosts and image.shape}
    threats = {reference: tuple(_threats(reference, resolutions, judge, knowledge, today)) for reference in images}
    lines = {reference: stored(resolutions.get(asked(reference))) for reference in images}
    findings = []
    worded = cache(_worded)
    for occurrence in occurrences:
        reference = occurrence.reference
        image, number, runs = images[reference], numbers[reference], running[occurrence.id]
        said = lines[reference]
        closed = next((threat for threat in threats[reference] if threat.verdict is Verdict.BREAKS), None)
        if not runs and not closed:
            for moment, outcome in judge.anywhere(reference, image):
                findings.append(Finding(occurrence, moment, worded(outcome, reference, said)))
        if failure := lost.get(number):
            findings.append(Finding(occurrence, Moment.NOW, worded(failure, reference, said)))
        for index, names in runs.items():
            # A host that is told where to ask may not even ask the registry that was closed.
            is_led = judge.course(reference, index) is not None
            for moment in judge.moments(reference, index):
                outcome = judge.outcome(occurrence, image, number, index, moment)
                if closed and not is_led:
                    outcome = replace(closed, message=outcome.message or closed.message)
                if outcome.verdict is not Verdict.PULLS:
                    outcome = worded(outcome, reference, *([] if is_led else [said]))
                    findings.append(Finding(occurrence, moment, outcome, groups[index], names))
        left = [threat for threat in threats[reference] if not runs or threat is not closed]
        for outcome, moment in product(left, judge.changes(reference.registry)):
            findings.append(Finding(occurrence, moment, worded(outcome, reference, said)))
    problems = (*judge.problems(), *_not_run(occurrences, running, hosts))
    # What only a mirror has is the same image there.
    told = {asked(reference) for reference in images}
    mirrored = {each: image_of(each, found) for each, found in resolutions.items() if each.digest and each not in told}
    ranges = tuple(windows({**mirrored, **images}, platform, every))
    return Assessment(tuple(findings), groups, running, ranges, problems)


def _threats(
    reference: Reference,
    resolutions: Mapping[Reference, Resolution],
    judge: Judge,
    knowledge: Knowledge,
    today: date | None,
) -> Iterator[Outcome]:
    """What threatens the pull though every engine could do it."""
    if retirement := knowledge.retirement(reference):
        found = resolutions.get(asked(reference))
        yield retired(retirement, found.state if found else State.NOT_RECORDED, today)
    if reference.tag and reference.digest:
        tag = resolutions.get(replace(reference, digest=None))
        if outcome := untagged(reference, tag, judge.registry(reference.registry, Moment.NOW)[0]):
            yield outcome


def every_child_counts(hosts: Sequence[Host], knowledge: Knowledge) -> bool:
    """Whether resolve has to ask for every entry of an index: some host fetches those of other platforms too."""
    return Judge(knowledge, group(hosts, knowledge), ()).fetches_every_child()


def chart_platform(hosts: Sequence[Host]) -> Platform:
    """The platform that version windows are computed for: that of the first host."""
    return hosts[0].platform if hosts else LINUX_AMD64


def _worded(outcome: Outcome, reference: Reference, *said: str) -> Outcome:
    """The outcome with the words that depend on the reference filled in."""
    # Asked for every finding of every host, hence no dataclasses.replace, which takes four times as long.
    message = reference.fill(outcome.message)
    return Outcome(outcome.verdict, outcome.cause, message, (*said, *outcome.evidence), outcome.hollow)


def _not_run(
    occurrences: Sequence[Occurrence], running: Mapping[str, Mapping[int, tuple[str, ...]]], hosts: Sequence[Host]
) -> Iterator[Problem]:
    """Files whose images nobody is declared to pull: not judged, so not clean."""
    for file in sorted({o.file for o in occurrences if not running[o.id]} if hosts else ()):
        text = "no declared host runs this file, so its pulls were not judged; add it to a host's `runs`"
        yield Problem("file", file, "no-host", text)
