"""Every era of every registry is right at both ends, by facts that were not taken from the knowledge itself."""

from tests.bounds.deliveries import disagreements, load_deliveries
from tests.support.knowledge import KNOWLEDGE


def test_eras_begin_and_end_where_the_facts_say() -> None:
    wrong = [line for era in load_deliveries() for line in disagreements(era, KNOWLEDGE)]
    assert not wrong, "\n".join(wrong)
