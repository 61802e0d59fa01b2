"""Wall times of two ways to do the same, in turns, so that what else the machine does falls on both alike."""

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Run = Callable[[], object]


def seconds(run: Run) -> float:
    """The wall time of one run."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def in_turns(ours: Run, theirs: Run, runs: int = 7) -> tuple[list[float], list[float]]:
    """The wall times of both, run one after the other; a first pair, which warms the disk cache, is not counted."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs + 1)][1:]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def compare(ours_name: str, theirs_name: str, ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Medians, spread, and the median of the ratios of each pair."""
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return f"{summary(ours_name, ours)}\n{summary(theirs_name, theirs)}\nratio {ratio:.2f}"


def summary(name: str, times: Sequence[float]) -> str:
    return f"{name:<34} median {statistics.median(times):.3f} s (of {len(times)}: {min(times):.3f} to {max(times):.3f})"


def quietly(*command: str | Path) -> Run:
    """A command as something to run; its output is dropped, its failure is an error."""

    def run() -> None:
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=600)

    return run
