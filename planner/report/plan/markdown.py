"""Markdown of a plan: a runbook with boxes to tick, for an issue, a wiki or a repository."""

from collections.abc import Iterable, Iterator

from planner.model.occurrence import Occurrence
from planner.model.plan import Blocked, Ceiling, Plan, Pull, Step, StepKind
from planner.model.report import Report
from planner.report.ci.marks import block, code, prose, text
from planner.report.format import Format, Options, register_plan
from planner.report.order import by_place, by_problem
from planner.report.plan import words as plan_words
from planner.report.plan.hosts import Hosts, count, folded, long_lists, some
from planner.report.plan.words import Numbered
from planner.report.words import plural


def render(report: Report, _options: Options) -> str:
    """The plan as a runbook; whatever comes from outside is text or code, never a mark."""
    plan = report.plan or Plan(feasible=True)
    lists = long_lists(plan)
    lines = [f"# {text(plan_words.headline(report))}", ""]
    if counts := plan_words.counts(plan):
        lines += [f"{text(', '.join(counts))}.", ""]
    lines += [
        f"From {code(report.root)}, {text(report.provenance.started)}, planner {text(report.provenance.version)}."
    ]
    lines += _before(plan)
    for wave in plan_words.numbered(plan):
        lines += _wave(wave, lists)
    lines += _section("Blocked", (_blocked(report, each, lists) for each in plan.blocked))
    lines += _section("How far hosts can go", (_ceiling(report, each, lists) for each in plan.ceilings))
    lines += _problems(report)
    lines += _section("Hosts", ([f"- List {n}: {code(', '.join(folded(hosts)))}"] for hosts, n in lists.items()))
    return "\n".join(lines) + "\n"


def _before(plan: Plan) -> Iterator[str]:
    steps = [each for wave in plan_words.numbered(plan) for each in wave]
    for_good = ", ".join(each.number for each in steps if not each.step.backout)
    unproven = ", ".join(each.number for each in steps if plan_words.is_unproven(each.step))
    said = [f"From these steps there is no way back: {for_good}"] if for_good else []
    if unproven:
        said.append(f"These steps are not proven, since a pull that they hang on could not be checked: {unproven}")
    said += [prose(plan_words.sentence(note)) for note in plan.notes]
    if plan.steps:
        yield from ("", plan_words.ORDER)
    if said:
        yield from ("", "Before you begin:", "", *(f"- {note}" for note in said))


def _wave(wave: tuple[Numbered, ...], lists: dict[Hosts, int]) -> Iterator[str]:
    yield from ("", f"## Wave {wave[0].step.wave}")
    if order := plan_words.rings([each.step for each in wave]):
        yield from ("", f"{order[0].upper()}{order[1:]}.")
    for each in wave:
        marks = "".join(f" ({mark})" for mark in plan_words.remarks(each.step))
        yield from (
            "",
            f"### {each.number} {text(each.title)}{marks}",
            "",
            prose(plan_words.sentence(each.step.why)),
            "",
        )
        yield from _step(each.step, lists)


def _step(step: Step, lists: dict[Hosts, int]) -> Iterator[str]:
    if step.old_reference and step.new_reference:
        yield f"- From: {code(str(step.old_reference))}"
        later = "" if step.new_reference.digest else f" with {plan_words.NO_DIGEST_YET}"
        yield f"- To: {code(str(step.new_reference))}{later}"
    if step.conversion:
        yield f"- Form: {text(plan_words.form(step.conversion))}"
    if step.hosts:
        yield f"- {plan_words.whose(step)}: {_hosts(step.hosts, lists)}"
    yield from (f"- Costs: {prose(cost)}" for cost in step.costs)
    yield from (f"- **Not proven:** {prose(why)}" for why in step.unproven)
    yield f"- Id: {code(step.id)}"
    yield from ("", "- [ ] Do:" if step.commands else "- [ ] Done")
    if step.commands:
        yield from block(step.commands, "  ")
    if step.occurrences:
        yield f"- {'[ ] Edit' if step.kind is StepKind.REPIN else 'Done for'} {plural(len(step.occurrences), 'place')}:"
        yield from (f"  - {_place(each)}" for each in sorted(step.occurrences, key=by_place))
    yield f"- [ ] Check: {prose(step.check) or 'each of these pulls succeeds.'}"
    for pull in step.pulls:
        yield from _pull(pull, lists)
    if step.backout:
        yield f"- Back out: {prose(step.backout)}"
    else:
        yield f"- **No way back:** {prose(step.no_backout or plan_words.NO_BACKOUT)}"


def _pull(pull: Pull, lists: dict[Hosts, int]) -> Iterator[str]:
    digest = pull.reference.digest
    gives = f"must give {code(digest) if digest else plan_words.NO_DIGEST_YET}"
    yield f"  - [ ] {_hosts(pull.hosts, lists)}: {code(pull.command or pull.reference.pinned)} {gives}"
    if pull.unproven:
        yield f"    - **Not proven:** {prose(pull.unproven)}"


def _place(occurrence: Occurrence) -> str:
    used = f", used in {code(occurrence.used_in)}" if occurrence.used_in else ""
    spelling = ", recognised by its spelling only" if occurrence.confidence == "text" else ""
    place = code(f"{occurrence.file}:{occurrence.line}:{occurrence.column}")
    return f"{place} {text(occurrence.role)} {code(occurrence.name)}{used}{spelling}"


def _hosts(hosts: Hosts, lists: dict[Hosts, int]) -> str:
    if hosts in lists:
        return f"{code(some(hosts))} ({count(hosts)}, list {lists[hosts]} at the end)"
    return ", ".join(map(code, folded(hosts))) + (f" ({count(hosts)})" if count(hosts) else "")


def _section(title: str, items: Iterable[Iterable[str]]) -> Iterator[str]:
    for number, lines in enumerate(items):
        if number == 0:
            yield from ("", f"## {title}", "")
        yield from lines


def _blocked(report: Report, blocked: Blocked, lists: dict[Hosts, int]) -> Iterator[str]:
    hosts, cause = _hosts(blocked.hosts, lists), text(plan_words.cause_title(report, blocked.cause))
    what = f" cannot reach {code(blocked.held)}" if blocked.held else ": a pull stays broken"
    yield f"- {hosts}{what}: {cause}"
    yield f"  - Why: {prose(blocked.why)}"
    yield from (f"  - Forbidden by {_place(each)}" for each in sorted(blocked.occurrences, key=by_place))
    yield from (f"  - {plan_words.lifted(blocked).capitalize()}: {prose(lift)}" for lift in blocked.lifts)
    if blocked.lifts and blocked.is_tried:
        yield f"  - {plan_words.PLAN_AGAIN}"


def _ceiling(report: Report, ceiling: Ceiling, lists: dict[Hosts, int]) -> Iterator[str]:
    yield f"- {_hosts(ceiling.hosts, lists)}: {text(plan_words.ceiling_line(ceiling))}"
    for occurrence, cause in ceiling.obstacles:
        yield f"  - {_place(occurrence)}: {text(plan_words.cause_title(report, cause))}"


def _problems(report: Report) -> Iterator[str]:
    ordered = sorted(report.problems, key=by_problem)
    return _section(
        "Not checked", ([f"- {problem.about} {code(problem.subject)}: {prose(problem.text)}"] for problem in ordered)
    )


register_plan(Format("markdown", "Markdown runbook, for issues and wikis", (".md",), render))
