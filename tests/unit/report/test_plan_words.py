"""What steps and plans are called, and what the picture draws."""

from dataclasses import replace

import pytest

from planner.model.plan import Ceiling, Plan, Step, StepKind
from planner.model.reference import parse_reference
from planner.model.report import Report
from planner.report import PLAN_FORMATS, Options
from planner.report.format import register_plan
from planner.report.plan.picture import picture
from planner.report.plan.words import ceiling_line, is_downgrade, numbered, remarks, rings, sentence, title
from tests.support.runbook_example import (
    BLOCKED_ONLY,
    CEILINGS_ONLY,
    FEASIBLE,
    NOTHING,
    PLAN,
    PLANNED,
    STEPS,
    hostile,
    large,
)

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def _step(kind: StepKind, before: str, after: str, old: str = "", new: str = "") -> Step:
    one, other = (parse_reference(text) if text else None for text in (old, new))
    return Step(1, kind, ("a-1", "a-2"), before, after, "", old_reference=one, new_reference=other)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (_step(StepKind.UPGRADE, "docker 1.9.1", "docker 1.10.3"), "Upgrade a-[1:2] (2 hosts): docker 1.9.1 → 1.10.3"),
        (
            _step(StepKind.UPGRADE, "docker 29.0.0", "docker 28.1.1"),
            "Downgrade a-[1:2] (2 hosts): docker 29.0.0 → 28.1.1",
        ),
        (
            _step(StepKind.UPGRADE, "docker 24.0.0", "containerd 1.7.2"),
            "Upgrade a-[1:2] (2 hosts): docker 24.0.0 → containerd 1.7.2",
        ),
        (
            _step(StepKind.UPGRADE, "docker latest", "docker 29.0.0"),
            "Upgrade a-[1:2] (2 hosts): docker latest → docker 29.0.0",
        ),
        (_step(StepKind.SWITCH, "docker 28.2.0", "docker 28.2.0 with X, Y"), "Set X, Y on a-[1:2] (2 hosts)"),
        (_step(StepKind.SWITCH, "docker 28.2.0 with X, Y", "docker 28.2.0 with Y"), "Unset X on a-[1:2] (2 hosts)"),
        (_step(StepKind.SWITCH, "podman 5 with X", "podman 5 with Y"), "Unset X and set Y on a-[1:2] (2 hosts)"),
        (_step(StepKind.SWITCH, "this", "that"), "Change this into that on a-[1:2] (2 hosts)"),
        (
            _step(StepKind.UPGRADE, "docker 27.1.0", "docker 28.2.0 with X"),
            "Upgrade a-[1:2] (2 hosts): docker 27.1.0 → 28.2.0 with X",
        ),
        (
            _step(StepKind.REPIN, "", "", f"nginx@{A}", f"nginx@{B}"),
            "Re-pin nginx: sha256:aaaaaaaaaaaa… → sha256:bbbbbbbbbbbb…",
        ),
        (
            _step(StepKind.REPIN, "", "", f"nginx@{A}", "nginx:v2s2"),
            "Re-pin nginx: sha256:aaaaaaaaaaaa… → its copy v2s2",
        ),
        (
            _step(StepKind.REPIN, "", "", f"a.example/x@{A}", f"b.example/x@{B}"),
            "Re-pin x@sha256:aaaaaaaaaaaa… → b.example/x@sha256:bbbbbbbbbbbb…",
        ),
        (
            _step(StepKind.REPIN, "", "", f"a.example/x/y@{A}", "b.example/kept/x/y:oci"),
            "Re-pin x/y: sha256:aaaaaaaaaaaa… → its copy in b.example/kept",
        ),
        (_step(StepKind.REPIN, "this", "that"), "Re-pin this → that"),
        (_step(StepKind.CONVERT, "this", "that"), "Copy this as another form"),
    ],
)
def test_a_step_is_called_by_what_it_does(step: Step, said: str) -> None:
    assert title(step) == said


def test_steps_that_would_read_alike_name_their_registries() -> None:
    copies = [_step(StepKind.CONVERT, "", "", f"{host}.example/x/y@{A}") for host in ("a", "b")]
    other = _step(StepKind.CONVERT, "", "", f"a.example/x/z@{A}")
    ((one, two, alone),) = numbered(Plan(feasible=True, steps=(*copies, other)))
    assert one.title == "Copy a.example/x/y@sha256:aaaaaaaaaaaa… as another form"
    assert two.title == "Copy b.example/x/y@sha256:aaaaaaaaaaaa… as another form"
    assert alone.title == "Copy x/z@sha256:aaaaaaaaaaaa… as another form"


def test_a_downgrade_is_a_lower_version_of_the_same() -> None:
    assert is_downgrade(_step(StepKind.UPGRADE, "docker 1.10.3", "docker 1.9.1"))
    assert not is_downgrade(_step(StepKind.UPGRADE, "docker 9.0.0", "podman 4.0.0"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a bridge on the way", "A bridge on the way"),
        ("nothing, so far", "Nothing, so far"),
        ("quay.example/a fails", "quay.example/a fails"),
        ("`docker version` says", "`docker version` says"),
        ("20.10 cannot", "20.10 cannot"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_but_a_name_stays(text: str, said: str) -> None:
    assert sentence(text) == said


def test_what_sets_a_step_apart() -> None:
    assert remarks(STEPS[1]) == ["bridge"]
    assert remarks(STEPS[-1]) == ["not proven"]
    assert remarks(replace(STEPS[-1], backout="", ring=0)) == ["ring 0", "not proven", "no way back"]
    assert remarks(replace(STEPS[-1], unproven=())) == ["not proven"], "a pull alone is enough"


def test_the_order_of_rings() -> None:
    first, second, last = (replace(STEPS[1], ring=ring) for ring in (0, 1, None))
    assert rings([second, first]) == "ring 0 first, then ring 1"
    assert rings([last, second, first]) == "ring 0 first, then ring 1, then hosts without a ring"
    assert rings([first, STEPS[2]]) == "", "a copy waits for no ring, and no ring for it"
    assert rings([first, first]) == rings([last, last]) == ""


@pytest.mark.parametrize(
    ("ceiling", "said"),
    [
        (Ceiling(("a",), "docker 20.10.0", "docker 28.1.1", "docker 28.2.0"), "docker 20.10.0 can go up to 28.1.1"),
        (Ceiling(("a",), "docker 20.10.0", "docker 20.10.0", "docker 23.0.0"), "docker 20.10.0 stays where it is"),
        (Ceiling(("a",), "docker 20.10.0", "docker 29.7.2"), "docker 20.10.0 can go up to 29.7.2, the newest known"),
        (Ceiling(("a",), "docker 29.7.2", "docker 29.7.2"), "docker 29.7.2 is the newest known and pulls everything"),
        (Ceiling(("a",), "docker 31.0.0", ""), "docker 31.0.0: how far this can go is not known"),
    ],
)
def test_how_far_a_host_can_go(ceiling: Ceiling, said: str) -> None:
    assert ceiling_line(ceiling).startswith(said)


def test_hosts_that_go_the_same_way_share_a_lane() -> None:
    lanes = {lane.name: lane for lane in picture(PLAN).lanes}
    assert [s.label for s in lanes["bill-[01:03]"].stations] == ["1.10.3", "20.10.24"]
    assert [s.shape for s in lanes["billing/ledger"].stations] == ["convert", "repin"]
    assert [s.shape for s in lanes["node-[01:06]"].stations] == ["blocked"]
    assert lanes["node-[01:06]"].changed is None
    apart = replace(STEPS[1], hosts=STEPS[1].hosts[:1], wave=2)
    names = [lane.name for lane in picture(Plan(True, (STEPS[1], apart))).lanes]
    assert names == ["bill-01", "bill-[02:03]"]


def test_an_image_is_followed_from_pin_to_pin() -> None:
    one = _step(StepKind.REPIN, "", "", f"nginx@{A}", f"nginx@{B}")
    two = replace(_step(StepKind.REPIN, "", "", f"nginx@{B}", f"nginx@sha256:{'c' * 64}"), wave=2)
    (lane,) = picture(Plan(True, (one, two))).lanes
    assert [s.label for s in lane.stations] == ["bbbbbbbb…", "cccccccc…"]


def test_many_lanes_that_look_alike_become_one() -> None:
    plan = large().plan
    assert plan
    names = [lane.name for lane in picture(plan).lanes]
    assert names[-1] == "app/service-0 and 299 more alike"
    assert len(names) == 3


@pytest.mark.parametrize("name", sorted(PLAN_FORMATS))
@pytest.mark.parametrize(
    "report",
    [PLANNED, FEASIBLE, CEILINGS_ONLY, BLOCKED_ONLY, NOTHING, hostile()],
    ids=["full", "feasible", "ceilings", "blocked", "nothing", "hostile"],
)
def test_every_format_writes_every_plan_the_same_way_twice(name: str, report: Report) -> None:
    render = PLAN_FORMATS[name].render
    assert render(report, Options()) == render(report, Options())


def test_the_forms_for_people_are_there() -> None:
    assert {"html", "markdown", "terminal"} <= set(PLAN_FORMATS)
    assert PLAN_FORMATS["html"].suffixes == (".html", ".htm")
    assert PLAN_FORMATS["markdown"].suffixes == (".md",)
    with pytest.raises(ValueError, match="two formats"):
        register_plan(PLAN_FORMATS["html"])
