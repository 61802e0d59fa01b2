"""GitLab code quality, against what GitLab's own reader insists on."""

import json
from typing import Any

import jsonschema
import pytest

from planner.model.report import Report
from tests.support.ci_reports import HOSTILE, SMALL, golden, rendered, unprintable
from tests.support.report_example import CLEAN, EMPTY, PROBLEMS, REPORT, WITHOUT_HOSTS

# After gitlabhq/gitlabhq app/validators/json_schemas/codeclimate.json, with the path and the line that links need,
# and the severities of lib/gitlab/ci/reports/codequality_reports.rb.
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["blocker", "critical", "major", "minor", "info"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def _entries(report: Report) -> Any:
    entries = json.loads(rendered("gitlab", report))
    jsonschema.Draft202012Validator(SCHEMA).validate(entries)
    return entries


def test_the_golden_file() -> None:
    made = rendered("gitlab", SMALL)
    assert golden("gitlab.json", made) == made


@pytest.mark.parametrize(
    "report", [REPORT, WITHOUT_HOSTS, CLEAN, EMPTY, HOSTILE], ids=["full", "no hosts", "clean", "empty", "hostile"]
)
def test_gitlab_can_read_it(report: Report) -> None:
    entries = _entries(report)
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)


def test_the_severity_follows_the_verdict() -> None:
    told = [(entry["severity"], entry["description"].partition(":")[0]) for entry in _entries(REPORT)]
    assert set(told) == {
        ("blocker", "breaks today"),
        ("blocker", "breaks today and after the upgrade"),
        ("critical", "breaks after the upgrade"),
        ("major", "not checked today"),
        ("major", "not checked"),
        ("minor", "at risk today"),
    }


def test_each_problem_is_an_entry_with_a_path() -> None:
    told = {entry["check_name"]: entry["location"] for entry in _entries(REPORT)[-len(PROBLEMS) :]}
    assert told["yaml-syntax"] == {"path": "infra/deploy/old/compose.yml", "lines": {"begin": 3}}
    assert told["denied"] == told["unknown-version"] == {"path": "infra", "lines": {"begin": 1}}


def test_hostile_names_are_visible() -> None:
    for entry in _entries(HOSTILE):
        assert not unprintable(entry["description"])
        assert len(entry["description"]) < 6_000
