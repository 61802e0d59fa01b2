"""For random problems: every schedule keeps the rule, and where planner finds none, there is none."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.plan.order.problem import Actor, At, Link, Preparation, Problem
from planner.plan.order.simplify import restricted
from planner.plan.order.solve import Core, solve
from tests.support.exhaustive import fewest_waves, least_unmended, unmended_after


@st.composite
def problems(draw: st.DrawFn, most: int = 3) -> Problem:
    """Up to `most` units, one registry and as many pins, with links that are broken at random."""
    units, registries, pins = draw(st.integers(1, most)), draw(st.integers(0, 1)), draw(st.integers(1, most))
    movers = [_mover(draw) for _ in range(units + registries)]
    barring = [At(units, place) for place in movers[units].places] if registries else []
    actors = [*movers, *(_pin(draw, barring) for _ in range(pins))]
    links = []
    for unit, pin in product(range(units), range(units + registries, len(actors))):
        asks = (units,) if registries and draw(st.booleans()) else ()
        combinations = list(product(*(actors[n].places for n in (unit, pin, *asks))))
        broken = draw(st.sets(st.sampled_from(combinations), max_size=len(combinations) - 1))
        if broken:
            links.append(Link((unit, pin, *asks), frozenset(broken), draw(st.integers(1, 3))))
    return Problem(tuple(actors), tuple(links))


def _mover(draw: st.DrawFn) -> Actor:
    length = draw(st.integers(1, 4))
    between = frozenset(range(1, length - 1))
    return Actor((0,) * length, frozenset({length - 1}), bridges=between)


def _pin(draw: st.DrawFn, barring: list[At]) -> Actor:
    length = draw(st.integers(1, 3))
    barred = st.frozensets(st.sampled_from(barring)) if barring else st.just(frozenset[At]())
    copies = [place for place in range(1, length) if draw(st.booleans())]
    prepared = tuple((place, Preparation(draw(barred))) for place in copies)
    return Actor((0, *(2 * place for place in range(1, length))), frozenset(range(length)), False, prepared)


@given(problems())
@settings(max_examples=60, deadline=None)
def test_a_schedule_keeps_the_rule_and_none_means_none(problem: Problem) -> None:
    solution = solve(problem, [1] * len(problem.actors))
    least = least_unmended(problem)
    assert bool(solution.holds) == (least is None)
    for hold in solution.holds:
        assert hold.core is not None
        assert hold.actor in hold.core.actors
    held = {hold.actor for hold in solution.holds}
    allowed = {n: (0,) if n in held else tuple(actor.places) for n, actor in enumerate(problem.actors)}
    rest = restricted(problem, allowed, range(len(problem.links))).problem
    assert unmended_after(rest, solution.schedule) == least_unmended(rest)


@given(problems(most=2))
@settings(max_examples=60, deadline=None)
def test_no_schedule_has_fewer_waves(problem: Problem) -> None:
    solution = solve(problem, [1] * len(problem.actors))
    if solution.holds:
        return
    unmended = unmended_after(problem, solution.schedule)
    assert solution.schedule.is_optimal
    assert solution.schedule.waves == fewest_waves(problem, unmended)


@given(problems())
@settings(max_examples=40, deadline=None)
def test_a_core_is_impossible_and_as_small_as_it_can_be(problem: Problem) -> None:
    solution = solve(problem, [1] * len(problem.actors))
    if not solution.holds or (core := solution.holds[0].core) is None:
        return
    assert least_unmended(_only(problem, core)) is None
    for actor in core.actors:
        assert least_unmended(_only(problem, Core(tuple(set(core.actors) - {actor}), core.links))) is not None
    for link in core.links:
        assert least_unmended(_only(problem, Core(core.actors, tuple(set(core.links) - {link})))) is not None


def _only(problem: Problem, core: Core) -> Problem:
    """The problem with the links of a core alone, in which only its actors have goals."""
    every = {number: tuple(actor.places) for number, actor in enumerate(problem.actors)}
    smaller = restricted(problem, every, core.links).problem
    actors = (a if n in core.actors else _anywhere(a) for n, a in enumerate(smaller.actors))
    return Problem(tuple(actors), smaller.links)


def _anywhere(actor: Actor) -> Actor:
    return Actor(actor.costs, frozenset(actor.places), actor.ordered, actor.prepared, actor.bridges)
