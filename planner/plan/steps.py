"""The steps of a journey: what moves in each wave, put together where it is one change for those who carry it out."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace

from planner.model.finding import Outcome
from planner.model.knowledge import Knowledge
from planner.model.occurrence import Occurrence
from planner.model.plan import Conversion, Pull, Step, StepKind
from planner.model.reference import Reference
from planner.model.resolution import State
from planner.plan.bridges import Stop
from planner.plan.copies.conversion import commands
from planner.plan.journey import Journey
from planner.plan.options import Option
from planner.plan.order.problem import Leg
from planner.plan.trial import doubt_of_copy, is_unknown, works
from planner.shell import typed_path

_ORDER = list(StepKind)
_SHOWN = 3
_TARGET = "It is the declared target."
_LATER = "Undo later waves first, the last of them before the others."


def steps(journey: Journey, knowledge: Knowledge, insecure: Container[str], path: str) -> tuple[Step, ...]:
    """All steps in the order to carry them out: by wave, copies first, then by ring. `path` is what was scanned."""
    told = _Teller(journey, knowledge, insecure, path)
    return tuple(step for wave in range(1, journey.schedule.waves + 1) for step in told.wave(wave))


class _Teller:
    def __init__(self, journey: Journey, knowledge: Knowledge, insecure: Container[str], path: str) -> None:
        self._journey = journey
        self._knowledge = knowledge
        self._insecure = insecure
        self._path = path
        self._pulls = journey.posed.fleet.pulls()
        self._waves = range(1, journey.schedule.waves + 1)

    def wave(self, wave: int) -> list[Step]:
        posed, found = self._journey.posed, list[Step]()
        units: dict[tuple[Stop, Stop, int | None], list[int]] = {}
        pins: dict[tuple[str, str], list[int]] = {}
        for leg in self._journey.legs(wave):
            if leg.actor < len(posed.stops):
                left, ring = self._journey.stop(leg.actor, wave - 1), posed.fleet.units[leg.actor].ring
                units.setdefault((left, posed.stops[leg.actor][leg.place], ring), []).append(leg.actor)
            elif leg.actor < posed.first_pin:
                found.append(self._registry(leg))
            else:
                pin = leg.actor - posed.first_pin
                before, after = self._journey.option(pin, wave - 1), self._journey.option(pin, wave)
                pins.setdefault((before.reference.pinned, after.reference.pinned), []).append(pin)
        found += [self._upgrade(wave, *key, some) for key, some in units.items()]
        found += [self._repin(wave, some) for some in pins.values()]
        found += self._copies(wave)
        return sorted(found, key=_rank)

    def _copies(self, wave: int) -> Iterator[Step]:
        made: dict[Conversion, list[int]] = {}
        for at, when in self._journey.schedule.prepared:
            pin = at.actor - self._journey.posed.first_pin
            conversion = self._journey.posed.options[pin][at.place].conversion
            if when == wave and conversion:
                made.setdefault(conversion, []).append(pin)
        for conversion, pins in made.items():
            option = next(o for o in self._journey.posed.options[pins[0]] if o.conversion == conversion)
            yield Step(
                wave,
                StepKind.CONVERT,
                self._users(pins),
                before=conversion.source.pinned,
                after=str(conversion.destination),
                why=f"{self._why(pins, wave)}: {option.what} takes its place.",
                occurrences=self._occurrences(pins),
                old_reference=conversion.source,
                new_reference=conversion.destination,
                conversion=conversion,
                commands=commands(conversion, self._insecure),
                check="`planner convert` holds it against what is foretold here, and says its digest.",
                backout=f"Nothing is to be undone: no host pulls it yet. The tag {conversion.destination.tag} may go.",
                costs=option.costs,
                unproven=self._doubts_of_copy(option, conversion, wave),
            )

    def _doubts_of_copy(self, option: Option, conversion: Conversion, wave: int) -> tuple[str, ...]:
        posed, host = self._journey.posed, conversion.destination.registry
        places = self._journey.places[wave - 1]
        is_moving = host in posed.hosts
        stage = ((host, places[len(posed.stops) + posed.hosts.index(host)]),) if is_moving else ()
        doubt = doubt_of_copy(option, posed.trials, stage)
        return (f"{conversion.destination}: {doubt}",) if doubt else ()

    def _registry(self, leg: Leg) -> Step:
        posed, wave = self._journey.posed, leg.wave
        host = posed.hosts[leg.actor - len(posed.stops)]
        stops = posed.registries[host]
        before = stops[self._journey.places[wave - 1][leg.actor]].target or stops[0].software
        after = stops[leg.place].target
        is_bridge = leg.place != len(stops) - 1
        pulls = self._checked(range(len(posed.stops)), wave, host)
        why = f"It is a bridge on the way to {stops[-1].target}: {self._bridged(leg)}." if is_bridge else _TARGET
        return Step(
            wave,
            StepKind.REGISTRY_UPGRADE,
            (host,),
            before=str(before),
            after=str(after),
            why=why,
            check=_check(f"The registry runs {after}", pulls),
            pulls=pulls,
            backout=f"Go back to {before}, with the storage as it was saved before this step. {_LATER}",
            unproven=_unproven(pulls),
            is_bridge=is_bridge,
        )

    def _asks(self, unit: int, pin: int, host: str, wave: int) -> bool:
        posed = self._journey.posed
        group, option = self._journey.stop(unit, wave).group, self._journey.option(pin, wave)
        return host in posed.trials.moving(group, option.pulled)

    def _upgrade(self, wave: int, before: Stop, after: Stop, ring: int | None, units: list[int]) -> Step:
        posed = self._journey.posed
        hosts = tuple(name for unit in units for name in posed.fleet.units[unit].hosts)
        pulls = self._checked(units, wave)
        moves = before.group.engine != after.group.engine
        added, dropped = sorted(after.switched - before.switched), sorted(before.switched - after.switched)
        target = posed.stops[units[0]][-1].group.engine
        leg = Leg(wave, units[0], self._journey.places[wave][units[0]])
        why = f"It is a bridge on the way to {target}: {self._bridged(leg)}." if after.is_bridge else _TARGET
        if added:
            gap = f"{', '.join(added)} is a stop-gap: no other change that was checked lets it pull all that it must."
            why = f"{why} {gap}" if moves else gap
        return Step(
            wave,
            StepKind.UPGRADE if moves else StepKind.SWITCH,
            hosts,
            before=_label(before),
            after=_label(after),
            why=why,
            commands=tuple(f"# turn {switch} on for the engine" for switch in added)
            + tuple(f"# turn {switch} off again" for switch in dropped),
            check=_check(f"The engine reports {after.group.engine}", pulls),
            pulls=pulls,
            backout=f"Go back to {_label(before)}. {_LATER}" if moves else f"Turn it back. {_LATER}",
            unproven=_unproven(pulls),
            ring=ring,
            is_bridge=after.is_bridge,
        )

    def _repin(self, wave: int, pins: list[int]) -> Step:
        journey = self._journey
        before, after = journey.option(pins[0], wave - 1), journey.option(pins[0], wave)
        units = sorted({unit for pin in pins for unit, _ in journey.posed.fleet.pins[pin].users})
        pulls = self._checked(units, wave, pins=frozenset(pins))
        no_backout = _no_way_back(before, self._knowledge)
        return Step(
            wave,
            StepKind.REPIN,
            self._users(pins),
            before=before.pulled.pinned if before.conversion is None else str(before.reference),
            after=after.reference.pinned if after.conversion is None else str(after.reference),
            why=f"{self._why(pins, wave)}: {after.what} takes its place.",
            occurrences=self._occurrences(pins),
            old_reference=_common([journey.option(pin, wave - 1).reference for pin in pins]),
            new_reference=_common([journey.option(pin, wave).reference for pin in pins]),
            # The paths of a diff hang on where the work tree begins, those of --write do not.
            commands=(f"planner repin {typed_path(self._path)} --map mapping.csv --wave {wave} --write",),
            check=_check("The files name the new digest", pulls),
            pulls=pulls,
            backout="" if no_backout else f"Reverse the edit (`git revert`). {_LATER}",
            no_backout=no_backout,
            costs=after.costs if after.conversion is None else (),
            unproven=_unproven(pulls),
        )

    def _users(self, pins: list[int]) -> tuple[str, ...]:
        fleet = self._journey.posed.fleet
        units = sorted({unit for pin in pins for unit, _ in fleet.pins[pin].users})
        return tuple(name for unit in units for name in fleet.units[unit].hosts)

    def _occurrences(self, pins: list[int]) -> tuple[Occurrence, ...]:
        found = [occurrence for pin in pins for occurrence in self._journey.posed.fleet.pins[pin].occurrences]
        return tuple(sorted(found, key=lambda o: (o.file, o.line, o.column)))

    def _why(self, pins: list[int], wave: int) -> str:
        """What the digest that stands there fails at: first where it is now, else where its hosts will be."""
        journey = self._journey
        for later in (wave - 1, *range(wave, journey.schedule.waves + 1)):
            for pin in pins:
                place = journey.posed.first_pin + pin
                for unit, platforms in journey.posed.fleet.pins[pin].users:
                    places = list(journey.places[later])
                    places[place] = journey.places[wave - 1][place]
                    for platform in platforms:
                        outcome = journey.outcome_at(unit, pin, platform, tuple(places))
                        if not works(outcome) and not is_unknown(outcome):
                            who = _label(journey.stop(unit, later))
                            return f"{who} does not pull what is pinned now ({self._title(outcome)})"
        return "What is pinned now cannot stay"

    def _bridged(self, leg: Leg) -> str:
        """Which pins change while an actor is at a bridge: it pulls them before and after."""
        journey, posed = self._journey, self._journey.posed
        leaves = min(each.wave for each in journey.schedule.legs if each.actor == leg.actor and each.wave > leg.wave)
        changed = [
            posed.fleet.pins[each.actor - posed.first_pin].reference
            for each in journey.schedule.legs
            if leg.wave < each.wave < leaves and each.actor >= posed.first_pin
        ]
        names = list(dict.fromkeys(reference.name for reference in changed))
        if not names:
            return "a direct change would break a pull"
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return f"here {', '.join(names[:_SHOWN])}{more} can be re-pinned, since it pulls the old digest and the new one"

    def _checked(
        self, units: Iterable[int], wave: int, host: str = "", pins: Container[int] | None = None
    ) -> tuple[Pull, ...]:
        """The pulls that must work after a wave, those that are alike together; what was broken before is left out."""
        found: dict[tuple[str, Reference, str], list[str]] = {}
        for unit in units:
            group = self._journey.stop(unit, wave).group
            engine = self._knowledge.engine(group.engine.name)
            for pin, platforms in self._pulls[unit]:
                if (pins is not None and pin not in pins) or (host and not self._asks(unit, pin, host, wave)):
                    continue
                outcomes = [self._journey.outcome(unit, pin, platform, wave) for platform in platforms]
                outcome = max(outcomes, key=lambda each: each.verdict.severity)
                if not (works(outcome) or is_unknown(outcome)):
                    continue
                option = self._journey.option(pin, wave)
                shown = replace(option.reference, tag=None) if option.reference.digest else option.reference
                command = engine.pull_command(group.client, shown) if engine else ""
                hosts = self._journey.posed.fleet.units[unit].hosts
                found.setdefault((command, shown, _doubt(outcome, option)), []).extend(hosts)
        return tuple(
            Pull(tuple(dict.fromkeys(names)), reference, command, doubt)
            for (command, reference, doubt), names in found.items()
        )

    def _title(self, outcome: Outcome) -> str:
        cause = self._knowledge.causes.get(outcome.cause)
        return cause.title if cause else outcome.cause


def _rank(step: Step) -> tuple[int, float, tuple[str, ...], str]:
    ring = float("inf") if step.ring is None else step.ring
    return (_ORDER.index(step.kind), ring, step.hosts if step.kind is StepKind.UPGRADE else (), step.before)


def _no_way_back(old: Option, knowledge: Knowledge) -> str:
    """Why nobody should count on what a pin was before; empty where its registry has it, and is to stay."""
    found, retirement = old.resolution, knowledge.retirement(old.reference)
    if found and found.state is State.MISSING:
        return "The registry does not have the old digest any more: there is nothing to go back to."
    if retirement:
        return f"The old pin is at {old.reference.name}, which is closed or closing: do not count on going back to it."
    if found is None or found.state is not State.RESOLVED:
        reason = f" ({found.detail or found.state})" if found else ""
        return f"The registry did not hand out the old digest{reason}: whether it can be gone back to is not known."
    return ""


def _common(references: Sequence[Reference]) -> Reference:
    """References that differ in their tags at most as one: its tag is theirs, if they agree on it."""
    first = references[0]
    return first if all(each.tag == first.tag for each in references) else replace(first, tag=None)


def _label(stop: Stop) -> str:
    with_switches = f" with {', '.join(sorted(stop.switched))}" if stop.switched else ""
    return f"{stop.group.engine}{with_switches}"


def _check(first: str, pulls: tuple[Pull, ...]) -> str:
    return f"{first}, and each of these pulls succeeds." if pulls else f"{first}. There is no pull to try."


def _doubt(outcome: Outcome, option: Option) -> str:
    """Why nobody can tell: what is not known of the engine or registry, else what the registry said instead."""
    if not is_unknown(outcome):
        return ""
    if outcome.evidence:
        return "; ".join(outcome.evidence)
    found = option.resolution
    reason = f" ({found.detail or found.state})" if found else ""
    return f"the registry did not say what it is{reason}"


def _unproven(pulls: tuple[Pull, ...]) -> tuple[str, ...]:
    return tuple(f"{pull.reference.pinned}: {pull.unproven}" for pull in pulls if pull.unproven)
