"""Remedies: sentences that say how to mend a finding, the best first."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace

from planner.model.finding import Finding, Verdict
from planner.model.host import is_loopback
from planner.model.knowledge import Knowledge
from planner.model.moment import Moment
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.report import Window
from planner.plan.offers import Offers

# For registries of which planner knows that they are plain HTTP or have an unknown certificate.
_NO_TLS = "--src-tls-verify=false --dest-tls-verify=false"
# A sentence of causes.toml that tells to convert, whoever pulls the result.
CONVERSION = re.compile(r"--format (v2s2|v2s1|oci)\b")
_NOTHING = (
    "Nothing that was tried mends this: no other digest, and no version on the way of these hosts. Build the image "
    "again in a form that they pull, or take it off them."
)
Windows = Mapping[tuple[str, str, str], tuple[str, ...]]


def with_remedies(  # noqa: PLR0913, PLR0917 - what remedies are made of
    findings: Iterable[Finding],
    windows: Iterable[Window],
    platform: Platform,
    knowledge: Knowledge,
    insecure: Container[str] = (),
    offers: Offers | None = None,
) -> tuple[Finding, ...]:
    """The findings with their remedies: the planned upgrade where it mends, what was tried, then those of the cause.

    Of the cause's own, conversions are left out where they were tried: they are offered only where they help.
    `platform` is the one that `windows` hold for; hosts of another one are not told versions. Commands that touch
    the registries in `insecure` get the flags for it.
    """
    findings = tuple(findings)
    pulls: Windows = {(w.digest, w.engine, w.store): w.pulls for w in windows}
    left = {(f.occurrence.id, f.hosts) for f in findings if f.moment is Moment.AFTER}
    known: dict[tuple[str, Reference, str], tuple[str, ...]] = {}
    mended = []
    for finding in findings:
        reference = finding.occurrence.reference
        versions = _versions(finding, pulls, platform, knowledge)
        key = (finding.outcome.cause, reference, versions)
        if key not in known:
            is_insecure = reference.registry in insecure or is_loopback(reference.registry)
            known[key] = tuple(_of_cause(finding.outcome.cause, reference, versions, knowledge, is_insecure))
        planned = _planned(finding, (finding.occurrence.id, finding.hosts) in left)
        remedies = (*planned, *known[key])
        if offers and offers.are_tried(finding):
            general = tuple(text for text in known[key] if not CONVERSION.search(text))
            tried = (*offers.of(finding), *general, *offers.why_no_digest(finding))
            nothing = (_NOTHING,) if finding.verdict is Verdict.BREAKS else ()
            remedies = (*planned, *general) if planned else tried or nothing
        mended.append(replace(finding, remedies=remedies))
    return tuple(mended)


def _planned(finding: Finding, something_is_left: bool) -> tuple[str, ...]:
    """Where the declared upgrade alone is the remedy, say so first: afterwards the image pulls and runs."""
    group = finding.group
    if finding.moment is Moment.AFTER or finding.verdict is not Verdict.BREAKS or not group or not group.target:
        return ()
    return () if something_is_left else (f"Nothing beyond the planned upgrade to {group.target}, which mends this.",)


def _of_cause(
    cause_id: str, reference: Reference, versions: str, knowledge: Knowledge, is_insecure: bool
) -> Iterator[str]:
    """The cause's sentences with their blanks filled in, without those for whose blank there is nothing."""
    cause = knowledge.causes.get(cause_id)
    retirement = knowledge.retirement(reference)
    words = {"{versions}": versions, "{replacement}": retirement.replacement if retirement else ""}
    for text in cause.remedies if cause else ():
        if any(blank in text and not word for blank, word in words.items()):
            continue
        sentence = text
        for blank, word in words.items():
            sentence = sentence.replace(blank, word)
        sentence = reference.fill(sentence)
        yield sentence.replace("skopeo copy ", f"skopeo copy {_NO_TLS} ") if is_insecure else sentence


def _versions(finding: Finding, pulls: Windows, platform: Platform, knowledge: Knowledge) -> str:
    """The versions of the same engine that pull the image, such as `TITLE >=23.0.0,<=29.7.2`."""
    group = finding.group
    if group is None or finding.verdict is not Verdict.BREAKS:
        return ""
    if platform != (finding.occurrence.platform or group.platform):
        return ""
    software, store = group.at(finding.moment)
    engine = knowledge.engine(software.name)
    if engine is None:
        return ""
    ranges = pulls.get((finding.occurrence.reference.digest or "", engine.name, store or group.client), ())
    return f"{engine.title} {' or '.join(ranges)}" if ranges else ""
