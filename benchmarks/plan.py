"""Plan 500 groups of hosts x 2,000 images, recorded, against a scan of the same. Aim: planning alone under 10 s.

`--meshed`: of many more versions, and each pulls what several platforms share, so that nearly all hang together. It
takes minutes, so that it is planned once.
"""

import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks._measure import in_turns, seconds, summary
from planner.knowledge import load_knowledge
from planner.model.manifest import digest_of
from planner.model.plan import Plan
from planner.model.report import Report
from planner.plan.fleet import fleet, rings
from planner.plan.ground import Ground
from planner.plan.make import make_plan
from planner.resolve.answer import Answer
from planner.resolve.opening import Opening
from planner.resolve.snapshot import Key, snapshot_text
from planner.scan import Request, scan
from tests.cases.record import RECORDED_AT, REGISTRY, lab, resolved

PLANNER = Path(sys.executable).with_name("planner")
GROUPS, IMAGES = 500, 2_000
# So many images are pulled by several groups, from files of one of the platforms' folders.
SHARED, PLATFORMS = 200, 25
# Kinds of real images, by how many of a hundred there are.
KINDS = {
    "oci-index": 26,
    "oci-index-attest": 14,
    "mlist": 18,
    "s2-gzip": 22,
    "s1-signed": 8,
    "oci-gzip": 6,
    "oci-zstd": 3,
    "oci-index-s2child": 2,
    "mlist-s1s2": 1,
}
# Present and target, by how many of a hundred groups go there.
MOVES = {
    ("docker 1.9.1", "docker 29.0.0"): 1,
    ("docker 1.13.1", "docker 29.0.0"): 3,
    ("docker 17.06.2-ce", "docker 28.5.2"): 4,
    ("docker 18.09.9", "docker 28.5.2"): 8,
    ("docker 19.03.15", "docker 29.0.0"): 12,
    ("docker 20.10.24", "docker 29.0.0"): 24,
    ("docker 24.0.9", "docker 29.0.0"): 14,
    ("docker 27.5.1", ""): 8,
    ("containerd 1.4.13", "containerd 2.1.4"): 4,
    ("containerd 1.6.24", "containerd 2.1.4"): 6,
    ("containerd 1.7.27", "containerd 2.1.4"): 10,
    ("podman 3.4.4", "podman 5.2.0"): 4,
    ("podman 4.9.3", ""): 2,
}
MESHED = "--meshed" in sys.argv
if MESHED:
    docker = ("1.10.3", "1.12.6", "17.12.1-ce", "18.03.1-ce", "18.06.3-ce", "19.03.4", "20.10.7", "23.0.6", "25.0.5")
    MOVES |= {(f"docker {version}", f"docker {goal}"): 3 for version in docker for goal in ("28.5.2", "29.0.0")}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recorded = write(folder, random.Random(2_000))
        report = scan(Request(folder, how=Opening(offline=recorded)), datetime.now(UTC))
        print(f"{len(report.groups)} classes of hosts in {GROUPS} groups, {len(report.occurrences):,} occurrences")
        plans: list[Plan] = []
        runs = 1 if MESHED else 3
        alone = [seconds(lambda: plans.append(plan_of(report))) for _ in range(runs)]
        command: list[str | Path] = ["--offline", recorded, "--format", "json"]
        ours = partial(run, "plan", folder, *command)
        theirs = partial(run, "scan", folder, *command)
        whole, baseline = ([seconds(ours)], [seconds(theirs)]) if MESHED else in_turns(ours, theirs, runs)
    for name, times in (("make_plan alone", alone), ("planner plan", whole), ("planner scan", baseline)):
        print(summary(name, times))
    print(f"ratios to the scan: make_plan {min(alone) / min(baseline):.2f}, plan {min(whole) / min(baseline):.2f}")
    print(told(plans[0]))


def plan_of(report: Report) -> Plan:
    knowledge, who = load_knowledge(), rings(report.hosts)
    moving = fleet(report.occurrences, report.groups, report.runners, who)
    return make_plan(Ground(moving, report.registries, report.resolutions, knowledge), report.resolutions)


def told(plan: Plan) -> str:
    kinds = Counter(step.kind.value for step in plan.steps)
    steps = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    bridges = sum(step.is_bridge for step in plan.steps)
    found = f"{len(plan.waves)} waves: {steps}; {bridges} bridges, {len(plan.blocked)} blocked"
    return "\n".join((found, *plan.notes))


def run(*command: str | Path) -> None:
    done = subprocess.run([PLANNER, *command], capture_output=True, timeout=900, check=False)
    assert done.returncode in (0, 1, 3), done.stderr


def write(folder: Path, chance: random.Random) -> Path:
    """An inventory with hosts below `folder`, and its recorded registry."""
    answers: dict[Key, Answer] = {}
    images = [image(number, chance, answers) for number in range(IMAGES)]
    shared, own = images[:SHARED], images[SHARED:]
    for number in range(PLATFORMS):
        compose(folder / f"platform-{number:02}", shared[number::PLATFORMS])
    hosts = []
    for number in range(GROUPS):
        compose(folder / f"team-{number:03}", own[number::GROUPS])
        hosts.append(host(number, *chance.choices(list(MOVES), list(MOVES.values()))[0]))
    registry = f'[[registries]]\nhost = "{REGISTRY}"\nsoftware = "distribution 2.8.3"\n'
    (folder / "planner.toml").write_text("\n".join([*hosts, registry]))
    (folder / "registry.jsonl").write_text(snapshot_text(answers, RECORDED_AT))
    return folder / "registry.jsonl"


def host(number: int, engine: str, target: str) -> str:
    shared = {number % PLATFORMS, *((number * 7 + 3) % PLATFORMS, (number * 11 + 5) % PLATFORMS) * MESHED}
    runs = json.dumps([f"team-{number:03}/**", *(f"platform-{each:02}/**" for each in sorted(shared))])
    goal = f'target = "{target}"\n' if target else ""
    return f'[[hosts]]\nname = "g{number:03}-[1:4]"\nengine = "{engine}"\n{goal}runs = {runs}\n'


def image(number: int, chance: random.Random, answers: dict[Key, Answer]) -> str:
    """Add an image like a real one, under a digest and in a repository of its own; what to pin."""
    kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
    (root, first), *others = lab(kind)().items()
    repository = f"{REGISTRY}/team/app-{number:04}"
    body = (first.body or b"") + b"\n" * (number + 1)
    pinned = f"{repository}@{digest_of(body)}"
    if kind == "s1-signed":  # its digest is that of what is signed, which white space is no part of
        pinned = f"{repository}@{root.digest}"
    answers[Key(pinned)] = resolved(body, first.content_type)
    answers |= {Key(f"{repository}@{key.digest}", key.kind): answer for key, answer in others}
    return pinned


def compose(folder: Path, images: list[str]) -> None:
    folder.mkdir()
    services = "".join(f"  s{number}:\n    image: {each}\n" for number, each in enumerate(images))
    (folder / "compose.yml").write_text(f"services:\n{services}")


if __name__ == "__main__":
    main()
