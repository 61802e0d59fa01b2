"""Rings: canaries go first, however the target of each host is spelt."""

from pathlib import Path

from tests.cases.record import lab
from tests.support.lab_fleet import compose, pinned, reported

_HOSTS = """
[[hosts]]
name = "canary"
engine = "docker 1.9.1"
target = "docker-ce 29.0.0"
ring = 0

[[hosts]]
name = "prod"
engine = "docker 24.0.9"
target = "docker 29.0.0"
ring = 1
runs = ["nothing/**"]
"""


def test_a_canary_with_a_bridge_is_waited_for(tmp_path: Path) -> None:
    files = {"compose.yml": compose(pinned("s1-signed")), "planner.toml": _HOSTS}
    plan = reported(tmp_path, files, lab("s1-signed"), planned=True).plan
    assert plan is not None
    assert plan.feasible
    waves = {name: step.wave for step in plan.steps for name in step.hosts if "29.0.0" in step.after}
    assert 1 < waves["canary"] <= waves["prod"]
