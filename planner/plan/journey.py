"""A schedule told wave by wave: where every unit, registry and pin is, and what moves."""

from dataclasses import dataclass

from planner.model.finding import Outcome
from planner.plan.bridges import Stop
from planner.plan.fleet import Way
from planner.plan.options import Option
from planner.plan.order.problem import Leg, Schedule
from planner.plan.pose import Posed

Places = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """`places` are those of all actors after each wave; the first are before any."""

    posed: Posed
    schedule: Schedule
    places: tuple[Places, ...]

    def legs(self, wave: int) -> list[Leg]:
        """What moves in a wave."""
        return [leg for leg in self.schedule.legs if leg.wave == wave]

    def stop(self, unit: int, wave: int) -> Stop:
        """Where a unit is after a wave."""
        return self.posed.stops[unit][self.places[wave][unit]]

    def option(self, pin: int, wave: int) -> Option:
        """What a pin is after a wave; pins are counted from 0."""
        return self.posed.options[pin][self.places[wave][self.posed.first_pin + pin]]

    def outcome(self, unit: int, pin: int, way: Way, wave: int) -> Outcome:
        """What becomes of a pull after a wave."""
        return self.outcome_at(unit, pin, way, self.places[wave])

    def outcome_at(self, unit: int, pin: int, way: Way, places: Places) -> Outcome:
        """The same wherever everything is."""
        posed = self.posed
        group = posed.stops[unit][places[unit]].group
        option = posed.options[pin][places[posed.first_pin + pin]]
        stage = posed.stage(group, option, places)
        return posed.trials.outcome(group, posed.fleet.pins[pin].occurrences[0], option.pulled, way, stage)


def journey(posed: Posed, schedule: Schedule) -> Journey:
    """The places after each wave."""
    now = [0] * len(posed.problem.actors)
    places = [tuple(now)]
    for wave in range(1, schedule.waves + 1):
        for leg in schedule.legs:
            if leg.wave == wave:
                now[leg.actor] = leg.place
        places.append(tuple(now))
    return Journey(posed, schedule, tuple(places))
