"""What the solver does beyond the search: last resorts, and who is held."""

from planner.plan.order.problem import Actor, Leg, Link, Problem
from planner.plan.order.solve import solve

# A host that can only set a switch, and one whose target has it on or off.
STAYS = Actor((0, 100), frozenset({0, 1}), last_resorts=frozenset({1}))
PIN = Actor((0,), frozenset({0}), ordered=False)
OTHER_CONTENT = Actor((0, 16), frozenset({0, 1}), ordered=False, last_resorts=frozenset({1}))


def test_a_last_resort_mends_what_nothing_else_does() -> None:
    problem = Problem((STAYS, PIN), (Link((0, 1), frozenset({(0, 0)})),))
    solution = solve(problem, [1, 0])
    assert solution.schedule.legs == (Leg(1, 0, 1),)
    assert solution.unlocked == {0}


def test_a_last_resort_that_mends_nothing_stays_closed() -> None:
    problem = Problem((STAYS, PIN), (Link((0, 1), frozenset({(0, 0), (1, 0)})),))
    solution = solve(problem, [1, 0])
    assert solution.schedule.legs == ()
    assert solution.unlocked == frozenset()


def test_other_content_comes_before_a_switch() -> None:
    problem = Problem((STAYS, OTHER_CONTENT), (Link((0, 1), frozenset({(0, 0)})),))
    assert solve(problem, [1, 0]).schedule.legs == (Leg(1, 1, 1),)


def test_a_last_resort_that_breaks_another_pull_is_not_taken() -> None:
    links = (Link((0, 1), frozenset({(0, 0)})), Link((0, 2), frozenset({(1, 0)})))
    solution = solve(Problem((STAYS, PIN, PIN), links), [1, 0, 0])
    assert solution.schedule.legs == ()
    assert solution.holds == ()
