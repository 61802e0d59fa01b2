"""What a report means for the exit code."""

from planner.errors import ExitCode
from planner.model.finding import Verdict
from planner.model.report import Report

FAIL_ON = {
    "breaks": {Verdict.BREAKS},
    "at-risk": {Verdict.BREAKS, Verdict.AT_RISK},
    "unknown": {Verdict.BREAKS, Verdict.AT_RISK, Verdict.UNKNOWN},
    "never": set[Verdict](),
}


def exit_code(report: Report, fail_on: str, *, only_new: bool = False) -> ExitCode:
    """What the command returns: findings win over incomplete, incomplete over clean.

    `only_new`: of the findings, those count that an earlier report does not have. What could not be checked counts
    whatever that one says. A reference that no engine accepts breaks, and is neither new nor old.
    """
    if not report.occurrences and not report.gaps:
        return ExitCode.NOTHING
    verdicts = {finding.verdict for finding in report.findings}
    if report.refused and not (only_new or report.is_list):
        verdicts.add(Verdict.BREAKS)
    counting = {change.verdict for change in report.since.fresh} if only_new and report.since else verdicts
    if counting & FAIL_ON[fail_on]:
        return ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if report.gaps or Verdict.UNKNOWN in verdicts else ExitCode.CLEAN


def diff_code(report: Report, fail_on: str, *, only_new: bool) -> ExitCode:
    """What `planner diff` returns: whatever changed, 0, unless it is asked to fail on what is new."""
    verdicts = {change.verdict for change in report.since.fresh} if only_new and report.since else set[Verdict]()
    if verdicts & FAIL_ON[fail_on]:
        return ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if Verdict.UNKNOWN in verdicts else ExitCode.CLEAN


def plan_code(report: Report) -> ExitCode:
    """What `planner plan` returns: 1 where something is blocked, 3 where a step hangs on what nobody could check.

    4 where no image is pinned, or nobody is declared for whom to plan.
    """
    plan = report.plan
    if plan is None or not report.occurrences or not report.hosts:
        return ExitCode.INCOMPLETE if report.problems else ExitCode.NOTHING
    if plan.blocked:
        return ExitCode.FINDINGS
    is_proven = not (report.problems or any(step.unproven for step in plan.steps))
    return ExitCode.CLEAN if is_proven else ExitCode.INCOMPLETE
