"""Every folder `plan-*` beside this file: a fleet with its targets, and the steps to them.

`planner plan inventory --offline registry.jsonl` must say what `expected.txt` does, one line for each step, and what it
says must hold: tests/support/replay.py carries the plan out with assess alone. `registry.jsonl` is made by
record_plans.py.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.cli import app
from planner.knowledge import load_knowledge
from planner.model.plan import Plan, StepKind
from planner.model.report import Report
from planner.resolve.opening import Opening
from planner.scan import PlanRequest, Request, scan
from tests.cases.record_plans import PLANS, recorded
from tests.support.replay import Facts, violations

FOLDERS = sorted(Path(__file__).parent.glob("plan-*"))
BY_NAME = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))


def planned(folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON report of the command."""
    monkeypatch.chdir(folder)
    arguments = ["plan", "inventory", "--offline", "registry.jsonl", "--format", "json"]
    result = CliRunner().invoke(app, arguments, env={"PLANNER_CACHE_DIR": str(home / "cache")})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, json.loads(result.stdout)


def report_of(folder: Path) -> Report:
    how = Opening(offline=folder / "registry.jsonl", cache=False)
    return scan(Request(folder / "inventory", how=how, plan=PlanRequest()), datetime(2026, 1, 1, tzinfo=UTC))


def facts_of(report: Report) -> Facts:
    return Facts(report.occurrences, report.resolutions, report.hosts, report.registries, load_knowledge())


@BY_NAME
def test_the_plan_is_as_expected(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, report = planned(folder, tmp_path, monkeypatch)
    actual = "".join(f"{line}\n" for line in [*told(report), f"exit {code}"])
    expected = folder / "expected.txt"
    if os.environ.get("PLANNER_ACCEPT") == "1":
        expected.write_text(actual, "utf-8", newline="\n")
    wanted = expected.read_text("utf-8")
    if actual != wanted:
        difference = unified_diff(wanted.splitlines(), actual.splitlines(), "expected.txt", "planner", n=0, lineterm="")
        pytest.fail("\n".join([*difference, "", "./scripts/accept takes this as expected; read it first"]))


@BY_NAME
def test_no_pull_breaks_at_any_moment(folder: Path) -> None:
    report = report_of(folder)
    assert report.plan is not None
    assert violations(facts_of(report), report.plan) == []


@BY_NAME
def test_the_recorded_registry_is_made_by_record_plans(folder: Path) -> None:
    made = recorded(folder.name.removeprefix("plan-"))
    assert (folder / "registry.jsonl").read_text("utf-8") == made, "run: python -m tests.cases.record_plans"


def test_every_recording_has_its_folder() -> None:
    assert {folder.name.removeprefix("plan-") for folder in FOLDERS} == set(PLANS)


def told(report: Mapping[str, Any]) -> Iterator[str]:
    """The plan in a few lines, with digests cut short."""
    places = {each["id"]: f"{each['file']}:{each['line']}" for each in report["occurrences"]}
    plan = report["plan"]
    for step in plan["steps"]:
        marks = [f"ring {step['ring']}"] if step["ring"] is not None else []
        marks += [word for word, is_set in (("bridge", step["bridge"]), ("no way back", not step["backout"])) if is_set]
        at = [f"at {', '.join(places[each] for each in step['occurrences'])}"] if step["occurrences"] else []
        words = (str(step["wave"]), step["kind"], ",".join(step["hosts"]), f"{step['from']} -> {step['to']}", *at)
        yield _short(" ".join((*words, *(f"[{mark}]" for mark in marks))))
        yield from (_short(f"  not proven: {each}") for each in step["unproven"])
    for blocked in plan["blocked"]:
        yield f"blocked {','.join(blocked['hosts'])} {blocked['held'] or 'stays broken'}: {blocked['cause']}"
        yield _short(f"  {blocked['why']}")
        yield from (_short(f"  lifted: {lift}") for lift in blocked["lifts"])
    for each in plan["ceilings"]:
        obstacles = ", ".join(f"{places[o['occurrence']]} {o['cause']}" for o in each["obstacles"])
        then = f"; {each['next']}: {obstacles}" if each["next"] else ""
        yield f"ceiling {','.join(each['hosts'])} {each['now']} -> {each['newest']}{then}"
    yield from (f"note {note}" for note in plan["notes"])


def _short(text: str) -> str:
    """The same with twelve digits of each digest."""
    head, *rest = text.split("sha256:")
    return head + "".join(f"sha256:{part[:12]}{part[64:]}" for part in rest)


def case(name: str) -> tuple[Facts, Plan]:
    report = report_of(Path(__file__).parent / f"plan-{name}")
    assert report.plan is not None
    return facts_of(report), report.plan


def test_the_replay_sees_steps_in_a_wrong_order() -> None:
    facts, plan = case("bridge")
    turned = [replace(step, wave=4 - step.wave) for step in plan.steps]
    found = violations(facts, replace(plan, steps=tuple(sorted(turned, key=lambda step: step.wave))))
    assert any("is pinned before it is made" in each for each in found)
    assert any("schema1-manifest" in each for each in found)


def test_the_replay_sees_two_steps_that_may_not_share_a_wave() -> None:
    facts, plan = case("registry-bridge")
    last = max(step.wave for step in plan.steps)
    together = tuple(replace(step, wave=last if step.kind is StepKind.REPIN else step.wave) for step in plan.steps)
    found = violations(facts, replace(plan, steps=together))
    assert found
    assert all("registry-cannot-serve" in each for each in found)


def test_the_replay_sees_a_copy_that_the_registry_does_not_take() -> None:
    facts, plan = case("registry-first")
    early = tuple(replace(step, wave=1 if step.kind is StepKind.CONVERT else step.wave) for step in plan.steps)
    found = violations(facts, replace(plan, steps=tuple(sorted(early, key=lambda step: step.wave))))
    assert [each.rpartition(": ")[2] for each in found] == ["the registry does not take it"]


def test_the_replay_sees_what_is_left_out() -> None:
    facts, plan = case("no-order")
    found = violations(facts, replace(plan, blocked=plan.blocked[:1]))
    assert any("which is not told" in each for each in found)
    found = violations(facts, replace(plan, blocked=plan.blocked[1:]))
    assert any("and is not blocked" in each for each in found)
