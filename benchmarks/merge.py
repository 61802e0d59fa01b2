"""Merge 20 reports of 1,000 occurrences each, 60 hosts in 12 groups, against one of the scans. Aim: seconds."""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks._measure import seconds, summary

PLANNER = Path(sys.executable).with_name("planner")
RECORDED = Path(__file__).resolve().parents[1] / "sample_inventories" / "acme" / "registry.jsonl"
REPORTS, FILES, SERVICES = 20, 50, 20
ENGINES = [
    *("docker 1.9.1", "docker 1.13.1", "docker 18.09.9", "docker 19.03.15", "docker 20.10.24", "docker 24.0.9"),
    *("docker 27.5.1", "docker 28.1.1", "containerd 1.7.20", "containerd 2.0.5", "podman 4.9.3", "podman 3.4.4"),
]
TARGETS = {"docker": "29.0.0", "containerd": "2.1.4", "podman": "5.2.0"}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = map(json.loads, RECORDED.read_text().splitlines())
        images = [line["reference"] for line in lines if line["kind"] == "manifest" and "@" in line["reference"]]
        scans = [seconds(lambda n=n: scan(tree(folder / f"r{n:02}", n, images))) for n in range(REPORTS)]  # type: ignore[misc]
        print(summary("one scan, recorded registry", scans))
        reports = sorted(folder.glob("*.json"))
        size = sum(report.stat().st_size for report in reports) / 1e6
        print(f"{REPORTS} reports of {FILES * SERVICES:,} occurrences, {size:.0f} MB")
        for suffix in ("json", "html", "csv"):
            target = folder / f"all.{suffix}"
            times = [seconds(lambda target=target: planner("merge", *reports, "-o", target)) for _ in range(3)]  # type: ignore[misc]
            print(summary(f"merge to {suffix}", times))


def tree(folder: Path, number: int, images: list[str]) -> Path:
    chance = random.Random(number)
    for n in range(FILES):
        services = "".join(f"  s{i}:\n    image: {chance.choice(images)}\n" for i in range(SERVICES))
        (folder / f"f{n:02}").mkdir(parents=True)
        (folder / f"f{n:02}" / "compose.yml").write_text(f"services:\n{services}")
    hosts = "".join(host(number, n, engine) for n, engine in enumerate(ENGINES))
    (folder / "planner.toml").write_text(hosts)
    return folder


def host(number: int, n: int, engine: str) -> str:
    runs = [f"f{f:02}/**" for f in range(n, FILES, len(ENGINES))]
    target = f"{engine.partition(' ')[0]} {TARGETS[engine.partition(' ')[0]]}"
    name = f"r{number:02}-{n:02}-[1:5]"
    return f'[[hosts]]\nname = "{name}"\nengine = "{engine}"\ntarget = "{target}"\nruns = {json.dumps(runs)}\n'


def scan(folder: Path) -> None:
    planner("scan", folder, "--offline", RECORDED, "-o", folder.with_suffix(".json"))


def planner(*arguments: str | Path) -> None:
    done = subprocess.run([PLANNER, *arguments], capture_output=True, timeout=600, check=False)
    assert done.returncode == 1, done.stderr  # there are findings


if __name__ == "__main__":
    main()
