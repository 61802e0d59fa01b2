"""CSV: one row per finding (or per finding and host), for spreadsheets, tickets and pivot tables."""

from collections.abc import Iterator
from csv import QUOTE_MINIMAL

from planner.model.finding import Finding
from planner.model.report import Report
from planner.report.escape import MAX_CELL, csv_cell
from planner.report.format import Format, Options, register
from planner.report.order import by_finding, pulls

COLUMNS = (
    "file",
    "line",
    "column",
    "name",
    "role",
    "image",
    "registry",
    "repository",
    "tag",
    "digest",
    "media_type",
    "hosts",
    "host_count",
    "engine",
    "current_version",
    "target_version",
    "moment",
    "verdict",
    "cause",
    "expected_message",
    "remedy",
    "finding_id",
)
_BYTE_ORDER_MARK = "\ufeff"


def render(report: Report, options: Options) -> str:
    """The findings as RFC 4180 CSV: CRLF, the same number of fields in each row, one header row, sorted by place.

    Versions are written with their software (`docker 1.10.3`), since a bare 1.10 becomes 1.1 in a spreadsheet; other
    cells that would be read as numbers, dates or formulas begin with an apostrophe. `hosts` are separated by "; ".
    """
    import pandas as pd

    listed = [*report.findings, *(pulls(report) if options.show_all else ())]
    rows = [row for finding in sorted(listed, key=by_finding) for row in _rows(report, finding, options.per_host)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    text = table.to_csv(index=False, lineterminator="\r\n", quoting=QUOTE_MINIMAL)
    return (_BYTE_ORDER_MARK if options.bom else "") + text


def _rows(report: Report, finding: Finding, per_host: bool) -> Iterator[tuple[str | int, ...]]:
    for hosts in ((name,) for name in finding.hosts) if per_host and finding.hosts else (finding.hosts,):
        yield tuple(v if isinstance(v, int) else csv_cell(v) for v in _cells(report, finding, hosts))


def _cells(report: Report, finding: Finding, hosts: tuple[str, ...]) -> tuple[str | int, ...]:
    """The values in the order of COLUMNS."""
    occurrence, outcome, group = finding.occurrence, finding.outcome, finding.group
    reference, resolution = occurrence.reference, report.resolution(finding.occurrence)
    return (
        occurrence.file,
        occurrence.line,
        occurrence.column,
        occurrence.name,
        occurrence.role,
        occurrence.raw,
        reference.registry,
        reference.repository,
        reference.tag or "",
        reference.digest or "",
        resolution.manifest.media_type if resolution and resolution.manifest else "",
        _joined(hosts),
        len(hosts),
        group.engine.name if group else "",
        str(group.engine) if group else "",
        str(group.target) if group and group.target else "",
        finding.moment.value,
        finding.verdict.value,
        outcome.cause,
        outcome.message,
        finding.remedies[0] if finding.remedies else "",
        finding.id,
    )


def _joined(hosts: tuple[str, ...]) -> str:
    """All names, or as many as a cell holds and how many it does not."""
    text = "; ".join(hosts)
    if len(text) <= MAX_CELL:
        return text
    kept = text[: MAX_CELL - 60].rpartition("; ")[0]
    return f"{kept}; and {len(hosts) - kept.count('; ') - 1} more, see --per-host"


register(Format("csv", "CSV, for spreadsheets and tickets", (".csv",), render))
