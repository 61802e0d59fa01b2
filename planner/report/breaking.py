"""What the planned upgrade does to what breaks: the number that decides."""

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

    @property
    def turns(self) -> str:
        """`the upgrade mends 7 and breaks 5 more`; empty where it does neither."""
        parts = [f"mends {self.mended:,}"] if self.mended else []
        parts += [f"breaks {self.fresh:,} more"] if self.fresh else []
        return f"the upgrade {' and '.join(parts)}" if parts else ""


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
