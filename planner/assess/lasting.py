"""What threatens a pin whatever pulls it: a registry or namespace that was closed, a tag that has left the digest."""

from collections.abc import Iterator
from datetime import date

from planner.assess.delivery import RegistryView
from planner.model.finding import Outcome, Verdict
from planner.model.reference import Reference
from planner.model.resolution import Resolution, State
from planner.model.retirement import Ending, Retirement

# Something still answers for the image, be it a cache.
_ANSWERED = (State.RESOLVED, State.MISMATCH, State.TOO_LARGE, State.RATE_LIMITED)
# Answers by which what is partly closed shows that this image is not among the exceptions.
_REFUSED = (State.MISSING, State.DENIED)


def retired(retirement: Retirement, state: State, today: date | None) -> Outcome:
    """The outcome at a retired registry or namespace. Never that it pulls: what answers is a cache or an exception.

    A date after `today` is still to come; None: every date is past.
    """
    is_ahead = today is not None and retirement.date > today.isoformat()
    match retirement.ending:
        case Ending.GONE:
            breaks = state not in _ANSWERED and not is_ahead
        case Ending.PARTLY:
            breaks = state in _REFUSED and not is_ahead
        case Ending.AT_RISK:
            breaks = False
    verdict = Verdict.BREAKS if breaks else Verdict.AT_RISK
    when = f"{'from' if is_ahead else 'since'} {retirement.date}, " if retirement.date else ""
    sources = "; ".join(retirement.source)
    evidence = [
        f"{when}{' '.join(retirement.match)}: {retirement.effect} ({sources}; last checked {retirement.checked})"
    ]
    if retirement.replacement:
        evidence.append(f"its images are now at {retirement.replacement}")
    return Outcome(verdict, "retired-registry", retirement.message if breaks else "", tuple(evidence))


def untagged(reference: Reference, tag: Resolution | None, registry: RegistryView) -> Outcome | None:
    """The outcome where the tag beside a digest is known to lead elsewhere, and the registry may then drop the digest.

    `tag` is the answer for the tag alone, None where nobody asked for it. None where nothing is known to threaten.
    """
    where = _leads_elsewhere(reference, tag) if tag else ""
    reasons = tuple(_untagging(registry)) if where else ()
    return Outcome(Verdict.AT_RISK, "tag-moved", "", (where, *reasons)) if reasons else None


def _leads_elsewhere(reference: Reference, tag: Resolution) -> str:
    """Where the tag leads instead of to the digest; empty if it leads there, or if that is not known."""
    match tag.state:
        case State.MISSING:
            return f"{reference.tag} is not there any more"
        # Digests of two algorithms may be those of the same bytes.
        case State.RESOLVED if (
            _algorithm(tag.digest) == _algorithm(reference.digest) and tag.digest != reference.digest
        ):
            return f"{reference.tag} now leads to {tag.digest}"
        case _:
            return ""


def _algorithm(digest: str | None) -> str:
    return (digest or "").partition(":")[0]


def _untagging(registry: RegistryView) -> Iterator[str]:
    if registry.knowledge and registry.version:
        for lifetime in registry.knowledge.lifetimes:
            if lifetime.untagged and registry.version in lifetime.versions:
                yield f"{registry.knowledge.title}: {lifetime.text} ({lifetime.source[0]})"
