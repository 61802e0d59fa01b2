"""Every era of every engine is right at both ends, by facts that were not taken from the knowledge itself."""

import pytest

from tests.bounds.eras import disagreements, load_eras
from tests.support.knowledge import KNOWLEDGE

ERAS = load_eras()


@pytest.mark.parametrize("engine", sorted({era.engine for era in ERAS}))
def test_eras_begin_and_end_where_the_facts_say(engine: str) -> None:
    wrong = [line for era in ERAS if era.engine == engine for line in disagreements(era, KNOWLEDGE)]
    assert not wrong, "\n".join(wrong)
