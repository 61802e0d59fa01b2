"""References alone, without verdicts (`--no-resolve`): as lines for the terminal, and as CSV."""

from collections.abc import Sequence
from csv import QUOTE_MINIMAL, writer
from io import StringIO

from planner.model.occurrence import Occurrence
from planner.model.report import Report
from planner.report import words
from planner.report.console.following import following
from planner.report.console.lines import BOLD, DIM, Page
from planner.report.escape import csv_cell
from planner.report.format import Options
from planner.report.order import by_place, by_problem

COLUMNS = (
    *("file", "line", "column", "format", "role", "name", "image", "registry", "repository", "tag", "digest"),
    *("platform", "confidence", "used_in", "occurrence_id"),
)
_BYTE_ORDER_MARK = "\ufeff"


def csv_list(report: Report, options: Options) -> str:
    """One row per reference as RFC 4180 CSV, sorted by place; `image` is the reference as written."""
    text = StringIO()
    table = writer(text, quoting=QUOTE_MINIMAL, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for occurrence in sorted(report.occurrences, key=by_place):
        table.writerow([cell if isinstance(cell, int) else csv_cell(cell) for cell in _cells(occurrence)])
    return (_BYTE_ORDER_MARK if options.bom else "") + text.getvalue()


def _cells(occurrence: Occurrence) -> Sequence[str | int]:
    """The values in the order of COLUMNS."""
    reference = occurrence.reference
    return (
        *(occurrence.file, occurrence.line, occurrence.column, occurrence.format, occurrence.role, occurrence.name),
        *(occurrence.raw, reference.registry, reference.repository, reference.tag or "", reference.digest or ""),
        str(occurrence.platform or ""),
        *(occurrence.confidence, occurrence.used_in or "", occurrence.id),
    )


def terminal_list(report: Report, options: Options) -> str:
    """Each reference below its place, in full so that it can be copied, then what could not be read."""
    page = Page(options)
    page.line(words.summary_line(report), 0, BOLD)
    for occurrence in sorted(report.occurrences, key=by_place):
        page.gap()
        spelled = ", by its spelling only" if occurrence.confidence == "text" else ""
        place = f"{options.from_here(occurrence.file)}:{occurrence.line}:{occurrence.column}"
        page.at(place, f"{occurrence.role} {occurrence.name} ({occurrence.format}{spelled})", 0, BOLD)
        page.line(occurrence.raw, 2)
        if occurrence.used_in:
            page.line(f"used in {occurrence.used_in}", 2, DIM)
        if occurrence.used_at:
            page.line(f"used at line {', '.join(map(str, occurrence.used_at))}", 2, DIM)
    if report.problems:
        page.gap()
        page.line("Problems: what could not be read", 0, BOLD)
    for problem in sorted(report.problems, key=by_problem):
        page.problems([problem])
    if command := following(report, options):
        page.gap()
        page.command(command.text, command.why)
    return page.text()
