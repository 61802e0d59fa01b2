"""The list of retired registries: its form, and the user's own additions to it."""

import re
from pathlib import Path

import pytest

from planner.errors import KnowledgeError
from planner.knowledge import load_knowledge
from planner.model.reference import parse_reference
from planner.model.retirement import Ending
from tests.support.knowledge import KNOWLEDGE

OWN = """
[[retired]]
match = ["registry.corp.example/legacy", "k8s.gcr.io"]
ending = "gone"
date = "2026-12-31"
effect = "switched off by us"
replacement = "registry.corp.example/apps"
source = ["our wiki"]
checked = "2026-11-01"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, "utf-8")
    return path


def test_every_retirement_has_sources_a_day_of_checking_and_an_effect_in_words() -> None:
    assert len(KNOWLEDGE.retirements) >= 20
    for retirement in KNOWLEDGE.retirements:
        assert all(source.startswith("https://") for source in retirement.source), retirement.match
        assert re.fullmatch(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]", retirement.checked)
        assert re.fullmatch(r"(20[0-9]{2}(-[01][0-9](-[0-3][0-9])?)?)?", retirement.date)
        assert retirement.effect
        assert not retirement.effect.endswith(".")
        assert retirement.verified in ("issue", "doc")


def test_nothing_is_listed_twice() -> None:
    matches = [pattern for retirement in KNOWLEDGE.retirements for pattern in retirement.match]
    assert len(matches) == len(set(matches))


def test_a_users_retirements_join_the_shipped_ones_and_win(tmp_path: Path) -> None:
    knowledge = load_knowledge([written(tmp_path, OWN)])
    assert len(knowledge.retirements) == len(KNOWLEDGE.retirements) + 1
    own = knowledge.retirement(parse_reference("registry.corp.example/legacy/app:1"))
    assert own
    assert (own.ending, own.date) == (Ending.GONE, "2026-12-31")
    assert knowledge.retirement(parse_reference("k8s.gcr.io/pause:3.1")) is own
    assert knowledge.retirement(parse_reference("registry.corp.example/legacy-two/app:1")) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"gone"', '"vanished"', "vanished"),
        ('"2026-12-31"', '"31.12.2026"', "31.12.2026"),
        ('source = ["our wiki"]', "", "source"),
        ('match = ["registry.corp.example/legacy", "k8s.gcr.io"]', "match = []", "match"),
        ('checked = "2026-11-01"', "", "checked"),
        ("replacement", "replaced_by", "replaced_by"),
    ],
)
def test_a_mistake_is_refused_with_file_and_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in OWN
    with pytest.raises(KnowledgeError, match=rf"own\.toml(.|\n)*{re.escape(said)}"):
        load_knowledge([written(tmp_path, OWN.replace(old, new))])
