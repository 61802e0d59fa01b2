"""For random fleets of real images: a plan keeps its word at every moment, and "no order" means that there is none."""

from hypothesis import given, settings

from tests.support.fleets import Planned, contests, fleets
from tests.support.orders import every_order, goals_can_be_reached
from tests.support.replay import violations


@given(fleets())
@settings(max_examples=10, deadline=None)
def test_every_plan_keeps_its_word_at_every_moment(fleet: Planned) -> None:
    assert violations(fleet.facts, fleet.plan) == []


@given(contests())
@settings(max_examples=10, deadline=None)
def test_a_target_is_given_up_exactly_if_no_order_reaches_all(fleet: Planned) -> None:
    assert violations(fleet.facts, fleet.plan) == []
    is_given_up = any(blocked.held for blocked in fleet.plan.blocked)
    assert goals_can_be_reached(every_order(fleet)) != is_given_up
