"""action.yml, its steps run by bash as on a runner: planner installed from the checkout, then scans."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.github_action import ACTION, ROOT, STEPS, Job, Ran, inputs, run_step, text, uses
from tests.support.command import write_compose
from tests.support.raw_server import healthy, serving, shelf
from tests.unit.cli.recorded import AT_RISK, BREAKS, PULLS, RECORDED, SCHEMA2, UNKNOWN, write_inventory

# Each part would make a file `hacked`, were it read by a shell; a line of it looks like an output or an option.
HOSTILE = "--help 'a' \"b\" $(touch hacked) `touch hacked`; touch hacked & ${{ github.token }} %0A::error::x"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory, borrowed: Path) -> Job:
    """A job in which planner is installed. In its workspace are modules that must not be imported for the real ones."""
    home = tmp_path_factory.mktemp("runner")
    workspace = home / "work space"
    for trap in ("json.py", "pip/__init__.py", "pip/__main__.py", "venv.py", "planner/__init__.py", "hatchling.py"):
        (workspace / trap).parent.mkdir(parents=True, exist_ok=True)
        (workspace / trap).write_text(f"raise SystemExit('the workspace was imported: {trap}')\n")
    job = Job(home, workspace, {"PYTHONPATH": str(borrowed), "PIP_NO_INDEX": "1"})
    job.outputs["python"] = {"python-path": sys.executable}
    ran = run_step(job, "Install planner", inputs())
    assert (ran.code, ran.log) == (0, "")
    return job


@pytest.fixture(scope="module")
def broken(runner: Job) -> Ran:
    """The scan of a folder with three pulls: one breaks, one breaks and is accepted, one is at risk."""
    infra = write_inventory(runner.workspace / "infra", BREAKS, BREAKS, AT_RISK)
    compose = infra / "h1" / "compose.yml"
    compose.write_text(compose.read_text().replace("    image", "    # planner: ignore[*] moves in spring\n    image"))
    return scan(runner, path="infra", snapshot=f"infra/{RECORDED}", baseline="none yet.json", fail_on_new="true")


@pytest.fixture
def job(runner: Job, broken: Ran) -> Iterator[Job]:
    """A job in which planner is installed and that scan was made."""
    yield Job(runner.home, runner.workspace, runner.variables, {"scan": dict(broken.outputs)})
    assert not list(runner.home.rglob("hacked"))


def scan(job: Job, **given: str) -> Ran:
    return run_step(job, "Scan", inputs(**given))


def results(ran: Ran, name: str) -> list[dict[str, Any]]:
    (run,) = json.loads(Path(ran.outputs[name]).read_text("utf-8"))["runs"]
    found: list[dict[str, Any]] = run["results"]
    return found


def test_a_scan_annotates_and_gives_its_outputs(job: Job, broken: Ran) -> None:
    assert broken.code == 1
    assert "::error file=infra/h0/compose.yml,line=3," in broken.log
    assert broken.summary.startswith("## planner")
    values = {name: text(each["value"], job, inputs()) for name, each in ACTION["outputs"].items()}
    reports = {values.pop(name) for name in ("json", "html", "markdown", "sarif")}
    counts = {"breaks-now": "1", "breaks-after": "1", "at-risk": "1", "unchecked": "0", "suppressed": "1"}
    assert values == counts | {"exit-code": "1", "new": ""}
    assert all(Path(file).is_relative_to(job.temp) and Path(file).stat().st_size for file in reports)


def test_code_scanning_gets_what_is_open_even_if_the_scan_failed(job: Job, broken: Ran) -> None:
    assert uses(job, "Upload to code scanning", inputs()) is None
    uploaded = uses(job, "Upload to code scanning", inputs(upload_sarif="true"))
    assert uploaded == {"sarif_file": broken.outputs["sarif-open"], "category": "planner"}
    everything, alerts = results(broken, "sarif"), results(broken, "sarif-open")
    assert [result for result in everything if "suppressions" not in result] == alerts
    assert len(everything) == len(alerts) + 1 == 3


def test_what_is_new_since_a_baseline(job: Job, broken: Ran) -> None:
    (job.workspace / "more").mkdir()
    write_inventory(job.workspace / "more", BREAKS, BREAKS, AT_RISK)  # nothing is accepted there
    given = {"path": "more", "snapshot": f"infra/{RECORDED}", "baseline": broken.outputs["json"]}
    ran = scan(job, fail_on_new="true", **given)
    assert (ran.code, ran.outputs["new"]) == (1, "1"), ran.log


def test_a_first_run_has_no_baseline_and_everything_counts(broken: Ran) -> None:
    assert (broken.code, broken.outputs["breaks-now"], broken.outputs["new"]) == (1, "1", "")
    told = "the baseline none yet.json is not there, as in a first run: all that this one finds counts"
    assert broken.log.startswith(f"::notice title=planner::{told}")


def test_a_run_that_scans_nothing_is_no_pass(job: Job) -> None:
    ran = scan(job, args="--help", tolerate="3 4")
    assert (ran.code, ran.outputs) == (2, {"exit-code": "2"})
    assert "::error title=planner::planner ended with 0 and wrote no reports, so nothing was checked" in ran.log


def test_outputs_that_cannot_be_written_are_no_finding(job: Job) -> None:
    job.variables = {**job.variables, "GITHUB_OUTPUT": str(job.home / "none" / "output")}
    ran = scan(job, args="--version")
    assert ran.code == 2
    assert "Traceback" not in ran.log
    assert "none/output: No such file or directory, so this step has no outputs" in ran.log


def test_what_is_not_checked_may_be_tolerated(job: Job) -> None:
    write_inventory(job.workspace / "unsure", UNKNOWN)
    ran = scan(job, path="unsure", snapshot=f"unsure/{RECORDED}", tolerate="3 4")
    assert (ran.code, ran.outputs["exit-code"]) == (0, "3")
    assert ran.log.splitlines()[-1].startswith("::warning title=planner::exit code 3, tolerated: nothing at or above")


def test_what_registries_answered_is_kept_once(job: Job, broken: Ran) -> None:
    write_compose(job.workspace / "far", f"127.0.0.1:1/app@{BREAKS[1].digest}")
    ran = scan(job, path="far", tolerate="4")
    assert ran.code == 3
    assert ran.log.splitlines()[-1].startswith("::error title=planner::exit code 3: nothing at or above")
    restored = uses(job, "Restore what registries answered", inputs())
    assert restored
    assert ran.outputs["cache-key"].startswith(restored["restore-keys"])
    kept = uses(job, "Keep what registries answered", inputs())
    assert kept == {"path": restored["path"], "key": ran.outputs["cache-key"]}
    assert uses(job, "Keep what registries answered", inputs(cache="false")) is None
    job.outputs["cache"] = {"cache-matched-key": ran.outputs["cache-key"]}
    assert uses(job, "Keep what registries answered", inputs()) is None
    assert uses(job, "Restore what registries answered", inputs(snapshot="registry.jsonl")) is None
    assert "cache-key" not in broken.outputs


def test_a_scheduled_run_notices_what_the_cache_does_not(job: Job) -> None:
    kept = shelf("app", SCHEMA2)
    with serving(healthy(kept)) as server:
        write_inventory(job.workspace / "asked", PULLS)
        write_compose(job.workspace / "asked" / "h0", f"{server.host}/app@{SCHEMA2.digest}")
        first = scan(job, path="asked")
        assert first.code == 0, first.log
        kept.clear()
        job.variables = {**job.variables, "GITHUB_EVENT_NAME": "schedule", "GITHUB_RUN_ID": "7"}
        scheduled = scan(job, path="asked")
    assert scheduled.code == 1, scheduled.log
    assert "-7-" in scheduled.outputs["cache-key"]


def test_files_may_have_any_name(job: Job) -> None:
    name = HOSTILE.replace("/", "")
    folder = job.workspace / f"{name}\nexit-code=0"
    shutil.copytree(job.workspace / "infra", folder)
    settings, hosts, recorded, baseline = (job.workspace / f"{name}{each}" for each in (".toml", ".csv", "", ".json"))
    (folder / "planner.toml").rename(settings)
    (folder / RECORDED).rename(recorded)
    hosts.write_text("name,engine\nlate,docker 20.10.24\n")
    shutil.copy(job.outputs["scan"]["json"], baseline)
    ran = scan(
        job,
        path=folder.name,
        config=settings.name,
        hosts=f"\n  {hosts.name}\n",
        snapshot=recorded.name,
        baseline=baseline.name,
        fail_on_new="true",
        args="--all\n--per-host",
    )
    assert (ran.code, ran.outputs["breaks-now"], ran.outputs["new"]) == (0, "1", "0"), ran.log
    assert "4 hosts: " in ran.log


@pytest.mark.parametrize("name", ["path", "args", "fail_on_new", "upload_sarif", "tolerate", "ask_anew"])
def test_an_input_that_is_none_is_refused(job: Job, name: str) -> None:
    ran = scan(job, **{name: f"{HOSTILE}\n\n--version"})
    assert (ran.code, ran.outputs.get("exit-code", "2")) == (2, "2"), ran.log
    assert "--help" in ran.log
    assert "json" not in ran.outputs


def test_no_input_is_written_into_a_script() -> None:
    for name, step in STEPS.items():
        assert "${{" not in step.get("run", ""), name


def test_other_actions_are_pinned_by_commit() -> None:
    others = [line for line in (ROOT / "action.yml").read_text().splitlines() if "uses:" in line]
    assert len(others) == 4
    for line in others:
        assert re.fullmatch(r" +uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


@pytest.mark.parametrize(
    "command",
    [
        ("check-jsonschema", "--builtin-schema", "vendor.github-actions"),
        ("zizmor", "--offline", "--no-progress", "--persona", "pedantic"),
    ],
    ids=lambda command: command[0],
)
def test_linters_have_nothing_to_say(command: tuple[str, ...]) -> None:
    tool = Path(sys.executable).with_name(command[0])
    done = subprocess.run([tool, *command[1:], ROOT / "action.yml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
