"""Assess 1,000 hosts x 5,000 occurrences, against one class of hosts. Aim: under 2 s, under 500 MB."""

import json
import random
import resource
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from typing import Any

from benchmarks._measure import seconds, summary
from planner.assess import assess
from planner.knowledge import load_knowledge
from planner.model.engine import parse_software
from planner.model.host import Host, Registry
from planner.model.occurrence import Occurrence, number
from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution, State
from tests.oracle.images import load_images

HOSTS = 1_000
OCCURRENCES = 5_000
DIGESTS = 2_000
FILES = 800
REGISTRY = "registry.corp.example"
NOW = [
    *("docker 1.9.1", "docker 1.10.3", "docker 1.13.1", "docker 17.06.2-ce", "docker 18.03.1-ce", "docker 18.06.3-ce"),
    *("docker 18.09.9", "docker 19.03.4", "docker 19.03.15", "docker 20.10.7", "docker 20.10.24", "docker 23.0.6"),
    *("docker 24.0.9", "docker 25.0.5", "docker 26.1.4", "docker 27.5.1", "docker 28.1.1", "docker 28.5.2"),
    *("containerd 1.4.13", "containerd 1.6.24", "containerd 1.7.8", "containerd 1.7.27", "containerd 2.0.5"),
    *("podman 1.6.4", "podman 3.4.4", "podman 4.3.1", "podman 4.9.3", "podman 5.2.0"),
]
TARGETS = {"docker": ("", "docker 28.5.2", "docker 29.0.0"), "containerd": ("", "containerd 2.1.4"), "podman": ("",)}


def main() -> None:
    if "--measure" in sys.argv:
        measure(*map(int, sys.argv[2:]))
        return
    print(f"{OCCURRENCES:,} occurrences of {DIGESTS:,} digests in {FILES} files")
    baseline, whole = run(1), run(HOSTS)
    ratio = min(whole["times"]) / min(baseline["times"])
    print(summary("one host", baseline["times"]), f"peak {baseline['peak']:.0f} MB", sep=", ")
    print(summary(f"{HOSTS:,} hosts", whole["times"]), f"peak {whole['peak']:.0f} MB", sep=", ")
    print(f"ratio {ratio:.2f} for {HOSTS:,} times the hosts in {whole['groups']} classes")
    print(f"findings {whole['findings']:,} ({whole['verdicts']})")


def run(hosts: int) -> Any:
    """In a process of its own: its peak of memory includes the interpreter and what the stage is given."""
    command = [sys.executable, __file__, "--measure", str(hosts)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=600).stdout)


def measure(hosts: int) -> None:
    chance = random.Random(5_000)
    fleet = [host(chance, index) for index in range(hosts)]
    occurrences, resolutions = images(chance)
    registries = [Registry(REGISTRY, parse_software("distribution 2.8.3"), parse_software("distribution 3.0.0"))]
    knowledge = load_knowledge()
    given = (occurrences, resolutions, fleet, registries, knowledge)
    times = [seconds(lambda: assess(*given)) for _ in range(5)]
    found = assess(*given)
    verdicts = Counter(str(finding.verdict) for finding in found.findings)
    numbers = {"times": times, "peak": peak(), "groups": len(found.groups)}
    print(json.dumps({**numbers, "findings": len(found.findings), "verdicts": dict(verdicts)}))


def peak() -> float:
    """The most memory this process ever had, in megabytes."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1e6 if sys.platform == "darwin" else 1e3)


def host(chance: random.Random, index: int) -> Host:
    engine = chance.choice(NOW)
    target = chance.choice(TARGETS[engine.partition(" ")[0]])
    team = index % 40
    return Host(
        name=f"host-{index:04}",
        engine=parse_software(engine),
        target=parse_software(target) if target else None,
        runs=(f"team-{team}/**", "shared/**"),
    )


def images(chance: random.Random) -> tuple[list[Occurrence], dict[Reference, Resolution]]:
    """Every kind of image that the oracle has, under many digests, in the files of forty teams."""
    kinds = [image.by_digest for _, image in sorted(load_images().items()) if image.by_digest.state is State.RESOLVED]
    resolutions = {}
    for index in range(DIGESTS):
        reference = Reference(REGISTRY, f"app-{index % 300}", digest=f"sha256:{index:064x}")
        resolutions[asked(reference)] = replace(chance.choice(kinds), reference=reference)
    references = list(resolutions)
    occurrences = [occurrence(chance, index, chance.choice(references)) for index in range(OCCURRENCES)]
    return number(occurrences), resolutions


def occurrence(chance: random.Random, index: int, reference: Reference) -> Occurrence:
    file = chance.randrange(FILES)
    folder = "shared" if file % 10 == 0 else f"team-{file % 40}"
    path = f"{folder}/app-{file}/compose.yml"
    return Occurrence(path, index + 1, 12, "compose", "service", f"service-{index}", str(reference), reference)


if __name__ == "__main__":
    main()
