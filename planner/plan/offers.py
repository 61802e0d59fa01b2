"""Remedies that were tried: changes of a pin or a host that mend a finding and break nothing, as assess says."""

from collections.abc import Container, Iterator

from planner.model.finding import Finding, Outcome, Verdict
from planner.model.moment import Moment
from planner.plan.bridges import Stop
from planner.plan.copies.conversion import commands
from planner.plan.fleet import Way
from planner.plan.ground import Ground
from planner.plan.options import Option
from planner.plan.trial import Stage, holds, works

# More than two ways to change a pin help nobody to choose.
_MOST_PINS = 2
_NO_DIGEST = (
    "No other digest that was tried serves every host that runs this, now and after; "
    "`planner plan` looks for an order of steps in which several do."
)
_CHECKED = {True: "now and after the upgrade", False: "as they are"}


class Offers:
    """What can be offered for the findings of one fleet. Pulls that are alike are tried once."""

    def __init__(self, ground: Ground, insecure: Container[str] = ()) -> None:
        self._ground = ground
        self._insecure = insecure
        self._pin_of = {o.id: n for n, pin in enumerate(ground.fleet.pins) for o in pin.occurrences}
        self._units = {name: n for n, unit in enumerate(ground.fleet.units) for name in unit.hosts}
        self._pulls = ground.fleet.pulls()
        self._serve: dict[int, list[Option]] = {}
        self._serve_some: dict[int, bool] = {}
        self._originals = [ground.original(pin) for pin in range(len(ground.fleet.pins))]
        self._platforms = [dict(pulled) for pulled in self._pulls]
        self._good: dict[object, bool] = {}
        self._units_of: dict[tuple[str, ...], tuple[int, ...]] = {}
        self._lost: dict[tuple[int, int, bool], frozenset[int]] = {}
        self._of_hosts: dict[tuple[tuple[int, ...], int, Moment], tuple[str, ...]] = {}

    def of(self, finding: Finding) -> tuple[str, ...]:
        """Sentences for a pull on hosts, the best first; empty where nothing that was tried mends it.

        What is at risk works: it needs no other version, and no other content.
        """
        pin = self._pin_of.get(finding.occurrence.id)
        if pin is None or not self.are_tried(finding):
            return ()
        if finding.verdict is Verdict.AT_RISK:
            return tuple(self._sentence(option, pin) for option in self._serving(pin) if self._calms(option, finding))
        # Hosts of one group may pull different things, and what is good for some of them is not for others.
        if finding.hosts not in self._units_of:
            self._units_of[finding.hosts] = tuple(sorted({self._units[name] for name in finding.hosts}))
        key = (self._units_of[finding.hosts], pin, finding.moment)
        if key not in self._of_hosts:
            self._of_hosts[key] = tuple(self._hosts(*key))
        pins = (self._sentence(option, pin) for option in self._serving(pin))
        return (*pins, *self._of_hosts[key])

    def are_tried(self, finding: Finding) -> bool:
        """Whether there is anything to try: a pull that breaks, or is at risk, on hosts that are known."""
        return finding.verdict in (Verdict.BREAKS, Verdict.AT_RISK) and bool(finding.hosts)

    def why_no_digest(self, finding: Finding) -> tuple[str, ...]:
        """What to say last where no digest is offered, though some would serve a part of the hosts."""
        pin = self._pin_of.get(finding.occurrence.id)
        if pin is None or self._serving(pin):
            return ()
        if pin not in self._serve_some:
            others = self._ground.options(pin)[1:]
            self._serve_some[pin] = any(any(self._serves(option, pin)) for option in others)
        return (_NO_DIGEST,) if self._serve_some[pin] else ()

    def _serving(self, pin: int) -> list[Option]:
        """The changes of a pin that every host that runs it pulls, now and after, the best first."""
        if pin not in self._serve:
            serving = (option for option in self._ground.options(pin)[1:] if all(self._serves(option, pin)))
            self._serve[pin] = sorted(serving, key=lambda o: (o.is_last_resort, o.rank))[:_MOST_PINS]
        return self._serve[pin]

    def _calms(self, option: Option, finding: Finding) -> bool:
        """Whether a pull that is at risk would be at none with this."""
        pin, unit = self._pin_of[finding.occurrence.id], self._units[finding.hosts[0]]
        is_after = finding.moment is Moment.AFTER
        plain = [stop for stop in self._ground.stops[unit] if not stop.switched]
        stop, occurrence = plain[-1 if is_after else 0], finding.occurrence
        way = Way(occurrence.platform, occurrence.reference.tag is not None)
        return self._outcome(stop, pin, option, way, is_after).verdict is Verdict.PULLS and not option.is_last_resort

    def _sentence(self, option: Option, pin: int) -> str:
        moves = any(len(self._ground.stops[unit]) > 1 for unit, _ in self._ground.fleet.pins[pin].users)
        checked = f"every host that runs it pulls that, {_CHECKED[moves]}"
        costs = f" Besides: {'; '.join(option.costs)}." if option.costs else ""
        if option.conversion is None:
            return f"Re-pin to `{option.reference.pinned}`, {option.what}: {checked}.{costs}"
        lines = commands(option.conversion, self._insecure)
        how = f": `{lines[0]}`" if len(lines) == 1 else " (`planner convert` prints the commands)"
        return f"Make {option.what} and pin its digest{how}; {checked}.{costs}"

    def _serves(self, option: Option, pin: int) -> Iterator[bool]:
        ground, found = self._ground, self._ground.fleet.pins[pin]
        original = ground.options(pin)[0]
        for unit, platforms in found.users:
            plain = [stop for stop in ground.stops[unit] if not stop.switched]
            for stop, is_end in ((plain[0], False), (plain[-1], True)):
                for platform in platforms:
                    first, outcome = (self._outcome(stop, pin, each, platform, is_end) for each in (original, option))
                    yield holds(outcome, first, is_original=False)

    def _outcome(self, stop: Stop, pin: int, option: Option, platform: Way, is_end: bool) -> Outcome:
        occurrence = self._ground.fleet.pins[pin].occurrences[0]
        stage = self._stage(stop, option, is_end)
        return self._ground.trials.outcome(stop.group, occurrence, option.pulled, platform, stage)

    def _stage(self, stop: Stop, option: Option, is_end: bool) -> Stage:
        ground = self._ground
        moving = ground.trials.moving(stop.group, option.pulled)
        return tuple((host, len(ground.registries[host]) - 1 if is_end else 0) for host in moving)

    def _hosts(self, units: tuple[int, ...], pin: int, moment: Moment) -> Iterator[str]:
        """Versions and switches with which all of these units pull this, and nothing that works today breaks."""
        stops, is_after = self._ground.stops[units[0]], moment is Moment.AFTER
        plain = [stop for stop in stops if not stop.switched]
        good = [stop for stop in plain if self._keep(units, stop, pin, is_after)]
        target = plain[-1].group.engine
        if is_after and len(plain) > 1:
            before = [stop for stop in good if stop is not plain[-1]]
            if before:
                yield f"Go no further than {before[-1].group.engine} on these hosts for now: it still pulls this."
        elif good and len(plain) > 1:
            first = good[0].group.engine
            also = "" if first == target else f", on the way to {target}"
            yield f"Upgrade these hosts to {first}{also}: it pulls this, and all that they pull today."
        present = plain[-1] if is_after else plain[0]
        for stop in stops:
            is_there = stop.group.engine == present.group.engine
            if is_there and stop.switched and self._keep(units, stop, pin, is_after):
                names = ", ".join(sorted(stop.switched))
                yield f"As a stop-gap, set {names} for {stop.group.engine}; {self._last_with(units, stop, pin)}."

    def _last_with(self, units: tuple[int, ...], stop: Stop, pin: int) -> str:
        """How long a switch helps."""
        stops = self._ground.stops[units[0]]
        later = [each for each in stops if each.switched and self._keep(units, each, pin, is_after=False)]
        last = later[-1].group.engine if later else stop.group.engine
        return f"of the versions on the way, {last} is the last that heeds it"

    def _keep(self, units: tuple[int, ...], stop: Stop, pin: int, is_after: bool) -> bool:
        """Whether all of them pull this there, and everything else that they pull now."""
        return all(
            self._works(unit, stop, pin, is_after) and self._lost_at(unit, stop, is_after) <= {pin} for unit in units
        )

    def _lost_at(self, unit: int, stop: Stop, is_after: bool) -> frozenset[int]:
        """What a unit pulls now and would not there."""
        key = (unit, id(stop), is_after)
        if key not in self._lost:
            now = self._ground.stops[unit][0]
            self._lost[key] = frozenset(
                pin
                for pin, _ in self._pulls[unit]
                if not self._works(unit, stop, pin, is_after) and self._works(unit, now, pin, is_after=False)
            )
        return self._lost[key]

    def _works(self, unit: int, stop: Stop, pin: int, is_after: bool) -> bool:
        """Whether the hosts pull a pin as it is. Asked for every pull of every host, hence once for those alike."""
        trials, group = self._ground.trials, self._ground.stops[unit][0].group
        original, platforms = self._originals[pin], self._platforms[unit][pin]
        alike = trials.key(original.pulled, routed=group.route is not None)
        key = (id(stop), alike, platforms, is_after)
        if key not in self._good:
            outcomes = (self._outcome(stop, pin, original, platform, is_after) for platform in platforms)
            self._good[key] = all(map(works, outcomes))
        return self._good[key]
