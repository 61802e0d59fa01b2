from planner.model.resolution import State
from planner.resolve.answer import Answer
from planner.resolve.give_up import GivingUp
from planner.resolve.snapshot import config_key, manifest_key
from tests.unit.resolve.answers import Counting, reference

DOWN = [reference(f"sha256:{number:064x}", "down.example/x") for number in range(10)]
UP = [reference(f"sha256:{number:064x}", "up.example/x") for number in range(10)]


def _counting(states: list[State]) -> Counting:
    return Counting(
        {manifest_key(one): Answer(state, detail="refused") for one, state in zip(DOWN, states, strict=False)}
    )


def test_a_registry_has_three_chances() -> None:
    counting = _counting([State.UNREACHABLE] * 10)
    resolver = GivingUp(counting)
    answers = [resolver.manifest(one) for one in DOWN]
    assert len(counting.questions) == 3
    assert {answer.state for answer in answers} == {State.UNREACHABLE}
    assert answers[2].detail == "refused"
    assert answers[9].detail == "not asked: down.example failed 3 times in a row. refused"


def test_in_a_row() -> None:
    states = [State.TIMEOUT, State.TLS, State.MISSING, State.UNREACHABLE, State.RATE_LIMITED, State.DENIED]
    counting = _counting(states)
    resolver = GivingUp(counting)
    assert [resolver.manifest(one).state for one in DOWN[:6]] == states


def test_other_registries_are_still_asked() -> None:
    counting = _counting([State.TIMEOUT] * 10)
    resolver = GivingUp(counting)
    for one in DOWN:
        resolver.manifest(one)
    assert resolver.manifest(UP[0]).state is State.NOT_RECORDED
    assert resolver.config(DOWN[0], "sha256:" + "1" * 64).detail.startswith("not asked")
    assert len(counting.questions) == 4


def test_dead_storage_of_configs_is_no_dead_registry() -> None:
    """The configs of many registries are elsewhere, where a redirect leads."""
    config = "sha256:" + "1" * 64
    down = Answer(State.UNREACHABLE, detail="refused")
    answers = {manifest_key(one): Answer(State.RESOLVED, b"{}") for one in DOWN}
    resolver = GivingUp(Counting(answers | {config_key(one, config): down for one in DOWN}))
    found = [resolver.config(one, config) for one in DOWN]
    assert {answer.state for answer in found} == {State.UNREACHABLE}
    assert found[9].detail == "not asked: down.example failed 3 times in a row over configs. refused"
    assert [resolver.manifest(one).state for one in DOWN] == [State.RESOLVED] * 10


def test_closing_passes_on() -> None:
    counting = _counting([])
    GivingUp(counting).close()
    assert counting.closed
