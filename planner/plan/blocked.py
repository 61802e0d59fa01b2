"""What stands against a plan, in words: the facts that are not possible together, and what would lift them."""

from collections.abc import Iterator, Sequence

from planner.model.finding import Outcome, Verdict
from planner.model.knowledge import Knowledge
from planner.model.occurrence import Occurrence
from planner.model.plan import Blocked
from planner.model.reference import Reference
from planner.plan.ground import Ground
from planner.plan.journey import Journey
from planner.plan.lifts import Lift, Lifts, named
from planner.plan.order.solve import Core, Hold
from planner.plan.pose import Posed
from planner.plan.remedies import CONVERSION
from planner.plan.trial import is_unknown, works


def held(holds: Sequence[Hold], posed: Posed, ground: Ground) -> Iterator[Blocked]:
    """The actors that stay where they are, and the smallest set of facts that is the reason for each."""
    for hold in holds:
        names, target = _who(hold.actor, posed)
        if hold.core is None:
            why = "the search could not find out in its time whether there is an order for all of these together"
            apart = "with --config and a copy of planner.toml in which nothing else has a target"
            lifts = (f"plan {named(names)} apart: `planner plan` {apart} (with --hosts, a copy of that CSV too)",)
            yield Blocked(names, (), "undecided", why, target, lifts)
            continue
        occurrences = _occurrences(hold.core, posed)
        cause, facts = _facts(hold.core, posed, ground.knowledge)
        why = f"These cannot all be: {'; '.join(facts)}."
        yield Blocked(names, occurrences, cause, why, target, tuple(_lifts(hold.core, posed, ground)))


def _who(actor: int, posed: Posed) -> tuple[tuple[str, ...], str]:
    """Names, and what they were to become."""
    if actor < len(posed.stops):
        return posed.fleet.units[actor].hosts, str(posed.stops[actor][-1].group.engine)
    host = posed.hosts[actor - len(posed.stops)]
    return (host,), str(posed.registries[host][-1].target)


def _pins(core: Core, posed: Posed) -> list[tuple[int, int]]:
    """The pulls of a core, each a unit and a pin."""
    links = (posed.problem.links[index] for index in core.links)
    return [(link.actors[0], link.actors[1] - posed.first_pin) for link in links]


def _occurrences(core: Core, posed: Posed) -> tuple[Occurrence, ...]:
    found = dict.fromkeys(o for _, pin in _pins(core, posed) for o in posed.fleet.pins[pin].occurrences)
    return tuple(sorted(found, key=lambda o: (o.file, o.line, o.column)))


def _facts(core: Core, posed: Posed, knowledge: Knowledge) -> tuple[str, list[str]]:
    """The cause of the first pull that fails, and every fact as a clause."""
    facts = []
    for actor in core.actors:
        names, target = _who(actor, posed)
        facts.append(f"{named(names)} reach{'es' * (len(names) == 1)} {target}")
    causes = []
    for unit, pin in _pins(core, posed):
        names, reference = posed.fleet.units[unit].hosts, posed.fleet.pins[pin].reference
        outcome = _failure(unit, pin, core, posed)
        title = knowledge.causes[outcome.cause].title if outcome and outcome.cause in knowledge.causes else ""
        causes += [outcome.cause] if outcome else []
        now = "" if unit in core.actors else f", now at {posed.fleet.units[unit].group.engine},"
        pulls = f"{named(names)}{now} pull{'s' * (len(names) == 1)} {reference.pinned} all the while"
        fixed = ", and its text stands for other references too" if posed.fleet.pins[pin].is_fixed else ""
        facts.append(pulls + (f", which fails in the end as it is now ({title}){fixed}" if title else fixed))
    return (causes[0] if causes else "no-order"), facts


def _failure(unit: int, pin: int, core: Core, posed: Posed) -> Outcome | None:
    """How the pull fails, with the pin as it is, where the actors of the core end."""
    places = [0] * len(posed.problem.actors)
    for actor in core.actors:
        places[actor] = max(posed.problem.actors[actor].goals)
    group, option = posed.stops[unit][places[unit]].group, posed.options[pin][0]
    stage = posed.stage(group, option, places)
    for platform in dict(posed.fleet.pins[pin].users)[unit]:
        outcome = posed.trials.outcome(group, posed.fleet.pins[pin].occurrences[0], option.pulled, platform, stage)
        if not works(outcome):
            return outcome
    return None


def _lifts(core: Core, posed: Posed, ground: Ground) -> Iterator[str]:
    lifts = Lifts(core, posed, ground)
    for actor in core.actors:
        names, target = _who(actor, posed)
        is_unit = actor < len(posed.stops)
        short = lifts.short_of_target(actor) if is_unit else lifts.registry_short_of_target(names[0])
        if short:
            yield f"give {named(names)} the target {short.target} in place of {target}{_besides(short)}"
        else:
            yield f"leave {named(names)} as now, without the target {target}"
    for unit, pin in _pins(core, posed):
        names, group = posed.fleet.units[unit].hosts, posed.fleet.units[unit].group
        image = posed.fleet.pins[pin].reference.name
        if group.target is None and (found := lifts.target(unit)):
            now = f"give {named(names)}, now at {group.engine}, the target {found.target} or one that does as much"
            yield f"{now}{_besides(found)}"
        if off := lifts.without(unit, pin):
            or_own = ", or give it a pin of its own there" if lifts.with_its_own(unit, pin) == off else ""
            yield f"take {image} off {named(names)}{or_own}{_besides(off)}"


def _besides(lift: Lift) -> str:
    return f", which takes a last resort: {'; '.join(dict.fromkeys(lift.besides))}" if lift.besides else ""


def broken_at_the_end(trip: Journey, knowledge: Knowledge) -> Iterator[Blocked]:
    """Pulls that fail now, or give nothing that runs, and still do after the last wave."""
    posed, last = trip.posed, trip.schedule.waves
    for pin, found in enumerate(posed.fleet.pins):
        broken: dict[tuple[str, Verdict], list[str]] = {}
        for unit, platforms in found.users:
            for platform in platforms:
                outcome = trip.outcome(unit, pin, platform, last)
                if not works(outcome) and not is_unknown(outcome):
                    broken.setdefault((outcome.cause, outcome.verdict), []).extend(posed.fleet.units[unit].hosts)
        for (cause, verdict), hosts in broken.items():
            names = tuple(dict.fromkeys(hosts))
            known = knowledge.causes.get(cause)
            title = known.title if known else cause
            fails = verdict is Verdict.BREAKS
            what = "fails today and still will" if fails else "gives nothing that runs, today and after"
            why = f"{found.reference.pinned} {what}: {title}. No change that was checked mends it."
            lifts = tuple(_advice(found.reference, cause, knowledge))
            yield Blocked(names, found.occurrences, cause, why, "", lifts)


def _advice(reference: Reference, cause: str, knowledge: Knowledge) -> Iterator[str]:
    """What mends a cause in general, without the copies, which were tried, and the versions, which are targets."""
    known, retirement = knowledge.causes.get(cause), knowledge.retirement(reference)
    replacement = retirement.replacement if retirement else ""
    for text in known.remedies if known else ():
        if not CONVERSION.search(text) and "{versions}" not in text and ("{replacement}" not in text or replacement):
            yield reference.fill(text.replace("{replacement}", replacement))
