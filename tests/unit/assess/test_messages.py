"""The engine's words in an outcome, where two may be printed: which of them depends on what the registry looks at."""

from dataclasses import replace

import pytest

from planner.assess.compare import Image, Pull, compare
from planner.assess.delivery import RegistryView
from planner.assess.engine_view import view
from planner.assess.shape import Shape
from planner.model import media_type as mt
from planner.model.engine import Range
from planner.model.host import LINUX_AMD64
from planner.model.knowledge import VERSIONLESS, Capability, Support
from planner.model.resolution import State
from tests.support.knowledge import KNOWLEDGE

UNDECLARED = RegistryView("registry.example")
DECLARED = RegistryView("quay.io", KNOWLEDGE.registries["quay"], VERSIONLESS)


@pytest.mark.parametrize(
    ("message", "gated", "registry", "said"),
    [
        ("cannot parse", "not found", UNDECLARED, "not found | cannot parse"),
        ("", "not found", UNDECLARED, "not found"),
        ("cannot parse", "", UNDECLARED, "cannot parse"),
        ("cannot parse", "not found", DECLARED, "cannot parse"),
        ("", "", UNDECLARED, ""),
    ],
)
def test_both_messages_where_the_registry_is_not_known(
    message: str, gated: str, registry: RegistryView, said: str
) -> None:
    entry = Capability("schema2", Range(), Support.UNSUPPORTED, ("ours",), message=message, gated_message=gated)
    engine = KNOWLEDGE.engines["skopeo"]
    ours = replace(engine, capabilities={**engine.capabilities, "schema2": (entry,)}, accepts=())
    pull = Pull(view(ours, ours.newest, "", "", frozenset()), registry, LINUX_AMD64, "digest", KNOWLEDGE.cause_of)
    outcome = compare(Image(Shape(mt.SCHEMA2, mt.SCHEMA2, mt.SCHEMA2), State.RESOLVED), pull)
    assert (outcome.cause, outcome.message) == ("schema2-manifest", said)
