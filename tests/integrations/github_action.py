"""Runs action.yml as GitHub's runner does, as far as that goes without GitHub.

Steps with `run` are run by bash with the runner's own flags, environment and files; a step with `uses` is looked up in
what the test says that it gives. Of expressions this knows what action.yml has: names, and conditions with `==` and
`startsWith`.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
_EXPRESSION = re.compile(r"[$][{][{](.*?)[}][}]", re.DOTALL)
_NAME = re.compile(r"'[^']*'|[a-z]+(?:\.[\w-]+)+|&&|\|\||!cancelled\(\)|!startsWith\(|,|\)|==|!=|\s+")


@dataclass
class Job:
    """A job on a runner: its folders, and what its steps have given so far."""

    home: Path
    workspace: Path
    variables: Mapping[str, str]
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)  # of each step, by its id

    @property
    def temp(self) -> Path:
        return self.home / "runner temp"


@dataclass(frozen=True)
class Ran:
    """A step that ran: its log, and what it put into the files of the runner."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str


def inputs(**given: str) -> dict[str, str]:
    """All inputs, with their defaults; `fail_on` is `fail-on`."""
    named = {name.replace("_", "-"): value for name, value in given.items()}
    assert named.keys() <= ACTION["inputs"].keys(), named
    return {name: each["default"] for name, each in ACTION["inputs"].items()} | named


def run_step(job: Job, name: str, given: Mapping[str, str]) -> Ran:
    """Run one step by bash, as `shell: bash` says it is."""
    step = STEPS[name]
    job.temp.mkdir(exist_ok=True)
    script, output, summary = (job.home / each for each in ("step.sh", "output", "summary.md"))
    script.write_text(step["run"])
    for file in (output, summary):
        file.write_text("")
    runner = {
        "PATH": os.environ["PATH"],
        "HOME": str(job.home),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_WORKSPACE": str(job.workspace),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": str(job.temp),
    }
    own = {key: text(value, job, given) for key, value in step.get("env", {}).items()}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
        cwd=job.workspace,
        env=runner | dict(job.variables) | own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    written = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
    if "id" in step:
        job.outputs[step["id"]] = written
    return Ran(done.returncode, done.stdout.decode("utf-8"), written, summary.read_text("utf-8"))


def text(template: str, job: Job, given: Mapping[str, str]) -> str:
    """A value of action.yml with its expressions put in, once: what they give is not looked at again."""
    return _EXPRESSION.sub(lambda found: look_up(found[1].strip(), job, given), template)


def look_up(name: str, job: Job, given: Mapping[str, str]) -> str:
    match name.split("."):
        case ["inputs", key]:
            return given[key]
        case ["steps", step, "outputs", key]:
            return job.outputs.get(step, {}).get(key, "")
        case ["runner", "temp"]:
            return str(job.temp)
        case ["runner", "os"]:
            return "Linux"
    raise AssertionError(f"action.yml has an expression that this runner does not know: {name}")


def uses(job: Job, name: str, given: Mapping[str, str]) -> dict[str, str] | None:
    """What a step hands to another action, once the steps before it ran; None if its condition is against it."""
    step = STEPS[name]
    if "if" in step and not _holds(_EXPRESSION.fullmatch(step["if"].strip()), job, given):
        return None
    return {key: text(str(value), job, given) for key, value in step["with"].items()}


def _holds(condition: re.Match[str] | None, job: Job, given: Mapping[str, str]) -> bool:
    assert condition is not None
    words = []
    parts = _NAME.findall(condition[1])
    assert "".join(parts) == condition[1], condition[1]
    python = {"&&": "and", "||": "or", "!cancelled()": "True", "==": "==", "!=": "!="}
    python |= {"!startsWith(": "not str.startswith(", ",": ",", ")": ")"}
    for part in filter(str.strip, parts):
        is_value = part.startswith("'") or part in python
        words.append(python.get(part, part) if is_value else repr(look_up(part, job, given)))
    return bool(eval(" ".join(words), {}))
