"""GitHub Actions: workflows (of Gitea and Forgejo too) and `action.yml`. `uses: owner/action@<sha>` names no image."""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.ci import Use, extractor, fill, inner, named
from planner.extract.format import Format, Written, register
from planner.extract.yaml_nodes import Node, elements, get, items, text, value
from planner.model.source import SourceFile

_WORKFLOW = re.compile(r"(?:^|/)(?:\.(?:github|gitea|forgejo)/workflows|workflow-templates)/[^/]+\.ya?ml$")
_ACTION = re.compile(r"(?:^|/)action\.ya?ml$")
_RUNS = re.compile(r"^runs:", re.MULTILINE)
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_SCHEME = "docker://"


def _claims(source: SourceFile) -> bool:
    if _ACTION.search(source.path):
        return _RUNS.search(source.text) is not None
    return _WORKFLOW.search(source.path) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    inputs = [
        get(root, "inputs"),
        get(root, "on", "workflow_call", "inputs"),
        get(root, "on", "workflow_dispatch", "inputs"),
    ]
    runs = get(root, "runs")
    action = named(root, "action", "name")
    yield Use("action", action, get(runs, "image"), _SCHEME)
    yield from _steps(runs, action)
    for key, job in items(get(root, "jobs")):
        values = partial(_values, source, inputs, get(job, "strategy", "matrix"))
        filled = partial(fill, template=_EXPRESSION, values=values)
        yield Use("job", key.value, inner(get(job, "container"), "image"), fill=filled)
        for service, node in items(get(job, "services")):
            yield Use("service", f"{key.value}: {service.value}", inner(node, "image"), fill=filled)
        yield from _steps(job, key.value)


def _steps(job: Node | None, owner: str) -> Iterator[Use]:
    for number, step in enumerate(elements(get(job, "steps")), 1):
        yield Use("step", f"{owner}: {named(step, str(number), 'name', 'id')}", get(step, "uses"), _SCHEME)


def _values(source: SourceFile, inputs: list[Node | None], matrix: Node | None, name: str) -> list[Written]:
    """What the same file says about `matrix.X` (every value of it) or `inputs.X` (its default)."""
    nodes: list[Node | None] = []
    match name.split("."):
        case ["matrix", key, *below]:
            rows = elements(get(matrix, key)) + [get(row, key) for row in elements(get(matrix, "include"))]
            nodes = [get(node, *below) for node in rows]
        case ["inputs", key]:
            nodes = [get(each, key, "default") for each in inputs]
    return [value(source, node) for node in nodes if text(node)]


register(Format("github-actions", "GitHub Actions workflows and actions", _claims, extractor("github-actions", _uses)))
