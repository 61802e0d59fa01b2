"""The search: an order in which no link breaks, with the fewest waves, or the certainty that there is none.

Every place of an actor is an interval of waves: from the wave in which it comes there to the one in which it leaves,
both included, since within a wave the order is free. A combination that is broken is allowed as long as its intervals
have no wave in common; of intervals on a line, all meet as soon as each two of them do. So "no pull breaks" is a set of
clauses "this one is over before that one begins", which OR-Tools' CP-SAT solves exactly.
"""

from collections.abc import Iterable
from itertools import combinations, pairwise, permutations, product
from typing import TYPE_CHECKING, Any

from planner.plan.order.bound import can_be_mended, least_left
from planner.plan.order.cpsat import solved
from planner.plan.order.problem import At, Leg, Link, Problem, Schedule, Turn

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

# A sum of variables; CP-SAT's own type for it is a union that holds no sums of itself.
Expression = Any
# So many waves are tried one after the other, if as many could be needed, and so many of the longest plans.
_SHORT, _LONG = 12, 6


class UndecidedError(Exception):
    """The search ran out of its allowance: there may be an order, or none."""


def search(problem: Problem) -> Schedule | None:
    """The best schedule; None where there is none. Raises UndecidedError where that could not be found out.

    Best is, in this order: the most links mended, the most turns kept, the fewest waves, the fewest bridges, the lowest
    costs, everything as early as possible.
    """
    longest = sum(len(actor.places) - 1 + len(actor.prepared) for actor in problem.actors)
    least, best, proven = least_left(problem), None, True
    tried = longest if longest <= _SHORT else _LONG
    for waves in range(tried + 1):
        model = _Model(problem, waves)
        if model.settle():
            if model.missed_wishes == (least, 0):
                return model.schedule(waves, proven=proven)
            best = model if best is None or model.missed_wishes < best.missed_wishes else best
        proven = proven and (best is not None or model.is_impossible)
    if tried < longest:
        # What no short plan does may be done by a longer one.
        long = _Model(problem, longest)
        if long.settle():
            best = long if best is None or long.missed_wishes < best.missed_wishes else best
        elif best is None and long.is_impossible:
            return None
        elif best is None:
            raise UndecidedError
    return best.shortest(proven=proven) if best else None


class _Model:
    """One problem as CP-SAT has it. `_starts` and `_ends` are by place; `_been` says whether a place is visited."""

    def __init__(self, problem: Problem, horizon: int) -> None:
        from ortools.sat.python import cp_model

        self._model = cp_model.CpModel()
        self._problem = problem
        self._horizon = horizon
        self._starts: dict[At, cp_model.IntVar] = {}
        self._ends: dict[At, cp_model.IntVar] = {}
        self._been: dict[At, cp_model.IntVar] = {}
        self._made: dict[At, cp_model.IntVar] = {}
        self._before: dict[tuple[At, At], cp_model.IntVar] = {}
        self._kept: list[tuple[Turn, cp_model.IntVar]] = []
        self._is_optimal = self.is_impossible = False
        for number, actor in enumerate(problem.actors):
            self._add_actor(number)
            for place, preparation in actor.prepared:
                self._prepare(At(number, place), preparation.barred)
        self._mended = [(link, mended) for link in problem.links if (mended := self._add_link(link)) is not None]
        for turn in problem.turns:
            self._add_turn(turn)

    def _add_actor(self, number: int) -> None:
        actor, model, last = self._problem.actors[number], self._model, self._horizon + 1
        for place in actor.places:
            at = At(number, place)
            self._been[at] = model.new_constant(1) if place == 0 else model.new_bool_var("")
            self._starts[at] = model.new_constant(0) if place == 0 else model.new_int_var(1, last, "")
            self._ends[at] = model.new_int_var(1, last, "")
            been = self._been[at]
            model.add(self._starts[at] <= self._horizon).only_enforce_if(been)
            model.add(self._starts[at] < self._ends[at]).only_enforce_if(been)
            model.add(self._starts[at] == self._ends[at]).only_enforce_if(been.negated())
        ats = [At(number, place) for place in actor.places]
        if actor.ordered:
            for here, there in pairwise(ats):
                model.add(self._ends[here] == self._starts[there])
            model.add(self._ends[ats[-1]] == last)
        else:
            self._in_any_order(ats, last)
        for place in actor.places:
            if place not in actor.goals:
                model.add(self._ends[At(number, place)] < last).only_enforce_if(self._been[At(number, place)])

    def _in_any_order(self, ats: list[At], last: int) -> None:
        """Some of the places one after the other, without a gap and each once."""
        model, sizes = self._model, []
        intervals = []
        for at in ats:
            size = model.new_int_var(0, last, "")
            model.add(size == self._ends[at] - self._starts[at])
            sizes.append(size)
            intervals.append(
                model.new_optional_interval_var(self._starts[at], size, self._ends[at], self._been[at], "")
            )
        model.add_no_overlap(intervals)
        model.add(sum(sizes) == last)

    def _prepare(self, at: At, barred: Iterable[At]) -> None:
        """A wave before the one in which the place is reached, at which none of the barred places is held."""
        made = self._model.new_int_var(1, self._horizon + 1, "")
        self._made[at] = made
        self._model.add(made < self._starts[at]).only_enforce_if(self._been[at])
        for place in barred:
            earlier, later = self._model.new_bool_var(""), self._model.new_bool_var("")
            self._model.add(made < self._starts[place]).only_enforce_if(earlier)
            self._model.add(made > self._ends[place]).only_enforce_if(later)
            self._model.add_bool_or(earlier, later, self._been[at].negated(), self._been[place].negated())

    def _is_before(self, one: At, other: At) -> "cp_model.IntVar | None":
        """That one place is left before the other one is come to; None where it cannot be."""
        if other.place == 0 or one.actor == other.actor or self._is_last(one):
            return None
        if (one, other) not in self._before:
            self._before[one, other] = self._is_less(self._ends[one], self._starts[other])
        return self._before[one, other]

    def _is_last(self, at: At) -> bool:
        actor = self._problem.actors[at.actor]
        return actor.goals == {at.place} and (actor.ordered or len(actor.places) == 1)

    def _add_link(self, link: Link) -> "cp_model.IntVar | None":
        """The clauses of one link; of one that is broken now, the literal that says that it is mended in the end."""
        if not link.is_broken_now:
            for places in link.broken:
                self._model.add_bool_or(self._apart(list(map(At, link.actors, places))))
            return None
        self._stay_mended(link)
        if not can_be_mended(link, self._problem):
            return None
        mended = self._model.new_bool_var("")
        for places in link.broken:
            ats = list(map(At, link.actors, places))
            ways = [way for at in ats for way in (self._left(at), self._been[at].negated())]
            self._model.add_bool_or([mended.negated(), *ways])
        return mended

    def _apart(self, ats: list[At]) -> list[Any]:
        """The ways in which these places are not held together."""
        pairs = ((self._is_before(one, other), self._is_before(other, one)) for one, other in combinations(ats, 2))
        found = [literal for pair in pairs for literal in pair if literal is not None]
        return found + [self._been[at].negated() for at in ats if at.place]

    def _left(self, at: At) -> "cp_model.IntVar":
        """That the place is not the one in which its actor ends."""
        literal = self._model.new_bool_var("")
        self._model.add(self._ends[at] <= self._horizon).only_enforce_if(literal)
        return literal

    def _stay_mended(self, link: Link) -> None:
        """No move leads from a combination that holds to one that is broken, wherever the others are by then."""
        for index, number in enumerate(link.actors):
            others = [other for other in link.actors if other != number]
            for places in product(*(self._problem.actors[other].places for other in others)):
                for here, there in permutations(self._problem.actors[number].places, 2):
                    before, after = ((*places[:index], place, *places[index:]) for place in (here, there))
                    if before not in link.broken and after in link.broken:
                        self._no_move(At(number, here), At(number, there), list(map(At, others, places)))

    def _no_move(self, here: At, there: At, others: list[At]) -> None:
        """That the actor does not go from one place straight to the other in a wave in which others hold theirs."""
        if there.place == 0 or (self._problem.actors[here.actor].ordered and there.place < here.place):
            return
        ways = [self._been[at].negated() for at in (here, there, *others) if at.place]
        ways += [
            self._is_less(self._ends[here], self._starts[there]),
            self._is_less(self._starts[there], self._ends[here]),
        ]
        for at in others:
            ways += [
                self._is_less(self._ends[at], self._starts[there]),
                self._is_less(self._starts[there], self._starts[at]),
            ]
        self._model.add_bool_or(ways)

    def _is_less(self, one: Any, other: Any) -> Any:
        literal = self._model.new_bool_var("")
        self._model.add(one < other).only_enforce_if(literal)
        return literal

    def _add_turn(self, turn: Turn) -> None:
        kept, wave = self._model.new_bool_var(""), self._model.new_int_var(0, self._horizon, "")
        for number in turn.first:
            for place in self._problem.actors[number].places[1:]:
                both = (kept, self._been[At(number, place)])
                self._model.add(self._starts[At(number, place)] <= wave).only_enforce_if(*both)
        for number in turn.then:
            for goal in self._problem.actors[number].goals - {0}:
                both = (kept, self._been[At(number, goal)])
                self._model.add(self._starts[At(number, goal)] >= wave).only_enforce_if(*both)
        self._kept.append((turn, kept))

    @property
    def unmended(self) -> Expression:
        """How many pulls stay broken."""
        return sum(link.weight * mended.negated() for link, mended in self._mended)

    @property
    def missed(self) -> Expression:
        """How many turns are not kept."""
        return sum(kept.negated() for _, kept in self._kept)

    @property
    def costs(self) -> Expression:
        """What the places that are visited cost."""
        actors = self._problem.actors
        return sum(actors[at.actor].costs[at.place] * been for at, been in self._been.items() if at.place)

    @property
    def bridges(self) -> Expression:
        """How many stops are made on the way."""
        return sum(been for at, been in self._been.items() if at.place in self._problem.actors[at.actor].bridges)

    @property
    def delays(self) -> Expression:
        """The waves of all legs and preparations together."""
        return sum(self._starts[at] for at in self._starts if at.place) + sum(self._made.values())

    @property
    def missed_wishes(self) -> tuple[int, int]:
        """The weight of what stays broken, and how many turns are not kept."""
        return self._solver.value(self.unmended), self._solver.value(self.missed)

    def settle(self) -> bool:
        """Find the best schedule of this length; False where there is none."""
        late = 1 + (self._horizon + 1) * (len(self._starts) + len(self._made))
        dear = 1 + sum(sum(actor.costs) for actor in self._problem.actors)
        wishes = self.unmended * (1 + len(self._kept)) + self.missed
        proven = True
        if self._mended or self._kept:
            if not self._minimize(wishes):
                return False
            proven = self._is_optimal
            self._model.add(wishes <= self._solver.value(wishes))
        found = self._minimize((self.bridges * dear + self.costs) * late + self.delays)
        self._is_optimal = self._is_optimal and proven
        return found

    def _minimize(self, wanted: Expression) -> bool:
        answer = solved(self._model, wanted)
        self._solver, self._is_optimal, self.is_impossible = answer.solver, answer.is_best, answer.is_impossible
        return answer.is_found

    def shortest(self, *, proven: bool) -> Schedule:
        """What was found, in fewer waves if it can be had in fewer than were allowed."""
        least = max((self._solver.value(self._starts[at]) for at in self._starts if self._been_at(at)), default=0)
        for waves in range(_LONG + 1, least):
            model = _Model(self._problem, waves)
            model._model.add(model.unmended <= self.missed_wishes[0])
            model._model.add(model.missed <= self.missed_wishes[1])
            if model.settle():
                return model.schedule(waves, proven=proven)
        return self.schedule(least, proven=proven)

    def _been_at(self, at: At) -> bool:
        return bool(at.place and self._solver.value(self._been[at]))

    def schedule(self, waves: int, *, proven: bool) -> Schedule:
        """What was found. `proven`: that there is nothing shorter."""
        value = self._solver.value
        been = [at for at in self._starts if at.place and value(self._been[at])]
        legs = sorted(Leg(value(self._starts[at]), at.actor, at.place) for at in been)
        made = sorted((at, value(wave)) for at, wave in self._made.items() if value(self._been[at]))
        missed = tuple(turn for turn, kept in self._kept if not value(kept))
        return Schedule(tuple(legs), tuple(made), waves, missed, proven and self._is_optimal)
