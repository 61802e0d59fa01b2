"""The tutorials, typed as they stand: what they show is what comes.

Each block of `sh` is run, in a folder with the samples, one after the other. Comments above say what is different:
`<!-- exit: 1 -->` the exit code, `<!-- not run: why -->`. A block with `<!-- output -->` above it is what the block
of `sh` before it prints, `<!-- output: 1-5 -->` or `<!-- output: "words" to "other words" -->` the lines from the first
to the next one that have these words. `./scripts/accept tests/docs/test_tutorials.py`
writes what comes today.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.command import PLANNER, environment
from tests.support.pages import ROOT, TUTORIALS, Fence, Page

PAGES = sorted(map(Page, TUTORIALS.glob("*.md")), key=lambda page: page.name)
ACCEPT = os.environ.get("PLANNER_ACCEPT") == "1"
_LEFT_OUT = "…"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_tutorial_shows_what_comes(page: Page, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sample_inventories", tmp_path / "sample_inventories")
    printed, shown = "", {}
    for fence in page.fences:
        if fence.language == "sh" and fence.note("not run") is None:
            printed = _typed(fence, page, tmp_path)
        elif (wanted := fence.note("output")) is not None:
            shown[fence.line] = _lines(printed, wanted)
    assert shown, "a tutorial shows what comes"
    if ACCEPT:
        _write(page, shown)
        return
    for fence in page.fences:
        assert fence.text == shown.get(fence.line, fence.text), f"{page.name}:{fence.line}"


def _typed(fence: Fence, page: Page, folder: Path) -> str:
    """What a block prints, messages included; its exit code must be the foretold one."""
    here = environment(folder / "home")
    here["COLUMNS"] = "88"  # what fits into a page
    here["PATH"] = f"{PLANNER.parent}:{here['PATH']}"
    script = f"exec 2>&1\n{fence.text}"
    done = subprocess.run(
        ["sh", "-e", "-c", script], cwd=folder, env=here, capture_output=True, timeout=120, check=False
    )
    printed = done.stdout.decode("utf-8")
    assert done.returncode == int(fence.note("exit") or 0), f"{page.name}:{fence.line}: {printed}"
    return printed


def _lines(text: str, wanted: str) -> str:
    """The lines of a text that `wanted` names; what is left out before or after them is one line with an ellipsis."""
    lines = [line.rstrip() for line in text.splitlines()]
    first, last = 0, len(lines)
    if words := re.fullmatch(r'"(.+)" to "(.+)"', wanted):
        first = next(number for number, line in enumerate(lines) if words[1] in line)
        last = next(number for number, line in enumerate(lines[first:], first + 1) if words[2] in line)
    elif wanted:
        first, last = int(wanted.partition("-")[0]) - 1, int(wanted.partition("-")[2])
        assert last <= len(lines), f"there are {len(lines)} lines, not {wanted}"
    before, after = ([_LEFT_OUT] if is_cut else [] for is_cut in (first > 0, last < len(lines)))
    return "".join(f"{line}\n" for line in (*before, *lines[first:last], *after))


def _write(page: Page, shown: dict[int, str]) -> None:
    lines = page.path.read_text("utf-8").splitlines(keepends=True)
    for fence in reversed(page.fences):
        if fence.line in shown:
            lines[fence.line : fence.line + fence.text.count("\n")] = [shown[fence.line]]
    page.path.write_text("".join(lines), "utf-8")


def test_tutorials_are_in_nobody_elses_way() -> None:
    """Whoever does one after the other in the same copy has a folder for each."""
    made = [set(re.findall(r"mkdir -p ([\w-]+)", page.path.read_text("utf-8"))) for page in PAGES]
    assert len(set().union(*made)) == sum(map(len, made)) >= 4


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        ("", "a b c d"),
        ("1-1", "a …"),
        ("2-3", "… b c …"),
        ("3-4", "… c d"),
        ('"b" to "c"', "… b c …"),
        ('"d" to "d"', "… d"),
    ],
)
def test_lines_that_are_shown(wanted: str, lines: str) -> None:
    assert _lines("a\nb\nc \nd\n", wanted).split() == lines.split()


def test_lines_that_are_not_there() -> None:
    with pytest.raises(AssertionError, match="there are 2 lines"):
        _lines("a\nb\n", "1-3")
