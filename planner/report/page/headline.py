"""The answer of a report in one sentence."""

from planner.model.finding import Verdict
from planner.model.report import Report
from planner.report import words
from planner.report.breaking import Breaking


def headline(report: Report, found: Breaking) -> str:
    """The answer in one sentence."""
    if not report.refused:
        return _headline(report, found)
    if found.now or found.after:
        return f"{_headline(report, found)}; {words.refused_line(report)}"
    count = len(report.refused)
    refused = f"{words.plural(count, 'pinned image')} {'is no reference' if count == 1 else 'are no references'}"
    return f"{refused} that an engine accepts; nothing else is known to break"


def _headline(report: Report, found: Breaking) -> str:
    total = words.plural(len(report.occurrences), "reference")
    now = f"{found.now:,} of {total} {'breaks' if found.now == 1 else 'break'}"
    if not report.hosts and report.occurrences:
        what = f"{now} whatever the engine" if found.now else "No host is declared"
        return f"{what}: these are the versions that pull each image" if report.windows else what
    if not found.now:
        nothing = "Nothing breaks today" if found.is_sure[0] else "Nothing is known to break today"
        later = f"{nothing}, {found.after:,} of {total} will after the upgrade"
        return later if found.after else _nothing_breaks(report)
    if not found.after:
        none = ", none after the upgrade" if found.is_sure[1] else ", none is known to after the upgrade"
        return f"{now} today" + (none if words.upgrades(report) else "")
    turns = [f"mends {found.mended:,}"] if found.mended else []
    turns += [f"breaks {found.fresh:,} more"] if found.fresh else []
    return f"{now} today" + (
        f"; the upgrade {' and '.join(turns)}" if turns else f", {found.after:,} after the upgrade"
    )


def _nothing_breaks(report: Report) -> str:
    """Good news, no better than what was looked at."""
    but = ", but for what is suppressed" if report.suppressed else ""
    if words.unchecked(report) or report.gaps:
        return f"Nothing breaks{but}, as far as could be checked"
    if not report.occurrences:
        return "No image reference was found"
    if risky := len({f.occurrence.id for f in report.findings if f.verdict is Verdict.AT_RISK}):
        return f"Nothing breaks{but}, but {words.plural(risky, 'reference is', 'references are')} at risk"
    return f"Every image that a declared host runs pulls{but}"
