"""The answer of a report in one sentence."""

from planner.model.finding import Verdict
from planner.model.report import Report
from planner.report import words


def headline(report: Report, now: int, after: int) -> str:
    """The answer in one sentence, for so many references that break today and after the upgrade."""
    after = after if words.upgrades(report) else 0
    total = words.plural(len(report.occurrences), "reference")
    verb = "breaks" if now == 1 else "break"
    match now, after:
        case _ if not report.hosts and report.occurrences:
            what = f"{now:,} of {total} {verb} whatever the engine" if now else "No host is declared"
            return f"{what}: these are the versions that pull each image" if report.windows else what
        case 0, 0:
            return _nothing_breaks(report)
        case 0, _:
            return f"Nothing breaks today, {after:,} of {total} will after the upgrade"
        case _, 0:
            return f"{now:,} of {total} {verb} today" + (", none after the upgrade" if words.upgrades(report) else "")
        case _:
            return f"{now:,} of {total} {verb} today, {after:,} after the upgrade"


def _nothing_breaks(report: Report) -> str:
    """Good news, no better than what was looked at."""
    but = ", but for what is suppressed" if report.suppressed else ""
    if words.unchecked(report) or report.problems:
        return f"Nothing breaks{but}, as far as could be checked"
    if not report.occurrences:
        return "No image reference was found"
    if risky := len({f.occurrence.id for f in report.findings if f.verdict is Verdict.AT_RISK}):
        return f"Nothing breaks{but}, but {words.plural(risky, 'reference is', 'references are')} at risk"
    return f"Every image that a declared host runs pulls{but}"
