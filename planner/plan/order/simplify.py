"""A problem made smaller without changing what the best schedule is: idle places, twins, parts that do not touch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.plan.order.problem import Actor, At, Leg, Link, Preparation, Problem, Schedule, Turn

# The places of each actor that are left, by its number; actors that are not named are left out.
Allowed = Mapping[int, tuple[int, ...]]
# For each place of one actor of a link, the places of the others at which it is broken.
Rows = Mapping[int, frozenset[tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class Part:
    """A smaller problem. `members` are the actors of the larger one that each of its actors stands for.

    `places` are the numbers that its places have there.
    """

    problem: Problem
    members: tuple[tuple[int, ...], ...]
    places: tuple[tuple[int, ...], ...]

    def back(self, schedule: Schedule) -> tuple[list[Leg], list[tuple[At, int]]]:
        """The legs and preparations of the larger problem."""
        legs = [
            Leg(leg.wave, member, self.places[leg.actor][leg.place])
            for leg in schedule.legs
            for member in self.members[leg.actor]
        ]
        made = [
            (At(member, self.places[at.actor][at.place]), wave)
            for at, wave in schedule.prepared
            for member in self.members[at.actor]
        ]
        return legs, made


def restricted(problem: Problem, allowed: Allowed, links: Iterable[int], *, turns: bool = True) -> Part:
    """The problem of some links, and of the actors and places in `allowed`, which has all actors of the links."""
    numbers = sorted(allowed)
    new = {number: position for position, number in enumerate(numbers)}
    place = {number: {old: position for position, old in enumerate(allowed[number])} for number in numbers}
    actors = tuple(_restricted(problem.actors[number], allowed[number], new, place) for number in numbers)
    kept = tuple(_relinked(problem.links[index], new, place) for index in links)
    wishes = [
        Turn(tuple(new[n] for n in turn.first if n in new), tuple(new[n] for n in turn.then if n in new))
        for turn in (problem.turns if turns else ())
    ]
    smaller = Problem(actors, kept, tuple(turn for turn in wishes if turn.first and turn.then))
    return Part(smaller, tuple((number,) for number in numbers), tuple(tuple(allowed[number]) for number in numbers))


def _restricted(
    actor: Actor, allowed: Sequence[int], new: Mapping[int, int], place: Mapping[int, Mapping[int, int]]
) -> Actor:
    def moved(preparation: Preparation) -> Preparation:
        return Preparation(frozenset(At(new[a], place[a][p]) for a, p in preparation.barred if p in place.get(a, ())))

    prepared = dict(actor.prepared)
    # What is held back has to end where it may.
    goals = frozenset(n for n, old in enumerate(allowed) if old in actor.goals) or frozenset(range(len(allowed)))
    return Actor(
        tuple(actor.costs[old] for old in allowed),
        goals,
        actor.ordered,
        tuple((n, moved(prepared[old])) for n, old in enumerate(allowed) if old in prepared),
        frozenset(n for n, old in enumerate(allowed) if old in actor.bridges),
    )


def _relinked(link: Link, new: Mapping[int, int], place: Mapping[int, Mapping[int, int]]) -> Link:
    maps = [place[number] for number in link.actors]
    broken = frozenset(
        tuple(each[p] for each, p in zip(maps, places, strict=True))
        for places in link.broken
        if all(p in each for each, p in zip(maps, places, strict=True))
    )
    return replace(link, actors=tuple(new[number] for number in link.actors), broken=broken)


def busy(problem: Problem) -> dict[int, tuple[int, ...]]:
    """The places of every actor without those that a neighbour serves as well as, for all links.

    Of an ordered actor a neighbour is the place before or after: whoever would be here can be there in the meantime.
    Pins go to their places in any order, so that any other one that costs no more will do.
    """
    of_actor: dict[int, list[tuple[Link, int]]] = {number: [] for number in range(len(problem.actors))}
    for link in problem.links:
        for index, number in enumerate(link.actors):
            of_actor[number].append((link, index))
    barring: dict[int, set[int]] = {}
    for at in (at for actor in problem.actors for _, preparation in actor.prepared for at in preparation.barred):
        barring.setdefault(at.actor, set()).add(at.place)
    rows: dict[tuple[int, int], Rows] = {}
    left = {}
    for number, actor in enumerate(problem.actors):
        places = list(actor.places)
        tables = {(id(link.broken), index, link.is_broken_now): link for link, index in of_actor[number]}
        for (table, index, _), link in tables.items():
            if (table, index) not in rows:
                rows[table, index] = _rows(link, index)
        found = [(rows[table, index], strict) for table, index, strict in tables]
        while idle := next(
            (p for p in places[1:] if _is_idle(p, actor, places, found, barring.get(number, set()))), None
        ):
            places.remove(idle)
        left[number] = tuple(places)
    return left


def _rows(link: Link, index: int) -> Rows:
    """For each place of one actor of a link, the places of the others at which it is broken."""
    found: dict[int, set[tuple[int, ...]]] = {}
    for places in link.broken:
        found.setdefault(places[index], set()).add((*places[:index], *places[index + 1 :]))
    return {place: frozenset(others) for place, others in found.items()}


def _is_idle(place: int, actor: Actor, places: list[int], tables: list[tuple[Rows, bool]], barring: set[int]) -> bool:
    """Whether another place that is left does for all links what this one does, at no more cost."""
    position = places.index(place)
    if actor.ordered:
        if place in actor.goals:
            return False
        others = [places[position - 1], *places[position + 1 : position + 2]]
    else:
        others = [other for other in places[1:] if other != place]
    prepared = dict(actor.prepared)
    for other in others:
        if actor.costs[other] > actor.costs[place] or (other in actor.bridges) > (place in actor.bridges):
            continue
        if other in actor.last_resorts and place not in actor.last_resorts:
            continue
        if prepared.get(other, prepared.get(place)) != prepared.get(place) or other in barring:
            continue
        pairs = [(rows.get(place, frozenset()), rows.get(other, frozenset()), strict) for rows, strict in tables]
        if all(there == here if strict else there <= here for here, there, strict in pairs):
            return True
    return False


def without_twins(part: Part) -> Part:
    """Actors that are alike and have the same links to the same others, as one."""
    while True:
        problem = part.problem
        linked: list[list[object]] = [[] for _ in problem.actors]
        for link in problem.links:
            for index, number in enumerate(link.actors):
                linked[number].append((index, link.broken, (*link.actors[:index], -1, *link.actors[index + 1 :])))
        for order, turn in enumerate(problem.turns):
            for side, numbers in enumerate((turn.first, turn.then)):
                for number in numbers:
                    linked[number].append((order, side))
        alike: dict[object, list[int]] = {}
        for number, actor in enumerate(problem.actors):
            alike.setdefault((actor, part.places[number], frozenset(linked[number])), []).append(number)
        if len(alike) == len(problem.actors):
            return part
        part = _merged(part, list(alike.values()))


def _merged(part: Part, classes: list[list[int]]) -> Part:
    problem = part.problem
    new = {number: position for position, some in enumerate(classes) for number in some}
    actors = []
    for some in classes:
        actor = problem.actors[some[0]]
        prepared = tuple(
            (place, Preparation(frozenset(At(new[at.actor], at.place) for at in preparation.barred)))
            for place, preparation in actor.prepared
        )
        actors.append(replace(actor, costs=tuple(len(some) * cost for cost in actor.costs), prepared=prepared))
    weights: dict[Link, int] = {}
    for link in problem.links:
        merged = replace(link, actors=tuple(new[number] for number in link.actors), weight=0)
        weights[merged] = weights.get(merged, 0) + link.weight
    turns = tuple(Turn(_renamed(turn.first, new), _renamed(turn.then, new)) for turn in problem.turns)
    links = tuple(replace(link, weight=weight) for link, weight in weights.items())
    members = tuple(tuple(sorted(m for number in some for m in part.members[number])) for some in classes)
    places = tuple(part.places[some[0]] for some in classes)
    return Part(Problem(tuple(actors), links, turns), members, places)


def _renamed(numbers: Iterable[int], new: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(sorted({new[number] for number in numbers}))


def components(problem: Problem) -> list[tuple[list[int], list[int]]]:
    """The actors and links, by number, of each part that nothing connects with the others."""
    root = list(range(len(problem.actors)))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    together = [link.actors for link in problem.links]
    together += [(*turn.first, *turn.then) for turn in problem.turns]
    together += [
        (number, *(at.actor for at in preparation.barred))
        for number, actor in enumerate(problem.actors)
        for _, preparation in actor.prepared
    ]
    for some in together:
        for other in some[1:]:
            root[find(other)] = find(some[0])
    found: dict[int, tuple[list[int], list[int]]] = {}
    for number in range(len(problem.actors)):
        found.setdefault(find(number), ([], []))[0].append(number)
    for index, link in enumerate(problem.links):
        found[find(link.actors[0])][1].append(index)
    return list(found.values())
