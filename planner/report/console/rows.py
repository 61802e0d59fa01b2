"""The table of the terminal: findings by cause, a row for each reference, the most urgent first."""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from planner.model.finding import Finding, HostGroup, Verdict
from planner.model.host import LINUX_AMD64
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference
from planner.model.report import Cause, Report, asked
from planner.report import words
from planner.report.fate import Fate, Position, fate, followers, positions
from planner.report.order import by_finding, by_place, pulls
from planner.report.words import unique, why

NOT_CHECKED = "not-checked"
# Beyond so many groups of hosts, and ranges of each, a row in a window names them in part.
_FEW_GROUPS, _FEW_RANGES = 2, 3
_DIGEST = re.compile(r"\b[a-z0-9]+:[0-9a-f]{32,128}\b")
_NOTHING_ELSE = "Nothing beyond the planned upgrade, which mends this."


@dataclass(frozen=True, slots=True)
class Row:
    """A reference, hosts that run it, and what they get of it at each moment, whatever the cause.

    `after` is None where nothing is planned at all. `verdict` is the worst that the row's own cause brings, `mended`
    whether the planned upgrade ends that and nothing else follows. `findings` are those of the cause.
    """

    place: Occurrence
    groups: tuple[HostGroup, ...]
    hosts: tuple[str, ...]
    now: Verdict
    after: Verdict | None
    verdict: Verdict
    mended: bool
    findings: tuple[Finding, ...]

    @property
    def image(self) -> Reference:
        """What is asked for."""
        return asked(self.place.reference)

    @property
    def worst(self) -> list[Finding]:
        """The findings that have the verdict of the row."""
        return [f for f in self.findings if f.verdict is self.verdict]

    @property
    def outcome(self) -> str:
        """`✕ breaks today, then pulls`, `▲ at risk today and after`."""
        worst = max(self.now, self.after or self.now, key=lambda verdict: verdict.severity)
        said = f"{words.SYMBOLS[worst]} {words.WORDS[self.now]}"
        if not self.hosts:
            return f"{said} whatever the engine" if self.after in (None, self.now) else f"{said} {self._then}"
        return f"{said} {self._then}"

    @property
    def _then(self) -> str:
        if self.after is None:
            return "today"
        return "today and after" if self.after is self.now else f"today, then {words.WORDS[self.after]}"

    @property
    def whose(self) -> str:
        """The first of the hosts, and what becomes of their engines."""
        more = len(self.groups) - _FEW_GROUPS
        told = "; ".join(_whose(group, set(self.hosts), _FEW_RANGES) for group in self.groups[:_FEW_GROUPS])
        return told + (f"; +{words.plural(more, 'more group')}" if more > 0 else "")

    @property
    def everyone(self) -> str:
        """The same of all of them."""
        return "; ".join(_whose(group, set(self.hosts), len(group.hosts)) for group in self.groups)


def _whose(group: HostGroup, among: Container[str], most: int) -> str:
    hosts = [host for host in group.hosts if host in among]
    count = f" ({len(hosts):,})" if len(hosts) > 1 else ""
    platform = "" if group.platform == LINUX_AMD64 else f", {group.platform}"
    return f"{words.few(words.host_ranges(hosts), most)}{count}, {words.change(group)}{platform}"


@dataclass(frozen=True, slots=True)
class Section:
    """All rows of one cause. `verdict` is the worst of them; `now` and `after` count the references that it is met at.

    `after` is None where nothing is planned at all, `is_any` says that no host is declared.
    """

    cause: Cause
    verdict: Verdict
    now: int
    after: int | None
    rows: tuple[Row, ...]
    is_any: bool

    @property
    def title(self) -> str:
        """`stored as schema 2 [schema2-manifest]`."""
        return f"{self.cause.title} [{self.cause.id}]" if self.cause.id else self.cause.title

    @property
    def label(self) -> str:
        """`✕ breaks`."""
        return f"{words.SYMBOLS[self.verdict]} {words.WORDS[self.verdict]}"

    @property
    def hosts(self) -> int:
        """How many hosts meet the worst verdict."""
        return len({host for row in self.rows if row.verdict is self.verdict for host in row.hosts})

    @property
    def counts(self) -> str:
        """`4 references today, 1 after the upgrade; 9 hosts`; what is less severe of the same cause is counted too."""
        parts = [self._references]
        if self.hosts:
            parts.append(words.plural(self.hosts, "host"))
        worst = {row.place.id for row in self.rows if row.verdict is self.verdict}
        milder = Counter({row.place.id: row.verdict for row in self.rows if row.place.id not in worst}.values())
        parts += [f"{count:,} more {words.WORDS[verdict]}" for verdict, count in milder.items()]
        return "; ".join(parts)

    @property
    def _references(self) -> str:
        if self.after is None:
            return words.plural(self.now, "reference") + (" whatever the engine" if self.is_any else "")
        if not self.now:
            return f"{words.plural(self.after, 'reference')} after the upgrade"
        if self.now == self.after:
            return f"{words.plural(self.now, 'reference')} today and after the upgrade"
        later = f"{self.after:,}" if self.after else "none"
        return f"{words.plural(self.now, 'reference')} today, {later} after the upgrade"

    def findings(self) -> tuple[Finding, ...]:
        """Those of the worst verdict, in the order of the rows."""
        return tuple(f for row in self.rows if row.verdict is self.verdict for f in row.worst)

    def remedies(self) -> list[str]:
        """What to do first, by how many rows it helps; without the commands, which differ from image to image."""
        lasting = [row for row in self.rows if not row.mended]
        rows: Counter[str] = Counter()
        for row in lasting:
            rows.update({_short(text) for text in unique(f.remedies[0] for f in row.worst if f.remedies)})
        return [text for text, _ in rows.most_common()] if lasting else [_NOTHING_ELSE]

    def messages(self) -> tuple[str, ...]:
        """What engines will print, without the images' names and digests."""
        return self._alike((f.outcome.message, f.occurrence.reference) for f in self.findings())

    def reasons(self) -> tuple[str, ...]:
        """Why a verdict is unknown, or no engine's doing."""
        return self._alike((why(f), f.occurrence.reference) for f in self.findings())

    @staticmethod
    def _alike(told: Iterable[tuple[str, Reference]]) -> tuple[str, ...]:
        return unique(generic(text, reference) for text, reference in dict.fromkeys(told) if text)


def _short(remedy: str) -> str:
    """Without the command, which stands with the reference where all is shown."""
    text, has_command, _ = remedy.partition(": `")
    return f"{text}." if has_command else remedy


def generic(text: str, reference: Reference) -> str:
    """A text about an image with its name and digest replaced by words, and other digests shortened."""
    for spelled in unique((str(reference), reference.pinned)):
        text = text.replace(spelled, "IMAGE")
    if reference.digest:
        text = text.replace(reference.digest, "DIGEST")
    return _DIGEST.sub(lambda found: words.short_digest(found[0]), text)


def sections(report: Report, *, apart: bool = False) -> list[Section]:
    """The findings by cause, worst first; then what no upgrade mends, then what is met today.

    A row is for all hosts that get the same of a reference; with `apart`, for each group of hosts.
    """
    get = _Reality(report)
    found: dict[str, dict[tuple[object, ...], list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for f in sorted(report.findings, key=by_finding):
        found[f.outcome.cause][f.occurrence.id, get.position(f), f.hosts].append(f)
    made = []
    for cause, own in found.items():
        together: dict[tuple[object, ...], list[Row]] = defaultdict(list)
        for key, findings in own.items():
            row = get.row(findings)
            alike = (row.place.id, row.now, row.after, row.verdict, row.mended)
            together[(*alike, *key) if apart else alike].append(row)
        made.append(_section(report, cause, [_together(rows) for rows in together.values()]))
    return sorted(made, key=lambda each: (_urgency(each.rows[0])[:3], -len(each.rows), each.cause.id))


class _Reality:
    """What hosts get of a reference, of whatever cause."""

    def __init__(self, report: Report) -> None:
        self.position = positions(report)
        self._report, self._follow, self._planned = report, followers(report), words.upgrades(report)
        self._met: dict[tuple[str, Position], list[Finding]] = defaultdict(list)
        for f in report.every_finding:
            self._met[f.occurrence.id, self.position(f)].append(f)

    def row(self, findings: Sequence[Finding]) -> Row:
        """The row of findings of one cause that the same hosts meet at one place."""
        first = findings[0]
        verdict = max((f.verdict for f in findings), key=_severity)
        fates = {fate(self._report, f, self._follow(f)) for f in findings if f.verdict is verdict}
        return Row(
            place=first.occurrence,
            groups=(first.group,) if first.group else (),
            hosts=first.hosts,
            now=self._at(Moment.NOW, first),
            after=self._at(Moment.AFTER, first) if self._planned else None,
            verdict=verdict,
            mended=fates == {Fate.MENDED},
            findings=tuple(findings),
        )

    def _at(self, moment: Moment, finding: Finding) -> Verdict:
        place, position = finding.occurrence.id, self.position(finding)
        met = self._met[place, position] + (self._met.get((place, None), []) if position is not None else [])
        verdict = Verdict.PULLS
        for f in met:
            if f.verdict.severity > verdict.severity and self._report.holds(f, moment) and _share(f, finding):
                verdict = f.verdict
        return verdict


def _severity(verdict: Verdict) -> int:
    return verdict.severity


def _share(one: Finding, other: Finding) -> bool:
    """Whether some host meets both, of findings for one group, or for whatever the engine."""
    return not one.hosts or one.hosts == other.hosts or not set(one.hosts).isdisjoint(other.hosts)


def _together(rows: Sequence[Row]) -> Row:
    """Rows that differ in their hosts alone."""
    groups = {id(group): group for row in rows for group in row.groups}
    hosts = unique(host for row in rows for host in row.hosts)
    findings = tuple(f for row in rows for f in row.findings)
    return replace(rows[0], groups=tuple(groups.values()), hosts=hosts, findings=findings)


def _urgency(row: Row) -> tuple[object, ...]:
    """Sort key; rows of the same hosts stand together."""
    return (-row.verdict.severity, row.mended, row.now.severity < row.verdict.severity, row.hosts, by_place(row.place))


def _section(report: Report, cause: str, rows: Iterable[Row]) -> Section:
    ordered = tuple(sorted(rows, key=_urgency))
    known = report.causes.get(cause) or Cause(cause, cause.replace("-", " ") or "no cause given", "", ())
    verdict = ordered[0].verdict
    worst = [f for row in ordered for f in row.worst if f.verdict is verdict]
    now, after = (len({f.occurrence.id for f in worst if report.holds(f, moment)}) for moment in Moment)
    return Section(known, verdict, now, after if words.upgrades(report) else None, ordered, not report.hosts)


def pulling(report: Report) -> list[Row]:
    """A row for each reference that some hosts pull, today and after what is planned, with those hosts."""
    planned, found = words.upgrades(report), defaultdict[str, list[Finding]](list)
    for f in pulls(report):
        found[f.occurrence.id].append(f)
    made = []
    for own in found.values():
        later = {id(f.group): set(f.hosts) for f in own if f.moment is Moment.AFTER}
        rows = []
        for f in (f for f in own if f.moment is Moment.NOW):
            still = later.get(id(f.group), set()) if report.changes(f) else f.hosts
            both = tuple(host for host in f.hosts if host in still)
            rows += [_pulling(replace(f, hosts=both), planned=planned)] if both else []
        made += [_together(rows)] if rows else []
    return sorted(made, key=lambda row: (row.hosts, by_place(row.place)))


def _pulling(f: Finding, *, planned: bool) -> Row:
    after = Verdict.PULLS if planned else None
    return Row(f.occurrence, (f.group,) if f.group else (), f.hosts, f.verdict, after, f.verdict, False, (f,))
