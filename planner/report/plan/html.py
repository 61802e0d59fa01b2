"""HTML of a plan: one page to read on a screen or print as a runbook; no scripts, nothing asked of the network."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from planner.model.occurrence import Occurrence
from planner.model.plan import Plan, StepKind
from planner.model.report import Report
from planner.report import words
from planner.report.format import Format, Options, register_plan
from planner.report.html import STYLES
from planner.report.order import by_place, by_problem
from planner.report.page.templates import breakable, own_files, prose, template
from planner.report.plan import words as plan_words
from planner.report.plan.hosts import count, folded, long_lists, some
from planner.report.plan.picture import HEADER, LABEL, ROW, picture

# Beyond these the page folds away or counts what is left; `steps` of a wave fold, `files` and `pulls` are counted.
CAPS = {"steps": 12, "open": 6, "files": 60, "pulls": 60, "problems": 200, "obstacles": 12, "first": 5}


def render(report: Report, _options: Options) -> str:
    """The plan as one HTML page; every text in it is escaped, and everything that does not print is spelled out."""
    plan = report.plan or Plan(feasible=True)
    waves = plan_words.numbered(plan)
    steps = [step for wave in waves for step in wave]
    return template("plan.html.jinja", _globals()).render(
        report=report,
        plan=plan,
        style=own_files("style", (*STYLES, "plan")),
        headline=plan_words.headline(report),
        counts=plan_words.counts(plan),
        waves=waves,
        picture=picture(plan),
        images=_images(plan),
        moved=len({host for step in plan.steps if step.kind is StepKind.UPGRADE for host in step.hosts}),
        kinds=_kinds(plan),
        unproven=[each for each in steps if plan_words.is_unproven(each.step)],
        for_good=[each for each in steps if not each.step.backout],
        problems=sorted(report.problems, key=by_problem),
        lists=long_lists(plan),
        cause_title=lambda cause: plan_words.cause_title(report, cause),
    )


def places(occurrences: tuple[Occurrence, ...]) -> list[tuple[str, list[Occurrence]]]:
    """The places of each file, in order."""
    return [(file, list(own)) for file, own in groupby(sorted(occurrences, key=by_place), key=lambda o: o.file)]


def _images(plan: Plan) -> dict[str, int]:
    """How many images are changed, copied and re-pinned, and at how many places."""
    own = [step for step in plan.steps if step.kind in (StepKind.CONVERT, StepKind.REPIN)]
    repins = [step for step in own if step.kind is StepKind.REPIN]
    return {
        "changed": len({step.old_reference.pinned if step.old_reference else step.before for step in own}),
        "copied": len(own) - len(repins),
        "repinned": len(repins),
        "places": len({occurrence.id for step in repins for occurrence in step.occurrences}),
    }


def _kinds(plan: Plan) -> list[StepKind]:
    """Those that the plan has, in the order of the legend."""
    return [kind for kind in StepKind if any(step.kind is kind for step in plan.steps)]


def _globals() -> dict[str, Callable[..., Any] | object]:
    return {
        "Kind": StepKind,
        "caps": CAPS,
        "kind_words": plan_words.KINDS,
        "sentence": plan_words.sentence,
        "remarks": plan_words.remarks,
        "change": plan_words.change,
        "form": plan_words.form,
        "ceiling_line": plan_words.ceiling_line,
        "no_digest_yet": plan_words.NO_DIGEST_YET,
        "whose": plan_words.whose,
        "order_words": plan_words.ORDER,
        "plan_again": plan_words.PLAN_AGAIN,
        "no_backout": plan_words.NO_BACKOUT,
        "plural": words.plural,
        "places": places,
        "rings": plan_words.rings,
        "some": some,
        "count": count,
        "folded": folded,
        "header": HEADER,
        "label": LABEL,
        "row": ROW,
        "prose": prose,
        "breakable": breakable,
    }


register_plan(Format("html", "HTML page, for people and for printing", (".html", ".htm"), render))
