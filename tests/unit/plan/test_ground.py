"""Many registries that all move, asked one after the other, do not make a plan take minutes."""

from pathlib import Path

from tests.cases.record import REGISTRY, lab
from tests.support.lab_fleet import compose, pinned, reported

_HOST = (
    '[[hosts]]\nname = "p"\nengine = "podman 3.4.4"\ntarget = "podman 5.0.0"\nregistry_config = ["registries.conf"]\n'
)
_MOVES = '[[registries]]\nhost = "{}"\nsoftware = "distribution 2.2.1"\ntarget = "distribution 3.0.0"\n'


def test_mirrors_that_are_too_many_go_without_bridges_and_the_plan_says_so(tmp_path: Path) -> None:
    mirrors = [f"m{number}.example" for number in range(4)]
    conf = f'[[registry]]\nlocation = "{REGISTRY}"\n'
    conf += "".join(f'[[registry.mirror]]\nlocation = "{mirror}"\n' for mirror in mirrors)
    files = {
        "registries.conf": conf,
        "compose.yml": compose(pinned("s1-signed")),
        "planner.toml": _HOST + "".join(_MOVES.format(host) for host in (REGISTRY, *mirrors)),
    }
    recorded = (lab("s1-signed", registry=host) for host in (REGISTRY, *mirrors))
    plan = reported(tmp_path, files, *recorded, planned=True).plan
    assert plan is not None
    assert plan.feasible
    assert [step.hosts for step in plan.steps if step.is_bridge] == [(REGISTRY,)], "where the copy is made"
    (note,) = (each for each in plan.notes if "without bridges" in each)
    assert note.startswith("m0.example, m1.example, m2.example, m3.example: planned without bridges")
