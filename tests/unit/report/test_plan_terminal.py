"""The plan in the terminal: it fits, it is safe to print, and it says what to type next."""

import re
from dataclasses import replace

import pytest

from planner.model.plan import Plan, Step, StepKind
from planner.model.report import Report
from planner.report import PLAN_FORMATS, Options
from planner.report.plan.words import headline, numbered, summary_line
from tests.support.runbook_example import (
    BLOCKED,
    CEILINGS_ONLY,
    NOTES,
    NOTHING,
    PLAN,
    PLANNED,
    STEPS,
    hostile,
    large,
)


def _render(report: Report = PLANNED, *, width: int = 300, colour: bool = False, show_all: bool = False) -> str:
    return PLAN_FORMATS["terminal"].render(report, Options(width=width, colour=colour, show_all=show_all))


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("report_", [PLANNED, large(images=30)], ids=["full", "large"])
def test_lines_fit_unless_one_word_does_not(report_: Report, width: int) -> None:
    for line in _render(report_, width=width).splitlines():
        assert len(line) <= width or len(line.split()) <= 2


def test_the_answer_comes_first_and_each_step_has_a_line() -> None:
    lines = _render().splitlines()
    assert lines[:2] == [headline(PLANNED), summary_line(PLANNED)]
    for wave in numbered(PLAN):
        for each in wave:
            assert any(line.startswith(f"  {each.number} {each.title}") for line in lines)
    assert "Wave 3 (ring 0 first, then ring 1, then hosts without a ring)" in lines
    assert any(line.endswith("[not proven]") for line in lines)


def test_what_is_blocked_and_what_was_not_checked_is_told() -> None:
    text = _render()
    for blocked in BLOCKED:
        assert f"why: {blocked.why}" in text
        assert all(f"{'lifted by' if blocked.held else 'may help'}: {lift}" in text for lift in blocked.lifts)
        assert all(f"at: {o.file}:{o.line}:{o.column}" in text for o in blocked.occurrences)
    assert all(note in text for note in NOTES)
    assert all(problem.text in text for problem in PLANNED.problems)


def test_the_next_commands_are_those_that_the_plan_needs() -> None:
    last = [
        "  planner repin infra --map mapping.csv --wave 2",
        "  planner plan infra -o plan.html",
        "  After each wave, write into planner.toml what its hosts run now, then: planner scan infra",
    ]
    assert _render().splitlines()[-4:] == ["  planner convert infra --to REGISTRY/PREFIX --execute", *last]
    repins = Plan(True, tuple(step for step in STEPS if step.kind is StepKind.REPIN))
    assert _render(replace(PLANNED, plan=repins)).splitlines()[-4:] == [
        "  planner plan infra --format mapping -o mapping.csv",
        *last,
    ]
    assert _render(CEILINGS_ONLY).splitlines()[-2:] == ["Next", "  planner plan infra -o plan.html"]
    assert "planner plan 'my fleet; rm' -o" in _render(replace(CEILINGS_ONLY, root="my fleet; rm"))
    assert "Next" not in _render(NOTHING)


def test_the_place_of_the_copies_is_that_of_the_plan() -> None:
    # One of the copies lies beside its original, the other one elsewhere.
    beside, elsewhere = (step for step in STEPS if step.kind is StepKind.CONVERT)
    for step, said in ((beside, "convert infra --execute"), (elsewhere, "--to mirror.acme.example/planner --execute")):
        assert said in _render(replace(PLANNED, plan=Plan(True, (step,))))


def test_a_copy_that_waits_for_its_registry_is_not_made_next() -> None:
    copy = next(step for step in STEPS if step.kind is StepKind.CONVERT)
    assert copy.conversion
    registry = copy.conversion.destination.registry
    upgrade = Step(1, StepKind.REGISTRY_UPGRADE, (registry,), "distribution 2.2.1", "distribution 2.8.3", "target")
    repin = replace(copy, wave=3, kind=StepKind.REPIN, conversion=None)
    text = _render(replace(PLANNED, plan=Plan(True, (upgrade, replace(copy, wave=2), repin))))
    after = text[text.index("\nNext\n") :]
    assert "planner convert infra" not in after
    assert "planner repin" not in after
    assert f"{copy.conversion.destination} waits for wave 1, in which {registry} goes from" in after


def test_colours_only_help_and_nothing_else_is_an_escape() -> None:
    coloured = _render(colour=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == _render()
    for report in (PLANNED, hostile()):
        assert not {c for c in _render(report) if not c.isprintable()} - {"\n"}


def test_what_is_left_out_is_counted_and_all_shows_it() -> None:
    report = large(images=30)
    assert "… and 10 steps more; --all" in _render(report)
    assert "… and 47 places more; --all" in _render(report)
    assert "more;" not in _render(report, show_all=True)
    assert _render(report, show_all=True).count("\n  1.") == 30
    assert len(STEPS) == len(re.findall(r"\n  \d\.\d ", _render()))
