"""Two reports of one tree compared: what is new, fixed, still open or newly unknown. Pure.

A finding is the same in both if the occurrence's id, the cause and the verdict are: neither lines that moved nor hosts
that came, went or were grouped otherwise make it another one. Each moment is compared for itself, and what no upgrade
is planned for is met afterwards as it is now. Suppressed findings do not count: one whose suppression ended is new.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from planner.errors import UsageError
from planner.merge.named import Named
from planner.merge.provenance import moment_of
from planner.model.finding import Finding, Verdict
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.report import Report
from planner.model.since import Change, Compared, Since, Status
from planner.report.order import by_place
from planner.report.words import plural, unique

# An occurrence's id, a cause, a verdict.
Key = tuple[str, str, Verdict]
Met = Mapping[Key, Mapping[Moment, list[Finding]]]


def compare(old: Named, new: Named) -> Since:
    """What became of the findings of `old` in `new`. Raises UsageError for a report that only lists references."""
    for each in (old, new):
        if each.report.is_list:
            raise UsageError(
                f"{each.name} only lists references (--no-resolve), so it says nothing of what was wrong with them; "
                "scan without --no-resolve"
            )
    sides = _sides(old.report, new.report)
    changes = [*_present(sides), *_past(sides)]
    order = {status: n for n, status in enumerate(Status)}
    changes.sort(key=lambda c: (order[c.status], -c.verdict.severity, by_place(c.occurrence), c.cause))
    return Since(_compared(old), _compared(new), tuple(changes), tuple(_warnings(old, new)))


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both reports, and what is asked of them again and again.

    `then` and `now` are what counts, `accepted` what is suppressed now, `doubts` what could not be checked now, by
    occurrence and moment. `there` are the occurrences that there still are, by id, `unread` and `unread_hosts` the
    files and hosts with problems.
    """

    old: Report
    new: Report
    then: Met
    now: Met
    accepted: Met
    doubts: Mapping[tuple[str, Moment], list[tuple[Key, Finding]]]
    there: Mapping[str, Occurrence]
    hosts: frozenset[str]
    unread: tuple[str, ...]
    unread_hosts: frozenset[str]

    def title(self, cause: str) -> str:
        known = self.new.causes.get(cause) or self.old.causes.get(cause)
        return known.title if known else cause.replace("-", " ")


def _sides(old: Report, new: Report) -> _Sides:
    now = _met(new, new.findings)
    doubts: dict[tuple[str, Moment], list[tuple[Key, Finding]]] = defaultdict(list)
    for key, moments in now.items():
        for moment, found in moments.items():
            if key[2] is Verdict.UNKNOWN:
                doubts[key[0], moment] += [(key, f) for f in found]
    return _Sides(
        old,
        new,
        then=_met(old, old.findings),
        now=now,
        accepted=_met(new, new.suppressed),
        doubts=doubts,
        there={occurrence.id: occurrence for occurrence in new.occurrences},
        hosts=frozenset(host.name for host in new.hosts),
        unread=unique(problem.subject for problem in new.gaps if problem.about == "file"),
        unread_hosts=frozenset(problem.subject for problem in new.gaps if problem.about == "host"),
    )


def _met(report: Report, findings: Iterable[Finding]) -> Met:
    found: dict[Key, dict[Moment, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for f in findings:
        for moment in Moment:
            if report.holds(f, moment):
                found[f.occurrence.id, f.outcome.cause, f.verdict][moment].append(f)
    return found


def _present(sides: _Sides) -> Iterator[Change]:
    """What the newer report has: new, newly unknown or still open."""
    before: dict[tuple[str, Moment], list[tuple[Verdict, str]]] = defaultdict(list)
    for (occurrence, cause, verdict), moments in sides.then.items():
        for moment in moments:
            before[occurrence, moment].append((verdict, cause))
    for key, moments in sides.now.items():
        known = sides.then.get(key, {})
        fresh = {moment: found for moment, found in moments.items() if moment not in known}
        if fresh:
            status = Status.UNKNOWN if key[2] is Verdict.UNKNOWN else Status.NEW
            change = _change(sides, status, key, fresh)
            was = (each for moment in fresh for each in before[key[0], moment])
            yield replace(change, was=tuple(dict.fromkeys(was)))
        if same := {moment: found for moment, found in moments.items() if moment in known}:
            change = _change(sides, Status.OPEN, key, same)
            had = {host for moment in same for f in known[moment] for host in f.hosts}
            yield replace(change, more_hosts=tuple(host for host in change.hosts if host not in had))


def _past(sides: _Sides) -> Iterator[Change]:
    """What only the older report has: fixed or gone, suppressed, or nobody knows."""
    for key, moments in sides.then.items():
        by_end: dict[tuple[Status, str], dict[Moment, list[Finding]]] = defaultdict(dict)
        for moment, found in moments.items():
            if moment not in sides.now.get(key, {}) and (end := _end(sides, key, moment, found)):
                by_end[end][moment] = found
        for (status, gone), found_at in by_end.items():
            change = replace(_change(sides, status, key, found_at), gone=gone)
            if status is Status.UNKNOWN:
                change = replace(change, verdict=Verdict.UNKNOWN, was=((key[2], key[1]),))
            yield change


def _end(sides: _Sides, key: Key, moment: Moment, found: Iterable[Finding]) -> tuple[Status, str] | None:
    """What became of what is not met any more, and what is gone; None where it is told as newly unknown already."""
    hosts = [set(f.hosts) for f in found]
    if moment in sides.accepted.get(key, {}):
        return Status.SUPPRESSED, ""
    doubts = {
        other
        for other, f in sides.doubts.get((key[0], moment), ())
        if any(not own or not f.hosts or not own.isdisjoint(f.hosts) for own in hosts)
    }
    if doubts:
        is_told = any(moment not in sides.then.get(other, {}) for other in doubts)
        return None if is_told else (Status.UNKNOWN, "")
    if any(not sides.unread_hosts.isdisjoint(own) for own in hosts) or (
        key[0] not in sides.there and _is_unread(sides, found)
    ):
        return Status.UNKNOWN, ""
    if key[0] not in sides.there:
        return Status.FIXED, "reference"
    return Status.FIXED, "hosts" if all(own and own.isdisjoint(sides.hosts) for own in hosts) else ""


def _is_unread(sides: _Sides, found: Iterable[Finding]) -> bool:
    """Whether the newer report has a problem with the file of a reference, or with a folder that it is in."""
    files = {f.occurrence.file for f in found}
    return any(_holds(subject, file) for subject in sides.unread for file in files)


def _holds(subject: str, file: str) -> bool:
    """Whether a file or folder that could not be read is the file, or has it in it."""
    return subject in (file, ".") or file.startswith(subject.rstrip("/") + "/")


def _change(sides: _Sides, status: Status, key: Key, found: Mapping[Moment, list[Finding]]) -> Change:
    every = [f for moment in Moment for f in found.get(moment, ())]
    return Change(
        status,
        sides.there.get(key[0], every[0].occurrence),
        key[2],
        key[1],
        sides.title(key[1]),
        tuple(moment for moment in Moment if moment in found),
        hosts=unique(host for f in every for host in f.hosts),
        findings=unique(f.id for f in every),
    )


def _compared(each: Named) -> Compared:
    made = each.report.provenance
    return Compared(each.name, each.report.root, made.started, made.version)


def _warnings(old: Named, new: Named) -> Iterator[str]:
    """Reasons to doubt that the two can be compared, or that a change in the tree made the difference."""
    before, after = old.report, new.report
    known, common = _files(before), _files(before) & _files(after)
    if before.occurrences and after.occurrences and 2 * len(common) < len(known) and not _ids(before) & _ids(after):
        there = f"{len(common) or 'none'} of its {plural(len(known), 'file')}"
        yield (
            f"{old.name} looks like a report of another tree ({before.root}, here {after.root}): {there} "
            f"{'are' if len(common) > 1 else 'is'} in {new.name}, and none of its references, so everything counts as "
            "new; give the earlier report of this tree"
        )
    if moment_of(before.provenance.started) > moment_of(after.provenance.started):
        yield f"{old.name} is newer than {new.name}: new and fixed are the wrong way round if they were swapped"
    if before.hosts and not after.hosts:
        yield f"{new.name} declares no host, and {old.name} did: what only hosts met is not fixed by that"
    if not after.occurrences and before.occurrences:
        yield f"{new.name} has no image reference at all, and {old.name} had {len(before.occurrences):,}"
    if before.provenance.version != after.provenance.version:
        told = f"{before.provenance.version}, then {after.provenance.version}"
        yield f"they were made by two versions of planner ({told}): what one knows and the other does not differs, too"
    elif before.provenance.knowledge != after.provenance.knowledge:
        yield "they were made with different knowledge of engines: something may be new or fixed for that alone"


def _ids(report: Report) -> set[str]:
    return {occurrence.id for occurrence in report.occurrences}


def _files(report: Report) -> set[str]:
    return {occurrence.file for occurrence in report.occurrences}
