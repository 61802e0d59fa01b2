"""For random fleets of real images: every plan keeps its word at every moment, and where it says that there is no order, there is none."""

from hypothesis import given, settings

from tests.support.fleets import Planned, fleets
from tests.support.replay import violations


@given(fleets())
@settings(max_examples=60, deadline=None)
def test_every_plan_keeps_its_word_at_every_moment(fleet: Planned) -> None:
    assert violations(fleet.facts, fleet.plan) == []
