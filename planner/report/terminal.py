"""The terminal: what breaks and what to do, the most urgent first, for people who just ran a scan."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from planner.model.finding import Verdict
from planner.model.report import Report, asked
from planner.model.source import Problem
from planner.report import words
from planner.report.console.following import following
from planner.report.console.lines import BOLD, DIM, UNSURE, Page, cells, fit, pad
from planner.report.console.rows import NOT_CHECKED, Row, Section, generic, pulling, sections
from planner.report.console.table import COLOURS, Layout, layout, place
from planner.report.escape import visible
from planner.report.format import Format, Options, register
from planner.report.listing import terminal_list
from planner.report.order import by_place, by_problem
from planner.report.page.windows import window_classes
from planner.report.since.terminal import since_part
from planner.report.suppressed import accepted

# Beyond so many rows of a cause, references that share a reason, and other things, the rest is counted; --all shows it.
_CAP_ROWS, _CAP_ALIKE, _CAP = 10, 3, 20
# Causes in the repetition at the end: with the counts and the next command, they fit 24 lines.
_CAP_RECAP = 12
_RECAP, _NO_WINDOW, _LEAST_TITLE = "In short", 100, 24
# How many of the ways out, messages and reasons of a cause are told.
_TOLD = {"do": 2, "message": 1, "why": 1}


def render(report: Report, options: Options) -> str:
    """The summary line, the findings by cause, what is suppressed, the problems, what pulls, and the next command.

    Without hosts, the versions that pull as well. Fits `options.width` columns but never breaks a place
    (file:line:column), so that it can be copied. What is longer than the window has the worst at its end again.
    """
    page = Page(options)
    page.line(words.summary_line(report), 0, BOLD)
    found = sections(report, apart=options.show_all)
    pulled = pulling(report) if options.show_all else []
    parts = [_part(section, options) for section in found]
    table = layout(page, [*(row for part in parts for pile in part.piles for row in pile.shown), *pulled])
    for part in parts:
        _section(page, report, part, table, options)
    _suppressed(page, report, options)
    _problems(page, report, options)
    _advice(page, report, options)
    if report.since:
        page.gap()
        since_part(page, report.since, options)
    _idle(page, report, options)
    _pulling(page, pulled, table)
    _origins(page, report, options)
    if not report.hosts:
        _windows(page, report, options)
    if len(page.lines) > options.height - 3:
        _again(page, report, found)
    if command := following(report, options, found):
        page.gap()
        page.command(command.text, command.why)
    return page.text()


@dataclass(frozen=True, slots=True)
class _Pile:
    """Rows of a section below a line of their own, if any; `left` are not shown."""

    head: str
    shown: tuple[Row, ...]
    left: int


@dataclass(frozen=True, slots=True)
class _Part:
    section: Section
    piles: tuple[_Pile, ...]


def _part(section: Section, options: Options) -> _Part:
    """What is shown of a section. References that one registry did not answer for, for one reason, are a pile each."""
    if section.cause.id != NOT_CHECKED:
        shown = section.rows if options.is_whole else section.rows[:_CAP_ROWS]
        return _Part(section, (_Pile("", shown, len(section.rows) - len(shown)),))
    alike: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in section.rows:
        reason = words.why(row.findings[0])
        alike[row.image.registry, generic(reason, row.place.reference)].append(row)
    piles = []
    for (registry, reason), rows in sorted(alike.items(), key=lambda item: (-len(item[1]), item[0])):
        some = rows if options.is_whole else rows[:_CAP_ALIKE]
        count = words.plural(len({row.place.id for row in rows}), "reference")
        piles.append(_Pile(f"{registry}: {count} not checked: {reason}", tuple(some), len(rows) - len(some)))
    return _Part(section, tuple(piles))


def _section(page: Page, report: Report, part: _Part, table: Layout, options: Options) -> None:
    section = part.section
    page.gap()
    page.brief(f"{section.label}: {section.title}", 0, f"{BOLD};{COLOURS[section.verdict]}")
    page.line(section.counts, 2)
    _told(page, "do", section.remedies(), options)
    _told(page, "message", section.messages(), options, DIM)
    if section.cause.id != NOT_CHECKED:
        _told(page, "why", section.reasons(), options, DIM)
    for pile in part.piles:
        if pile.head:
            page.brief(pile.head, 2, UNSURE, 4)
        if options.show_all:
            _in_full(page, report, section, pile.shown, table)
        else:
            table.add(page, pile.shown)
        _left_out(page, pile.left, "row")


def _told(page: Page, label: str, texts: Sequence[str], options: Options, style: str = "") -> None:
    """The first of several texts, and how many there are."""
    most = len(texts) if options.show_all else _TOLD[label]
    for n, text in enumerate(texts[:most], 1):
        of = f" ({n} of {len(texts):,})" if len(texts) > most else ""
        page.brief(f"{label}{of}: {text}", 2, style, 3 if label == "do" else 2)


def _in_full(page: Page, report: Report, section: Section, rows: Sequence[Row], table: Layout) -> None:
    """The rows, below each what it is for, and what is printed and to be done of it alone, with the commands."""
    told = {*section.remedies(), *section.messages()}

    def details(row: Row) -> None:
        page.line(_what(report, row), 6, DIM)
        if table.shortens(row):
            page.line(f"hosts: {row.everyone}", 6, DIM)
        messages = (("message", f.outcome.message) for f in row.findings)
        remedies = (("do", f.remedies[0]) for f in row.findings if f.remedies)
        for label, text in dict.fromkeys((*messages, *remedies)):
            if text and text not in told:
                page.line(f"{label}: {text}", 6, DIM if label == "message" else "")
            told.add(text)

    table.add(page, rows, details)


def _what(report: Report, row: Row) -> str:
    """What the reference is for, and what the registry stores: `service db; schema 2 manifest, linux/amd64`."""
    resolution = report.resolution(row.place)
    found = words.platforms(resolution) if resolution else []
    stored = ", ".join(filter(None, [words.media_title(resolution), *(found if len(found) == 1 else [])]))
    return "; ".join(filter(None, [f"{row.place.role} {row.place.name}".strip(), stored]))


def _problems(page: Page, report: Report, options: Options) -> None:
    # Why a reference could not be resolved stands at its finding already, mostly.
    unchecked = [f for f in report.findings if f.outcome.cause == NOT_CHECKED]
    told = {str(asked(f.occurrence.reference)): words.why(f) for f in unchecked}
    ordered = sorted(report.gaps, key=by_problem)
    untold = [p for p in ordered if p.about != "reference" or p.text not in told.get(p.subject, "")]
    if ordered:
        page.gap()
        page.line("Problems: what could not be read or checked", 0, BOLD)
    if above := len(ordered) - len(untold):
        page.line(f"? {words.plural(above, 'reference')} not checked: why stands above", 2, UNSURE)
    alike: dict[tuple[str, ...], list[Problem]] = defaultdict(list)
    for problem in untold:
        alike[problem.about, problem.kind, problem.text].append(problem)
    shown = list(alike.values()) if options.is_whole else list(alike.values())[:_CAP]
    for problems in shown:
        page.problems(problems, len(problems) if options.is_whole else _CAP_ALIKE)
    _left_out(page, len(untold) - sum(map(len, shown)), "problem")


def _suppressed(page: Page, report: Report, options: Options) -> None:
    """What does not count, below who accepts it."""
    told = accepted(report)
    if told:
        page.gap()
        page.line(f"Suppressed: {words.plural(len(report.suppressed), 'finding')} that somebody accepts", 0, BOLD)
    shown = told if options.is_whole else told[:_CAP]
    for suppression, own in shown:
        page.brief(words.accepted_by(suppression), 2)
        some = own if options.is_whole else own[:_CAP_ALIKE]
        for each in some:
            cause = report.causes.get(each.cause)
            what = f"{words.SYMBOLS[each.verdict]} {words.WORDS[each.verdict]} {each.when}"
            ranges = words.host_ranges(each.hosts)
            who = words.few(ranges, len(ranges) if options.is_whole else 3) or "whatever the engine"
            page.at(place(options, each.place), f"{what}: {cause.title if cause else each.cause}; {who}", 4, DIM)
        _left_out(page, len(own) - len(some), "place", indent=4)
    _left_out(page, len(told) - len(shown), "suppression")


def _advice(page: Page, report: Report, options: Options) -> None:
    """What can be tidied up."""
    ordered = sorted(report.advice, key=by_problem)
    shown = ordered if options.is_whole else ordered[:_CAP]
    if shown:
        page.gap()
        page.line("To tidy up", 0, BOLD)
    for problem in shown:
        page.problems([problem])
    _left_out(page, len(ordered) - len(shown), "unused suppression")


def _idle(page: Page, report: Report, options: Options) -> None:
    """What nobody is declared to run, so that nothing is known of its pulls."""
    idle = words.idle(report)
    ordered = sorted((o for o in report.occurrences if o.id in idle), key=by_place)
    if not ordered:
        return
    page.gap()
    page.line(f"Run by no declared host, so not checked: {words.plural(len(ordered), 'reference')}", 0, BOLD)
    shown = ordered if options.is_whole else ordered[:_CAP_ALIKE]
    for occurrence in shown:
        page.at(place(options, occurrence), words.short_image(occurrence.reference), 2)
    _left_out(page, len(ordered) - len(shown), "reference")


def _pulling(page: Page, rows: Sequence[Row], table: Layout) -> None:
    """What pulls."""

    def details(row: Row) -> None:
        if table.shortens(row):
            page.line(f"hosts: {row.everyone}", 6, DIM)

    if rows:
        page.gap()
        page.line(f"✓ pulls: {words.plural(len(rows), 'reference')}", 0, f"{BOLD};{COLOURS[Verdict.PULLS]}")
        table.add(page, rows, details)


def _origins(page: Page, report: Report, options: Options) -> None:
    """Versions that were not declared, but taken from what a platform ships: for whom, which and from where."""
    found = list(words.origins(report).items())
    shown = found if options.is_whole else found[:_CAP_ALIKE]
    if shown:
        page.gap()
        page.line("Versions that come from the platform", 0, BOLD)
    for origin, hosts in shown:
        page.brief(f"{words.few(words.host_ranges(hosts))}: {origin}", 2, DIM)
    _left_out(page, len(found) - len(shown), "version")


def _windows(page: Page, report: Report, options: Options) -> None:
    """Versions that pull, for images that every engine treats alike."""
    classes = window_classes(report)
    shown = classes if options.is_whole else classes[:_CAP]
    if shown:
        page.gap()
        page.line("Versions that pull, by engine (declare hosts to have them compared)", 0, BOLD)
        page.line(words.PULLING, 2, DIM)
    for alike in shown:
        page.gap()
        images = alike.images if options.is_whole else alike.images[:_CAP_ALIKE]
        for image in images:
            page.brief(image, 2)
        _left_out(page, len(alike.images) - len(images), "image like these", "images like these")
        if alike.title:
            page.line(alike.title, 2, DIM)
        for bar in alike.bars:
            if bar.ranges:
                page.line(f"{bar.engine}: {'; '.join(bar.ranges)}", 4)
        if none := [bar.engine for bar in alike.bars if not bar.ranges]:
            page.line(f"no version of {', '.join(none)}", 4, COLOURS[Verdict.BREAKS])
    _left_out(page, len(classes) - len(shown), "group of images", "groups of images")


def _again(page: Page, report: Report, found: Sequence[Section]) -> None:
    """What has scrolled away: the causes as a table, and the counts."""
    page.gap()
    planned, has_hosts = words.upgrades(report), bool(report.hosts)
    table = [_numbers("today" if planned else "refs", "after" if planned else "", "hosts" if has_hosts else "")]
    for section in found[:_CAP_RECAP]:
        after = "" if section.after is None else f"{section.after:,}"
        table.append(_numbers(f"{section.now:,}", after, f"{section.hosts:,}" if has_hosts else ""))
    labels = [section.label for section in found[:_CAP_RECAP]]
    if page.width and page.width - max(map(cells, labels), default=0) - cells(table[0]) < _LEAST_TITLE:
        labels = [label[0] for label in labels]  # the symbol alone
    column = max((len(_RECAP) - 2, *map(cells, labels)))
    room = page.width - column - cells(table[0]) - 4 if page.width else _NO_WINDOW
    page.row((pad(_RECAP, column + 2) + (table[0] if found else ""), BOLD), indent=0)
    for section, own, numbers in zip(found, labels, table[1:], strict=False):
        title = fit(visible(section.cause.title), room)
        page.row((pad(own, column), COLOURS[section.verdict]), (f"{numbers}  {title}", ""))
    _left_out(page, len(found) - _CAP_RECAP, "cause")
    page.line(words.summary_line(report), 0, BOLD)


def _numbers(*texts: str) -> str:
    return "".join(f"{text:>7}" for text in texts if text)


def _left_out(page: Page, count: int, one: str, many: str = "", indent: int = 2) -> None:
    if count > 0:
        page.line(f"… and {words.plural(count, one, many)} more: --all", indent, DIM)


register(Format("terminal", "Terminal, for people", (), render, terminal_list))
