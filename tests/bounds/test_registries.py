"""Every era of every registry is right at both ends, by facts that were not taken from the knowledge itself."""

from planner.knowledge import load_knowledge
from tests.bounds.deliveries import disagreements, load_deliveries


def test_eras_begin_and_end_where_the_facts_say() -> None:
    knowledge = load_knowledge()
    wrong = [line for era in load_deliveries() for line in disagreements(era, knowledge)]
    assert not wrong, "\n".join(wrong)
