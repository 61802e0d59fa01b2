"""Extraction of YAML that is full of digests, against bare `yaml.compose` with the C loader. Aim: at most 1.5 times.

Both run in this process on the same text: what is left out is reading files, what is measured is what planner adds to
the parser that it is built on.
"""

import gc
import hashlib
import random
import sys
from collections.abc import Callable

import yaml

from benchmarks._measure import compare, in_turns, seconds, summary
from benchmarks.extraction import image
from planner.extract import extract
from planner.model.source import SourceFile

LARGE = 50_000_000


def main() -> None:
    for name, make in (("manifests.yaml", manifests), ("compose.yaml", compose), (".gitlab-ci.yml", gitlab)):
        report(SourceFile(name, make(2_000_000)))
    large = SourceFile("large.yaml", manifests(LARGE))
    print(f"{len(large.text) / 1e6:.0f} MB at once: {seconds(lambda: list(found(large))):.1f} s")


def report(source: SourceFile) -> None:
    """Both times for one file, and the megabytes per second of ours."""
    references = len(found(source))
    ours, theirs = in_turns(lambda: found(source), lambda: composed(source.text), runs=5)
    print(f"{source.path}: {len(source.text) / 1e6:.1f} MB, {references:,} references")
    print(compare("planner: extract", "yaml.compose_all, C loader", ours, theirs))
    print(summary("it, too, without the collector", [seconds(lambda: uncollected(source.text)) for _ in range(5)]))
    print(f"{len(source.text) / 1e6 / min(ours):.1f} MB/s against {len(source.text) / 1e6 / min(theirs):.1f} MB/s")


def found(source: SourceFile) -> list[object]:
    return list(extract(source, lambda _path: None))


def composed(text: str) -> list[object]:
    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        sys.exit("PyYAML has no C loader here, and is what planner is compared with")
    return list(yaml.compose_all(text, loader))


def uncollected(text: str) -> None:
    """The parser without Python's garbage collector, which planner pauses: what is left is what planner adds."""
    gc.disable()
    composed(text)
    gc.enable()


def repeated(head: str, part: Callable[[random.Random, int], str], size: int) -> str:
    """`part` after `part` until the text has `size` characters; the same each time."""
    chance = random.Random(size)
    parts, length = [head], 0
    while length < size:
        parts.append(part(chance, len(parts)))
        length += len(parts[-1])
    return "".join(parts)


def manifests(size: int) -> str:
    """Deployments with two containers, a document each."""
    return repeated("", manifest, size)


def manifest(chance: random.Random, number: int) -> str:
    checksum = hashlib.sha256(str(number).encode()).hexdigest()
    return (
        f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{number}\n  labels:\n"
        f"    app: app-{number}\n    tier: backend\n  annotations:\n    checksum/config: {checksum}\n"
        f"spec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app: app-{number}\n  template:\n    metadata:\n"
        f"      labels:\n        app: app-{number}\n    spec:\n      initContainers:\n        - name: wait\n"
        f"          image: {image(chance)}\n      containers:\n        - name: main\n          image: {image(chance)}\n"
        '          args: ["--port", "8080", "--log-level", "info"]\n          env:\n            - name: HOME\n'
        "              value: /data\n            - name: PASSWORD\n              valueFrom:\n"
        "                secretKeyRef: {name: credentials, key: password}\n          ports:\n"
        "            - containerPort: 8080\n              protocol: TCP\n          resources:\n            limits:\n"
        "              cpu: 500m\n              memory: 256Mi\n"
    )


def compose(size: int) -> str:
    """One file with thousands of services."""
    return repeated("services:\n", service, size)


def service(chance: random.Random, number: int) -> str:
    return (
        f"  service-{number}:\n    image: {image(chance)}\n    restart: always\n    environment:\n      PORT: '8080'\n"
        f"      LEVEL: info\n    ports:\n      - '80{number % 90 + 10}:8080'\n    volumes:\n"
        f"      - data-{number}:/data\n    depends_on: [service-1]\n"
    )


def gitlab(size: int) -> str:
    """A pipeline with thousands of jobs."""
    return repeated("stages: [test]\n", job, size)


def job(chance: random.Random, number: int) -> str:
    return (
        f"job-{number}:\n  stage: test\n  image:\n    name: {image(chance)}\n    entrypoint: ['']\n  services:\n"
        f"    - name: {image(chance)}\n      alias: db\n  script:\n    - make test\n    - make lint NUMBER={number}\n"
    )


if __name__ == "__main__":
    main()
