"""SARIF 2.1.0: alerts for GitHub code scanning and whatever else reads static analysis results.

Made so that GitHub takes it whole. The limits, and where each is known from:

- 25,000 results a run, one run: `github/docs data/reusables/code-scanning/sarif-limits.md` (20 runs, 25,000 rules, 20
  tags a rule, 1,000 locations a result; no more than these are ever written).
- 10 MB once compressed with gzip: `github/docs sarif-support-for-code-scanning.md: Validating your SARIF file`.
- `name` 255, `shortDescription` and `fullDescription` 1,024 characters: the same page, reportingDescriptor object.
- Of `partialFingerprints` only `primaryLocationLineHash` is used: the same page, result object.
- `suppressions` are not heeded, each result is an open alert: github/codeql-action#1230.
"""

import json
import re
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from planner.model.finding import Verdict
from planner.model.occurrence import Occurrence
from planner.model.report import Cause, Report
from planner.model.source import Problem
from planner.report.ci.alerts import (
    Alert,
    alerts,
    headline,
    problem_text,
    problem_title,
    sentences,
    suppressed_alerts,
    what,
)
from planner.report.ci.marks import prose, text
from planner.report.escape import cut, relative_uri, visible
from planner.report.format import Format, Options, register
from planner.report.order import by_problem
from planner.report.since.baseline import State, states
from planner.report.words import summary_line

Object = dict[str, Any]

MAX_RESULTS = 25_000
MAX_BYTES = 10_000_000
_MAX_NAME = 255
_MAX_DESCRIPTION = 1_024
# Below this a text is within MAX_BYTES without being compressed to see.
_ROOM = 100_000  # for what is not a result
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
# A result of kind "open" would say of `unknown` what it is, but must have the level "none", which GitHub does not show.
_LEVELS = {Verdict.BREAKS: "error", Verdict.UNKNOWN: "warning", Verdict.AT_RISK: "warning", Verdict.PULLS: "none"}
# Of what is suppressed: an "error" would fail the check of a pull request, since GitHub takes it for one that counts.
_ACCEPTED = "note"
_WORD = re.compile(r"[{](\w+)[}]")


def render(report: Report, options: Options) -> str:
    """One run with a result for each reference and cause, the worst first, and a notification for each problem.

    What is suppressed comes last. Of a cause that is suppressed for some hosts of a reference alone, the result counts
    and names them: one more at the same place would have the other dismissed by those who go by rule and place.
    What is beyond the limits is left out from the end, and a notification says how much.
    """
    found = [*alerts(report.findings, report.suppressed), *suppressed_alerts(report)]
    rules = _rules(report, found)
    position = {rule["id"]: n for n, rule in enumerate(rules)}
    state = states(report)
    results = [json.dumps(_result(report, options, each, position, state(each))) for each in found[:MAX_RESULTS]]
    kept = _fitting(results)
    run: Object = {
        "tool": {"driver": _driver(report, rules)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The top of the repository that was scanned."}}},
        "invocations": [_invocation(report, options, len(found) - kept)],
        "properties": {"summary": _message(summary_line(report)), "root": visible(report.root)},
    }
    members = [f'"{name}": {json.dumps(value)}' for name, value in run.items()]
    listed = "[\n" + ",\n".join(results[:kept]) + "\n]" if kept else "[]"
    members.append(f'"results": {listed}')
    return f'{{\n"$schema": "{_SCHEMA}",\n"version": "2.1.0",\n"runs": [{{\n' + ",\n".join(members) + "\n}]\n}\n"


def _fitting(results: Sequence[str]) -> int:
    """How many of the results, from the first, are within MAX_BYTES once compressed."""
    kept = len(results)
    while kept and sum(map(len, results[:kept])) > MAX_BYTES - _ROOM:
        if len(zlib.compress("\n".join(results[:kept]).encode())) <= MAX_BYTES - _ROOM:
            break
        kept = kept * 3 // 4
    return kept


def _driver(report: Report, rules: list[Object]) -> Object:
    kinds = sorted({problem.kind for problem in report.problems})
    return {
        "name": "planner",
        "version": report.provenance.version,
        "rules": rules,
        "notifications": [{"id": kind} for kind in (*kinds, "left-out")],
    }


def _rules(report: Report, found: Sequence[Alert]) -> list[Object]:
    """All causes that planner knows, met or not: GitHub expects the same rules of each run."""
    known = dict(report.causes)
    for alert in found:
        known.setdefault(alert.rule, Cause(alert.rule, alert.rule.replace("-", " "), "", ()))
    return [_rule(known[id_]) for id_ in sorted(known)]


def _rule(cause: Cause) -> Object:
    title = visible(f"{cause.title[:1].upper()}{cause.title[1:]}")
    explanation = visible(cause.explanation) or title
    # {reference} and the like stand for what differs from result to result.
    ways = [_WORD.sub(lambda word: word[1].upper(), visible(remedy)) for remedy in cause.remedies]
    plain = [explanation, *(f"- {way}" for way in ways)]
    marked = [text(explanation), "", *(f"- {prose(way)}" for way in ways)]
    return {
        "id": cause.id,
        "name": cut("".join(word.capitalize() for word in re.findall(r"\w+", cause.id)), _MAX_NAME),
        "shortDescription": {"text": cut(_message(title), _MAX_DESCRIPTION)},
        "fullDescription": {"text": cut(_message(explanation), _MAX_DESCRIPTION)},
        "help": {"text": _message("\n".join(plain)), "markdown": "\n".join(marked).rstrip()},
        "properties": {"tags": ["container-image", "pull-by-digest"]},
    }


def _result(report: Report, options: Options, alert: Alert, position: dict[str, int], state: State | None) -> Object:
    occurrence = alert.occurrence
    title = headline(report, alert)
    # GitHub shows the first sentence where there is little room.
    told = [f"{title[:1].upper()}{title[1:]}.", what(report, occurrence), *sentences(alert)]
    result: Object = {
        "ruleId": alert.rule,
        "ruleIndex": position[alert.rule],
        "level": _ACCEPTED if alert.is_suppressed else _LEVELS[alert.verdict],
        "message": {"text": _message("\n".join(told))},
        "locations": [_location(options.path(occurrence.file), occurrence.line, occurrence.column)],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{alert.fingerprint}:1",
            "plannerAlert/v1": alert.fingerprint,
        },
        "properties": {"verdict": alert.verdict.value, "findings": [f.id for f in alert.findings[:100]]},
    }
    if used := _used(options, occurrence):
        result["relatedLocations"] = used
    if state:
        result["baselineState"] = state.value
    if alert.is_suppressed:
        result["suppressions"] = _suppressions(options, alert)
    if alert.accepted:
        result["properties"]["suppressed"] = [f.id for f in alert.accepted[:100]]
    return result


def _suppressions(options: Options, alert: Alert) -> list[Object]:
    made: list[Object] = []
    for told in alert.suppressions:
        reason = cut(visible(told.reason), _MAX_DESCRIPTION)
        each: Object = {"kind": "external", "status": "accepted", "justification": _message(reason)}
        # Comments are for the references of their own file, planner.toml has none.
        if told.file == alert.occurrence.file:
            each |= {"kind": "inSource", "location": _location(options.path(told.file), told.line, 0)}
        if each not in made:  # the schema takes no two that are alike
            made.append(each)
    return made


def _used(options: Options, occurrence: Occurrence) -> list[Object]:
    """Where a digest that stands elsewhere is used; an occurrence has at most 100 such lines."""
    file = occurrence.used_in or occurrence.file
    lines = occurrence.used_at or ((0,) if occurrence.used_in else ())
    return [
        {"id": n, **_location(options.path(file), line, 0), "message": {"text": "The digest is used here."}}
        for n, line in enumerate(lines, 1)
    ]


def _location(path: str, line: int, column: int) -> Object:
    place: Object = {"artifactLocation": {"uri": relative_uri(path), "uriBaseId": _ROOT}}
    if line:
        place["region"] = {"startLine": line} | ({"startColumn": column} if column else {})
    return {"physicalLocation": place}


def _invocation(report: Report, options: Options, left_out: int) -> Object:
    """That planner ran to its end, when, and what it could not read or check."""
    notes = [_notification(options, problem) for problem in sorted(report.problems, key=by_problem)]
    if left_out:
        told = (
            f"{left_out:,} results are left out, since GitHub takes {MAX_RESULTS:,} and 10 MB; what is here is the "
            "worst. The JSON report has all; scan folder by folder for SARIF of all."
        )
        notes.append({"descriptor": {"id": "left-out"}, "level": "error", "message": {"text": told}})
    invocation: Object = {"executionSuccessful": True, "toolExecutionNotifications": notes}
    if started := _utc(report.provenance.started):
        invocation["startTimeUtc"] = started
    return invocation


def _notification(options: Options, problem: Problem) -> Object:
    """Level "error", which SARIF has for what makes results incomplete (2.1.0, 3.58.6), "note" for what does not."""
    note: Object = {
        "descriptor": {"id": problem.kind},
        "level": "note" if problem.is_advice else "error",
        "message": {"text": _message(f"{problem_title(problem)}: {problem_text(problem)}")},
    }
    if problem.about == "file":
        note["locations"] = [_location(options.path(problem.subject), problem.line, problem.column)]
    return note


def _message(words: str) -> str:
    """Words in which nothing is a link or a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6).

    The standard wants every brace doubled; only those of a would-be placeholder are, since viewers that look for
    nothing else would show the others double.
    """
    return re.sub(r"[{](\d+)[}]", r"{{\1}}", words.replace("](", "] ("))


def _utc(started: str) -> str:
    """A time with zone as SARIF wants it; empty for what is none."""
    try:
        when = datetime.fromisoformat(started)
    except ValueError:
        return ""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if when.tzinfo else ""


register(Format("sarif", "SARIF 2.1.0, for GitHub code scanning", (".sarif",), render))
