"""The terminal: a plan in one line per step, what stands in the way, and what to type next."""

import shlex
from collections.abc import Mapping
from functools import partial

from planner.model.plan import Blocked, Ceiling, Plan, StepKind
from planner.model.report import Report
from planner.plan.copies.conversion import conversions
from planner.plan.copies.turn import waiting, why_waiting
from planner.report.console.lines import BOLD, DIM, UNSURE, Page
from planner.report.format import Format, Options, register_plan
from planner.report.order import by_place, by_problem
from planner.report.plan import words as plan_words
from planner.report.words import plural
from planner.shell import typed_path

_BLOCKED, _NO_WAY_BACK = "31", "33"
# Beyond so many the rest is counted; --all shows them.
_CAP, _CAP_PLACES = 20, 3


def render(report: Report, options: Options) -> str:
    """The summary, the waves, what is blocked, how far other hosts can go, the notes, and the next commands."""
    plan = report.plan or Plan(feasible=True)
    page = Page(options)
    page.line(plan_words.headline(report), 0, BOLD)
    if (summary := plan_words.summary_line(report)) != plan_words.headline(report):
        page.line(summary)
    _waves(page, plan, options)
    _blocked(page, report, plan, options)
    _ceilings(page, report, plan, options)
    _notes(page, plan)
    _problems(page, report, options)
    if report.occurrences and report.hosts:
        _next(page, report, plan, options)
    return page.text()


def next_commands(report: Report, plan: Plan, known: Mapping[str, str]) -> list[str]:
    """What to type next, ready to be copied but for the words in capitals; `known` is how each command begins."""
    begin = partial(_begin, report, known)
    copies, waits = conversions(plan), waiting(plan)
    later = {conversion.destination for conversion in waits}
    # Re-pins to copies that nobody can make yet are for another time, when this is planned again.
    repins = [s.wave for s in plan.steps if s.kind is StepKind.REPIN and s.new_reference not in later]
    commands = []
    if len(copies) > len(waits):
        convert = begin("convert")
        commands.append(f"{convert}{'' if ' --to ' in convert else _to(plan)} --execute")  # which writes mapping.csv
    elif repins:
        commands.append(f"{begin('plan')} --format mapping -o mapping.csv")
    if repins:
        commands.append(f"{begin('repin')} --map mapping.csv --wave {min(repins)}")
    return [*commands, f"{begin('plan')} -o plan.html"]


def _begin(report: Report, known: Mapping[str, str], command: str) -> str:
    """A command up to what is its own: `planner plan ./infra --hosts fleet.csv`."""
    return known.get(command, f"planner {command} {typed_path(report.root)}")


def _to(plan: Plan) -> str:
    """Where copies go, as `--to` says it; empty where they lie beside what they are made from."""
    copies = [step.conversion for step in plan.steps if step.conversion]
    if all(copy.destination.name == copy.source.name for copy in copies):
        return ""
    places = {copy.destination.name.removesuffix(f"/{copy.source.repository}") for copy in copies}
    return f" --to {shlex.quote(places.pop())}" if len(places) == 1 else " --to REGISTRY/PREFIX"


def _next(page: Page, report: Report, plan: Plan, options: Options) -> None:
    page.gap()
    page.line("Next", 0, BOLD)
    for command in next_commands(report, plan, options.commands):
        page.row((command, ""))
    for conversion, upgrade in waiting(plan).items():
        page.line(why_waiting(conversion, upgrade), 2)
    if plan.steps:
        again = _begin(report, options.commands, "scan")
        page.line(f"After each wave, write into planner.toml what its hosts run now, then: {again}", 2)


def _waves(page: Page, plan: Plan, options: Options) -> None:
    for wave in plan_words.numbered(plan):
        order = plan_words.rings([each.step for each in wave])
        page.gap()
        page.line(f"Wave {wave[0].step.wave}" + (f" ({order})" if order else ""), 0, BOLD)
        shown = wave if options.show_all else wave[:_CAP]
        for each in shown:
            remarks = plan_words.remarks(each.step)
            style = UNSURE if plan_words.is_unproven(each.step) else "" if each.step.backout else _NO_WAY_BACK
            page.line(f"{each.number} {each.title}" + "".join(f" [{r}]" for r in remarks), 2, style, 4)
        _left_out(page, len(wave) - len(shown), "step", 2)


def _blocked(page: Page, report: Report, plan: Plan, options: Options) -> None:
    if plan.blocked:
        page.gap()
        page.line("Blocked", 0, BOLD)
    shown = plan.blocked if options.show_all else plan.blocked[:_CAP]
    for blocked in shown:
        hosts = plan_words.hosts_line(blocked.hosts)
        head = f"{hosts} cannot reach {blocked.held}" if blocked.held else f"{hosts}: a pull stays broken"
        page.line(f"✕ {head}: {plan_words.cause_title(report, blocked.cause)}", 2, _BLOCKED)
        page.line(f"why: {blocked.why}", 4)
        _places(page, blocked, options)
        for lift in blocked.lifts:
            page.line(f"{plan_words.lifted(blocked)}: {lift}", 4)
        if blocked.lifts and blocked.is_tried:
            page.line(plan_words.PLAN_AGAIN, 4, DIM)
    _left_out(page, len(plan.blocked) - len(shown), "thing", 2)


def _places(page: Page, blocked: Blocked, options: Options) -> None:
    places = sorted(blocked.occurrences, key=by_place)
    shown = places if options.show_all else places[:_CAP_PLACES]
    for place in shown:
        where = f"{options.from_here(place.file)}:{place.line}:{place.column}"
        page.at(f"at: {where}", f"{place.role} {place.name}", 4, DIM)
    _left_out(page, len(places) - len(shown), "place", 4)


def _ceilings(page: Page, report: Report, plan: Plan, options: Options) -> None:
    if plan.ceilings:
        page.gap()
        page.line("How far hosts without a target can go", 0, BOLD)
    shown = plan.ceilings if options.show_all else plan.ceilings[:_CAP]
    for ceiling in shown:
        unknown = "" if ceiling.newest else UNSURE
        page.line(f"{plan_words.hosts_line(ceiling.hosts)}: {plan_words.ceiling_line(ceiling)}", 2, unknown)
        _obstacles(page, report, ceiling, options)
    _left_out(page, len(plan.ceilings) - len(shown), "group of hosts", 2, "groups of hosts")


def _obstacles(page: Page, report: Report, ceiling: Ceiling, options: Options) -> None:
    shown = ceiling.obstacles if options.show_all else ceiling.obstacles[:_CAP_PLACES]
    for place, cause in shown:
        where = f"{options.from_here(place.file)}:{place.line}:{place.column}"
        page.at(f"{where}:", plan_words.cause_title(report, cause), 4, DIM)
    _left_out(page, len(ceiling.obstacles) - len(shown), "place", 4)


def _notes(page: Page, plan: Plan) -> None:
    if plan.notes:
        page.gap()
        page.line("Notes", 0, BOLD)
    for note in plan.notes:
        page.line(plan_words.sentence(note), 2)


def _problems(page: Page, report: Report, options: Options) -> None:
    ordered = sorted(report.problems, key=by_problem)
    shown = ordered if options.show_all else ordered[:_CAP]
    if ordered:
        page.gap()
        page.line("Problems: what could not be read or checked, and is in no step", 0, BOLD)
    for problem in shown:
        page.problems([problem])
    _left_out(page, len(ordered) - len(shown), "problem", 2)


def _left_out(page: Page, count: int, one: str, indent: int, many: str = "") -> None:
    if count > 0:
        page.line(f"… and {plural(count, one, many)} more; --all or a file (-o) lists them", indent, DIM)


register_plan(Format("terminal", "Terminal, for people", (), render))
