"""GitLab code quality: a JSON list for the widget of merge requests and the marks beside changed lines.

Each entry has what GitLab's own schema asks for, `gitlabhq/gitlabhq app/validators/json_schemas/codeclimate.json`: the
first one without makes it drop all that follow (`lib/gitlab/ci/parsers/codequality/code_climate.rb`). It takes entries
of one fingerprint for one, and knows the severities blocker, critical, major, minor and info
(`lib/gitlab/ci/reports/codequality_reports.rb`).
"""

import json
from typing import Any

from planner.model.finding import Verdict
from planner.model.report import Report
from planner.model.source import Problem
from planner.report.ci.alerts import (
    Alert,
    alerts,
    headline,
    problem_fingerprint,
    problem_head,
    problem_text,
    sentences,
    what,
)
from planner.report.format import Format, Options, register
from planner.report.order import by_problem

Object = dict[str, Any]

# `unknown` is above what is known to work: nobody knows what it hides.
_SEVERITIES = {Verdict.BREAKS: "critical", Verdict.UNKNOWN: "major", Verdict.AT_RISK: "minor", Verdict.PULLS: "info"}
_BREAKS_TODAY = "blocker"
_PROBLEM = "major"
_ADVICE = "info"
# GitLab wants a path for all; what is about a host or a registry is about the whole scan.
_NO_FILE = "."


def render(report: Report, options: Options) -> str:
    """An entry for each reference and cause, the worst first, and for each problem, one a line.

    GitLab knows nothing that is there and accepted: what is suppressed as a whole is left out.
    """
    entries = [_alert(report, options, alert) for alert in alerts(report.findings, report.suppressed)]
    problems = {problem_fingerprint(problem): problem for problem in sorted(report.problems, key=by_problem)}
    entries += [_problem(options, fingerprint, problem) for fingerprint, problem in problems.items()]
    return "[\n" + ",\n".join(map(json.dumps, entries)) + "\n]\n" if entries else "[]\n"


def _alert(report: Report, options: Options, alert: Alert) -> Object:
    occurrence = alert.occurrence
    severity = _SEVERITIES[alert.verdict]
    return {
        "description": "; ".join((headline(report, alert), what(report, occurrence), *sentences(alert))),
        "check_name": alert.rule,
        "fingerprint": alert.fingerprint,
        "severity": _BREAKS_TODAY if alert.verdict is Verdict.BREAKS and alert.is_today else severity,
        "location": _location(options.path(occurrence.file), occurrence.line),
    }


def _problem(options: Options, fingerprint: str, problem: Problem) -> Object:
    path = options.path(problem.subject) if problem.about == "file" else options.base or _NO_FILE
    return {
        "description": f"{problem_head(problem)}: {problem_text(problem)}",
        "check_name": problem.kind,
        "fingerprint": fingerprint,
        "severity": _ADVICE if problem.is_advice else _PROBLEM,
        "location": _location(path, problem.line),
    }


def _location(path: str, line: int) -> Object:
    return {"path": path, "lines": {"begin": line or 1}}


register(Format("gitlab", "GitLab code quality, for merge requests", (), render))
