"""`planner explain REFERENCE`: which versions of which engine pull one image, and why not the others."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from planner.assess.delivery import RegistryView
from planner.assess.judge import image_of, whatever_the_engine
from planner.assess.lasting import retired
from planner.errors import ExitCode, UsageError
from planner.explain.by_tag import by_tag
from planner.explain.course import Course, Run, courses
from planner.explain.layout import RANGE, page
from planner.explain.phrases import engine_named
from planner.knowledge import load_knowledge
from planner.model import media_type as mt
from planner.model.finding import Verdict
from planner.model.knowledge import Knowledge
from planner.model.platform import Platform, parse_platform
from planner.model.reference import InvalidReferenceError, Reference, parse_reference
from planner.model.report import asked
from planner.model.resolution import Resolution
from planner.resolve import resolve
from planner.resolve.opening import Opening, open_resolver


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about one image. `engine` limits the answer to one; `platform` is that of the host.

    `own` are the user's knowledge files.
    """

    reference: str
    platform: str = "linux/amd64"
    engine: str | None = None
    insecure: bool = False
    own: tuple[Path, ...] = ()


def explain_image(question: Question, how: Opening) -> tuple[str, ExitCode]:
    """What every version of every engine does with one image.

    FINDINGS if no known version of an engine can pull it, INCOMPLETE if the registry could not be asked, or if it is
    not known of any version that it pulls. Raises UsageError for what is no reference, no platform or no known engine.
    """
    knowledge = load_knowledge(question.own)
    try:
        reference, platform = parse_reference(question.reference), parse_platform(question.platform)
    except InvalidReferenceError as error:
        hint = "; if it is an engine's message: planner explain --message TEXT"
        raise UsageError(f"{error}{hint}") from error
    except ValueError as error:
        raise UsageError(str(error)) from error
    only = engine_named(question.engine, knowledge).name if question.engine else ""
    if question.insecure:
        how = replace(how, insecure=frozenset({reference.registry}))
    opened = open_resolver(how)
    try:
        resolution = resolve([reference], opened.resolver, frozenset({platform}), 4)[asked(reference)]
    finally:
        opened.resolver.close()
    lines, code = _answer(reference, resolution, platform, knowledge, only)
    notices = [
        *(opened.credentials.notices if opened.credentials else ()),
        *(opened.cache.take_notices() if opened.cache else ()),
    ]
    return page([str(reference), *(problem.text for problem in opened.problems), *notices, *lines]), code


def _answer(
    reference: Reference, resolution: Resolution, platform: Platform, knowledge: Knowledge, only: str
) -> tuple[list[str], ExitCode]:
    pinned = reference
    lines: list[str] = []
    if not reference.digest and resolution.digest:
        pinned = replace(reference, tag=None, digest=resolution.digest)
        lines.append(f"  now {resolution.digest}; pulls by this digest come first, pulls by tag last")
    lines += [*_stored(resolution), *_closed(reference, resolution, knowledge), ""]
    image = image_of(pinned, resolution)
    if outcome := whatever_the_engine(image):
        cause = knowledge.causes[outcome.cause]
        lines += [f"{outcome.verdict}: {cause.title}", f"  {cause.explanation}"]
        lines += [f"    - {reference.fill(remedy)}" for remedy in cause.remedies if "{versions}" not in remedy]
        return lines, ExitCode.FINDINGS if outcome.verdict is Verdict.BREAKS else ExitCode.INCOMPLETE
    every = courses(knowledge, only)
    here = knowledge.registry_at(reference.registry)
    registry = RegistryView(reference.registry, here, here.newest) if here else None
    of_each = [(course, course.runs(image, platform, "digest", registry)) for course in every]
    for course, runs in of_each:
        lines += [*_course(course, runs, pinned, knowledge), ""]
    if pinned is not reference:
        lines += [*by_tag(every, resolution, platform, reference, knowledge), ""]
    unread = [part.detail for part in resolution.tree() if part.detail]
    lines += [*unread, *([""] if unread else [])]
    sender = here.title if here else "a registry that sends what it stores"
    lines.append(f"On {platform}, by digest, from {sender}. Every boundary: planner engines NAME")
    if not any(course.pulls(runs) for course, runs in of_each):
        is_open = any(course.unknown(runs) for course, runs in of_each)
        return lines, ExitCode.INCOMPLETE if is_open else ExitCode.FINDINGS
    return lines, ExitCode.INCOMPLETE if unread else ExitCode.CLEAN


def _closed(reference: Reference, resolution: Resolution, knowledge: Knowledge) -> Iterator[str]:
    """What became of the registry or namespace, where its owner has closed it."""
    if retirement := knowledge.retirement(reference):
        outcome = retired(retirement, resolution.state, datetime.now(UTC).date())
        yield f"  {outcome.verdict}: {knowledge.causes[outcome.cause].title}"
        yield from (f"    {evidence}" for evidence in outcome.evidence)


def _stored(resolution: Resolution) -> Iterator[str]:
    if resolution.manifest is None:
        yield f"  not resolved ({resolution.source}): {resolution.state}: {resolution.detail}"
        return
    kind = resolution.manifest.media_type
    yield f"  stored as {mt.TITLES.get(kind, kind)}, {kind}"
    for entry in resolution.manifest.entries:
        yield f"    {entry.platform or 'no platform'}: {mt.TITLES.get(entry.media_type, entry.media_type)}"
    for layer in sorted({layer.media_type for layer in resolution.manifest.layers if layer.media_type}):
        yield f"    layers: {layer}"
    if resolution.config:
        yield f"    config: {resolution.config.platform}"


def _course(course: Course, runs: list[Run], reference: Reference, knowledge: Knowledge) -> Iterator[str]:
    """The versions that pull, then each run of versions with its reason."""
    yield f"{course.title}: {_summary(course, runs)}"
    if len(runs) == 1 and runs[0].outcome.verdict is Verdict.PULLS:
        return
    before: Run | None = None
    for run in runs:
        yield from run_lines(course, run, reference, knowledge)
        if before and run.outcome.verdict is Verdict.PULLS:
            yield from (f"{'':{RANGE + 2}} because   {why}" for why in course.lifted(run, before.outcome))
        before = run


def _summary(course: Course, runs: list[Run]) -> str:
    if pulls := course.pulls(runs):
        return f"pulls in {pulls}"
    if unknown := course.unknown(runs):
        return f"not known whether it pulls in {unknown}" + (", no other version does" if len(runs) > 1 else "")
    return "no known version pulls it"


def run_lines(course: Course, run: Run, reference: Reference, knowledge: Knowledge) -> Iterator[str]:
    """One run of versions: what happens, the engine's words, and what is known from where."""
    outcome, margin = run.outcome, " " * (RANGE + 2)
    verdict = f"{outcome.verdict}, but nothing that runs" if outcome.hollow else str(outcome.verdict)
    title = f"  {knowledge.causes[outcome.cause].title}" if outcome.cause else ""
    yield f"  {course.text(run.versions):<{RANGE}} {verdict:<8}{title}"
    if outcome.message:
        yield f"{margin} says      {reference.fill(outcome.message)}"
    for number, evidence in enumerate(outcome.evidence):
        # The first line names engine and version, which stand to its left already.
        why = evidence.partition(": ")[2] or evidence if evidence.startswith(course.engine.name) else evidence
        yield f"{margin} {'because' if not number else '':<9} {why}"
