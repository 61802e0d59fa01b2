"""`planner explain` and `planner engines`: the knowledge, for one image or by itself, as text."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from planner.assess.compare import Image
from planner.assess.judge import image_of, whatever_the_engine
from planner.assess.windows import Chart, charts
from planner.errors import ExitCode, UsageError
from planner.knowledge import load_knowledge
from planner.model import media_type as mt
from planner.model.engine import Version
from planner.model.finding import Outcome
from planner.model.knowledge import EngineKnowledge, Knowledge, RegistryKnowledge
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


def engine_text(name: str | None) -> str:
    """What is known, in a list, or all about one engine or registry software; UsageError for an unknown name."""
    knowledge = load_knowledge()
    if name is None:
        lines = [_row(e.name, e.first, e.newest, e.title, e.stores or e.clients) for e in knowledge.engines.values()]
        lines += [_row(r.name, r.first, r.newest, r.title, ("registry",)) for r in knowledge.registries.values()]
        return "\n".join(lines) + "\n\nEvery boundary with its source: planner engines NAME\n"
    if engine := knowledge.engine(name.lower()):
        return "\n".join(_engine(engine)) + "\n"
    if registry := knowledge.registry(name.lower()):
        return "\n".join(_registry(registry)) + "\n"
    known = ", ".join([*knowledge.engines, *knowledge.registries])
    raise UsageError(f"planner knows nothing of {name!r}; it knows {known}")


def _row(name: str, first: Version, newest: Version, title: str, extra: tuple[str, ...]) -> str:
    return f"{name:<14} {f'{first} to {newest}':<18} {title}" + (f" ({', '.join(extra)})" if extra else "")


def _engine(engine: EngineKnowledge) -> Iterator[str]:
    yield f"{engine.title} ({engine.name}), known from {engine.first} to {engine.newest}"
    yield f"source: {'; '.join(engine.source)}"
    if engine.aliases:
        yield f"also called {', '.join(engine.aliases)}"
    for gap in engine.gaps:
        yield f"{gap.versions}: {gap.why} ({'; '.join(gap.source)})"
    for need, entries in engine.capabilities.items():
        yield f"\n{need}"
        for c in entries:
            where = " ".join(word for word in (c.store, c.client, c.ref and f"by {c.ref}", *sorted(c.when)) if word)
            yield f"  {c.versions!s:<22} {c.state:<26} {where}".rstrip()
            yield from (f"      {line}" for line in (c.message and f"says: {c.message}", c.note) if line)
            if c.switches:
                yield f"      works with {', '.join(sorted(c.switches))}"
            yield f"      {c.verified}: {'; '.join(c.source)}"


def _registry(registry: RegistryKnowledge) -> Iterator[str]:
    yield f"{registry.title} ({registry.name}), known from {registry.first} to {registry.newest}"
    yield f"source: {'; '.join(registry.source)}\n\nThe first rule that matches holds:"
    for rule in registry.rules:
        stored = ", ".join(sorted(mt.TITLES.get(kind, kind) for kind in rule.stored)) or "anything"
        by = f" by {rule.ref}" if rule.ref else ""
        unless = f", unless the client accepts {rule.unless_accepted}" if rule.unless_accepted else ""
        yield f"  {rule.versions!s:<18} {stored}{by}{unless}: {rule.action} {rule.status or ''} {rule.message}".rstrip()
        yield f"      {'; '.join(rule.source)}"
