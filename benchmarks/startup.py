"""The time of `planner --help`, against the bare interpreter. Aim: under 0.25 s, pandas not imported."""

import subprocess
import sys
from pathlib import Path

from benchmarks._measure import compare, in_turns, quietly

PLANNER = Path(sys.executable).with_name("planner")
HEAVY = ("pandas", "numpy", "pydantic", "rich", "jinja2", "yaml")
IMPORTED = """
import sys
from planner.cli import app
try:
    app(["--help"])
except SystemExit:
    pass
print(" ".join(name for name in sys.argv[1:] if name in sys.modules) or "none", file=sys.stderr)
"""


def main() -> None:
    ours, theirs = in_turns(quietly(PLANNER, "--help"), quietly(sys.executable, "-c", "pass"), runs=15)
    print(compare("planner --help", "python -c pass", ours, theirs))
    command = [sys.executable, "-c", IMPORTED, *HEAVY]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    print(f"of {', '.join(HEAVY)} imported: {done.stderr.strip()}")


if __name__ == "__main__":
    main()
