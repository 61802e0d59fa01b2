"""The terminal: what breaks and what to do, in the order of the files, for people who just ran a scan."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from textwrap import wrap

from planner.model.finding import Finding, Verdict
from planner.model.moment import Moment
from planner.model.report import Report
from planner.report import words
from planner.report.escape import visible
from planner.report.format import Format, Options, register
from planner.report.order import by_finding, by_place
from planner.report.windows import window_classes

# ANSI colours, only ever beside a word that says the same.
_COLOURS = {Verdict.BREAKS: "31", Verdict.AT_RISK: "33", Verdict.UNKNOWN: "35", Verdict.PULLS: "32"}
_BOLD, _DIM = "1", "2"
# Beyond this many references or problems the rest is counted; --all shows them.
_CAP = 60
_CAP_GROUPS = 6
_NARROWEST = 40


def render(report: Report, options: Options) -> str:
    """The summary line, the findings by occurrence, the problems and, without hosts, the versions that pull.

    Fits `options.width` columns but never breaks a place (file:line:column), so that it can be copied.
    """
    page = _Page(options)
    page.line(words.summary_line(report), 0, _BOLD)
    _findings(page, report, options)
    _problems(page, report, options)
    if not report.hosts:
        _windows(page, report, options)
    return "\n".join(page.lines) + "\n"


class _Page:
    """Lines of the output, wrapped and painted."""

    def __init__(self, options: Options) -> None:
        self.lines: list[str] = []
        self._width = max(options.width, _NARROWEST)
        self._colour = options.colour

    def line(self, text: str, indent: int = 0, style: str = "", hang: int = 2) -> None:
        """Add `text`, wrapped at the width; what follows the first line is set in by `hang` more columns."""
        folded = wrap(
            visible(text),
            self._width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hang),
            break_long_words=False,
            break_on_hyphens=False,
        )
        self.lines.extend(self._paint(part, style) for part in folded)

    def gap(self) -> None:
        """Add an empty line."""
        self.lines.append("")

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if style and self._colour else text


def _findings(page: _Page, report: Report, options: Options) -> None:
    by_occurrence: dict[str, list[Finding]] = defaultdict(list)
    for finding in sorted(report.findings, key=by_finding):
        by_occurrence[finding.occurrence.id].append(finding)
    concerned = [o for o in sorted(report.occurrences, key=by_place) if o.id in by_occurrence]
    shown = concerned if options.show_all else concerned[:_CAP]
    for occurrence in shown:
        page.gap()
        whose = f"{occurrence.role} {occurrence.name}"
        page.line(f"{occurrence.file}:{occurrence.line}:{occurrence.column}  {whose}", 0, _BOLD)
        kind = words.media_title(report.resolution(occurrence))
        page.line(words.short_image(occurrence.reference) + (f" ({kind})" if kind else ""), 2, _DIM)
        for alike in _alike(by_occurrence[occurrence.id]):
            _finding(page, report, options, alike)
    _left_out(page, len(concerned) - len(shown), "reference with findings", "references with findings")


def _alike(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Findings of one occurrence that differ in hosts or moment only, the most severe first."""
    alike: dict[tuple[Verdict, str, str], list[Finding]] = defaultdict(list)
    for f in findings:
        alike[f.verdict, f.outcome.cause, f.outcome.message].append(f)
    yield from sorted(alike.values(), key=lambda found: -found[0].verdict.severity)


def _finding(page: _Page, report: Report, options: Options, alike: list[Finding]) -> None:
    first = alike[0]
    cause = report.causes.get(first.outcome.cause)
    title = cause.title if cause else first.outcome.cause.replace("-", " ")
    head = f"{words.SYMBOLS[first.verdict]} {words.WORDS[first.verdict]} {_moments(alike)}"
    page.line(f"{head}: {title}", 2, _COLOURS[first.verdict])
    whose = words.unique(map(_who, alike))
    shown = whose if options.show_all else whose[:_CAP_GROUPS]
    for who in shown:
        page.line(who, 4)
    _left_out(page, len(whose) - len(shown), "group of hosts", "groups of hosts", indent=4)
    if first.outcome.message:
        page.line(f"message: {first.outcome.message}", 4, _DIM)
    elif first.verdict is Verdict.UNKNOWN and first.outcome.evidence:
        page.line(f"why: {first.outcome.evidence[-1]}", 4, _DIM)
    if first.remedies:
        page.line(f"do: {first.remedies[0]}", 4)


def _moments(alike: list[Finding]) -> str:
    met = {f.moment for f in alike}
    return " and ".join(words.WHEN[moment] for moment in Moment if moment in met)


def _who(finding: Finding) -> str:
    if finding.group is None:
        return "whatever the engine"
    count = f" ({len(finding.hosts):,} hosts)" if len(finding.hosts) > 1 else ""
    return f"{words.few(words.host_ranges(finding.hosts))}{count}, {words.change(finding.group)}"


def _problems(page: _Page, report: Report, options: Options) -> None:
    shown = report.problems if options.show_all else report.problems[:_CAP]
    if shown:
        page.gap()
        page.line("Problems: what could not be read or checked", 0, _BOLD)
    for problem in shown:
        place = f":{problem.line}:{problem.column}" if problem.line else ""
        page.line(f"? {problem.about} {problem.subject}{place}", 2, _COLOURS[Verdict.UNKNOWN])
        page.line(problem.text, 4, hang=0)
    _left_out(page, len(report.problems) - len(shown), "problem")


def _windows(page: _Page, report: Report, options: Options) -> None:
    """Versions that pull, for images that every engine treats alike."""
    classes = window_classes(report)
    shown = classes if options.show_all else classes[:_CAP]
    if shown:
        page.gap()
        page.line("Versions that pull, by engine (declare hosts to have them compared)", 0, _BOLD)
    for alike in shown:
        page.gap()
        images = alike.images if options.show_all else alike.images[:3]
        for image in images:
            page.line(image, 2)
        _left_out(page, len(alike.images) - len(images), "image like these", "images like these")
        if alike.title:
            page.line(alike.title, 2, _DIM)
        for bar in alike.bars:
            page.line(f"{bar.engine}: {'; '.join(bar.ranges) or 'no version'}", 4, "" if bar.ranges else "31")
    _left_out(page, len(classes) - len(shown), "group of images", "groups of images")


def _left_out(page: _Page, count: int, one: str, many: str = "", indent: int = 2) -> None:
    if count > 0:
        page.line(f"… and {words.plural(count, one, many)} more; --all or a report file (-o) lists them", indent, _DIM)


register(Format("terminal", "Terminal, for people", (), render))
