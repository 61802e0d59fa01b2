"""Every order there is, for small problems: what the search of planner.plan is held against."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import permutations, product

from planner.plan.order.problem import At, Leg, Problem, Schedule

Flags = tuple[bool, ...]


def kept(problem: Problem, places: Sequence[int], before: Flags) -> Flags | None:
    """Which links hold at these places; None where one is broken that held before."""
    holds = tuple(tuple(places[n] for n in link.actors) not in link.broken for link in problem.links)
    return None if any(old and not new for old, new in zip(before, holds, strict=True)) else holds


def least_unmended(problem: Problem) -> int | None:
    """The least weight of links that stay broken over all orders; None where no order reaches all goals."""
    start = (0,) * len(problem.actors)
    first = kept(problem, start, (False,) * len(problem.links))
    assert first is not None
    begin = (start, (frozenset({0}),) * len(start), first, frozenset[At]())
    queue, seen, found = deque([begin]), {begin}, list[int]()
    while queue:
        places, _, holds, _ = state = queue.popleft()
        if all(place in actor.goals for place, actor in zip(places, problem.actors, strict=True)):
            found.append(sum(link.weight for link, held in zip(problem.links, holds, strict=True) if not held))
        for following in _next(problem, state):
            if following not in seen:
                seen.add(following)
                queue.append(following)
    return min(found) if found else None


State = tuple[tuple[int, ...], tuple[frozenset[int], ...], Flags, frozenset[At]]


def _next(problem: Problem, state: State) -> Iterator[State]:
    places, visited, holds, made = state
    for number, actor in enumerate(problem.actors):
        prepared = dict(actor.prepared)
        for place, preparation in prepared.items():
            if not any(places[at.actor] == at.place for at in preparation.barred):
                yield places, visited, holds, made | {At(number, place)}
        for place in actor.places:
            is_ahead = place > places[number] if actor.ordered else place not in visited[number]
            if not is_ahead or (place in prepared and At(number, place) not in made):
                continue
            moved = (*places[:number], place, *places[number + 1 :])
            after = kept(problem, moved, holds)
            if after is not None:
                seen = (*visited[:number], visited[number] | {place}, *visited[number + 1 :])
                yield moved, seen, after, made


def unmended_after(problem: Problem, schedule: Schedule) -> int:
    """Carry a schedule out in every order that its waves allow; AssertionError where it breaks the rule."""
    places = [0] * len(problem.actors)
    holds = kept(problem, places, (False,) * len(problem.links))
    made = dict(schedule.prepared)
    for wave in range(1, schedule.waves + 1):
        legs = [leg for leg in schedule.legs if leg.wave == wave]
        assert len({leg.actor for leg in legs}) == len(legs), "an actor moves twice in a wave"
        _assert_prepared(problem, places, legs, made, wave)
        places, holds = _carried_out(problem, places, holds or (), legs)
    assert all(place in actor.goals for place, actor in zip(places, problem.actors, strict=True))
    return sum(link.weight for link, held in zip(problem.links, holds or (), strict=True) if not held)


def _assert_prepared(
    problem: Problem, places: Sequence[int], legs: Sequence[Leg], made: dict[At, int], wave: int
) -> None:
    for leg in legs:
        if leg.place in dict(problem.actors[leg.actor].prepared):
            assert made[At(leg.actor, leg.place)] < wave, "a copy is used before it is made"
    for at in (at for at, when in made.items() if when == wave):
        for barred in dict(problem.actors[at.actor].prepared)[at.place].barred:
            passed = {places[barred.actor], *(leg.place for leg in legs if leg.actor == barred.actor)}
            assert barred.place not in passed, "a copy is made where it cannot be"


def _carried_out(
    problem: Problem, places: list[int], holds: Flags, legs: Sequence[Leg]
) -> tuple[list[int], Flags | None]:
    end, left = places, kept(problem, places, holds)
    for order in permutations(legs):
        end, left = list(places), holds
        for leg in order:
            end[leg.actor] = leg.place
            after = kept(problem, end, left)
            assert after is not None, f"a pull breaks in the order {order}"
            left = after
    return end, left


def fewest_waves(problem: Problem, unmended: int) -> int:
    """The least number of waves in which all goals are reached, with no more weight of broken links than that."""
    start = (0,) * len(problem.actors)
    first = kept(problem, start, (False,) * len(problem.links))
    assert first is not None
    states: set[State] = {(start, (frozenset({0}),) * len(start), first, frozenset())}
    seen: set[State] = set()
    waves = 0
    while not any(_is_end(problem, state, unmended) for state in states):
        seen |= states
        states = {after for state in states for after in _after_wave(problem, state)} - seen
        assert states, "there is no order at all"
        waves += 1
    return waves


def _is_end(problem: Problem, state: State, unmended: int) -> bool:
    places, _, holds, _ = state
    left = sum(link.weight for link, held in zip(problem.links, holds, strict=True) if not held)
    return left <= unmended and all(p in actor.goals for p, actor in zip(places, problem.actors, strict=True))


def _after_wave(problem: Problem, state: State) -> Iterator[State]:
    """Every state after one wave: any moves that hold in every order, and every copy that can be made meanwhile."""
    places, visited, holds, made = state
    choices = [list(_moves(problem, state, number)) for number in range(len(places))]
    for chosen in product(*choices):
        legs = [Leg(0, number, place) for number, place in enumerate(chosen) if place != places[number]]
        try:
            end, after = _carried_out(problem, list(places), holds, legs)
        except AssertionError:
            continue
        passed = {At(n, p) for n, p in (*enumerate(places), *enumerate(chosen))}
        copies = {
            At(number, place)
            for number, actor in enumerate(problem.actors)
            for place, preparation in actor.prepared
            if not preparation.barred & passed
        }
        seen = tuple(before | {place} for before, place in zip(visited, chosen, strict=True))
        yield tuple(end), seen, after or (), made | copies


def _moves(problem: Problem, state: State, number: int) -> Iterator[int]:
    """Where an actor may be after the wave: where it is, or one place on."""
    places, visited, _, made = state
    actor = problem.actors[number]
    prepared = dict(actor.prepared)
    for place in actor.places:
        is_ahead = place > places[number] if actor.ordered else place not in visited[number]
        if place == places[number] or (is_ahead and (place not in prepared or At(number, place) in made)):
            yield place
