"""Remedies: sentences that say how to mend a finding, the best first."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from planner.model.finding import Finding, Verdict
from planner.model.knowledge import EngineKnowledge, Knowledge
from planner.model.moment import Moment
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.report import Window

Windows = Mapping[tuple[str, str, str], tuple[str, ...]]


def with_remedies(
    findings: Iterable[Finding], windows: Iterable[Window], platform: Platform, knowledge: Knowledge
) -> tuple[Finding, ...]:
    """The findings with their remedies: those of the cause, and the engine's versions that pull the image.

    `platform` is the one that `windows` hold for; hosts of another one are not told versions.
    """
    findings = tuple(findings)
    pulls: Windows = {(w.digest, w.engine, w.store): w.pulls for w in windows}
    worse = {(f.occurrence.id, f.hosts) for f in findings if f.moment is Moment.AFTER and not _mended(f)}
    sentences: dict[tuple[str, Reference], tuple[str, ...]] = {}
    mended = []
    for finding in findings:
        key = (finding.outcome.cause, finding.occurrence.reference)
        if key not in sentences:
            sentences[key] = _of_cause(*key, knowledge)
        ways = (
            *_planned(finding, (finding.occurrence.id, finding.hosts) in worse),
            *sentences[key],
            *_versions(finding, pulls, platform, knowledge),
        )
        mended.append(replace(finding, remedies=ways))
    return tuple(mended)


def _planned(finding: Finding, fails_after: bool) -> tuple[str, ...]:
    """Where the declared upgrade is the remedy, say so first."""
    group = finding.group
    if finding.moment is Moment.AFTER or finding.verdict is not Verdict.BREAKS or not group or not group.target:
        return ()
    return () if fails_after else (f"The planned upgrade to {group.target} mends this.",)


def _mended(after: Finding) -> bool:
    """Whether what is left after the upgrade is an image that pulls, and runs."""
    return after.verdict not in (Verdict.BREAKS, Verdict.UNKNOWN) and not after.outcome.hollow


def _of_cause(cause_id: str, reference: Reference, knowledge: Knowledge) -> tuple[str, ...]:
    cause = knowledge.causes.get(cause_id)
    return tuple(reference.fill(text) for text in (cause.remedies if cause else ()))


def _versions(finding: Finding, pulls: Windows, platform: Platform, knowledge: Knowledge) -> tuple[str, ...]:
    """Which versions of the same engine pull the image, where some do."""
    group = finding.group
    if (
        finding.verdict is not Verdict.BREAKS
        or group is None
        or platform != (finding.occurrence.platform or group.platform)
    ):
        return ()
    software, store = group.at(finding.moment)
    engine: EngineKnowledge | None = knowledge.engine(software.name)
    if engine is None:
        return ()
    where = store or group.client
    ranges = pulls.get((finding.occurrence.reference.digest or "", engine.name, where), ())
    if not ranges:
        return ()
    return (f"{engine.title}{f' ({where})' if where else ''} pulls this image in {' and in '.join(ranges)}.",)
