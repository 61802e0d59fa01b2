"""GitHub annotations: workflow commands on stdout, which the runner turns into marks beside the lines.

Escaped as the runner reads them back: `actions/runner src/Runner.Common/ActionCommand.cs` (TryParseV2, UnescapeData,
UnescapeProperty). It shows 10 errors and 10 warnings of a step (the REST API's page on check runs: "GitHub Actions are
limited to 10 warning annotations and 10 error annotations per step"): the worst get them, the rest is in the log and in
the summary of the job.
"""

from collections.abc import Iterator

from planner.model.finding import Verdict
from planner.model.report import Report
from planner.model.source import Problem
from planner.report import markdown
from planner.report.ci.alerts import Alert, acceptance, alerts, headline, problem_head, problem_text, sentences, what
from planner.report.escape import visible
from planner.report.format import Format, Options, register
from planner.report.order import by_problem
from planner.report.since.words import sentence
from planner.report.words import plural, summary_line

MOST = 10  # of one kind


def render(report: Report, options: Options) -> str:
    """The summary as a notice, an annotation for each reference and cause, the worst first, and for each problem.

    Those beyond what GitHub shows are plain lines of the log, which no name in them makes a command. So is what is
    suppressed, and what can be tidied up.
    """
    found = alerts(report.findings, report.suppressed)
    errors = [alert for alert in found if alert.verdict is Verdict.BREAKS]
    problems = sorted(report.gaps, key=by_problem)
    others = [alert for alert in found if alert.verdict is not Verdict.BREAKS]
    # Half of the warnings at least are for problems, where there are so many.
    spare = max(MOST - len(others), MOST // 2)
    room = MOST - len(problems[:spare])
    marked = [_annotation(report, options, "error", alert) for alert in errors[:MOST]]
    marked += [_annotation(report, options, "warning", alert) for alert in others[:room]]
    marked += [_problem(options, problem) for problem in problems[:spare]]
    rest = [_plain(report, options, alert) for alert in (*errors[MOST:], *others[room:])]
    rest += [_unmarked(p) for p in problems[spare:]]
    aside = [_plain(report, options, alert) for alert in alerts(report.suppressed)]
    aside += [_unmarked(p) for p in sorted(report.advice, key=by_problem)]
    return "\n".join((*_summary(report, len(rest)), *marked, *rest, *aside)) + "\n"


def _summary(report: Report, unmarked: int) -> Iterator[str]:
    more = f"; {plural(unmarked, 'entry', 'entries')} below without an annotation of their own" if unmarked else ""
    yield _command("notice", summary_line(report) + more, title="planner")
    if count := len(report.suppressed):
        told = f"{plural(count, 'finding is', 'findings are')} suppressed: listed below, without an annotation"
        yield _command("notice", told, title="planner: suppressed")
    if report.since:
        told = "\n".join((sentence(report.since), *report.since.warnings))
        yield _command("notice", told, title="planner: since the last run")


def _annotation(report: Report, options: Options, command: str, alert: Alert) -> str:
    occurrence = alert.occurrence
    message = "\n".join((what(report, occurrence), *sentences(alert)))
    place = {"line": str(occurrence.line), "col": str(occurrence.column)}
    return _command(command, message, file=options.path(occurrence.file), **place, title=headline(report, alert))


def _problem(options: Options, problem: Problem) -> str:
    place = {"line": str(problem.line), "col": str(problem.column)} if problem.line else {}
    where = {"file": options.path(problem.subject), **place} if problem.about == "file" else {}
    return _command("warning", problem_text(problem), **where, title=problem_head(problem))


def _command(command: str, message: str, **properties: str) -> str:
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{command} {told}::{_data(message)}"


def _data(words: str) -> str:
    """Lines as the value of a command. In one that begins with `::` the runner looks for no older `##[command]`."""
    return "%0A".join(visible(line).replace("%", "%25") for line in words.split("\n"))


def _property(words: str) -> str:
    return visible(words).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def _plain(report: Report, options: Options, alert: Alert) -> str:
    occurrence = alert.occurrence
    place = f"{options.path(occurrence.file)}:{occurrence.line}:{occurrence.column}"
    accepted = [acceptance(alert)] if alert.is_suppressed else []
    return _log(": ".join((headline(report, alert), place, what(report, occurrence), *accepted)))


def _unmarked(problem: Problem) -> str:
    return _log(f"{problem_head(problem)}: {problem_text(problem)}")


def _log(words: str) -> str:
    """A line that is no command: those begin with `::` after blanks, the older ones have `##[` anywhere."""
    return "- " + visible(words).replace("##[", "## [")


register(Format("github", "GitHub annotations and job summary", (), render, render_summary=markdown.render))
