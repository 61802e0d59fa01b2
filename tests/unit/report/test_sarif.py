"""SARIF against its schema, against what GitHub takes, and against names that nobody vouches for."""

import json
import re
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from planner.knowledge import load_knowledge
from planner.model.report import Report
from planner.report import FORMATS, Options, sarif
from planner.report.escape import relative_uri
from tests.support.ci_reports import ACCEPTED, HOSTILE, HOSTILE_ACCEPTED, SMALL, golden, rendered, unprintable
from tests.support.report_example import CLEAN, EMPTY, FINDINGS, OCCURRENCES, REPORT, WITHOUT_HOSTS, large

SCHEMA = json.loads((Path(__file__).parents[2] / "support/schemas/sarif-2.1.0-rtm.5.json").read_text())
URI = re.compile(r"(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})+")


def _run(report: Report) -> Any:
    document = json.loads(rendered("sarif", report))
    jsonschema.Draft4Validator(SCHEMA).validate(document)
    (run,) = document["runs"]
    return run


def _texts(value: Any) -> list[str]:
    """Every string of a document, keys too."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for each in pair for text in _texts(each)]
        case list():
            return [text for each in value for text in _texts(each)]
    return []


def test_the_golden_file() -> None:
    made = rendered("sarif", SMALL)
    assert golden("report.sarif", made) == made


@pytest.mark.parametrize(
    "report",
    [REPORT, WITHOUT_HOSTS, CLEAN, EMPTY, HOSTILE, ACCEPTED, HOSTILE_ACCEPTED],
    ids=["full", "no hosts", "clean", "empty", "hostile", "accepted", "hostile accepted"],
)
def test_it_is_what_the_schema_says(report: Report) -> None:
    run = _run(report)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [r["ruleId"] for r in run["results"]]
    assert len(set(rules)) == len(rules)


def test_the_schema_refuses_what_is_none() -> None:
    document = json.loads(rendered("sarif", REPORT))
    document["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate(document)


def test_the_level_follows_the_verdict() -> None:
    levels = {(r["properties"]["verdict"], r["level"]) for r in _run(REPORT)["results"]}
    assert levels == {("breaks", "error"), ("unknown", "warning"), ("at-risk", "warning")}


def test_every_finding_is_in_a_result() -> None:
    told = [id_ for result in _run(REPORT)["results"] for id_ in result["properties"]["findings"]]
    assert sorted(told) == sorted(f.id for f in FINDINGS)


def test_each_problem_is_a_notification() -> None:
    run = _run(REPORT)
    (invocation,) = run["invocations"]
    told = {n["descriptor"]["id"]: n for n in invocation["toolExecutionNotifications"]}
    assert set(told) == {"yaml-syntax", "denied", "unknown-version"}
    assert {note["level"] for note in told.values()} == {"error"}
    place = told["yaml-syntax"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "infra/deploy/old/compose.yml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "startColumn": 1}
    assert invocation["startTimeUtc"] == "2026-03-02T08:14:00Z"


def test_fingerprints_differ_in_a_run_and_are_the_same_in_the_next() -> None:
    made = _fingerprints(REPORT)
    moved = tuple(replace(f, occurrence=replace(f.occurrence, line=f.occurrence.line + 7)) for f in FINDINGS)
    assert sorted(made) == sorted(_fingerprints(replace(REPORT, findings=moved)))
    assert len(set(made)) == len(made)


def _fingerprints(report: Report) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in _run(report)["results"]]


def test_where_a_digest_is_used_is_related() -> None:
    used = replace(OCCURRENCES[2], file=".env", used_in="a b/compose.yml", used_at=(4, 9))
    (result,) = _run(replace(REPORT, findings=(replace(FINDINGS[2], occurrence=used),)))["results"]
    related = [place["physicalLocation"] for place in result["relatedLocations"]]
    assert [place["artifactLocation"]["uri"] for place in related] == ["infra/a%20b/compose.yml"] * 2
    assert [place["region"] for place in related] == [{"startLine": 4}, {"startLine": 9}]


def test_a_file_is_a_uri() -> None:
    assert relative_uri("a b/ü%.yml") == "a%20b/%C3%BC%25.yml"
    assert relative_uri("c:x/?#[]") == "c%3Ax/%3F%23%5B%5D"
    assert relative_uri("bytes\udcff") == "bytes%FF"
    assert relative_uri("lone\ud800") == "lone%3F"
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in _run(HOSTILE)["results"]]
    assert all(URI.fullmatch(uri) for uri in places)


def test_rules_have_all_that_github_asks_for() -> None:
    knowledge = load_knowledge()
    run = _run(replace(REPORT, causes=knowledge.causes, findings=()))
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == set(knowledge.causes)
    for rule in rules:
        assert len(rule["name"]) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1_024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1_024
        assert all(rule["help"][form] for form in ("text", "markdown"))
        assert len(rule["properties"]["tags"]) <= 10
        assert not re.search(r"[{]\w+[}]", json.dumps(rule["help"]))


def test_no_name_is_a_link_a_placeholder_or_invisible() -> None:
    run = _run(HOSTILE)
    assert not set.union(*map(unprintable, _texts(run)))
    messages = [r["message"]["text"] for r in run["results"]]
    messages += [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert not [text for text in messages if "](" in text or re.search(r"(?<![{])[{]\d+[}](?![}])", text)]
    assert max(map(len, messages)) < 5_000


def test_what_github_would_refuse_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 4)
    run = _run(REPORT)
    assert [result["level"] for result in run["results"]] == ["error"] * 4
    (note,) = [n for n in run["invocations"][0]["toolExecutionNotifications"] if n["descriptor"]["id"] == "left-out"]
    assert note["message"]["text"].startswith("6 results are left out")


def test_the_file_is_within_what_github_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    many = large(occurrences=900, hosts=4, groups=2)
    whole = FORMATS["sarif"].render(many, Options())
    limit = len(zlib.compress(whole.encode())) // 2
    monkeypatch.setattr(sarif, "MAX_BYTES", limit)
    monkeypatch.setattr(sarif, "_ROOM", limit // 3)
    text = FORMATS["sarif"].render(many, Options())
    assert len(zlib.compress(text.encode())) <= limit
    run = _run(many)
    assert 0 < len(run["results"]) < 900
    left = run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]
    assert left.startswith(f"{900 - len(run['results'])} results are left out")
