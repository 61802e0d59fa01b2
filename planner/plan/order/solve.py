"""The whole answer: the best schedule or, where there is none, what forbids it, what is held for it, and the rest."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from planner.plan.order.problem import Actor, At, Leg, Link, Problem, Schedule, Turn
from planner.plan.order.search import UndecidedError, search
from planner.plan.order.simplify import Allowed, Part, busy, components, restricted, without_twins

# That an actor reaches its goal ("goal"), or that a link is kept ("link"), by number.
Fact = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Core:
    """Facts that are not possible together, while any of them left out makes the others possible.

    `actors` cannot all reach their goals as long as none of `links` breaks.
    """

    actors: tuple[int, ...]
    links: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """An actor that stays where it is, and why; `core` None: the search could not decide in its time."""

    actor: int
    core: Core | None


@dataclass(frozen=True, slots=True)
class Solution:
    """A schedule for all that is not held. `unlocked` are the actors for which last resorts had to be allowed."""

    schedule: Schedule
    holds: tuple[Hold, ...] = ()
    unlocked: frozenset[int] = frozenset()


def solve(problem: Problem, importance: Sequence[int]) -> Solution:
    """The best schedule; where there is none, the one that holds the least important actors back (their hosts).

    First places are closed that are for want of any other; they are opened for those that need them, be it to move or
    to be mended.
    """
    return _Solver(problem, importance).solve()


class _Solver:
    def __init__(self, problem: Problem, importance: Sequence[int]) -> None:
        self._problem = problem
        self._importance = importance
        self._known: dict[Problem, Schedule | None] = {}
        self._allowed = {
            number: tuple(place for place in actor.places if place not in actor.last_resorts)
            for number, actor in enumerate(problem.actors)
        }
        self._busy = busy(problem)
        self._unlocked: set[int] = set()
        self._holds: list[Hold] = []

    def solve(self) -> Solution:
        while True:
            schedules = self._attempt()
            if schedules is None:
                continue
            schedule = _together(schedules)
            if not self._open_for(schedule):
                return Solution(schedule, tuple(self._holds), frozenset(self._unlocked))

    def _open_for(self, schedule: Schedule) -> bool:
        """Open the last resorts that could mend what the schedule leaves broken; False where there are none left."""
        ends = dict.fromkeys(range(len(self._problem.actors)), 0) | {leg.actor: leg.place for leg in schedule.legs}
        broken = [link for link in self._problem.links if link.is_broken_now]
        left = [link for link in broken if tuple(ends[number] for number in link.actors) in link.broken]
        held = {hold.actor for hold in self._holds}
        closed = {n for link in left for n in link.actors if n not in self._unlocked | held}
        return self._open(n for n in sorted(closed) if any(self._could_mend(link, n) for link in left))

    def _could_mend(self, link: Link, number: int) -> bool:
        """Whether the link holds anywhere with an actor of it at one of its last resorts."""
        resorts = self._problem.actors[number].last_resorts
        places = (resorts if n == number else self._problem.actors[n].places for n in link.actors)
        return number in link.actors and not link.broken.issuperset(product(*places))

    def _open(self, closed: Iterable[int]) -> bool:
        """Open the last resorts of some actors; False where there is nothing to open."""
        closed = list(closed)
        # Pins before hosts: a digest that changes can stay, a switch is for a while.
        opened = [n for n in closed if not self._problem.actors[n].ordered] or closed
        self._unlocked.update(opened)
        for number in opened:
            self._allowed[number] = tuple(self._problem.actors[number].places)
        return bool(opened)

    def _attempt(self) -> list[tuple[Part, Schedule]] | None:
        """A schedule for each component; None where something had to be opened or held, and all begins anew."""
        if core := self._singles():
            self._give_way(core)
            return None
        whole = without_twins(restricted(self._problem, self._places(), range(len(self._problem.links))))
        found = []
        for actors, links in components(whole.problem):
            every = {number: tuple(whole.problem.actors[number].places) for number in actors}
            part = _within(whole, restricted(whole.problem, every, links))
            try:
                schedule = self._search(part.problem)
            except UndecidedError:
                self._hold_one(part)
                return None
            if schedule is None:
                self._give_way(self._core(part))
                return None
            found.append((part, schedule))
        return found

    def _places(self) -> Allowed:
        return {number: tuple(p for p in places if p in self._busy[number]) for number, places in self._allowed.items()}

    def _search(self, problem: Problem) -> Schedule | None:
        if problem not in self._known:
            self._known[problem] = search(problem)
        return self._known[problem]

    def _is_possible(self, facts: Iterable[Fact]) -> bool:
        """Whether some links can all be kept while some actors reach their goals."""
        facts = list(facts)
        links = [number for kind, number in facts if kind == "link"]
        bound = {number for kind, number in facts if kind == "goal"}
        allowed = self._places()
        actors = {n for index in links for n in self._problem.links[index].actors}
        barring = {
            at.actor for n in actors for _, preparation in self._problem.actors[n].prepared for at in preparation.barred
        }
        chosen = {n: allowed[n] for n in sorted(actors | barring | bound)}
        part = restricted(self._problem, chosen, links, turns=False)
        free = tuple(
            actor if member in bound else _anywhere(actor)
            for actor, (member,) in zip(part.problem.actors, part.members, strict=True)
        )
        merged = without_twins(Part(Problem(free, part.problem.links), part.members, part.places))
        return self._search(merged.problem) is not None

    def _singles(self) -> Core | None:
        """A core of one link, which is most of them, found before anything larger is tried."""
        seen: dict[object, bool] = {}
        for index, link in enumerate(self._problem.links):
            allowed = tuple(self._places_of(number) for number in link.actors)
            actors = tuple(self._problem.actors[number] for number in link.actors)
            key = (link.broken, allowed, actors)
            if link.is_broken_now:
                continue
            if key not in seen:
                seen[key] = self._is_possible(self._facts([index]))
            if not seen[key]:
                return self._smallest(self._facts([index]))
        return None

    def _places_of(self, number: int) -> tuple[int, ...]:
        return tuple(place for place in self._allowed[number] if place in self._busy[number])

    def _facts(self, links: Iterable[int]) -> list[Fact]:
        """Some links, and the goals of all that move in them."""
        links = list(links)
        actors = sorted({n for index in links for n in self._problem.links[index].actors})
        moving = [n for n in actors if self._problem.actors[n].goals != frozenset(self._problem.actors[n].places)]
        return [*(("goal", n) for n in moving), *(("link", index) for index in links)]

    def _core(self, part: Part) -> Core:
        """The facts of a component that has no schedule; those around one actor are tried before all together."""
        members = {member for some in part.members for member in some}
        links = [i for i, link in enumerate(self._problem.links) if set(link.actors) <= members]
        around: dict[int, list[int]] = {}
        for index in links:
            for number in self._problem.links[index].actors:
                around.setdefault(number, []).append(index)
        for number in sorted(around, key=lambda n: len(around[n])):
            if not self._is_possible(facts := self._facts(around[number])):
                return self._smallest(facts)
        return self._smallest(self._facts(links))

    def _smallest(self, facts: list[Fact]) -> Core:
        found = _quick_xplain([], False, facts, self._is_possible)
        return Core(
            tuple(sorted(number for kind, number in found if kind == "goal")),
            tuple(sorted(number for kind, number in found if kind == "link")),
        )

    def _give_way(self, core: Core) -> None:
        """Open the last resorts of what the core is about; if there are none left, hold the least important actor."""
        about = {*core.actors, *(n for index in core.links for n in self._problem.links[index].actors)}
        closed = [n for n in sorted(about) if self._problem.actors[n].last_resorts and n not in self._unlocked]
        if not self._open(closed):
            self._hold(min(core.actors, key=lambda n: (self._importance[n], n)), core)

    def _hold(self, actor: int, core: Core | None) -> None:
        self._holds.append(Hold(actor, core))
        self._allowed[actor] = (0,)

    def _hold_one(self, part: Part) -> None:
        """Of what took too long together, hold the actor with the most links: without it the others may fall apart."""
        members = {member for some in part.members for member in some}
        moving = [n for n in members if self._problem.actors[n].ordered and 0 not in self._problem.actors[n].goals]
        links = Counter(n for link in self._problem.links for n in link.actors)
        self._hold(max(moving, key=lambda n: (links[n], -n)), None)


def _anywhere(actor: Actor) -> Actor:
    return replace(actor, goals=frozenset(actor.places))


def _within(whole: Part, part: Part) -> Part:
    """A part of a part, in the numbers of the largest problem."""
    members = tuple(whole.members[number] for (number,) in part.members)
    places = tuple(whole.places[number] for (number,) in part.members)
    return Part(part.problem, members, places)


def _quick_xplain(
    background: list[Fact],
    is_new: bool,
    facts: list[Fact],
    is_possible: Callable[[Iterable[Fact]], bool],
) -> list[Fact]:
    """Junker's QuickXplain (AAAI 2004): facts of which none can be left out, with few tests where they are few."""
    if is_new and not is_possible(background):
        return []
    if len(facts) == 1:
        return facts
    half = len(facts) // 2
    first, second = facts[:half], facts[half:]
    of_second = _quick_xplain([*background, *first], bool(first), second, is_possible)
    of_first = _quick_xplain([*background, *of_second], bool(of_second), first, is_possible)
    return [*of_first, *of_second]


def _together(schedules: Sequence[tuple[Part, Schedule]]) -> Schedule:
    legs: list[Leg] = []
    made: list[tuple[At, int]] = []
    missed: list[Turn] = []
    for part, schedule in schedules:
        some, copies = part.back(schedule)
        legs += some
        made += copies
        missed += [Turn(_members(turn.first, part), _members(turn.then, part)) for turn in schedule.missed]
    return Schedule(
        tuple(sorted(legs)),
        tuple(sorted(made)),
        max((schedule.waves for _, schedule in schedules), default=0),
        tuple(missed),
        all(schedule.is_optimal for _, schedule in schedules),
    )


def _members(numbers: Iterable[int], part: Part) -> tuple[int, ...]:
    return tuple(sorted(member for number in numbers for member in part.members[number]))
