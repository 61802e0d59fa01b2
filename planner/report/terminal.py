"""The terminal: what breaks and what to do, the most urgent first, for people who just ran a scan."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from planner.model.finding import Finding, Verdict
from planner.model.host import LINUX_AMD64
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.report import Report, asked
from planner.model.resolution import Resolution
from planner.report import words
from planner.report.fate import Fate, fate, followers
from planner.report.format import Format, Options, register
from planner.report.listing import terminal_list
from planner.report.order import by_finding, by_place, by_problem
from planner.report.page import BOLD, DIM, UNSURE, Page
from planner.report.since_terminal import since_part
from planner.report.suppressed import accepted
from planner.report.windows import window_classes

# ANSI colours, only ever beside a word that says the same.
_COLOURS = {Verdict.BREAKS: "31", Verdict.AT_RISK: "33", Verdict.UNKNOWN: UNSURE, Verdict.PULLS: "32"}
# Beyond this many references or problems the rest is counted; --all shows them.
_CAP = 60
_CAP_GROUPS = 6
_AGAIN = "as said above for this reference"
# Beyond this many lines the counts have scrolled away, and are told again at the end.
_SCREENFUL = 60


def render(report: Report, options: Options) -> str:
    """The summary line, the findings by occurrence, the suppressed ones, the problems and what can be tidied up.

    Without hosts, the versions that pull as well.

    Fits `options.width` columns but never breaks a place (file:line:column), so that it can be copied.
    """
    page = Page(options)
    page.line(words.summary_line(report), 0, BOLD)
    _findings(page, report, options)
    _suppressed(page, report, options)
    _problems(page, report, options)
    _advice(page, report, options)
    if report.since:
        page.gap()
        since_part(page, report.since, options)
    _origins(page, report, options)
    if not report.hosts:
        _windows(page, report, options)
    if len(page.lines) > _SCREENFUL:
        page.gap()
        page.line(words.summary_line(report), 0, BOLD)
    return "\n".join(page.lines) + "\n"


def _findings(page: Page, report: Report, options: Options) -> None:
    by_occurrence: dict[str, list[Finding]] = defaultdict(list)
    for finding in sorted(report.findings, key=by_finding):
        by_occurrence[finding.occurrence.id].append(finding)
    urgency = _urgency(report)
    concerned = sorted(by_occurrence.values(), key=lambda own: (urgency(own), by_place(own[0].occurrence)))
    shown = concerned if options.show_all else concerned[:_CAP]
    told: dict[str, str] = {}
    for own in shown:
        occurrence = own[0].occurrence
        page.gap()
        whose = f"{occurrence.role} {occurrence.name}"
        page.line(f"{_place(occurrence)}  {whose}", 0, BOLD)
        page.line(words.short_image(occurrence.reference) + _stored(report.resolution(occurrence)), 2, DIM)
        said: set[str] = set()
        for alike in _alike(report, own):
            _finding(page, report, options, alike, told, said)
    _left_out(page, len(concerned) - len(shown), "reference with findings", "references with findings")


def _stored(resolution: Resolution | None) -> str:
    """What the registry stores, with the platform where there is one only: ` (OCI manifest, linux/arm64)`."""
    found = words.platforms(resolution) if resolution else []
    told = [words.media_title(resolution), *(found if len(found) == 1 else [])]
    return f" ({', '.join(filter(None, told))})" if any(told) else ""


def _urgency(report: Report) -> Callable[[Iterable[Finding]], tuple[int, bool, bool]]:
    """A sort key for the findings of one occurrence: the worst verdict, then what is not mended, then what is today."""
    follow = followers(report)

    def urgency(own: Iterable[Finding]) -> tuple[int, bool, bool]:
        own = list(own)
        severity = max(f.verdict.severity for f in own)
        worst = [f for f in own if f.verdict.severity == severity]
        mended = all(fate(report, f, follow(f)) is Fate.MENDED for f in worst)
        return (-severity, mended, all(f.moment is Moment.AFTER for f in worst))

    return urgency


@dataclass(frozen=True, slots=True)
class _Alike:
    """Findings of one occurrence that differ in the group of hosts only, one for each group."""

    moments: tuple[Moment, ...]
    remedy: str
    why: str
    findings: list[Finding]


def _alike(report: Report, findings: Iterable[Finding]) -> list[_Alike]:
    """The findings of one occurrence brought together, the most severe first, today before the upgrade."""
    moments: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for f in findings:
        outcome, remedy = f.outcome, "".join(f.remedies[:1])
        moments[f.verdict, outcome.cause, outcome.message, remedy, words.why(f), f.hosts].append(f)
    lasting = {tuple(shared) for (*shared, _), own in moments.items() if len({f.moment for f in own}) == len(Moment)}
    alike: dict[tuple[object, ...], _Alike] = {}
    for (*shared, _), own in moments.items():
        first, met = own[0], tuple(moment for moment in Moment if any(f.moment is moment for f in own))
        # Where nothing is upgraded, today is for good: such hosts stand with those whose upgrade changes nothing.
        if tuple(shared) in lasting and not report.changes(first):
            met = tuple(Moment)
        new = _Alike(met, "".join(first.remedies[:1]), words.why(first), [])
        alike.setdefault((*shared, met), new).findings.append(first)
    return sorted(alike.values(), key=lambda a: (-a.findings[0].verdict.severity, a.moments[0] is Moment.AFTER))


def _finding(  # noqa: PLR0913, PLR0917 - what was told already, of all references and of this one
    page: Page, report: Report, options: Options, alike: _Alike, told: dict[str, str], said: set[str]
) -> None:
    first = alike.findings[0]
    cause = report.causes.get(first.outcome.cause)
    title = cause.title if cause else first.outcome.cause.replace("-", " ")
    when = " and ".join(words.WHEN[moment] for moment in alike.moments)
    head = f"{words.SYMBOLS[first.verdict]} {words.WORDS[first.verdict]} {when}"
    page.line(f"{head}: {title}", 2, _COLOURS[first.verdict])
    whose = words.unique(map(_who, alike.findings))
    shown = whose if options.show_all else whose[:_CAP_GROUPS]
    for who in shown:
        page.line(who, 4)
    _left_out(page, len(whose) - len(shown), "group of hosts", "groups of hosts", indent=4)
    # The same advice for the next group of hosts is not told again.
    remedy = _once(alike.remedy, _place(first.occurrence), told)
    for label, text, style in (("message", first.outcome.message, DIM), ("why", alike.why, DIM), ("do", remedy, "")):
        key = f"{label}: {alike.remedy if label == 'do' else text}"
        if text:
            is_long = len(text) > len(_AGAIN) and key in said
            page.line(f"{label}: {_AGAIN if is_long else text}", 4, style)
        said.add(key)


def _once(remedy: str, place: str, told: dict[str, str]) -> str:
    """The remedy; a command in it that was `told` already is named by the place where it stands."""
    parts = remedy.split("`")
    for n in range(1, len(parts) - 1, 2):
        command = parts[n]
        if command in told:
            parts[n] = "the command above" if told[command] == place else f"the command given for {told[command]}"
        else:
            parts[n] = f"`{command}`"
        if " " in command:
            told.setdefault(command, place)
    return "".join(parts) if len(parts) % 2 else remedy


def _place(occurrence: Occurrence) -> str:
    return f"{occurrence.file}:{occurrence.line}:{occurrence.column}"


def _who(finding: Finding) -> str:
    if finding.group is None:
        return "whatever the engine"
    count = f" ({len(finding.hosts):,} hosts)" if len(finding.hosts) > 1 else ""
    platform = "" if finding.group.platform == LINUX_AMD64 else f", {finding.group.platform}"
    return f"{words.few(words.host_ranges(finding.hosts))}{count}, {words.change(finding.group)}{platform}"


def _problems(page: Page, report: Report, options: Options) -> None:
    # Why a reference could not be resolved stands at its finding already, mostly.
    unchecked = [f for f in report.findings if f.outcome.cause == "not-checked"]
    told = {str(asked(f.occurrence.reference)): words.why(f) for f in unchecked}
    ordered = sorted(report.gaps, key=by_problem)
    untold = [p for p in ordered if p.about != "reference" or p.text not in told.get(p.subject, "")]
    shown = untold if options.show_all else untold[:_CAP]
    if ordered:
        page.gap()
        page.line("Problems: what could not be read or checked", 0, BOLD)
    if above := len(ordered) - len(untold):
        page.line(f"? {words.plural(above, 'reference')} not checked: why stands above", 2, UNSURE)
    for problem in shown:
        page.problem(problem)
    _left_out(page, len(untold) - len(shown), "problem")


def _suppressed(page: Page, report: Report, options: Options) -> None:
    """What does not count, below who accepts it."""
    told = accepted(report)
    if told:
        page.gap()
        page.line(f"Suppressed: {words.plural(len(report.suppressed), 'finding')} that somebody accepts", 0, BOLD)
    shown = told if options.show_all else told[:_CAP]
    for suppression, own in shown:
        page.line(words.accepted_by(suppression), 2)
        some = own if options.show_all else own[:_CAP_GROUPS]
        for each in some:
            cause = report.causes.get(each.cause)
            what = f"{words.SYMBOLS[each.verdict]} {words.WORDS[each.verdict]} {each.when}"
            who = words.few(words.host_ranges(each.hosts)) or "whatever the engine"
            page.line(f"{_place(each.place)}  {what}: {cause.title if cause else each.cause}; {who}", 4, DIM)
        _left_out(page, len(own) - len(some), "place", indent=4)
    _left_out(page, len(told) - len(shown), "suppression")


def _advice(page: Page, report: Report, options: Options) -> None:
    """What can be tidied up."""
    ordered = sorted(report.advice, key=by_problem)
    shown = ordered if options.show_all else ordered[:_CAP]
    if shown:
        page.gap()
        page.line("To tidy up", 0, BOLD)
    for problem in shown:
        page.problem(problem)
    _left_out(page, len(ordered) - len(shown), "unused suppression")


def _origins(page: Page, report: Report, options: Options) -> None:
    """Versions that were not declared, but taken from what a platform ships: for whom, which and from where."""
    found = list(words.origins(report).items())
    shown = found if options.show_all else found[:_CAP_GROUPS]
    if shown:
        page.gap()
        page.line("Versions that come from the platform", 0, BOLD)
    for origin, hosts in shown:
        page.line(f"{words.few(words.host_ranges(hosts))}: {origin}", 2, DIM)
    _left_out(page, len(found) - len(shown), "version", indent=2)


def _windows(page: Page, report: Report, options: Options) -> None:
    """Versions that pull, for images that every engine treats alike."""
    classes = window_classes(report)
    shown = classes if options.show_all else classes[:_CAP]
    if shown:
        page.gap()
        page.line("Versions that pull, by engine (declare hosts to have them compared)", 0, BOLD)
        page.line(words.PULLING, 2, DIM)
    for alike in shown:
        page.gap()
        images = alike.images if options.show_all else alike.images[:3]
        for image in images:
            page.line(image, 2)
        _left_out(page, len(alike.images) - len(images), "image like these", "images like these")
        if alike.title:
            page.line(alike.title, 2, DIM)
        for bar in alike.bars:
            page.line(f"{bar.engine}: {'; '.join(bar.ranges) or 'no version'}", 4, "" if bar.ranges else "31")
    _left_out(page, len(classes) - len(shown), "group of images", "groups of images")


def _left_out(page: Page, count: int, one: str, many: str = "", indent: int = 2) -> None:
    if count > 0:
        page.line(f"… and {words.plural(count, one, many)} more; --all or a report file (-o) lists them", indent, DIM)


register(Format("terminal", "Terminal, for people", (), render, terminal_list))
