"""Files made to hang or to fill the memory: each scan ends soon and small, names the file, and reads the others."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command import PLANNER, environment
from tests.support.extraction import DIGEST

PIN = f"reg.example/app@{DIGEST}"
GOOD = f"services:\n  a:\n    image: {PIN}\n"
SECONDS = 30  # where two are meant: machines differ, and this is to find what never ends
MEMORY = 1 << 30  # bytes of address space
LEVELS = "bcdefghijklmnopqrst"

SEQUENCES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{this}: &{this} [{', '.join([f'*{below}'] * 9)}]\n" for below, this in zip("a" + LEVELS, LEVELS, strict=False)
)
MERGES = f"a: &a {{image: {PIN}}}\n" + "".join(
    f"{this}: &{this} {{<<: [{', '.join([f'*{below}'] * 9)}], k: 1}}\n"
    for below, this in zip("a" + LEVELS, LEVELS, strict=False)
)
PINNED = f"image: {PIN}\n"
SERVICES = range(20_000)
PLAIN = "services:\n" + "".join(f"  s{n}:\n    {PINNED}" for n in SERVICES)
OPEN = "${X:-" * 20_000 + PIN


def indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


# The file's name and text, how many references are found in it, and the kinds of the problems.
HOSTILE: dict[str, tuple[str, str, int, list[str]]] = {
    "aliases in aliases": ("pod.yaml", f"apiVersion: v1\nkind: Pod\n{SEQUENCES}{PINNED}", 1, []),
    "aliases in aliases of a compose file": ("compose.yml", f"{GOOD}x-a:\n{indented(SEQUENCES)}", 1, []),
    "merges of merges": (".gitlab-ci.yml", f"{MERGES}job:\n  script: [make]\n  {PINNED}", 2, []),
    "thousands of services": ("compose.yml", PLAIN, 20_000, []),
    "thousands that merge one": (
        "compose.yml",
        f"x-a: &a\n  {PINNED}services:\n" + "".join(f"  s{n}:\n    <<: *a\n" for n in SERVICES),
        1,
        [],
    ),
    "thousands that extend one": (
        "compose.yml",
        f"services:\n  base:\n    {PINNED}" + "".join(f"  s{n}:\n    extends: base\n" for n in SERVICES),
        1,
        [],
    ),
    "a chain of extends": (
        "compose.yml",
        f"services:\n  s0:\n    {PINNED}" + "".join(f"  s{n}:\n    extends: s{n - 1}\n" for n in range(1, 3000)),
        1,
        [],
    ),
    "fifty megabytes": ("big.yaml", PINNED + "key: value\n" * 4_600_000, 0, ["too-large"]),
    "deep blocks": ("pod.yaml", PINNED + "".join(" " * depth + "a:\n" for depth in range(2000)), 1, ["unparsable"]),
    "deep brackets": ("values.json", '{"a":' * 100_000 + f'"{PIN}"' + "}" * 100_000, 1, ["unparsable"]),
    "deep lists in HCL": ("main.tf", f'x = "{PIN}"\na = {"[" * 50_000}{"]" * 50_000}\n', 1, ["unparsable"]),
    "deep blocks in HCL": ("main.tf", f'x = "{PIN}"\n' + "a {\n" * 50_000, 1, ["unparsable"]),
    "deep templates in HCL": ("main.tf", f'x = "{PIN}"\ny = "' + "${" * 50_000, 1, ["unparsable"]),
    "deep brackets in Python": ("dag.py", "(" * 50_000 + f"'{PIN}'", 1, ["unparsable"]),
    "documents that all fail": ("all.yaml", f"---\n\t{PINNED}  : [\n" * 2000, 2000, ["unparsable"]),
    "a byte that is none": ("compose.yml", f"{GOOD}#{'x' * 9000}\0\n", 1, ["unparsable"]),
    "a long line": ("run.sh", f"docker run {PIN} " + "$X" * 1_000_000 + "\n", 1, []),
    "digests without a name": ("list.txt", "@sha256:" * 300_000, 0, []),
    "defaults in defaults": ("Dockerfile", f"FROM {OPEN}{'}' * 20_000}\n", 0, ["variable-unset"]),
    "defaults in defaults of a compose file": (
        "compose.yml", f"services:\n  a:\n    image: {OPEN}", 0, ["unparsable", "variable-unset"],
    ),
    "quotes without an end": ("Jenkinsfile", "docker.image('" * 100_000 + f"\ndocker.image('{PIN}')", 1, []),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_what_is_hostile_ends_soon_and_hides_nothing(tmp_path: Path, case: str) -> None:
    name, text, found, kinds = HOSTILE[case]
    (tmp_path / "good").mkdir()
    (tmp_path / "good/compose.yml").write_text(GOOD)
    (tmp_path / name).write_text(text)
    report = scanned(tmp_path)
    assert {"good/compose.yml"} <= {one["file"] for one in report["occurrences"]}
    assert [problem["kind"] for problem in report["problems"]] == kinds
    assert {problem["file"] for problem in report["problems"]} <= {name}
    assert sum(one["file"] == name for one in report["occurrences"]) == found


def scanned(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The JSON report of a scan that may take only so much time and memory."""
    done = subprocess.run(
        ["prlimit", f"--as={MEMORY}", PLANNER, "scan", "--no-resolve", "--format", "json", folder],
        capture_output=True,
        timeout=SECONDS,
        check=False,
        env=environment(folder),
    )
    assert done.returncode in (0, 3), done.stderr.decode()[-2000:]
    report: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return report
