"""Any file is knowledge or refused with its name: nothing that stands in it ends a run in another way."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from planner.errors import KnowledgeError
from planner.knowledge.checks import engine_mistakes, registry_mistakes
from planner.knowledge.document import read_document
from planner.knowledge.mistakes import validated
from planner.knowledge.schema import EngineFile, RegistryFile
from tests.unit.test_knowledge_files import ENGINE, REGISTRY

PIECES = [
    "[",
    "]",
    "[[",
    "=",
    "\n",
    '"',
    '"""',
    "{",
    "}",
    ".",
    "#",
    ">=1.0.0",
    "1.10",
    "true",
    "2026-11-23",
    "need",
    "\0",
]
damage = st.lists(
    st.tuples(st.integers(0, 700), st.integers(0, 30), st.sampled_from(PIECES) | st.text(max_size=5)), max_size=4
)


def damaged(text: str, cuts: list[tuple[int, int, str]]) -> str:
    for start, length, piece in cuts:
        text = text[:start] + piece + text[start + length :]
    return text


def judged(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "own.toml")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        document = read_document(path)
        if "rule" in document.members:
            document.refuse(registry_mistakes(validated(document, RegistryFile), {"registry-cannot-serve"}))
        else:
            file = validated(document, EngineFile)
            document.refuse(engine_mistakes(file, {"schema1"}, file.stores, file.clients))


@given(st.sampled_from([ENGINE, REGISTRY]), damage)
@example(ENGINE, [(0, 700, "need = 1")])
@example(ENGINE, [(0, 700, "need.schema1.versions = 1")])
@example(ENGINE, [(0, 700, '"" = 1\n" ".x = [[]]')])
@example(ENGINE, [(0, 700, "limit = " + "9" * 5000)])
@example(REGISTRY, [(0, 0, "rule = []\n")])
def test_a_damaged_file_is_knowledge_or_refused(text: str, cuts: list[tuple[int, int, str]]) -> None:
    assert "own.toml" in (told(damaged(text, cuts)) or "own.toml")


def told(text: str) -> str:
    """The refusal, empty where there is none; any other exception is the defect that is looked for."""
    try:
        judged(text)
    except KnowledgeError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("text", [ENGINE, REGISTRY])
def test_an_undamaged_one_is_knowledge(text: str) -> None:
    judged(text)
