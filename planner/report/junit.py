"""JUnit XML: each pull as a test, for the test views of GitLab, Jenkins, Azure Pipelines and others.

What GitLab reads: `gitlabhq/gitlabhq doc/ci/testing/unit_test_reports.md` (of tests with one name only the first).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape

from planner.model.finding import Finding, Verdict
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.report import Report
from planner.report import words
from planner.report.ci.alerts import acceptance, alerts, headline, image, problem_text, problem_title, sentences
from planner.report.escape import cut, visible
from planner.report.format import Format, Options, register
from planner.report.order import by_place, by_problem

# What could not be checked is an error, never a success; what pulls still, though at risk, fails nothing but is seen.
_ELEMENTS = {Verdict.BREAKS: "failure", Verdict.UNKNOWN: "error", Verdict.AT_RISK: "skipped"}
_MAX_NAME = 300
_NO_HOSTS = "not checked: no host is declared; the HTML and JSON reports have the versions that pull it"
_IDLE = "not checked: run by no declared host"


@dataclass(frozen=True, slots=True)
class _Test:
    """A test case; `element` is that of its result, empty where it passed; `path` is empty where it is of no file."""

    group: str
    name: str
    path: str = ""
    line: int = 0
    element: str = ""
    kind: str = ""
    message: str = ""
    body: str = ""


def render(report: Report, options: Options) -> str:
    """A suite for today, one for after the upgrade where one is planned, and one for problems.

    A suite has a test for each reference: it fails if the pull breaks, is an error if it could not be checked, and
    counts as skipped if it is at risk, what is wrong with it is suppressed, or no declared host runs it.
    A problem is an error, but skipped where it is only something to tidy up.
    """
    moments = Moment if words.upgrades(report) else (Moment.NOW,)
    suites = [(f"pulls {words.WHEN[moment]}", list(_pulls(report, options, moment))) for moment in moments]
    if report.problems:
        suites.append(("problems", list(_problems(report, options))))
    every = [test for _, tests in suites for test in tests]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{_attributes(name='planner', **_counts(every))}>"]
    for name, tests in suites:
        lines.append(f"  <testsuite{_attributes(name=name, **_counts(tests))}>")
        lines += map(_case, _apart(tests))
        lines.append("  </testsuite>")
    return "\n".join((*lines, "</testsuites>")) + "\n"


def _pulls(report: Report, options: Options, moment: Moment) -> Iterator[_Test]:
    met: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.every_finding:
        if report.holds(finding, moment):
            met[finding.occurrence.id].append(replace(finding, moment=moment))
    for occurrence in sorted(report.occurrences, key=by_place):
        name = f"{words.WHEN[moment]}: {image(occurrence)}"
        path = options.path(occurrence.file)
        yield _Test(path, name, path, occurrence.line, *_result(report, occurrence, met.get(occurrence.id, [])))


def _result(report: Report, occurrence: Occurrence, met: list[Finding]) -> tuple[str, str, str, str]:
    """Element, kind, message and body of the result of one reference; all empty where it pulls."""
    accepted = [f for f in met if f.suppression]
    found = alerts((f for f in met if not f.suppression), accepted)
    counted = {alert.cause for alert in found}
    suppressed = alerts(f for f in accepted if f.outcome.cause not in counted)
    body = "\n\n".join("\n".join((headline(report, alert), *sentences(alert))) for alert in (*found, *suppressed))
    if found:
        worst = found[0]
        return _ELEMENTS[worst.verdict], worst.rule, headline(report, worst), body
    if suppressed:
        first = suppressed[0]
        return "skipped", first.rule, f"{headline(report, first)}: {acceptance(first)}", body
    if report.runners.get(occurrence.id):
        return "", "", "", ""
    return "skipped", "not-run", _IDLE if report.hosts else _NO_HOSTS, ""


def _problems(report: Report, options: Options) -> Iterator[_Test]:
    for problem in sorted(report.problems, key=by_problem):
        path = options.path(problem.subject) if problem.about == "file" else ""
        text = problem_text(problem)
        element = "skipped" if problem.is_advice else "error"
        yield _Test("problems", problem_title(problem), path, problem.line, element, problem.kind, text)


def _apart(tests: Iterable[_Test]) -> Iterator[_Test]:
    """The tests, each with a name that no other of its group has."""
    taken: set[tuple[str, str]] = set()
    seen: Counter[tuple[str, str]] = Counter()
    for test in tests:
        group, name = (cut(visible(each), _MAX_NAME) for each in (test.group, test.name))
        own = name
        while (group, own) in taken:
            seen[group, name] += 1
            own = f"{name} (no. {seen[group, name] + 1})"
        taken.add((group, own))
        yield replace(test, group=group, name=own)


def _counts(tests: list[_Test]) -> dict[str, str]:
    counts = Counter(test.element for test in tests)
    return {
        "tests": str(len(tests)),
        "failures": str(counts["failure"]),
        "errors": str(counts["error"]),
        "skipped": str(counts["skipped"]),
        "time": "0",
    }


def _case(test: _Test) -> str:
    place = {"file": test.path, "line": str(test.line or "")}
    head = f"    <testcase{_attributes(classname=test.group, name=test.name, **place, time='0')}"
    if not test.element:
        return f"{head}/>"
    result = f"<{test.element}{_attributes(type=test.kind, message=test.message)}"
    body = "\n".join(map(_text, (test.body or test.message).split("\n")))
    return f"{head}>\n      {result}>{body}</{test.element}>\n    </testcase>"


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{_text(value)}"' for name, value in values.items() if value)


def _text(words_: str) -> str:
    """A line of XML 1.0, which has no way to write most control characters: they are spelled out."""
    return escape(visible(words_))


register(Format("junit", "JUnit XML, for the test view of a CI system", (".xml",), render))
