"""What share/ brings: completion as real shells do it, and a man page without a fault."""

import os
import pty
import re
import select
import subprocess
from pathlib import Path

import pytest

from tests.support.command import PLANNER, environment
from tests.support.pages import ROOT
from tests.support.tools import require_tool

SHARE = ROOT / "share"
MAN = SHARE / "man" / "man1" / "planner.1"
BASH = f"source '{SHARE}/bash-completion/completions/planner'"
ZSH = f"fpath=('{SHARE}/zsh/site-functions' $fpath); autoload -U compinit; compinit -u -D"
FISH = f"source '{SHARE}/fish/vendor_completions.d/planner.fish'"
# What is typed before the tabulator, and what then stands there.
TYPED = [
    ("planner sc", ["planner", "scan"]),
    ("planner cache pr", ["planner", "cache", "prune"]),
    ("planner scan --no-res", ["planner", "scan", "--no-resolve"]),
    ("planner scan --fail-on at", ["planner", "scan", "--fail-on", "at-risk"]),
    ("planner scan --format sa", ["planner", "scan", "--format", "sarif"]),
    ("planner plan --format ti", ["planner", "plan", "--format", "tickets"]),
    ("planner scan --format=ht", ["planner", "scan", "--format=html"]),
    ("planner scan --offline x --fail-on=at", ["planner", "scan", "--offline", "x", "--fail-on=at-risk"]),
    ("planner engines contai", ["planner", "engines", "containerd"]),
    ("planner formats quad", ["planner", "formats", "quadlet"]),
    ("planner scan inf", ["planner", "scan", "infra of shop"]),
    ("planner scan -o rep", ["planner", "scan", "-o", "report.html"]),
    ("planner repin x --map map", ["planner", "repin", "x", "--map", "mapping.csv"]),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "infra of shop").mkdir()
    for name in ("report.html", "mapping.csv"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("shell", "setup", "typed"),
    [(("bash", "--norc", "--noprofile", "-i"), BASH, TYPED), (("zsh", "-f", "-i"), ZSH, TYPED[2::4])],
    ids=["bash", "zsh"],
)
def test_a_shell_completes(
    shell: tuple[str, ...], setup: str, typed: list[tuple[str, list[str]]], folder: Path
) -> None:
    require_tool(shell[0])
    # Before a completed line comes, with ^A to its beginning, the command that prints it word by word.
    keys = "".join(f"{line}\t\x01printf '<%s>' \n" for line, _ in typed)
    shown = at_terminal(shell, f"{setup}\n{keys}exit\n", folder)
    for line, words in typed:
        assert "".join(f"<{word}>" for word in words) in shown.replace("/>", ">"), (line, shown)


def at_terminal(command: tuple[str, ...], keys: str, folder: Path) -> str:
    """What a program shows at a terminal, until its end, when somebody types `keys`."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, cwd=folder, env=_environment(folder), start_new_session=True
    )
    os.close(its)
    shown = b""
    try:
        os.write(ours, keys.encode())
        while select.select([ours], [], [], 60)[0]:
            shown += os.read(ours, 65536)
    except OSError:  # it has ended
        pass
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return shown.decode("utf-8", "replace")


def _environment(folder: Path) -> dict[str, str]:
    here = environment(folder)
    return here | {"PATH": f"{PLANNER.parent}:{here['PATH']}", "TERM": "dumb"}


def test_fish_completes(folder: Path) -> None:
    require_tool("fish")
    for line, words in TYPED[1::4]:
        script = f"{FISH}; complete --do-complete '{line}'"
        done = subprocess.run(
            ["fish", "--no-config", "-c", script],
            cwd=folder, env=_environment(folder), capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        offered = [each.partition("\t")[0].rstrip("/") for each in done.stdout.splitlines()]
        assert words[-1] in offered, (line, done)


def test_the_man_page_has_no_fault() -> None:
    require_tool("mandoc")
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "style", MAN], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_man_page_has_every_command_and_flag() -> None:
    require_tool("mandoc")
    done = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=100", MAN], capture_output=True, text=True, check=True)
    page = re.sub(r".\x08", "", done.stdout)
    known = (ROOT / "docs" / "commands.md").read_text("utf-8")
    for name in re.findall(r"^## (planner .*)$", known, re.MULTILINE):
        assert re.search(rf"^ +{name}$", page, re.MULTILINE), name
    flags = re.findall(r"^\| `(-[-\w]+)", known, re.MULTILINE)
    assert len(flags) > 50
    for flag in flags:
        assert re.search(rf"^ +{flag}\b", page, re.MULTILINE), flag
    for section in ("NAME", "SYNOPSIS", "EXIT STATUS", "FILES", "ENVIRONMENT"):
        assert f"\n{section}\n" in page
