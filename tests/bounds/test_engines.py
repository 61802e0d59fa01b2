"""Every era of every engine is right at both ends, by facts that were not taken from the knowledge itself."""

import pytest

from planner.knowledge import load_knowledge
from planner.model.knowledge import Knowledge
from tests.bounds.eras import disagreements, load_eras

ERAS = load_eras()


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.mark.parametrize("engine", sorted({era.engine for era in ERAS}))
def test_eras_begin_and_end_where_the_facts_say(engine: str, knowledge: Knowledge) -> None:
    wrong = [line for era in ERAS if era.engine == engine for line in disagreements(era, knowledge)]
    assert not wrong, "\n".join(wrong)
