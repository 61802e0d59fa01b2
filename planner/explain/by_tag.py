"""Pulls by tag, where they end otherwise than pulls by digest: a registry may convert what is asked for by tag."""

from collections.abc import Iterator, Sequence

from planner.assess.compare import Image
from planner.assess.delivery import RegistryView
from planner.assess.judge import image_of
from planner.explain.course import Course, Run
from planner.explain.layout import RANGE
from planner.explain.phrases import release_numbers
from planner.explain.spans import spans
from planner.model.engine import Range, Version
from planner.model.finding import Verdict
from planner.model.knowledge import Knowledge, RegistryKnowledge
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.resolution import Resolution

Step = tuple[str, str, Version | None]


def by_tag(
    every: Sequence[Course], resolution: Resolution, platform: Platform, reference: Reference, knowledge: Knowledge
) -> Iterator[str]:
    """For each engine what a pull of the tag does where that is not what a pull of its digest does.

    Only for the registry itself where its host tells what runs there, else for every kind of registry.
    """
    here = knowledge.registry_at(reference.registry)
    registries = [here] if here else list(knowledge.registries.values())
    yield f"By tag ({reference}), where that ends otherwise than by digest:"
    image = image_of(reference, resolution)
    differs = False
    for course in every:
        alike: dict[tuple[Step, ...], tuple[list[str], list[Run]]] = {}
        for registry in registries:
            for versions, runs in _registry(course, image, platform, registry):
                names, _ = alike.setdefault(tuple(_steps(runs)), ([], runs))
                names.append(_title(registry, versions))
        for names, runs in alike.values():
            differs = True
            yield f"  {course.title}, from {', '.join(names)}"
            yield from _lines(course, runs, reference, knowledge)
    if not differs:
        yield "  nowhere: every engine does the same with the tag"


def _title(registry: RegistryKnowledge, versions: Range) -> str:
    if registry.versionless:
        return registry.title
    known = spans([versions], registry.first, registry.newest, release_numbers(registry))
    return f"{registry.title} {known}"


def _lines(course: Course, runs: Sequence[Run], reference: Reference, knowledge: Knowledge) -> Iterator[str]:
    for run in runs:
        outcome = run.outcome
        title = f"  {knowledge.causes[outcome.cause].title}" if outcome.cause else ""
        yield f"    {course.text(run.versions):<{RANGE}} {outcome.verdict:<8}{title}"
        if outcome.message and outcome.verdict is not Verdict.PULLS:
            yield f"    {'':<{RANGE}} says  {reference.fill(outcome.message)}"


def _registry(
    course: Course, image: Image, platform: Platform, registry: RegistryKnowledge
) -> Iterator[tuple[Range, list[Run]]]:
    """What a pull by tag does for each range of the registry's versions, where a pull by digest does something else."""
    bounds = {bound for rule in registry.rules for bound in (rule.versions.low, rule.versions.high) if bound}
    starts = sorted({registry.first} | {bound for bound in bounds if registry.first < bound <= registry.newest})
    found: list[tuple[Version, list[Run], bool]] = []
    for start in starts:
        view = RegistryView(registry.name, registry, start)
        runs = course.runs(image, platform, "tag", view)
        differs = _steps(runs) != _steps(course.runs(image, platform, "digest", view))
        if not found or (_steps(found[-1][1]), found[-1][2]) != (_steps(runs), differs):
            found.append((start, runs, differs))
    ends = [*(start for start, _, _ in found[1:]), None]
    for (start, runs, differs), end in zip(found, ends, strict=True):
        if differs:
            yield Range(start, end), runs


def _steps(runs: Sequence[Run]) -> list[Step]:
    """The versions at which verdict or cause change; the words of an engine do not count."""
    steps: list[Step] = []
    for run in runs:
        verdict, cause = str(run.outcome.verdict), run.outcome.cause
        if not steps or steps[-1][:2] != (verdict, cause):
            steps.append((verdict, cause, run.versions.low))
    return steps
