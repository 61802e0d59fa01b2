"""The project around the code: what is shipped, what is pinned, and that it works outside the tree."""

import ast
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import planner
from tests.support.knowledge import KNOWLEDGE

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if not path.name.startswith("_") and path.is_file())


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command without what this test run's own environment would lend it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        command, cwd=cwd, env=inherited | environment, capture_output=True, text=True, timeout=600, check=False
    )


def pins(lock: str) -> dict[str, set[str]]:
    """The pinned versions of each package; there are several where they depend on the version of Python."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_only_pins_and_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text().replace("\\\n", "")
    for line in text.splitlines():
        assert re.fullmatch(r"[\w.-]+==[\w.]+( *; [^/\\#:]+?)? *(\s+--hash=sha256:[0-9a-f]{64})+", line), line[:80]
    assert "planner" not in pins(lock)


def test_the_locks_hold_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    runtime = [*project["project"]["dependencies"], *groups["build"], *project["build-system"]["requires"]]
    for lock, wanted in zip(LOCKS, (runtime, runtime + groups["dev"]), strict=True):
        for requirement in map(Requirement, wanted):
            versions = pins(lock).get(canonicalize_name(requirement.name), set())
            assert versions, f"{lock} lacks {requirement}; run ./scripts/lock"
            assert all(map(requirement.specifier.contains, versions)), f"{lock} has {versions} for {requirement}"


def test_the_dev_lock_contains_the_other_one() -> None:
    assert pins(LOCKS[0]).items() <= pins(LOCKS[1]).items()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_executable_valid_and_described(script: Path) -> None:
    assert script.stat().st_mode & stat.S_IXUSR
    assert run("sh", "-n", script, cwd=ROOT).returncode == 0
    assert f"scripts/{script.name}`" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_import_contracts() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = run(linter, "--no-cache", cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("stage", ["assess", "plan"])
def test_knowledge_is_data(stage: str) -> None:
    # Media types and needs have "docker" in them; a text that is a product's name would be a rule about that product.
    products = {*KNOWLEDGE.engines, *KNOWLEDGE.registries}.union(*(each.aliases for each in KNOWLEDGE.engines.values()))
    modules = list((ROOT / "planner" / stage).rglob("*.py"))
    assert modules
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value.strip().lower() not in products, f"{module.name}:{node.lineno} names {node.value}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `planner` command of a virtual environment elsewhere that has the wheel, and borrows its dependencies."""
    home = tmp_path_factory.mktemp("elsewhere") / "with space"
    assert run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home.parent).returncode == 0
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    done = run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=home.parent)
    assert done.returncode == 0, done.stderr
    # A path file inside a folder that a path file adds is not read: the editable planner of this tree stays out.
    (site,) = home.glob("lib/python3*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin" / "planner"


def test_the_wheel_has_templates_knowledge_and_share_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = f"planner-{planner.__version__}.data"
    for folder, target in (
        ("templates", "planner/templates"),
        ("planner/knowledge", "planner/knowledge"),
        ("share", f"{data}/data/share"),
    ):
        here = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert here
        assert {f"{target}/{path.relative_to(ROOT / folder).as_posix()}" for path in here} <= names
    assert {"planner/py.typed", f"planner-{planner.__version__}.dist-info/licenses/LICENSE"} <= names
    assert {name.partition("/")[0] for name in names} == {"planner", data, f"planner-{planner.__version__}.dist-info"}


def test_the_installed_wheel_runs_outside_the_tree(installed: Path, tmp_path: Path) -> None:
    where = run(installed.with_name("python"), "-c", "import planner; print(planner.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(installed.parents[1]), where
    version = run(installed, "--version", cwd=tmp_path)
    assert (version.returncode, version.stdout.split()[-1]) == (0, planner.__version__), version


def test_the_installed_wheel_brings_man_page_and_completion(installed: Path) -> None:
    share = installed.parents[1] / "share"
    for path in (ROOT / "share").rglob("*"):
        if path.is_file():
            assert (share / path.relative_to(ROOT / "share")).read_bytes() == path.read_bytes()


def test_the_installed_wheel_scans_the_sample(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sample_inventories" / "acme", tmp_path / "acme")
    done = run(
        *(installed, "scan", "acme", "--offline", "acme/registry.jsonl", "-o", "report.html", "-o", "report.csv"),
        cwd=tmp_path,
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )
    assert done.returncode == 1, done
    page, rows = ((tmp_path / name).read_text("utf-8") for name in ("report.html", "report.csv"))
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "breaks" in page
    assert len(rows.splitlines()) > 1


def test_the_demo_on_a_fresh_copy(tmp_path: Path) -> None:
    if os.environ.get("CI", "").lower() != "true":
        pytest.skip("installs a second .venv from the package index; CI=true runs it")
    copy = tmp_path / "a fresh copy"
    beside = (".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "planner-report.*")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*beside))
    for attempt in ("first", "second"):
        done = run(copy / "scripts" / "demo", cwd=tmp_path)
        assert done.returncode == 0, (attempt, done)
        assert "breaks" in done.stdout
        report = Path(done.stdout.splitlines()[-1])
        assert report.is_relative_to(copy)
        assert report.read_text("utf-8").lstrip().lower().startswith("<!doctype html>")
    assert "installing" not in done.stderr, "the second run must not install again"
    assert not list(copy.glob(".venv/lib/*/site-packages/pytest")), "the demo must not need what only developers do"
