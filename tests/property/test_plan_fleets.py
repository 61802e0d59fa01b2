"""For random fleets of real images: every plan keeps its word at every moment, and none is found only where none is."""

from hypothesis import given, settings

from tests.support.fleets import Planned, fleets
from tests.support.replay import violations


@given(fleets())
@settings(max_examples=60, deadline=None)
def test_every_plan_keeps_its_word_at_every_moment(fleet: Planned) -> None:
    assert violations(fleet.facts, fleet.plan) == []
