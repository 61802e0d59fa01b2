"""CSV: one row per finding (or per finding and host), for spreadsheets, tickets and pivot tables."""

from collections.abc import Iterable, Iterator, Mapping
from csv import QUOTE_MINIMAL

from planner.model.engine import Software
from planner.model.finding import Finding
from planner.model.host import Host
from planner.model.report import Report
from planner.report.escape import MAX_CELL, csv_cell
from planner.report.format import Format, Options, register
from planner.report.listing import csv_list
from planner.report.order import by_finding, pulls
from planner.report.words import accepted_by, few, unique

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
# Hosts whose engine or target was declared by the platform that ships it, by name.
Declared = Mapping[str, Host]


def render(report: Report, options: Options) -> str:
    """The findings as RFC 4180 CSV: CRLF, the same number of fields in each row, one header row, sorted by place.

    Versions are written with their software (`docker 1.10.3`), since a bare 1.10 becomes 1.1 in a spreadsheet; other
    cells that would be read as numbers, dates or formulas begin with an apostrophe. `hosts` are separated by "; ".
    A version that a platform ships has the platform behind it: `docker 26.1.5 (debian 13 docker.io)`. The remedy of a
    suppressed finding begins with `Suppressed by`.
    """
    import pandas as pd

    listed = [*report.every_finding, *(pulls(report) if options.show_all else ())]
    declared = {host.name: host for host in report.hosts if host.declared or host.declared_target}
    ordered = sorted(listed, key=by_finding)
    rows = [row for finding in ordered for row in _rows(report, declared, finding, options.per_host)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    text = table.to_csv(index=False, lineterminator="\r\n", quoting=QUOTE_MINIMAL)
    return (_BYTE_ORDER_MARK if options.bom else "") + text


def _rows(report: Report, declared: Declared, finding: Finding, per_host: bool) -> Iterator[tuple[str | int, ...]]:
    for hosts in ((name,) for name in finding.hosts) if per_host and finding.hosts else (finding.hosts,):
        yield tuple(v if isinstance(v, int) else csv_cell(v) for v in _cells(report, declared, finding, hosts))


def _cells(report: Report, declared: Declared, finding: Finding, hosts: tuple[str, ...]) -> tuple[str | int, ...]:
    """The values in the order of COLUMNS."""
    platforms = [declared[name] for name in hosts if name in declared]
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
        resolution.media_type if resolution else "",
        _joined(hosts),
        len(hosts),
        group.engine.name if group else "",
        _version(group.engine, (host.declared for host in platforms)) if group else "",
        _version(group.target, (host.declared_target for host in platforms)) if group and group.target else "",
        finding.moment.value,
        finding.verdict.value,
        outcome.cause,
        outcome.message,
        _remedy(finding),
        finding.id,
    )


def _remedy(finding: Finding) -> str:
    """What to do: nothing, of what is suppressed."""
    if finding.suppression:
        return f"Suppressed by {accepted_by(finding.suppression)}"
    return finding.remedies[0] if finding.remedies else ""


def _version(software: Software, platforms: Iterable[str]) -> str:
    told = few(unique(words for words in platforms if words))
    return f"{software} ({told})" if told else str(software)


def _joined(hosts: tuple[str, ...]) -> str:
    """All names, or as many as a cell holds and how many it does not."""
    text = "; ".join(hosts)
    if len(text) <= MAX_CELL:
        return text
    kept = text[: MAX_CELL - 60].rpartition("; ")[0]
    return f"{kept}; and {len(hosts) - kept.count('; ') - 1} more, see --per-host"


register(Format("csv", "CSV, for spreadsheets and tickets", (".csv",), render, csv_list))
