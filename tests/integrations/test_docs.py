"""The pipelines of docs/ci.md: each is one that its system takes, and gives only inputs that there are."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.integrations.github_action import ACTION, ROOT
from tests.integrations.test_gitlab import INPUTS

PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def pipelines(key: str) -> list[str]:
    """The YAML of the page that has a key at its top."""
    fences = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    found = [text for text in fences if key in yaml.safe_load(text)]
    assert found
    return found


def check(tool: str, *arguments: str, texts: list[str], folder: Path, name: str) -> None:
    files = []
    for number, text in enumerate(texts):
        files.append(folder / str(number) / name)
        files[-1].parent.mkdir(parents=True)
        files[-1].write_text(text, "utf-8")
    command = [str(Path(sys.executable).with_name(tool)), *arguments, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def test_workflows_of_github(tmp_path: Path) -> None:
    texts = pipelines("jobs")
    schema = ("--builtin-schema", "vendor.github-workflows")
    check("check-jsonschema", *schema, texts=texts, folder=tmp_path, name="w.yml")
    for text in texts:
        found = list(steps(yaml.safe_load(text)))
        (ours,) = [step for step in found if step.get("uses", "").startswith("OWNER/planner@")]
        assert ours["with"].keys() <= ACTION["inputs"].keys()
        used = {word for step in found for word in str(step).split("steps.planner.outputs.")[1:]}
        assert used
        assert all(word.startswith(tuple(ACTION["outputs"])) for word in used)


def test_includes_of_gitlab(tmp_path: Path) -> None:
    texts = pipelines("include")
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    check("check-jsonschema", *schema, texts=texts, folder=tmp_path, name=".gitlab-ci.yml")
    for text in texts:
        (include,) = yaml.safe_load(text)["include"]
        assert (ROOT / include.get("file", include.get("local"))).is_file()
        assert include["inputs"].keys() <= INPUTS.keys()
        assert "image" in include["inputs"]


def test_hooks_of_pre_commit(tmp_path: Path) -> None:
    texts = pipelines("repos")
    check("pre-commit", "validate-config", texts=texts, folder=tmp_path, name="config.yaml")
    used = {hook["id"] for text in texts for repo in yaml.safe_load(text)["repos"] for hook in repo["hooks"]}
    known = {hook["id"] for hook in HOOKS}
    assert used <= known
    assert all(f"| `{each}` |" in PAGE for each in known)


def test_who_mounts_a_login_may_read_it() -> None:
    """Logins are files for their owner alone, and the image's own user is another."""
    commands = re.findall(r"^(?:docker|podman) run (?:.*\\\n)*.*$", PAGE, re.MULTILINE)
    mounting = [command for command in commands if "auth.json" in command]
    assert {command.split()[0] for command in mounting} == {"docker", "podman"}
    assert all('--user "$(id -u)"' in command for command in mounting)
