"""The words of the human formats: verdicts, counts, short names, lists of hosts."""

import re
from collections.abc import Iterable, Sequence

from planner.model.finding import Finding, HostGroup, Verdict
from planner.model.media_type import TITLES
from planner.model.moment import Moment
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.report import Report
from planner.model.resolution import Resolution
from planner.model.suppression import Suppression

# A symbol and a word each, so that nothing is told by colour alone.
SYMBOLS = {Verdict.BREAKS: "✕", Verdict.AT_RISK: "▲", Verdict.UNKNOWN: "?", Verdict.PULLS: "✓"}
WORDS = {
    Verdict.BREAKS: "breaks",
    Verdict.AT_RISK: "at risk",
    Verdict.UNKNOWN: "not checked",
    Verdict.PULLS: "pulls",
}
WHEN = {moment: moment.words for moment in Moment}
PULLING = "At risk by deprecation counts as pulling; artifacts that pull but do not run do not."

# Where a name may be one of a range: at its last number, and at its last letter that stands alone.
_NUMBERED = re.compile(r"(.*?)([0-9]{1,9})([^0-9]*)", re.DOTALL)
_LETTERED = re.compile(r"(.*[^A-Za-z0-9]|)([A-Za-z])([^A-Za-z0-9].*|)", re.DOTALL)


def plural(count: int, one: str, many: str = "") -> str:
    """`1 host`, `1,200 hosts`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def short_digest(digest: str | None) -> str:
    """The algorithm and twelve digits: enough to recognise, too little to paste."""
    algorithm, _, digits = (digest or "").partition(":")
    return f"{algorithm}:{digits[:12]}…" if len(digits) > 13 else digest or ""


def short_name(reference: Reference) -> str:
    """The repository as people say it: without docker.io/library, with the registry where it is another one."""
    if reference.registry != "docker.io":
        return reference.name
    return reference.repository.removeprefix("library/")


def short_image(reference: Reference) -> str:
    """Name and shortened digest (or tag) of an image."""
    if reference.digest:
        return f"{short_name(reference)}@{short_digest(reference.digest)}"
    return f"{short_name(reference)}:{reference.tag or 'latest'}"


def media_title(resolution: Resolution | None) -> str:
    """What the registry stores, in words: `schema 2 manifest`; empty if it is not known."""
    return TITLES.get(resolution.media_type, resolution.media_type) if resolution else ""


def platforms(resolution: Resolution) -> list[str]:
    """The platforms an image can run on, as far as they were read. Attestations (unknown/unknown) are none."""
    manifest, config = resolution.manifest, resolution.config
    found: list[Platform | None] = [entry.platform for entry in manifest.entries] if manifest else []
    found.append(config.platform if config else None)
    return sorted({str(known) for known in found if known and known.os not in ("", "unknown")})


def host_ranges(hosts: Sequence[str]) -> list[str]:
    """Names folded as people declare them: web-01 … web-12 become `web-[01:12]`, node-a … node-f `node-[a:f]`."""
    runs: list[list[tuple[str, str, str, str]]] = []  # prefix, first, last, suffix: each way to read the run so far
    for host in hosts:
        ways = [found.groups() for kind in (_NUMBERED, _LETTERED) if (found := kind.fullmatch(host))]
        grown = [
            (prefix, first, value, suffix)
            for prefix, first, last, suffix in (runs[-1] if runs else ())
            for before, value, after in ways
            if (before, after) == (prefix, suffix) and _follows(last, value)
        ]
        if grown:
            runs[-1] = grown
        else:
            runs.append([(before, value, value, after) for before, value, after in ways] or [(host, "", "", "")])
    return [f"{p}[{a}:{b}]{s}" if a != b else f"{p}{a}{s}" for p, a, b, s in (run[0] for run in runs)]


def _follows(last: str, value: str) -> bool:
    """Whether a range that ends with `last` goes on with `value`: 09, 10 and a, b, but neither 9, 10 nor Z, a."""
    if last.isdigit() and value.isdigit():
        return len(last) == len(value) and int(value) == int(last) + 1
    return len(last) == len(value) == 1 and ord(value) == ord(last) + 1


def why(finding: Finding) -> str:
    """Why a verdict is unknown, or is no engine's doing; empty for one that an engine's version decides.

    The first line of evidence, what is stored, says it least; the registry's answer in its place says it best.
    """
    outcome = finding.outcome
    if finding.verdict is not Verdict.UNKNOWN and finding.group is not None:
        return ""
    return "; ".join(outcome.evidence if outcome.cause == "not-checked" else outcome.evidence[1:] or outcome.evidence)


def change(group: HostGroup) -> str:
    """The engine with its version, and what becomes of it: `docker 20.10.24 → 29.0.0`."""
    target = group.target
    if target is None:
        return str(group.engine)
    same = target.name == group.engine.name and target.version
    return f"{group.engine} → {target.version if same else target}"


def origins(report: Report) -> dict[str, tuple[str, ...]]:
    """Where versions come from that were not declared themselves, and the hosts that have them, in their order."""
    hosts: dict[str, list[str]] = {}
    for host in report.hosts:
        for origin in dict.fromkeys((host.engine_origin, host.target_origin)):
            if origin:
                hosts.setdefault(origin, []).append(host.name)
    return {origin: tuple(names) for origin, names in hosts.items()}


def few(items: Sequence[str], limit: int = 3) -> str:
    """The first items, and how many more there are."""
    more = len(items) - limit
    return ", ".join(items[:limit]) + (f" +{more:,} more" if more > 0 else "")


def unchecked(report: Report) -> set[str]:
    """Ids of occurrences of which at least one pull could not be checked, even where another one breaks."""
    return {f.occurrence.id for f in report.findings if f.verdict is Verdict.UNKNOWN} | idle(report)


def idle(report: Report) -> set[str]:
    """Ids of occurrences that no declared host runs and that have no finding: nothing is said of their pulls."""
    return unrun(report) - {f.occurrence.id for f in report.every_finding}


def unrun(report: Report) -> set[str]:
    """Ids of occurrences that no declared host runs, with findings or without."""
    return {o.id for o in report.occurrences if not report.runners.get(o.id)} if report.hosts else set()


def upgrades(report: Report) -> bool:
    """Whether any upgrade is planned, of an engine or of a registry."""
    return any(group.target for group in report.groups) or any(registry.target for registry in report.registries)


def summary_line(report: Report) -> str:
    """One line for logs and prompts: what was looked at, what breaks now and later, what could not be checked."""
    if report.is_list:
        parts = [plural(len(report.problems), "problem")] if report.problems else []
        return "; ".join([f"{pinned(report)}, listed only: no registry was asked, nothing was checked", *parts])
    now, after = report.counts(Moment.NOW), report.counts(Moment.AFTER)
    planned = upgrades(report)
    breaks = f"{_count(now[Verdict.BREAKS], 'break')} {'today' if report.hosts else 'whatever the engine'}"
    parts = [breaks + (f", {after[Verdict.BREAKS]:,} after the upgrade" if planned else "")]
    if report.refused:
        parts.append(refused_line(report))
    if now[Verdict.AT_RISK] or (planned and after[Verdict.AT_RISK]):
        later = f", {after[Verdict.AT_RISK]:,} after" if planned else ""
        parts.append(f"at risk: {now[Verdict.AT_RISK]:,} today{later}")
    if missed := len(unchecked(report)):
        left = len(idle(report))
        parts.append(f"{missed:,} could not be checked" + (f" ({left:,} run by no declared host)" if left else ""))
    if report.suppressed:
        parts.append(f"{len(report.suppressed):,} suppressed")
    if left := len(report.gaps) - len(report.refused):
        parts.append(plural(left, "problem"))
    if report.advice:
        parts.append(plural(len(report.advice), "unused suppression"))
    hosts = plural(len(report.hosts), "host") if report.hosts else "no hosts declared"
    return f"{pinned(report)}, {hosts}: {'; '.join(parts)}"


def refused_line(report: Report) -> str:
    """`2 more are no references that an engine accepts`."""
    count = len(report.refused)
    return f"{count:,} more {'is no reference' if count == 1 else 'are no references'} that an engine accepts"


def pinned(report: Report) -> str:
    """How many references were found, and how many of them name a digest."""
    total, with_digest = len(report.occurrences), sum(bool(o.reference.digest) for o in report.occurrences)
    if total == with_digest:
        return plural(total, "pinned reference")
    return f"{plural(total, 'reference')} ({with_digest:,} pinned)"


def cached(report: Report) -> list[str]:
    """The days of the answers that are from the cache: nobody asked today whether the registry still has the images."""
    return [r.fetched_at[:10] for r in report.resolutions.values() if r.source == "cache" and r.fetched_at]


def accepted_by(suppression: Suppression) -> str:
    """Who accepts a finding, why and until when: `planner.toml:12: gone by spring (owner: ops, until 2027-03-31)`."""
    place = f"{suppression.file}:{suppression.line}" if suppression.line else suppression.file
    until = f"until {suppression.expires}" if suppression.expires else "without a date"
    owner = f"owner: {suppression.owner}, " if suppression.owner else ""
    return f"{place}: {suppression.reason} ({owner}{until})"


def _count(count: int, verb: str) -> str:
    return f"{count:,} {verb}{'s' if count == 1 else ''}"


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """The items without repetition, in the order they came."""
    return tuple(dict.fromkeys(items))
