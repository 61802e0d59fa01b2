"""The answer of a report in one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.model.finding import Verdict
from planner.model.moment import Moment
from planner.model.report import Report
from planner.report import words


@dataclass(frozen=True, slots=True)
class Breaking:
    """How many references break `now` and `after` the upgrade; `fresh` pull today, `mended` pull after it.

    `is_sure` says of both moments whether all else is known to pull, nothing being unknown or suppressed.
    """

    now: int
    after: int
    fresh: int
    mended: int
    is_sure: tuple[bool, bool]


def breaking(report: Report) -> Breaking:
    """The references that break, by what the planned upgrade does to them; nothing is `after` where none is planned."""
    now, after = report.worst(Moment.NOW), report.worst(Moment.AFTER)
    before, later = _broken(now), _broken(after) if words.upgrades(report) else set()
    pull = (Verdict.PULLS, Verdict.AT_RISK)
    return Breaking(
        now=len(before),
        after=len(later),
        fresh=sum(now.get(id_) in pull for id_ in later),
        mended=sum(after.get(id_) in pull for id_ in before) if words.upgrades(report) else 0,
        is_sure=(_is_sure(report, Moment.NOW, now), _is_sure(report, Moment.AFTER, after)),
    )


def _broken(worst: Mapping[str, Verdict]) -> set[str]:
    return {id_ for id_, verdict in worst.items() if verdict is Verdict.BREAKS}


def _is_sure(report: Report, moment: Moment, worst: Mapping[str, Verdict]) -> bool:
    accepted = any(f.verdict is Verdict.BREAKS and report.holds(f, moment) for f in report.suppressed)
    return not (accepted or report.gaps or Verdict.UNKNOWN in worst.values() or words.idle(report))


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
