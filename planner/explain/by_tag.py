"""Pulls by tag, where they end otherwise than pulls by digest: a registry may convert what is asked for by tag."""

from collections.abc import Iterator, Sequence

from planner.assess.compare import Image
from planner.assess.delivery import RegistryView
from planner.assess.judge import image_of
from planner.explain.course import Course, Run
from planner.explain.spans import spans
from planner.model.engine import Range, Version
from planner.model.finding import Verdict
from planner.model.knowledge import Knowledge, RegistryKnowledge
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.resolution import Resolution

_RANGE = 22


def by_tag(
    every: Sequence[Course], resolution: Resolution, platform: Platform, reference: Reference, knowledge: Knowledge
) -> Iterator[str]:
    """For each engine what a pull of the tag does, from each kind of registry, where that differs from the digest."""
    yield f"By tag ({reference}), where it ends otherwise than by digest:"
    pinned = Reference(reference.registry, reference.repository, digest=resolution.digest)
    by_digest, tagged = image_of(pinned, resolution), image_of(reference, resolution)
    differs = False
    for course in every:
        plain = course.runs(tagged, platform, "tag")
        if _differ(plain, course.runs(by_digest, platform)):
            differs = True
            yield f"  {course.title}, from a registry that sends what it stores"
            yield from _lines(course, plain, reference, knowledge)
        for registry in knowledge.registries.values():
            for versions, runs in _registry(course, tagged, platform, registry):
                if _differ(runs, plain):
                    differs = True
                    known = spans([versions], registry.first, registry.newest)
                    yield f"  {course.title}, from {registry.title} {known}"
                    yield from _lines(course, runs, reference, knowledge)
    if not differs:
        yield "  nowhere: every engine does the same with the tag"


def _lines(course: Course, runs: Sequence[Run], reference: Reference, knowledge: Knowledge) -> Iterator[str]:
    for run in runs:
        outcome = run.outcome
        title = f"  {knowledge.causes[outcome.cause].title}" if outcome.cause else ""
        yield f"    {course.text(run.versions):<{_RANGE}} {outcome.verdict:<8}{title}"
        if outcome.message and outcome.verdict is not Verdict.PULLS:
            yield f"    {'':<{_RANGE}} says  {reference.fill(outcome.message)}"


def _registry(
    course: Course, image: Image, platform: Platform, registry: RegistryKnowledge
) -> Iterator[tuple[Range, list[Run]]]:
    """What a pull by tag does for each range of the registry's versions that do the same."""
    bounds = {bound for rule in registry.rules for bound in (rule.versions.low, rule.versions.high) if bound}
    starts = sorted({registry.first} | {bound for bound in bounds if registry.first < bound <= registry.newest})
    found: list[tuple[Version, list[Run]]] = []
    for start in starts:
        runs = course.runs(image, platform, "tag", RegistryView(registry.name, registry, start))
        if not found or _differ(found[-1][1], runs):
            found.append((start, runs))
    ends = [*(start for start, _ in found[1:]), None]
    for (start, runs), end in zip(found, ends, strict=True):
        yield Range(start, end), runs


def _differ(some: Sequence[Run], others: Sequence[Run]) -> bool:
    """Whether verdict or cause differ for some version; the words of an engine may."""
    return _course_of(some) != _course_of(others)


def _course_of(runs: Sequence[Run]) -> list[tuple[str, str, Version | None]]:
    steps: list[tuple[str, str, Version | None]] = []
    for run in runs:
        verdict, cause = run.outcome.verdict, run.outcome.cause
        if not steps or steps[-1][:2] != (verdict, cause):
            steps.append((verdict, cause, run.versions.low))
    return steps
