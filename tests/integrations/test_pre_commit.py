"""The hooks, run by pre-commit itself from a clone, in the environment that it makes for them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
HOOKS = ".pre-commit-hooks.yaml"
PRE_COMMIT = Path(sys.executable).with_name("pre-commit")
# What `pip install` of a clone needs.
PROJECT = ("planner", "templates", "share", "pyproject.toml", "README.md", "LICENSE", HOOKS)


def git(*arguments: str | Path, cwd: Path) -> str:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
    done = subprocess.run(["git", *who, *arguments], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def committed(folder: Path) -> str:
    """Make a folder a repository with all that is in it; the name of its commit."""
    git("init", "--quiet", ".", cwd=folder)
    git("add", "--all", "--force", cwd=folder)
    git("commit", "--quiet", "--no-verify", "--message", "all", cwd=folder)
    return git("rev-parse", "HEAD", cwd=folder)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory, borrowed: Path) -> str:
    """What `pre-commit run` says in a repository that uses the two hooks which ask nobody."""
    home = tmp_path_factory.mktemp("pre-commit")
    hooks, repository = home / "hooks", home / "with space"
    hooks.mkdir()
    for name in PROJECT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, hooks / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, hooks / name)
    used = [{"id": "planner-offline"}, {"id": "planner-pins"}]
    config = {"repos": [{"repo": str(hooks), "rev": committed(hooks), "hooks": used}]}
    shutil.copytree(ROOT / "sample_inventories" / "founding-case", repository)
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    committed(repository)
    # pip finds in what is borrowed all that planner wants; "no" is how pip spells no isolation there.
    offline = {"PYTHONPATH": str(borrowed), "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "no"}
    done = subprocess.run(
        [PRE_COMMIT, "run", "--all-files", "--verbose", "--color=never"],
        cwd=repository,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PRE_COMMIT_HOME": str(home / "cache"), **offline},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert list((home / "cache").glob("repo*/py_env-*/bin/planner")), "the hooks ran another planner"
    return done.stdout


def test_a_pull_that_breaks_stops_the_commit(said: str) -> None:
    (told,) = [part for part in said.split("\nplanner (") if "- hook id: planner-offline" in part]
    assert "Failed" in told
    assert "- exit code: 1" in told
    assert "compose.yml:10:38" in told


def test_pins_that_can_be_read_pass(said: str) -> None:
    (told,) = [part for part in said.split("\nplanner (") if "- hook id: planner-pins" in part]
    assert "Passed" in told
    assert "3 pinned references" in told


def test_the_manifest_is_as_pre_commit_wants_it() -> None:
    done = subprocess.run([PRE_COMMIT, "validate-manifest", ROOT / HOOKS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
