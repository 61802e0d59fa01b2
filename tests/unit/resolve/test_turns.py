from planner.model.reference import parse_reference
from planner.resolve.follow import Question
from planner.resolve.turns import Asking, Turns

DIGEST = "sha256:" + "1" * 64


def asking(registry: str, number: int = 0) -> Asking:
    return Asking(Question(parse_reference(f"{registry}/app-{number}@{DIGEST}")), 0)


def drawn(turns: Turns) -> list[str]:
    """All that may be asked now."""
    found = []
    while one := turns.next():
        found.append(one.registry)
    return found


def test_a_registry_has_no_more_questions_than_it_may() -> None:
    turns = Turns(10, 2)
    for number in range(5):
        turns.wait(asking("a.example", number))
    assert drawn(turns) == ["a.example", "a.example"]
    turns.end(asking("a.example"))
    assert drawn(turns) == ["a.example"]
    assert drawn(turns) == []


def test_one_that_never_answers_starves_no_other() -> None:
    turns = Turns(4, 3)
    for number in range(100):
        turns.wait(asking("slow.example", number))
    turns.wait(asking("quick.example"))
    assert sorted(drawn(turns)) == ["quick.example", "slow.example", "slow.example", "slow.example"]
    turns.end(asking("quick.example"))
    turns.wait(asking("quick.example"))
    assert drawn(turns) == ["quick.example"]


def test_all_together_have_a_bound_too() -> None:
    turns = Turns(3, 2)
    for registry in ("a.example", "b.example", "c.example"):
        for number in range(2):
            turns.wait(asking(registry, number))
    assert drawn(turns) == ["a.example", "b.example", "c.example"]


def test_each_is_asked_once_in_its_order() -> None:
    turns = Turns(1, 1)
    for number in range(3):
        turns.wait(asking("a.example", number))
    seen = []
    while one := turns.next():
        seen.append(one.question.reference.repository)
        turns.end(one)
    assert seen == ["app-0", "app-1", "app-2"]
