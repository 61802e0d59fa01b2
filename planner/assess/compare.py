"""Needs minus capabilities: what one engine does with one image. The first refusal decides, warnings add up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from planner.assess.builds import Undecided
from planner.assess.delivery import Refused, RegistryView, Unsure, deliver
from planner.assess.engine_view import EngineView
from planner.assess.needs import IMAGE_PLATFORM_NEEDS, content_needs, document_needs, entry_needs, named_type
from planner.assess.select import choose
from planner.assess.shape import Entry, Shape
from planner.model import media_type as mt
from planner.model.finding import PULLS, Outcome, Verdict
from planner.model.knowledge import Capability, Support
from planner.model.platform import Platform
from planner.model.resolution import State

_MAX_DEPTH = 8
BY_TYPE_ALONE = Outcome(
    Verdict.UNKNOWN,
    "not-checked",
    "",
    ("its media type alone refuses no pull, and no more was asked for; --depth full looks at what it holds",),
)
NO_SCHEMA1 = Outcome(
    Verdict.UNKNOWN,
    "not-checked",
    "",
    ("the registry's Content-Type says schema 1 and the document is none; engines that were tried refuse it",),
)
# What the tool that asks registries reads of a manifest, in bytes (containers/image, iolimits.MaxManifestBodySize).
RESOLVER_LIMIT = 4 * 1024 * 1024
_VERDICTS = {
    Support.SUPPORTED: Verdict.PULLS,
    Support.DEPRECATED: Verdict.AT_RISK,
    Support.HOLLOW: Verdict.AT_RISK,
    Support.UNCERTAIN: Verdict.UNKNOWN,
    Support.SWITCHED_OFF: Verdict.BREAKS,
    Support.UNSUPPORTED: Verdict.BREAKS,
    Support.REMOVED: Verdict.BREAKS,
}


@dataclass(frozen=True, slots=True)
class Pull:
    """Who asks whom, and how: all that an outcome depends on besides the image. `ref` is "tag" or "digest"."""

    view: EngineView
    registry: RegistryView
    platform: Platform
    ref: str
    cause_of: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Image:
    """The image asked for: its shape (None unless resolved), how asking ended, and what the reference itself needs."""

    shape: Shape | None
    state: State
    needs: tuple[str, ...] = ()


def compare(image: Image, pull: Pull) -> Outcome:
    """The outcome of the pull. Refusals beat what is unknown, which beats warnings."""
    worst = PULLS
    for outcome in _outcomes(image, pull):
        if outcome.verdict is Verdict.BREAKS:
            return outcome
        worst = max(worst, outcome, key=lambda o: o.verdict.severity)
    return worst


def _outcomes(image: Image, pull: Pull) -> Iterator[Outcome]:
    for need in image.needs:
        yield _answer(need, pull)
    match image.state:
        case State.RESOLVED if image.shape:
            yield from _document(image.shape, pull, pull.ref, 0)
        case State.TYPE_ONLY if image.shape:
            yield from _type_alone(image.shape, pull)
        case State.MISSING:
            missing = _answer("manifest-present", pull)
            # Engines say the same of both; what there is to do about it differs.
            yield replace(missing, cause="tag-missing") if pull.ref == "tag" else missing
        case State.MISMATCH:
            yield _answer("digest-match", pull)
        case State.TOO_LARGE:
            # More than any resolver takes, so more than the lowest limit of engines; what else is in it is unknown.
            yield _answer("manifest-size", pull, size=RESOLVER_LIMIT + 1)
            yield Outcome(Verdict.UNKNOWN, "not-checked")
        case _:
            yield Outcome(Verdict.UNKNOWN, "not-checked")


def _type_alone(stored: Shape, pull: Pull) -> Iterator[Outcome]:
    """What the engine says to a media type. That it refuses is certain; that it pulls takes more than the type."""
    match deliver(stored, pull.registry, pull.ref, pull.view.accept, pull.view.joined):
        case Refused() as found:
            yield _refusal(found, stored, pull, pull.ref)
        case Shape() as shape:
            for need in document_needs(shape, is_child=False):
                yield _answer(need, pull, shape)
    yield BY_TYPE_ALONE


def _document(stored: Shape, pull: Pull, ref: str, depth: int, chosen: Platform | None = None) -> Iterator[Outcome]:
    """What the engine says to one document; `chosen` is the platform for which the index above lists it."""
    shape = deliver(stored, pull.registry, ref, pull.view.accept, pull.view.joined)
    match shape:
        case Refused():
            yield _refusal(shape, stored, pull, ref)
            return
        case Unsure():
            yield unsure(shape, pull.registry)
            return
    if shape.wrong_header:
        yield _answer("header-digest-match", pull, shape, ref, depth)
    for need in document_needs(shape, is_child=depth > 0):
        yield _answer(need, pull, shape, ref, depth)
    if shape.served in mt.SCHEMA1_TYPES and shape.body not in mt.SCHEMA1_TYPES:
        yield NO_SCHEMA1
    if shape.entries and shape.body in mt.INDEXES:
        yield from _entry(shape, pull, depth)
    elif shape.body in mt.INDEXES:
        yield _answer("matching-platform", pull, shape, ref, depth)
    else:
        # Who chooses an entry of another architecture, such as 386 on amd64, takes it for one that the host runs.
        for need in content_needs(shape, chosen or pull.platform):
            yield _answer(need, pull, shape, ref, depth)


def _entry(index: Shape, pull: Pull, depth: int) -> Iterator[Outcome]:
    try:
        entry = choose(index, pull.view, pull.platform)
    except Undecided as why:
        yield Outcome(Verdict.UNKNOWN, why.cause, "", (str(why),))
        return
    if any(other.state is State.MISSING for other in index.entries if other is not entry):
        yield _answer("other-children-present", pull, index, "digest", depth)
    match entry:
        case None:
            yield _answer("matching-platform", pull, index, "digest", depth)
        case Entry(media_type=kind, shape=None) if kind and kind not in mt.MANIFESTS:
            yield _answer("child-is-manifest", pull, replace(index, content_type=kind), "digest", depth)
        case Entry(state=State.MISSING):
            yield _answer("child-present", pull, index, "digest", depth)
        case Entry(state=State.MISMATCH):
            yield _answer("digest-match", pull, index, "digest", depth)
        case Entry(shape=Shape() as child) if depth < _MAX_DEPTH:
            for need in entry_needs(entry):
                yield _answer(need, pull, replace(index, content_type=entry.media_type), "digest", depth)
            if child.body in mt.INDEXES:
                yield _answer("nested-index", pull, child, "digest", depth + 1)
            yield from _document(child, pull, "digest", depth + 1, entry.platform)
        case _:
            yield Outcome(Verdict.UNKNOWN, "not-checked", "", ("the entry of the index for this host was not read",))


def refusal(refused: Refused, registry: RegistryView) -> Outcome:
    """What a pull gets from a registry that refuses it for reasons of its own."""
    said = " ".join(str(word) for word in (refused.status, refused.message) if word)
    evidence = f"{registry.host} answers {said or 'an error'} ({refused.source[0]})"
    return Outcome(Verdict.BREAKS, refused.cause, said, (evidence,))


def unsure(answer: Unsure, registry: RegistryView) -> Outcome:
    """What is said of a pull where no source tells what the registry hands out."""
    return Outcome(Verdict.UNKNOWN, "registry-unknown", "", (f"{registry.host}: {answer.why} ({answer.source[0]})",))


def _refusal(refused: Refused, stored: Shape, pull: Pull, ref: str) -> Outcome:
    own = refusal(refused, pull.registry)
    if refused.cause:
        return own
    # The engine did not ask for the type because it cannot read it: its own words and cause fit best.
    need = next((n for n in document_needs(stored, is_child=False) if n in pull.cause_of and n != "manifest-size"), "")
    entry = pull.view.capability(need, ref, "root")
    message = (entry.gated_message or entry.message) if entry else refused.message
    return Outcome(Verdict.BREAKS, pull.cause_of.get(need, "not-checked"), message, own.evidence)


def _answer(  # noqa: PLR0913, PLR0917 - the circumstances of a need
    need: str, pull: Pull, shape: Shape | None = None, ref: str = "", depth: int = 0, size: int = 0
) -> Outcome:
    """What the engine says to one need."""
    cause = pull.cause_of.get(need, "engine-unknown")
    scope = "child" if depth else "root"
    entry = pull.view.capability(need, ref or pull.ref, scope, shape.size if shape else size)
    if entry is None:
        return Outcome(Verdict.UNKNOWN, "engine-unknown", "", (f"no entry for {need} of {pull.view.label}",))
    verdict = _VERDICTS[entry.state]
    switched_on = entry.state is Support.SWITCHED_OFF and entry.switches and entry.switches <= pull.view.switches
    if switched_on:
        verdict = Verdict.AT_RISK
    if verdict is Verdict.PULLS:
        return PULLS
    message = _fill(_message(entry, pull, bool(switched_on)), need, shape, pull)
    return Outcome(verdict, cause, message, _evidence(entry, pull, switched_on), entry.state is Support.HOLLOW)


def _message(entry: Capability, pull: Pull, switched_on: bool) -> str:
    """The engine's words; where it is not known whether the registry looks at Accept, both."""
    if switched_on and entry.warning:
        return entry.warning
    if entry.gated_message and not pull.registry.accept_known:
        return " | ".join(words for words in (entry.gated_message, entry.message) if words)
    return entry.message


def _fill(message: str, need: str, shape: Shape | None, pull: Pull) -> str:
    """Fill in what is known here; {reference} and {digest} are filled in per occurrence."""
    if "{" not in message:
        return message
    return (
        message.replace("{media_type}", named_type(need, shape))
        .replace("{declared}", (shape.declared or "") if shape else "")
        .replace("{platform}", str(shape.platform if shape and need in IMAGE_PLATFORM_NEEDS else pull.platform))
        .replace("{host_platform}", str(pull.platform))
        .replace("{os}", pull.platform.os)
        .replace("{architecture}", pull.platform.architecture)
        .replace("{variant}", pull.platform.variant)
        .replace("{size}", str(shape.size if shape else ""))
    )


def _evidence(entry: Capability, pull: Pull, switched_on: bool | frozenset[str]) -> tuple[str, ...]:
    how = "read in the source" if entry.verified == "read" else "run" if entry.verified == "ran" else "inferred"
    lines = [f"{pull.view.label}: {entry.need} is {entry.state} in {entry.versions} ({how}: {'; '.join(entry.source)})"]
    if entry.note:
        lines.append(entry.note)
    if entry.switches:
        names = ", ".join(sorted(entry.switches))
        lines.append(f"works because {names} is set" if switched_on else f"works only with {names} set")
    return tuple(lines)
