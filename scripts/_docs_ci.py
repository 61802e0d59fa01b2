"""The parts of docs/ci.md: what the GitHub Action and the GitLab template take and give, from their own files."""

from pathlib import Path
from typing import Any

import yaml
from _docs_knowledge import code, table

_ROOT = Path(__file__).resolve().parent.parent


def action_inputs() -> list[str]:
    """Inputs and outputs of action.yml."""
    action = yaml.safe_load((_ROOT / "action.yml").read_text("utf-8"))
    outputs = [(code([name]), each["description"]) for name, each in action["outputs"].items()]
    return [*_inputs(action["inputs"]), "", *table(["output", "is"], outputs)]


def gitlab_inputs() -> list[str]:
    """Inputs of integrations/gitlab/planner.yml, which has them in a document of their own."""
    template = (_ROOT / "integrations" / "gitlab" / "planner.yml").read_text("utf-8")
    return _inputs(next(yaml.safe_load_all(template))["spec"]["inputs"])


def _inputs(known: dict[str, dict[str, Any]]) -> list[str]:
    rows = [(code([name]), _default(each), each["description"]) for name, each in known.items()]
    return table(["input", "default", "is"], rows)


def _default(known: dict[str, Any]) -> str:
    if "default" not in known:
        return "required"
    return code([known["default"]]) if known["default"] else ""
