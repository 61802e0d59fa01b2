"""Discover and extract, against `rg -c sha256:` on the same 50,000 files. Aim: at most twice as long."""

import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks._measure import compare, in_turns, quietly, seconds, summary

FILES = 50_000
PER_FOLDER = 25
PINNED_SHARE = 0.01
# Suffix and share of the files without a digest, as in a repository of infrastructure and the services around it.
SUFFIXES = {
    ".yaml": 30,
    ".yml": 10,
    ".json": 10,
    ".tf": 8,
    ".py": 12,
    ".go": 10,
    ".sh": 5,
    ".md": 8,
    ".txt": 4,
    ".js": 3,
}
WORDS = ("service", "port", "name", "value", "the", "replicas", "image", "labels", "cpu", "return", "def", "host")
INVENTORY = """
import sys
from pathlib import Path
from planner.discover import look_ahead
with look_ahead(Path(sys.argv[1])) as ahead:
    from planner.inventory import take_inventory
    inventory = take_inventory(Path(sys.argv[1]), ahead=ahead)
print(inventory.tree.seen, len(inventory.occurrences), len(inventory.problems))
"""


def main() -> None:
    rg = shutil.which("rg")
    if rg is None:
        sys.exit("rg is not installed, and is what planner is compared with (apt-get install ripgrep)")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        size, pinned = generate(root)
        print(f"{FILES:,} files, {size / 1e6:.0f} MB, {pinned:,} of them with digests")
        inventory = [sys.executable, "-c", INVENTORY, folder]
        found = subprocess.run(inventory, check=True, capture_output=True, text=True, timeout=600).stdout.split()
        print(f"planner: {found[0]} files read, {found[1]} references, {found[2]} problems")
        start = [seconds(quietly(sys.executable, "-c", "import planner.inventory")) for _ in range(5)]
        command = [str(Path(sys.executable).with_name("planner")), "scan", "--no-resolve", "--format", "csv", folder]
        scan = [seconds(quietly(*command)) for _ in range(5)]
        # rg says 1 where nothing matches; here something does.
        ours, theirs = in_turns(quietly(*inventory), quietly(rg, "-c", "sha256:", root))
        print(compare("planner: discover and extract", "rg -c sha256:", ours, theirs))
        print(summary("of ours: interpreter and imports", start))
        print(summary("planner scan --no-resolve", scan))


def generate(root: Path, files: int = FILES) -> tuple[int, int]:
    """Write the tree, the same each time; return its size in bytes and the number of files with digests."""
    chance = random.Random(20_000)
    size = pinned = 0
    for number in range(files):
        folder = root / f"team-{number // PER_FOLDER % 40}" / f"app-{number // PER_FOLDER}"
        folder.mkdir(parents=True, exist_ok=True)
        if chance.random() < PINNED_SHARE:
            name, text = chance.choice(KINDS)(chance, number)
            pinned += 1
        else:
            suffix = chance.choices(list(SUFFIXES), list(SUFFIXES.values()))[0]
            name, text = f"file-{number}{suffix}", prose(chance)
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        size += path.write_text(text)
    return size, pinned


def prose(chance: random.Random) -> str:
    """Lines of words: mostly a few kilobytes, sometimes a hundred, as files are."""
    lines = min(int(chance.lognormvariate(4.2, 1.0)), 3000)
    return "".join(f"{'  ' * chance.randrange(4)}{' '.join(chance.choices(WORDS, k=7))}\n" for _ in range(lines))


def image(chance: random.Random) -> str:
    name = f"registry.corp.example/team-{chance.randrange(40)}/app-{chance.randrange(300)}"
    return f"{name}@sha256:{hashlib.sha256(str(chance.randrange(2000)).encode()).hexdigest()}"


def compose(chance: random.Random, number: int) -> tuple[str, str]:
    services = "".join(
        f"  service-{service}:\n    image: {image(chance)}\n    restart: always\n"
        f'    environment:\n      PORT: "80{service}"\n    volumes:\n      - data-{service}:/data\n'
        for service in range(chance.randrange(2, 9))
    )
    return f"{number}/compose.yml", f"services:\n{services}"


def kubernetes(chance: random.Random, number: int) -> tuple[str, str]:
    documents = [
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{part}\n  labels: {{app: app-{part}}}\n"
        f"spec:\n  replicas: 3\n  selector:\n    matchLabels: {{app: app-{part}}}\n  template:\n    metadata:\n"
        f"      labels: {{app: app-{part}}}\n    spec:\n      containers:\n        - name: main\n"
        f"          image: {image(chance)}\n          ports:\n            - containerPort: 8080\n"
        for part in range(chance.randrange(1, 4))
    ]
    return f"deployment-{number}.yaml", "---\n".join(documents)


def workflow(chance: random.Random, number: int) -> tuple[str, str]:
    jobs = "".join(
        f"  job-{job}:\n    runs-on: ubuntu-latest\n    container: {image(chance)}\n    steps:\n"
        f"      - uses: actions/checkout@{hashlib.sha1(str(job).encode()).hexdigest()}\n      - run: make test\n"
        for job in range(chance.randrange(1, 5))
    )
    return f".github-{number}/workflow.yml", f"on: push\njobs:\n{jobs}"


def dockerfile(chance: random.Random, number: int) -> tuple[str, str]:
    return (
        f"{number}/Dockerfile",
        f"FROM {image(chance)} AS build\nRUN make\nFROM {image(chance)}\nCOPY --from=build /a /a\n",
    )


def script(chance: random.Random, number: int) -> tuple[str, str]:
    return f"run-{number}.sh", f"#!/bin/sh\nIMAGE={image(chance)}\nexec docker run --rm $IMAGE\n{prose(chance)}"


KINDS = (compose, kubernetes, workflow, dockerfile, script)

if __name__ == "__main__":
    main()
