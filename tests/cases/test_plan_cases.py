"""Every folder `plan-*` beside this file: a fleet with its targets, and the steps to them.

`planner plan inventory --offline registry.jsonl` must say what `expected.txt` does, one line for each step, and what it
says must hold: tests/support/replay.py carries the plan out with assess alone. `registry.jsonl` is made by
record_plans.py.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from planner.cli import app
from planner.knowledge import load_knowledge
from planner.model.plan import Plan, StepKind
from planner.model.report import Report
from planner.scan import scan
from tests.cases.record_plans import PLANS, recorded
from tests.support.replay import Facts, violations

FOLDERS = sorted(Path(__file__).parent.glob("plan-*"))
KNOWLEDGE = load_knowledge()
BY_NAME = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))


@dataclass(frozen=True)
class Ran:
    """One run of the command: what it returned and printed, and the report that it printed it from."""

    code: int
    printed: Mapping[str, Any]
    report: Report

    @property
    def plan(self) -> Plan:
        assert self.report.plan is not None
        return self.report.plan

    @property
    def facts(self) -> Facts:
        report = self.report
        return Facts(report.occurrences, report.resolutions, report.hosts, report.registries, KNOWLEDGE)


@cache
def ran(name: str) -> Ran:
    reports: list[Report] = []

    def listening(*arguments: Any) -> Report:
        reports.append(scan(*arguments))
        return reports[0]

    arguments = ["plan", "inventory", "--offline", "registry.jsonl", "--no-cache", "--format", "json"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(Path(__file__).parent / name)
        patch.setattr("planner.scan.scan", listening)
        result = CliRunner().invoke(app, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, json.loads(result.stdout), reports[0])


@BY_NAME
def test_the_plan_is_as_expected(folder: Path) -> None:
    done = ran(folder.name)
    actual = "".join(f"{line}\n" for line in [*told(done.printed), f"exit {done.code}"])
    expected = folder / "expected.txt"
    if os.environ.get("PLANNER_ACCEPT") == "1":
        expected.write_text(actual, "utf-8", newline="\n")
    wanted = expected.read_text("utf-8")
    if actual != wanted:
        difference = unified_diff(wanted.splitlines(), actual.splitlines(), "expected.txt", "planner", n=0, lineterm="")
        pytest.fail("\n".join([*difference, "", "./scripts/accept takes this as expected; read it first"]))


@BY_NAME
def test_no_pull_breaks_at_any_moment(folder: Path) -> None:
    done = ran(folder.name)
    assert violations(done.facts, done.plan) == []


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


def test_the_replay_sees_steps_in_a_wrong_order() -> None:
    facts, plan = ran("plan-bridge").facts, ran("plan-bridge").plan
    turned = [replace(step, wave=4 - step.wave) for step in plan.steps]
    found = violations(facts, replace(plan, steps=tuple(sorted(turned, key=lambda step: step.wave))))
    assert any("is pinned before it is made" in each for each in found)
    assert any("schema1-manifest" in each for each in found)


def test_the_replay_sees_two_steps_that_may_not_share_a_wave() -> None:
    facts, plan = ran("plan-registry-bridge").facts, ran("plan-registry-bridge").plan
    last = max(step.wave for step in plan.steps)
    together = tuple(replace(step, wave=last if step.kind is StepKind.REPIN else step.wave) for step in plan.steps)
    found = violations(facts, replace(plan, steps=together))
    assert found
    assert all("registry-cannot-serve" in each for each in found)


def test_the_replay_sees_a_copy_that_the_registry_does_not_take() -> None:
    facts, plan = ran("plan-registry-first").facts, ran("plan-registry-first").plan
    early = tuple(replace(step, wave=1 if step.kind is StepKind.CONVERT else step.wave) for step in plan.steps)
    found = violations(facts, replace(plan, steps=tuple(sorted(early, key=lambda step: step.wave))))
    assert [each.rpartition(": ")[2] for each in found] == ["the registry does not take it"]


def test_the_replay_sees_what_is_left_out() -> None:
    facts, plan = ran("plan-no-order").facts, ran("plan-no-order").plan
    found = violations(facts, replace(plan, blocked=plan.blocked[:1]))
    assert any("which is not told" in each for each in found)
    found = violations(facts, replace(plan, blocked=plan.blocked[1:]))
    assert any("and is not blocked" in each for each in found)
