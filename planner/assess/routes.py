"""Hosts whose engine is told where to ask: which questions that takes, and what a pull comes to on its way."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pathspec import GitIgnoreSpec

from planner.assess.compare import Image
from planner.model import media_type as mt
from planner.model.finding import Outcome, Verdict
from planner.model.host import Host
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference
from planner.model.report import Cause, asked
from planner.model.resolution import Resolution, State
from planner.model.route import Course, Endpoint, Route

BLOCKED = "registry-blocked"
_MISSING = ("digest-missing", "tag-missing")
# What an engine gets something from, be it good or not. All else that is no answer leaves open what it gets.
_ANSWERED = (State.RESOLVED, State.TYPE_ONLY, State.TOO_LARGE, State.MISMATCH)
_NEXT = "the next registry would do; whether the engine asks it for what the first one lacks is not known"
Courses = Mapping[Reference, tuple[Course, ...]]


def courses(occurrences: Iterable[Occurrence], hosts: Sequence[Host]) -> Courses:
    """For each reference the different ways in which the hosts that run it ask for it; one way where nobody runs it."""
    if not any(host.route for host in hosts):
        references = dict.fromkeys(occurrence.reference for occurrence in occurrences)
        return {reference: (Course((Endpoint(reference),), ""),) for reference in references}
    ways = dict.fromkeys((host.runs, host.route) for host in hosts)
    specs = {runs: GitIgnoreSpec.from_lines(runs) for runs, _ in ways if runs}
    of_files: dict[tuple[str, ...], tuple[Route | None, ...]] = {}
    found: dict[Reference, dict[Course, None]] = {}
    for occurrence in occurrences:
        files = (occurrence.file, occurrence.used_in) if occurrence.used_in else (occurrence.file,)
        if files not in of_files:
            running = (way for runs, way in ways if not runs or any(map(specs[runs].match_file, files)))
            of_files[files] = tuple(dict.fromkeys(running)) or (None,)
        reference = occurrence.reference
        for route in of_files[files]:
            course = route.course(reference) if route else None
            found.setdefault(reference, {})[course or Course((Endpoint(reference),), "")] = None
    return {reference: tuple(ways) for reference, ways in found.items()}


def decisive(ways: Courses, resolutions: Mapping[Reference, Resolution]) -> set[Reference]:
    """The questions that verdicts hang on: all up to the first that has the image, and by digest that one alone."""
    found: set[Reference] = set()
    for course in (course for some in ways.values() for course in some):
        questions = [asked(reference) for reference in course.questions()]
        has = [question in resolutions and resolutions[question].state is State.RESOLVED for question in questions]
        first = has.index(True) if any(has) else len(questions)
        by_digest = bool(questions) and questions[0].digest is not None
        found.update(questions[first : first + 1] if by_digest and any(has) else questions[: first + 1])
    return found


@dataclass(frozen=True, slots=True)
class Stop:
    """One endpoint and what its registry answered; `image` is None where none was asked. `line` is the evidence."""

    endpoint: Endpoint
    image: Image | None
    line: str

    @property
    def answers(self) -> bool:
        """Whether the engine gets something there."""
        return self.image is not None and self.image.state in _ANSWERED

    @property
    def is_open(self) -> bool:
        """Whether it is not known what the engine gets there."""
        if self.image is None:
            return not self.endpoint.blocked
        return not self.answers and self.image.state is not State.MISSING


def stop_at(endpoint: Endpoint, image: Image | None, resolution: Resolution | None) -> Stop:
    """An endpoint with its answer."""
    if endpoint.blocked:
        return Stop(endpoint, None, f"{_name(endpoint)}: blocked, by its prefix {endpoint.blocked}")
    if endpoint.reference is None:
        return Stop(endpoint, None, f"not asked: {endpoint.unknown}")
    return Stop(endpoint, image, f"{_name(endpoint)}: {stored(resolution)}")


def _name(endpoint: Endpoint) -> str:
    return asked(endpoint.reference).pinned if endpoint.reference else ""


def follow(
    stops: Sequence[Stop],
    is_digest: bool,
    judge: Callable[[Stop], Outcome],
    refuses: Callable[[Stop], bool],
    cause: Cause,
) -> Outcome:
    """What a pull comes to: of those that have the image, the first that hands it out decides.

    An engine goes on where a registry has nothing, answers an error or cannot be reached. By digest it gets the same
    bytes wherever it gets them. By tag a registry that planner could not ask may have had another image. Whether an
    engine that gets an image but not all of its parts asks the next registry for them, no rule here says.
    """
    met: list[Outcome] = []
    for stop in stops:
        if stop.is_open and not is_digest:
            break
        if stop.answers and not refuses(stop):
            met.append(judge(stop))
            if not is_digest:
                break
    if met and met[0].verdict is Verdict.BREAKS and any(other.verdict is not Verdict.BREAKS for other in met):
        return replace(met[0], verdict=Verdict.UNKNOWN, message="", evidence=(*met[0].evidence, _NEXT))
    if met:
        return met[0]
    if any(stop.is_open for stop in stops):
        return Outcome(Verdict.UNKNOWN, "not-checked")
    if not stops or stops[-1].endpoint.blocked:
        prefix = stops[-1].endpoint.blocked if stops else ""
        return Outcome(Verdict.BREAKS, BLOCKED, cause.message.replace("{prefix}", prefix) if prefix else "")
    return judge(stops[-1])


def told(outcome: Outcome, reference: Reference, course: Course, stops: Iterable[Stop]) -> Outcome:
    """The outcome with its way as evidence: what each registry answered, and the file that leads there.

    What is missing on a way that passes by the registry of the reference may well be there.
    """
    lines = [each.line for each in stops] or ["no registry may be asked for this"]
    led = f"asked in this order, as the host is told by {course.where}"
    passed_by = all(each.name != reference.name for each in course.questions())
    cause = "not-mirrored" if outcome.cause in _MISSING and passed_by else outcome.cause
    return replace(outcome, cause=cause, evidence=(*lines, led, *outcome.evidence))


def stored(resolution: Resolution | None) -> str:
    """What the registry said, as a line of the evidence."""
    if resolution is None:
        return "the registry was not asked"
    kind = resolution.media_type
    if resolution.state is State.TYPE_ONLY:
        return f"answered as {mt.TITLES.get(kind, kind)}, {kind} ({resolution.source}); what it holds was not asked for"
    if resolution.manifest is None:
        detail = f": {resolution.detail}" if resolution.detail else ""
        return f"the registry's answer ({resolution.source or 'none'}): {resolution.state}{detail}"
    return f"stored as {mt.TITLES.get(kind, kind)}, {kind} ({resolution.source})"
