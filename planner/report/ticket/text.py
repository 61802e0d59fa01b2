"""One change as a ticket: title, plans, tests and reasons, in sentences. Nothing in it depends on the importer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from planner.model.engine import parse_software
from planner.model.finding import Finding
from planner.model.plan import Blocked, Pull, Step
from planner.model.reference import Reference
from planner.model.report import Report
from planner.model.ticket import Kind, Lines, Ticket
from planner.report.escape import visible
from planner.report.plan.words import PLAN_AGAIN
from planner.report.ticket.changes import Change, changes, dependencies
from planner.report.ticket.levels import Met, Verdicts, levels
from planner.report.ticket.words import alike, commands, folded, numbered, where, whom
from planner.report.words import WHEN, WORDS, plural, short_image, short_name, unique

_EVIDENCE = 12  # lines for each cause; the JSON report has all


def tickets(report: Report) -> list[Ticket]:
    """A ticket for each change and each decision of the plan, in their order; none where there is no plan."""
    if report.plan is None:
        return []
    made = changes(report, report.plan)
    before, titles = dependencies(made), {change.id: _title(change) for change in made}
    verdicts = Verdicts(report)
    return [_ticket(report, verdicts, change, before.get(change.id, ()), titles) for change in made]


def _ticket(
    report: Report, verdicts: Verdicts, change: Change, before: tuple[str, ...], titles: Mapping[str, str]
) -> Ticket:
    met = verdicts.met(change)
    risk, impact, priority, analysis = levels(change, met)
    return Ticket(
        correlation_id=change.id,
        kind=change.kind,
        title=titles[change.id],
        wave=change.wave,
        risk=risk,
        impact=impact,
        priority=priority,
        items=tuple(map(visible, _items(change))),
        hosts=tuple(map(visible, change.hosts)),
        depends_on=before,
        description=tuple(_description(report, change, before, titles)),
        implementation=_decision(change.blocked) if change.blocked else _implementation(change),
        backout=_backout(change),
        test=_test(change),
        analysis=analysis,
        justification=tuple(_justification(report, change, met)),
    )


def _title(change: Change) -> str:
    """What changes, in one line that begins with a word of ours."""
    if change.blocked:
        return _decision_title(change.blocked, change)
    step = change.steps[0]
    before, after = visible(step.before), visible(step.after)
    match change.kind:
        case Kind.CONVERSION if made := step.conversion:
            return f"Convert {short_image(made.source)} to {made.format} as {made.destination}"
        case Kind.REPIN if step.old_reference and step.new_reference:
            places = plural(len(change.occurrences), "place")
            return f"Re-pin {short_image(step.old_reference)} to {short_image(step.new_reference)} at {places}"
        case Kind.REGISTRY_UPGRADE:
            return f"{_verb(step)} the registry {', '.join(map(visible, change.registries))} from {before} to {after}"
        case Kind.SWITCH:
            instead = f" instead of {before}" if before else ""
            return f"Set {after or 'no switch'}{instead} on {whom(change.hosts, 3)}"
    bridge = ", as a bridge" if step.is_bridge else ""
    return f"{_verb(step)} {before} to {after} on {whom(change.hosts, 3)}{bridge}"


def _verb(step: Step) -> str:
    before, after = parse_software(step.before), parse_software(step.after)
    if before.name != after.name:
        return "Replace"
    return "Downgrade" if before.version and after.version and after.version < before.version else "Upgrade"


def _decision_title(blocked: Blocked, change: Change) -> str:
    cause = visible(blocked.cause) or "no cause given"
    named = visible(", ".join(change.registries)) if change.registries else whom(change.hosts, 3)
    if blocked.held:
        return f"Decide: {visible(blocked.held)} cannot be reached on {named} ({cause})"
    return f"Decide: {plural(len(change.occurrences), 'pull')} cannot be mended on {named} ({cause})"


def _items(change: Change) -> tuple[str, ...]:
    """The configuration items: what is changed, not who is affected by it."""
    if change.registries:
        return change.registries
    match change.kind:
        case Kind.CONVERSION:
            return unique(step.conversion.destination.registry for step in change.steps if step.conversion)
        case Kind.REPIN:
            return unique(place.name for place in change.occurrences if place.name) or change.hosts
    return change.hosts


def _description(report: Report, change: Change, before: Sequence[str], titles: Mapping[str, str]) -> Iterator[str]:
    yield titles[change.id]
    yield from _sentences("Why", (change.blocked.why,) if change.blocked else (step.why for step in change.steps))
    if change.blocked:
        yield "Kind: a decision is needed. The plan leaves this as it is, since no order of steps is proven."
    else:
        waves = report.plan.waves if report.plan else ()
        last = waves[-1][0].wave if waves else change.wave
        ring = "" if change.ring is None else f", ring {change.ring}"
        yield f"Kind: {change.kind}, in wave {change.wave} of {last}{ring}. A wave begins when the one before is done."
        yield f"Steps of the plan: {', '.join(step.id for step in change.steps)}"
    if change.registries:
        yield f"Registries: {visible(', '.join(change.registries))}"
    yield f"Hosts ({len(change.hosts):,}): {', '.join(folded(change.hosts)) or 'none that is declared'}"
    if any(step.is_bridge for step in change.steps):
        yield "A bridge: this is not the declared target, which a later step reaches."
    yield from _sentences("It also changes", (cost for step in change.steps for cost in step.costs))
    yield from _sentences("NOT PROVEN", (text for step in change.steps for text in step.unproven))
    if before:
        yield f"To be done before ({plural(len(before), 'change')}):"
        yield from (f"* {id_}: {titles[id_]}" for id_ in before)


def _sentences(title: str, texts: Iterable[str]) -> Iterator[str]:
    yield from (f"{title}: {visible(text)}" for text in unique(filter(None, texts)))


def _implementation(change: Change) -> Lines:
    """Numbered: what changes where, the commands, and what to see before the next wave."""
    items: list[list[str]] = []
    if change.kind is Kind.REPIN:
        items += _edits(change)
    elif change.kind is not Kind.CONVERSION:
        for (old, new), steps in alike(change.steps, lambda step: (step.before, step.after)):
            named = visible(", ".join(change.registries)) if change.registries else whom(_of(change, steps))
            items.append([f"On {named}: from {visible(old) or 'none'} to {visible(new) or 'none'}."])
    for typed, steps in alike((step for step in change.steps if step.commands), lambda step: step.commands):
        on = f" (for {whom(_of(change, steps))})" if len(change.steps) > len(steps) else ""
        items.append([f"Run{on}:", *commands(typed)])
    if not any(step.commands for step in change.steps) and change.kind is not Kind.REPIN:
        items[-1:] = [[*(items or [["Make the change."]])[-1], "The plan names no command for this."]]
    items += [[f"Check: {visible(text)}"] for text in unique(step.check for step in change.steps if step.check)]
    return numbered(items)


def _edits(change: Change) -> Iterator[list[str]]:
    """An edit for each place: what stands there, and what shall."""
    for step in change.steps:
        for place in sorted(step.occurrences, key=lambda o: (o.file, o.line, o.column)):
            yield [f"Edit {where(place)}:", f"old: {visible(place.raw)}", f"new: {_new(step)}"]


def _new(step: Step) -> str:
    """What shall stand there; the digest of a copy is known only when it was made."""
    new = step.new_reference
    missing = new and not new.digest and step.old_reference and step.old_reference.digest
    return f"{new or ''}{' with the digest that the conversion gives' if missing else ''}"


def _of(change: Change, steps: Iterable[Step]) -> tuple[str, ...]:
    """The hosts of some of a change's steps, in the change's order."""
    named = {host for step in steps for host in step.hosts}
    return tuple(host for host in change.hosts if host in named) or change.hosts


def _decision(blocked: Blocked) -> Lines:
    if not blocked.lifts:
        return ("planner knows nothing that would lift this.",)
    ways = numbered([[visible(text)] for text in blocked.lifts])
    if not blocked.is_tried:
        return ("What may help; none of this was tried. Choose, then run `planner plan` again:", *ways)
    return (f"Choose one. {PLAN_AGAIN}", *ways)


def _backout(change: Change) -> Lines:
    if change.blocked:
        return ("A decision changes nothing: there is nothing to back out.",)
    items = []
    for (how, never), steps in alike(change.steps, lambda step: (step.backout, step.no_backout)):
        on = f" (for {whom(_of(change, steps))})" if len(change.steps) > len(steps) else ""
        first, *more = how.split("\n")
        if how:
            items.append([f"Back out{on}: {visible(first)}", *(f"> {visible(line)}" for line in more)])
        else:
            items.append([f"Back-out is IMPOSSIBLE{on}: {visible(never) or 'the plan names no way back'}"])
    return numbered(items)


def _test(change: Change) -> Lines:
    """Each pull that must work afterwards, with the digest that must arrive, once for all hosts that try it."""
    if change.blocked:
        return ("After what was chosen is done, `planner plan` does not tell this any more.",)
    pulls = [pull for step in change.steps for pull in step.pulls]
    items = [
        _pull(change, key[0], key[1], key[2], same)
        for key, same in alike(pulls, lambda pull: (pull.reference, pull.command, pull.unproven))
    ]
    if not items:
        items.append(["The plan lists no pull to try: what to see is the check of the implementation plan."])
    return numbered(items)


def _pull(change: Change, reference: Reference, command: str, unproven: str, same: Sequence[Pull]) -> list[str]:
    named = {host for pull in same for host in pull.hosts}
    hosts = tuple(host for host in change.hosts if host in named) or tuple(sorted(named))
    digest = reference.digest or "not known beforehand"
    doubt = [f"NOT PROVEN: {visible(unproven)}"] if unproven else []
    return [f"On {whom(hosts)} pull {short_name(reference)}:", *commands([command]), f"digest: {digest}", *doubt]


def _justification(report: Report, change: Change, met: Met) -> Iterator[str]:
    """Why, and for each cause that is met: when, by how many hosts, the engine's words, the evidence, its sources."""
    yield from _sentences("Why", (change.blocked.why,) if change.blocked else (step.why for step in change.steps))
    # What stays is met at both moments; by identity, since a finding is dear to compare.
    every = {id(finding): finding for findings in met.findings.values() for finding in findings}.values()
    for (cause, verdict), found in alike(every, lambda finding: (finding.outcome.cause, finding.verdict)):
        known = report.causes.get(cause)
        title = f"{cause}: {known.title}" if known else cause or "no cause given"
        yield f"{WORDS[verdict].capitalize()} {_when(found)}, {visible(title)}; {_extent(found)}."
        yield from _few("It prints", (finding.outcome.message for finding in found))
        yield from _few("Evidence", (text for finding in found for text in finding.outcome.evidence))
        yield from _few("Source", known.source if known else ())


def _when(found: Sequence[Finding]) -> str:
    return " and ".join(words for moment, words in WHEN.items() if any(f.moment is moment for f in found))


def _extent(found: Sequence[Finding]) -> str:
    hosts = {host for finding in found for host in finding.hosts}
    on = plural(len(hosts), "host") if hosts else "whatever the engine"
    return f"{on}, {plural(len({finding.occurrence.id for finding in found}), 'place')}"


def _few(title: str, texts: Iterable[str]) -> Iterator[str]:
    told = unique(filter(None, texts))
    yield from _sentences(title, told[:_EVIDENCE])
    if len(told) > _EVIDENCE:
        yield f"{title}: {len(told) - _EVIDENCE:,} more, see the JSON report"
