"""./scripts/oracle says what agrees, and its exit code is one that a pipeline can trust."""

import csv
import os
import subprocess
import sys
from pathlib import Path

from tests.oracle.images import HERE

ROOT = HERE.parent.parent


def oracle(folder: Path) -> subprocess.CompletedProcess[str]:
    """Compare with the rows and images of a folder."""
    command = [sys.executable, "-m", "tests.oracle"]
    variables = {**os.environ, "PLANNER_ORACLE": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=120, check=False)


def other_rows(folder: Path, **changes: str) -> Path:
    """A folder with the images, and one recorded row with other values."""
    (folder / "images.jsonl").symlink_to(HERE / "images.jsonl")
    with (HERE / "outcomes.csv").open(newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["engine"] == "docker" and row["image_kind"] == "s2-gzip")
    with (folder / "outcomes.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow({**row, "version": "20.10.24", **changes})
    return folder


def test_rows_from_elsewhere_that_agree(tmp_path: Path) -> None:
    done = oracle(other_rows(tmp_path))
    assert (done.returncode, done.stdout) == (0, "recorded:\n  docker 20.10.24 graphdriver: 1 of 1\n"), done.stderr


def test_a_row_that_went_otherwise_is_listed(tmp_path: Path) -> None:
    done = oracle(other_rows(tmp_path, outcome="fail", message="no space left on device"))
    assert done.returncode == 1
    assert "docker 20.10.24 graphdriver: 0 of 1 (1 predicted otherwise)" in done.stdout
    assert "s2-gzip by tag: fail (no space left on device), predicted pulls" in done.stdout


def test_a_row_that_nobody_can_judge_is_no_agreement(tmp_path: Path) -> None:
    done = oracle(other_rows(tmp_path, engine="rkt"))
    assert done.returncode == 1
    assert "0 of 1 (1 left open)" in done.stdout
