"""The Containerfile, as far as it goes without a base image: its build stage is carried out in a folder.

The whole is built by hand: podman build --isolation chroot --build-arg BASE=IMAGE .
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

from tests.support.command import run

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = ROOT / "Containerfile"


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage with their text, that of the lines before the first FROM left out."""
    text = re.sub(r"^\s*#.*\n", "", CONTAINERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", "")
    found: list[list[tuple[str, str]]] = []
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, rest))
    return found


def copied(stage: list[tuple[str, str]]) -> Iterator[tuple[list[str], str]]:
    for word, rest in stage:
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = shlex.split(rest)
            yield sources, target


def test_the_build_stage_makes_a_planner_that_runs(tmp_path: Path, borrowed: Path) -> None:
    build, _ = stages()
    context, work, made = tmp_path / "context", tmp_path / "build", tmp_path / "made"
    _send(context)
    work.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {"PATH": path, "HOME": str(tmp_path), "PYTHONPATH": str(borrowed), "PIP_NO_INDEX": "1"}
    for word, rest in build:
        if word == "RUN":
            command = ["sh", "-ec", rest.replace("/opt/planner", str(made))]
            done = subprocess.run(command, cwd=work, env=variables, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
        elif word == "COPY":
            for sources, target in copied([(word, rest)]):
                for source in sources:
                    _copy(context / source, work / target)
    sample = ROOT / "sample_inventories" / "founding-case"
    command = [str(made / "bin" / "planner"), "scan", str(sample), "--offline", str(sample / "registry.jsonl")]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "compose.yml:10:38" in done.stdout


def _send(context: Path) -> None:
    """What a builder is sent: all that .dockerignore leaves."""
    ignored = GitIgnoreSpec.from_lines((ROOT / ".dockerignore").read_text().splitlines())
    kept = [entry for entry in ROOT.iterdir() if not ignored.match_file(entry.name)]
    assert {entry.name for entry in kept} == {source for sources, _ in copied(stages()[0]) for source in sources}
    for entry in kept:
        _copy(entry, context / entry.name)


def _copy(source: Path, target: Path) -> None:
    """As COPY does: the content of a folder, a file by its name into one."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def test_the_image_is_for_a_user_without_rights() -> None:
    last = dict(stages()[-1])
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", last["USER"])
    assert (last["ENTRYPOINT"], last["WORKDIR"]) == ('["planner"]', "/src")


def test_planner_reads_it_itself(tmp_path: Path) -> None:
    done = run("scan", CONTAINERFILE, "--no-resolve", "--include-tags", "--format", "json", home=tmp_path)
    assert {(each["registry"], each["repository"]) for each in done.json["occurrences"]} == {
        ("docker.io", "library/python")
    }
    assert done.json["problems"] == []
