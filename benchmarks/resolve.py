"""Resolve through planner, against `xargs -P 8 skopeo inspect --raw` on the same digests. Aim: not slower."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks._measure import compare, in_turns, quietly
from tests.support.images import Image, build_artifact, build_image, build_index
from tests.support.registry import Registry, running_registry

IMAGES = 100
JOBS = 8
RESOLVE = """
import sys
from planner.model.platform import Platform
from planner.model.reference import parse_reference
from planner.resolve import resolve
from planner.resolve.skopeo import SkopeoResolver
references = [parse_reference(line) for line in sys.stdin.read().split()]
found = resolve(references, SkopeoResolver(), frozenset({Platform("linux", "amd64")}), int(sys.argv[1]))
assert all(resolution.manifest for resolution in found.values())
"""


def main() -> None:
    missing = [tool for tool in ("skopeo", "docker-registry", "xargs") if not shutil.which(tool)]
    if missing:
        sys.exit(f"not installed, and needed: {', '.join(missing)} (see CONTRIBUTING.md)")
    print(f"{IMAGES} digests, {JOBS} at a time, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder, running_registry(Path(folder)) as registry:
        names = [str(number).encode() for number in range(IMAGES)]
        images = [build_image({"name": name}) for name in names]
        # Of an index and of a single image planner asks for more than xargs does: the entry, the config.
        measure("artifacts", push(registry, [build_artifact(payload=name) for name in names]), Path(folder), 1)
        measure("single images, with their config", push(registry, images), Path(folder), 2)
        indexes = [build_index([(image, "linux/amd64")]) for image in images]
        measure("indexes, with the entry for a host", push(registry, indexes), Path(folder), 2)


def push(registry: Registry, images: list[Image]) -> list[str]:
    return [f"{registry.host}/bench@{registry.push(image, 'bench')}" for image in images]


def measure(title: str, references: list[str], folder: Path, questions: int) -> None:
    listed = folder / "references"
    listed.write_text("".join(f"docker://{reference}\n" for reference in references))
    bare = folder / "bare"
    bare.write_text("\n".join(references))
    skopeo = f"xargs -P {JOBS} -n 1 skopeo inspect --raw --tls-verify=false < {listed} > {os.devnull}"
    ours, theirs = in_turns(
        quietly("sh", "-c", f"'{sys.executable}' -c '{RESOLVE}' {JOBS} < {bare}"),
        quietly("sh", "-c", skopeo),
        runs=5,
    )
    print(f"\n{title}: {len(references)} digests, {questions * len(references)} questions by planner")
    print(compare("planner: resolve", f"xargs -P {JOBS} skopeo inspect --raw", ours, theirs))
    each = min(ours) / (questions * len(references)), min(theirs) / len(references)
    print(f"ratio for each question {each[0] / each[1]:.2f} ({each[0] * 1000:.1f} ms against {each[1] * 1000:.1f} ms)")


if __name__ == "__main__":
    main()
