"""Several reports brought together: of each occurrence, one of them is heard."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from planner.merge.fleet import Fleet, fleet
from planner.merge.named import Named
from planner.merge.problems import merged_problems
from planner.merge.provenance import moment_of
from planner.merge.registries import registries
from planner.merge.windows import merged_windows
from planner.model.finding import Finding
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence, number
from planner.model.reference import Reference
from planner.model.report import Report, asked
from planner.model.resolution import ANSWERS, Resolution, State
from planner.report.fate import positions
from planner.report.order import by_place

# How much is known of a reference (2 in full, 1 in part, 0 nothing), whether it is known since when, and since when:
# the larger counts.
Standing = tuple[int, bool, datetime]
# The source of answers that an earlier run was given.
_KEPT = "cache"


@dataclass(frozen=True, slots=True)
class _Heard:
    """An occurrence, the report (by its number) that is heard on it, and the occurrence as it is there."""

    occurrence: Occurrence
    report: int
    known: Occurrence


def combine(named: Sequence[Named]) -> Report:
    """One report of two or more; its root and provenance are still those of the first."""
    reports = [each.report for each in named]
    standings = [_standings(report) for report in reports]
    heard = _heard(reports, standings)
    unheard = [_unheard(n, report, heard) for n, report in enumerate(reports)]
    hosts = fleet(named)
    merged = replace(
        reports[0],
        occurrences=tuple(each.occurrence for each in heard),
        resolutions=_resolutions(reports, standings),
        hosts=hosts.hosts,
        groups=hosts.groups,
        registries=registries(named),
        findings=(),
        suppressed=(),
        causes={id_: cause for report in reversed(reports) for id_, cause in report.causes.items()},
        runners={each.occurrence.id: _runners(reports[each.report], hosts, each) for each in heard},
    )
    found = list(_findings(reports, hosts, heard, merged))
    return replace(
        merged,
        findings=tuple(finding for finding in found if not finding.suppression),
        suppressed=tuple(finding for finding in found if finding.suppression),
        windows=merged_windows(reports, unheard, merged.occurrences),
        problems=merged_problems(named, hosts, unheard, merged),
    )


def _standings(report: Report) -> dict[Reference, Standing]:
    """What each answer of a report is worth. An index counts in part where the entry of some host was not read."""
    partly = {asked(f.occurrence.reference) for f in report.every_finding if f.outcome.cause == "not-checked"}
    partly |= {r for r, found in report.resolutions.items() if found.state is State.RESOLVED and found.detail}
    return {
        reference: (_known(found.state, partly=reference in partly), *_since(found, report))
        for reference, found in report.resolutions.items()
    }


def _since(found: Resolution, report: Report) -> tuple[bool, datetime]:
    """When a registry answered. What was kept from an earlier run, nobody knows when, is older than the report."""
    if found.fetched_at:
        return True, moment_of(found.fetched_at)
    return found.source != _KEPT, moment_of(report.provenance.started)


def _known(state: State, *, partly: bool) -> int:
    """How much is known: 2 in full, 1 in part, 0 nothing."""
    if state is State.TYPE_ONLY:
        return 1
    return (1 if partly else 2) if state in ANSWERS else 0


def _heard(reports: Sequence[Report], standings: Sequence[Mapping[Reference, Standing]]) -> list[_Heard]:
    """Every occurrence once, by place, numbered anew; of several reports that have it, the best answer is heard."""
    best: dict[tuple[Occurrence, int], _Heard] = {}
    worth: dict[tuple[Occurrence, int], Standing] = {}
    for n, report in enumerate(reports):
        nothing = (0, True, moment_of(report.provenance.started))
        led = _by_findings(report, standings[n])
        alike: Counter[Occurrence] = Counter()
        for known in report.occurrences:
            plain = replace(known, ordinal=0)
            key = (plain, alike[plain])
            alike[plain] += 1
            standing = standings[n].get(asked(known.reference), nothing)
            if known.id in led and led[known.id][0] > standing[0]:
                standing = led[known.id]
            if key not in best or worth[key] < standing:
                best[key], worth[key] = _Heard(plain, n, known), standing
    ordered = sorted(best.values(), key=lambda each: by_place(each.occurrence))
    numbered = number(each.occurrence for each in ordered)
    return [replace(each, occurrence=o) for each, o in zip(ordered, numbered, strict=True)]


def _by_findings(report: Report, standings: Mapping[Reference, Standing]) -> dict[str, Standing]:
    """What a report is worth by its own findings, for each occurrence whose hosts may ask elsewhere than it says.

    Which answer they met is not told; by digest it is as old as the oldest one for that digest.
    """
    elsewhere = {host.name for host in report.hosts if host.registry_config}
    if not elsewhere:
        return {}
    told: dict[str, set[str]] = defaultdict(set)
    unchecked: dict[str, set[str]] = defaultdict(set)
    for finding in report.every_finding:
        by_cause = unchecked if finding.outcome.cause == "not-checked" else told
        by_cause[finding.occurrence.id].update(finding.hosts)
    oldest: dict[str | None, tuple[bool, datetime]] = {None: (True, moment_of(report.provenance.started))}
    for reference, (_, dated, moment) in standings.items():
        oldest[reference.digest] = min(oldest.get(reference.digest, (dated, moment)), (dated, moment))
    found = {}
    for occurrence in report.occurrences:
        running = {name for names in report.runners.get(occurrence.id, {}).values() for name in names}
        if running & elsewhere:
            left = unchecked[occurrence.id]
            known = 2 if not left else 1 if running - left or told[occurrence.id] else 0
            found[occurrence.id] = (known, *oldest.get(occurrence.reference.digest, oldest[None]))
    return found


def _unheard(position: int, report: Report, heard: Iterable[_Heard]) -> Set[Reference]:
    """The references that a report has, and is nowhere heard on."""
    told = {asked(each.known.reference) for each in heard if each.report == position}
    return {asked(o.reference) for o in report.occurrences} - told


def _resolutions(
    reports: Sequence[Report], standings: Sequence[Mapping[Reference, Standing]]
) -> dict[Reference, Resolution]:
    best: dict[Reference, Resolution] = {}
    worth: dict[Reference, Standing] = {}
    for report, standing in zip(reports, standings, strict=True):
        for reference, found in report.resolutions.items():
            if reference not in best or worth[reference] < standing[reference]:
                best[reference], worth[reference] = found, standing[reference]
    return best


def _runners(report: Report, hosts: Fleet, each: _Heard) -> dict[int, tuple[str, ...]]:
    """Who runs an occurrence, under the new names and positions."""
    running: dict[int, list[str]] = defaultdict(list)
    for position, names in report.runners.get(each.known.id, {}).items():
        running[hosts.positions[each.report][position]] += [hosts.names[each.report][name] for name in names]
    return {position: tuple(sorted(names, key=hosts.turn.__getitem__)) for position, names in sorted(running.items())}


def _findings(reports: Sequence[Report], hosts: Fleet, heard: Iterable[_Heard], merged: Report) -> Iterator[Finding]:
    own: list[dict[str, list[Finding]]] = [defaultdict(list) for _ in reports]
    for by_occurrence, report in zip(own, reports, strict=True):
        for finding in report.every_finding:
            by_occurrence[finding.occurrence.id].append(finding)
    position = [positions(report) for report in reports]
    for each in heard:
        for finding in own[each.report].get(each.known.id, ()):
            moved = replace(finding, occurrence=each.occurrence)
            new = hosts.placed(each.report, moved, position[each.report](finding))
            yield new
            # An upgrade that only another report declares ends nothing: there, it was not judged what follows it.
            if finding.moment is Moment.NOW and merged.changes(new) and not reports[each.report].changes(finding):
                yield replace(new, moment=Moment.AFTER)
