"""Every folder `suppress-*` and `since-*` beside this file: what counts, what somebody accepts, and what is new.

`planner scan inventory --offline registry.jsonl` must say what `expected.txt` does: a line for each finding, problem
and change, then the exit code. Where there is a `baseline.json`, the report is compared with it.
"""

import json
import os
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from planner.cli import app

HERE = Path(__file__).parent
FOLDERS = sorted([*HERE.glob("suppress-*"), *HERE.glob("since-*")])
SCHEMA = json.loads((HERE.parent / "report" / "report.schema.json").read_text("utf-8"))


def told(document: Any) -> Iterator[str]:
    places = {each["id"]: each for each in document["occurrences"]}
    for each in document["findings"]:
        place, by = places[each["occurrence"]], each["suppression"]
        whose = f"accepted by {by['file']}:{by['line']} until {by['expires']}" if by else "counts"
        met = f"{each['verdict']} {each['moment']} {each['cause']} on {', '.join(each['hosts']) or 'any'}"
        yield f"{place['file']}:{place['line']} {place['name']}: {met}: {whose}"
    for each in document["problems"]:
        where = each.get("file") or each.get("reference") or each.get("host")
        yield f"problem {where}:{each.get('line', 0)} {each['kind']}"
    since = document["since"]
    for each in since["changes"] if since else ():
        met = f"{each['verdict']} {' '.join(each['moments'])} {each['cause']}"
        more = f", more hosts: {', '.join(each['more_hosts'])}" if each["more_hosts"] else ""
        gone = f", gone: {each['gone']}" if each["gone"] else ""
        was = f", was {', '.join(old['verdict'] + ' ' + old['cause'] for old in each['was'])}" if each["was"] else ""
        yield f"{each['status']} {each['file']}:{each['line']} {each['name']}: {met}{more}{was}{gone}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_the_report_says_what_is_expected(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    compared = ["--baseline", "baseline.json", "--fail-on-new"] if (folder / "baseline.json").exists() else []
    arguments = ["scan", "inventory", "--offline", "registry.jsonl", "--no-cache", "--format", "json", *compared]
    result = CliRunner().invoke(app, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    document = json.loads(result.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["summary"]["suppressed"] == sum(bool(each["suppression"]) for each in document["findings"])
    actual = "".join(f"{line}\n" for line in [*told(document), f"exit {result.exit_code}"])
    expected = folder / "expected.txt"
    if os.environ.get("PLANNER_ACCEPT") == "1":
        expected.write_text(actual, "utf-8", newline="\n")
    wanted = expected.read_text("utf-8")
    if actual != wanted:
        difference = unified_diff(wanted.splitlines(), actual.splitlines(), "expected.txt", "planner", n=0, lineterm="")
        pytest.fail("\n".join([*difference, "", "./scripts/accept takes this as expected; read it first"]))
