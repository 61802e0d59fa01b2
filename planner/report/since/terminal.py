"""The terminal: what became of findings since an earlier report; a part of what a scan says, all of `planner diff`."""

from planner.model.report import Report
from planner.model.since import Since, Status
from planner.report.console.lines import BOLD, DIM, Page
from planner.report.format import Format, Options, register_diff
from planner.report.since.words import TITLES, change_words, sentence

_CAP = 30


def render(report: Report, options: Options) -> str:
    """The counts, then every change with its place; what is still open only with `show_all`."""
    page = Page(options)
    if report.since:
        since_part(page, report.since, options)
    return page.text()


def since_part(page: Page, since: Since, options: Options) -> None:
    """Add the comparison to a page."""
    page.line(sentence(since), 0, BOLD)
    for warning in since.warnings:
        page.line(f"! {warning}", 2)
    for status in Status:
        changes = since.of(status)
        if not changes or (status is Status.OPEN and not options.show_all):
            continue
        page.line(f"{TITLES[status]}: {len(changes):,}", 2, BOLD)
        shown = changes if options.is_whole else changes[:_CAP]
        for change in shown:
            place = change.occurrence
            where = f"{options.from_here(place.file)}:{place.line}:{place.column}"
            page.at(where, f"{place.role} {place.name}", 4)
            page.brief(change_words(change), 6, DIM)
        if left := len(changes) - len(shown):
            page.line(f"… and {left:,} more: --all", 4, DIM)


register_diff(Format("terminal", "Terminal, for people", (), render))
