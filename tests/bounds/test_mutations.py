"""The mutation check moves bounds, and notices those that matter."""

import pytest

from tests.bounds.mutations import Judges, Mutation, main, mutations, read_judges


@pytest.fixture(scope="module")
def judges() -> Judges:
    return read_judges()


def moves(judges: Judges, file: str) -> list[Mutation]:
    return list(mutations(judges.oracle.knowledge, [file]))


def test_bounds_move_up_and_down_by_a_release(judges: Judges) -> None:
    schema2 = [(str(m.bound), str(m.moved)) for m in moves(judges, "engines/docker") if m.name == "schema2"]
    assert ("1.8.3", "1.8.2") in schema2
    assert ("1.8.3", "1.9.0") in schema2


def test_the_end_of_a_regression_is_noticed(judges: Judges) -> None:
    """Docker 19.03.0 to 19.03.4 refuse OCI manifests."""
    ends = [m for m in moves(judges, "engines/docker") if m.name == "oci-manifest" and str(m.bound) == "19.03.5"]
    assert [str(m.moved) for m in ends] == ["19.03.4", "19.03.6"]
    assert all(judges.notice(m) for m in ends)


def test_a_move_that_no_host_can_meet_is_none(judges: Judges) -> None:
    assert any(m.is_none for m in moves(judges, "engines/kaniko"))


def test_what_is_noticed_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["registries/zot"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "all: 4 of 4, 100.0% (aim 95%)"
