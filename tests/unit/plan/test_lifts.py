"""What would lift a core is no more than was tried: what takes a last resort says so."""

from pathlib import Path

from planner.model.plan import Blocked
from tests.cases.record import lab
from tests.support.lab_fleet import compose, pinned, reported

_OLD = '[[hosts]]\nname = "old"\nengine = "docker 1.9.1"\n'
_REGISTRY = '[[registries]]\nhost = "registry.example"\nsoftware = "distribution 2.8.3"\n'


def blocked(folder: Path, engine: str) -> Blocked:
    """A host that shares an image of schema 1 with an old one goes to docker 29, which has no schema 1."""
    new = f'[[hosts]]\nname = "new"\nengine = "{engine}"\ntarget = "docker 29.0.0"\n'
    files = {"compose.yml": compose(pinned("s1-signed")), "planner.toml": _OLD + new + _REGISTRY}
    plan = reported(folder, files, lab("s1-signed"), planned=True).plan
    assert plan is not None
    (found,) = plan.blocked
    return found


def test_a_target_that_takes_no_switch_comes_before_a_later_one_that_does(tmp_path: Path) -> None:
    assert "give new the target docker 25.0.17 in place of docker 29.0.0" in blocked(tmp_path, "docker 20.10.24").lifts


def test_a_switch_that_a_lift_takes_is_named(tmp_path: Path) -> None:
    resort = "which takes a last resort: DOCKER_ENABLE_DEPRECATED_PULL_SCHEMA_1_IMAGE set on new"
    lifts = blocked(tmp_path, "docker 25.0.17").lifts
    assert f"give new the target docker 28.1.1 in place of docker 29.0.0, {resort}" in lifts
