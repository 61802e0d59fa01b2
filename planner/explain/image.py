"""`planner explain REFERENCE`: what every version of every engine does with one image."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from planner.assess.compare import Image
from planner.assess.judge import image_of, whatever_the_engine
from planner.assess.windows import Chart, charts
from planner.errors import ExitCode, UsageError
from planner.knowledge import load_knowledge
from planner.model import media_type as mt
from planner.model.finding import Outcome
from planner.model.knowledge import Knowledge
from planner.model.platform import Platform, parse_platform
from planner.model.reference import InvalidReferenceError, Reference, parse_reference
from planner.model.report import asked
from planner.model.resolution import Resolution
from planner.report.escape import visible
from planner.resolve import resolve
from planner.resolve.opening import Opening, open_resolver


def explain_image(text: str, platform_text: str, how: Opening, insecure: bool) -> tuple[str, ExitCode]:
    """What every version of every engine does with one image; UsageError for what is no reference or platform."""
    try:
        reference, platform = parse_reference(text), parse_platform(platform_text)
    except (InvalidReferenceError, ValueError) as error:
        raise UsageError(str(error)) from error
    if insecure:
        how = replace(how, insecure=frozenset({reference.registry}))
    resolver, problems = open_resolver(how)
    try:
        resolution = resolve([reference], resolver, frozenset({platform}), 4)[asked(reference)]
    finally:
        resolver.close()
    knowledge = load_knowledge()
    lines = [str(reference), *(problem.text for problem in problems)]
    if not reference.digest and resolution.digest:
        reference = replace(reference, digest=resolution.digest)
        lines.append(f"  now {resolution.digest}; what follows holds for a pull by this digest")
    lines += [*_stored(resolution), ""]
    image = image_of(replace(reference, tag=None) if reference.digest else reference, resolution)
    if outcome := whatever_the_engine(image):
        lines += [
            f"{outcome.verdict}: {knowledge.causes[outcome.cause].title}",
            *knowledge.causes[outcome.cause].remedies,
        ]
        code = ExitCode.FINDINGS if outcome.cause.startswith("digest") else ExitCode.INCOMPLETE
        return _text(lines), code
    for chart in charts(knowledge):
        lines += [*_chart(chart, image, platform, reference, knowledge), ""]
    unread = [part.detail for part in resolution.tree() if part.detail]
    lines += [*unread, *([""] if unread else [])]
    lines.append(f"By digest, on {platform}, from a registry that sends what it stores. Sources: planner engines NAME")
    return _text(lines), ExitCode.INCOMPLETE if unread else ExitCode.CLEAN


def _text(lines: Iterable[str]) -> str:
    """Media types come from manifests, and may hold what a terminal obeys."""
    return "".join(f"{visible(line).rstrip()}\n" for line in lines)


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


def _chart(chart: Chart, image: Image, platform: Platform, reference: Reference, knowledge: Knowledge) -> Iterator[str]:
    """One line for each run of versions that do the same."""
    yield f"{chart.engine.title}{f', {chart.where}' if chart.where else ''}"
    outcomes = chart.outcomes(image, platform)
    runs = [list(same) for _, same in groupby(outcomes, key=lambda pair: _essence(pair[1]))]
    for number, run in enumerate(runs):
        start, outcome = run[0]
        end = f"<{runs[number + 1][0][0]}" if number + 1 < len(runs) else f"<={chart.engine.newest}"
        if outcome.cause == "engine-unknown":
            continue  # the store or client did not exist yet
        title = f"  {knowledge.causes[outcome.cause].title}" if outcome.cause else ""
        yield f"  {f'>={start},{end}':<24} {outcome.verdict:<8}{title}"
        if outcome.message:
            yield f"  {'':<24} says: {reference.fill(outcome.message)}"


def _essence(outcome: Outcome) -> tuple[str, str, str]:
    return outcome.verdict, outcome.cause, outcome.message
