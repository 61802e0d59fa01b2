from pathlib import Path

import pytest

from planner.model.reference import Reference, parse_reference
from planner.model.resolution import State
from planner.resolve.answer import Answer
from planner.resolve.budget import budget_line
from planner.resolve.opening import Opened, Opening, open_resolver
from tests.support.images import build_image


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Opened:
    monkeypatch.setenv("PLANNER_CACHE_DIR", str(tmp_path))
    return open_resolver(Opening())


def pins(name: str, count: int) -> list[Reference]:
    return [parse_reference(f"{name}@sha256:{number:064x}") for number in range(count)]


def test_what_will_be_asked_for(opened: Opened) -> None:
    references = [*pins("a.example/x", 2), *pins("b.example/x", 1)]
    assert budget_line(references, opened) == "asking for 3 digests, 2 registries"
    assert budget_line([*references, parse_reference("c.example/x:v1")], opened) == (
        "asking for 4 references, 3 registries"
    )


def test_what_is_kept_is_not_asked_for(opened: Opened) -> None:
    image = build_image({"a": b"a"})
    kept = parse_reference(f"a.example/x@{image.digest}")
    assert opened.cache
    opened.cache.put(kept, image.digest, Answer(State.RESOLVED, image.body))
    assert budget_line([kept], opened) == "nothing to ask: 1 digest in the cache; --no-cache asks again"
    line = budget_line([kept, *pins("a.example/x", 1)], opened)
    assert line == "asking for 1 digest, 1 registry (1 more in the cache)"


def test_many_are_better_asked_for_by_http(opened: Opened) -> None:
    assert "--resolver" not in budget_line(pins("a.example/x", 200), opened)
    assert budget_line(pins("a.example/x", 2001), opened) == (
        "asking for 2,001 digests, 1 registry; --resolver http is faster"
    )


def test_docker_hubs_budget_is_at_stake(opened: Opened) -> None:
    few = budget_line(pins("app", 50), opened)
    assert few.endswith("; Docker Hub: 50 counted pulls at least, 100 in 6 hours are free without a login")
    many = budget_line(pins("app", 51), opened)
    assert many.endswith("; --resolver http is faster, and takes half of the counted pulls")
