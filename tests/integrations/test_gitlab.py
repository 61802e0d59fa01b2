"""integrations/gitlab/planner.yml: its form against GitLab's schema, its script run as a runner runs it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.command import PLANNER, write_compose
from tests.support.raw_server import healthy, serving, shelf
from tests.unit.cli.recorded import BREAKS, RECORDED, SCHEMA2, write_inventory

TEMPLATE = Path(__file__).resolve().parents[2] / "integrations" / "gitlab" / "planner.yml"
SPEC, BODY = TEMPLATE.read_text("utf-8").split("\n---\n")
INPUTS: dict[str, dict[str, Any]] = yaml.safe_load(SPEC)["spec"]["inputs"]
IMAGE = "registry.example/planner@sha256:" + "0" * 64
HOSTILE = "--help 'a' \"b\" $(touch hacked) `touch hacked`; touch hacked & $HOME \\"
_INPUT = re.compile(r"\$\[\[ inputs\.([\w-]+) \]\]")


def jobs(**given: str) -> dict[str, dict[str, Any]]:
    """The template with its inputs put in: into the values that were read, as GitLab does, not into the text."""
    values = {name.replace("_", "-"): value for name, value in {"image": IMAGE, **given}.items()}
    assert values.keys() <= INPUTS.keys()
    values = {name: each["default"] for name, each in INPUTS.items() if "default" in each} | values

    def filled(value: Any) -> Any:
        match value:
            case str():
                return _INPUT.sub(lambda found: values[found[1]], value)
            case list():
                return [filled(each) for each in value]
            case dict():
                return {filled(key): filled(each) for key, each in value.items()}
        return value

    found: dict[str, dict[str, Any]] = filled(yaml.safe_load(BODY))
    return found


def run_job(project: Path, shell: str, *, source: str = "push", **given: str) -> subprocess.CompletedProcess[str]:
    """Run the job's script in the project, as the shell's `eval` of one text (GitLab Runner's shells/bash.go)."""
    (job,) = jobs(**given).values()
    assert all(each.get("expand") is False for each in job["variables"].values() if isinstance(each, dict))
    variables = {name: each["value"] for name, each in job["variables"].items() if isinstance(each, dict)}
    variables["CI_PIPELINE_SOURCE"] = source
    cache = job["variables"]["PLANNER_CACHE_DIR"].replace("$CI_PROJECT_DIR", str(project))
    path = f"{PLANNER.parent}{os.pathsep}{os.environ['PATH']}"
    options = "set -eo pipefail" if shell == "bash" else "set -e"
    return subprocess.run(
        [shell, "-c", f'{options}; : | eval "$JOB_SCRIPT"'],
        cwd=project,
        env={"PATH": path, "HOME": str(project.parent), "PLANNER_CACHE_DIR": cache, **variables}
        | {"JOB_SCRIPT": "\n".join(job["script"])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("builds") / "project"
    (project / ".git").mkdir(parents=True)
    write_inventory(project / "infra", BREAKS)
    return project


@pytest.fixture(scope="module")
def broken(project: Path) -> subprocess.CompletedProcess[str]:
    return run_job(project, "bash", path="infra", snapshot=f"infra/{RECORDED}", baseline="none yet.json")


def test_a_scan_leaves_what_the_job_keeps(project: Path, broken: subprocess.CompletedProcess[str]) -> None:
    assert broken.returncode == 1, broken.stderr
    assert "h0/compose.yml:3" in broken.stdout
    (job,) = jobs().values()
    kept = [*job["artifacts"]["reports"].values(), "planner-report/planner.html", "planner-report/planner.json"]
    assert all((project / file).stat().st_size for file in kept)
    assert all(file.startswith(tuple(job["artifacts"]["paths"])) for file in kept)


@pytest.mark.usefixtures("broken")
def test_files_may_have_any_name(project: Path) -> None:
    """With a baseline that has all there is: nothing is new, and the job passes."""
    shutil.copy(project / "planner-report" / "planner.json", project / f"{HOSTILE}.json")
    shutil.copytree(project / "infra", project / HOSTILE)
    (project / "hosts $(touch hacked).csv").write_text("name,engine\nlate,docker 20.10.24\n")
    done = run_job(
        project,
        "sh",
        path=HOSTILE,
        snapshot=f"{HOSTILE}/{RECORDED}",
        hosts="\r\n  hosts $(touch hacked).csv \r\n",
        baseline=f"{HOSTILE}.json",
        args="  --per-host  \r\n\t--all\n",
    )
    assert done.returncode == 0, done.stderr
    assert "1 pinned reference, 2 hosts" in done.stdout
    assert not list(project.rglob("hacked"))


def test_a_first_run_has_no_baseline_and_everything_counts(broken: subprocess.CompletedProcess[str]) -> None:
    assert broken.returncode == 1, broken.stderr
    assert broken.stderr.startswith("The baseline none yet.json is not there, as in a first run: all that this one")


def test_a_scheduled_run_notices_what_the_cache_does_not(tmp_path: Path) -> None:
    kept = shelf("app", SCHEMA2)
    project = tmp_path / "project"
    with serving(healthy(kept)) as server:
        write_compose(project, f"{server.host}/app@{SCHEMA2.digest}")
        run_job(project, "bash", resolver="http")
        kept.clear()
        done = run_job(project, "sh", resolver="http", source="schedule")
    assert done.returncode == 1, done.stderr
    # By default all of the project is scanned, but not what the job itself left in it.
    assert json.loads((project / "planner-report" / "planner.json").read_text())["provenance"]["files_seen"] == 1


def test_a_run_that_scans_nothing_is_no_pass(tmp_path: Path) -> None:
    done = run_job(tmp_path, "sh", args="--help")
    assert done.returncode == 2
    assert "planner ended with 0 and did not write gl-code-quality-report.json" in done.stderr


def test_gitlab_knows_all_its_words(tmp_path: Path) -> None:
    """The body alone: the schema knows no file of two documents."""
    body = tmp_path / ".gitlab-ci.yml"
    body.write_text(yaml.safe_dump(jobs(), sort_keys=False))
    header = tmp_path / "header.yml"
    header.write_text(SPEC)
    checker = Path(sys.executable).with_name("check-jsonschema")
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    done = subprocess.run([checker, *schema, body, header], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_input_is_used_and_described() -> None:
    assert set(_INPUT.findall(BODY)) == INPUTS.keys()
    assert all(each["description"] for each in INPUTS.values())
    assert [name for name, each in INPUTS.items() if "default" not in each] == ["image"]
