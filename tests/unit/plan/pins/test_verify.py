"""The safety net: what was edited is read again, and what does not read as it must is not edited."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from planner.extract import distinct, extract
from planner.model.occurrence import Occurrence
from planner.model.plan import Move
from planner.model.reference import parse_reference
from planner.model.source import SourceFile
from planner.plan.pins.verify import Files, Found, proven

A, B = (f"sha256:{number:064x}" for number in (10, 11))
TEXT = f"# app@{A}\nservices:\n  web:\n    image: app@{A}\n  other:\n    image: other@{A}\n"
MOVE = Move(parse_reference(f"app@{A}"), parse_reference(f"app@{B}"), "")
FILES = Files({"compose.yml": TEXT}, {"compose.yml": "compose.yml"})


def read(names: Collection[str], texts: Mapping[str, str]) -> list[Found]:
    found = [extract(SourceFile(name, texts.get(name, TEXT)), lambda _: None, tags=True) for name in names]
    return distinct(one for each in found for one in each)


def occurrences() -> list[Occurrence]:
    return [one for one in read(["compose.yml"], {}) if isinstance(one, Occurrence)]


def test_what_reads_as_it_must_is_edited() -> None:
    done = proven(occurrences(), [MOVE], {}, FILES, read)
    assert [change.occurrence.name for change in done.changes] == ["web"]
    assert not done.refused


@pytest.mark.parametrize("text", [f"app@{A}", f"other@{A}"])
def test_an_edit_elsewhere_is_noticed(text: str) -> None:
    """A place that is wrong, where the same digest stands: in a comment, and in another pull."""
    at = TEXT.index(text) + len(text) - len(A)
    wrong = [
        replace(one, spans=tuple(replace(span, offset=at - 4) for span in one.spans)) if one.name == "web" else one
        for one in occurrences()
    ]
    done = proven(wrong, [MOVE], {}, FILES, read)
    assert not done.changes
    assert [each.line for each in done.refused] == [4]


def test_text_that_is_not_where_it_was_is_noticed() -> None:
    wrong = [replace(one, spans=tuple(replace(s, offset=s.offset + 1) for s in one.spans)) for one in occurrences()]
    done = proven(wrong, [MOVE], {}, FILES, read)
    assert not done.changes
    assert "not where it was read" in done.refused[0].why


def test_a_reader_that_sees_something_else_after_any_edit_is_obeyed() -> None:
    def wary(names: Collection[str], texts: Mapping[str, str]) -> list[Found]:
        return [] if texts else read(names, texts)

    done = proven(occurrences(), [MOVE], {}, FILES, wary)
    assert not done.changes
    assert "did not find exactly what was to be there" in done.refused[0].why
