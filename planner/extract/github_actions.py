"""GitHub Actions: workflows (of Gitea and Forgejo too) and `action.yml`. `uses: owner/action@<sha>` names no image."""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Example, Format, register
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import Node, elements, get, items, value
from planner.extract.uses import Use, combinations, extractor, inner, named, places
from planner.extract.written import Written
from planner.model.source import SourceFile

_WORKFLOW = re.compile(r"(?:^|/)(?:\.(?:github|gitea|forgejo)/workflows|workflow-templates)/[^/]+\.ya?ml$")
_ACTION = re.compile(r"(?:^|/)action\.ya?ml$")
_RUNS = re.compile(r"^runs:", re.MULTILINE)
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_SCHEME = "docker://"
_PROSE = places(
    "description",
    "inputs.*.description",
    "outputs.*.description",
    "on.*.inputs.*.description",
    "on.*.outputs.*.description",
    "on.*.secrets.*.description",
)


def _claims(source: SourceFile) -> bool:
    if _ACTION.search(source.path):
        return _RUNS.search(source.text) is not None
    return _WORKFLOW.search(source.path) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    inputs = {}
    for owner in (root, get(root, "on", "workflow_dispatch"), get(root, "on", "workflow_call")):
        for key, node in items(get(owner, "inputs")):
            if default := get(node, "default"):
                inputs[f"inputs.{key.value}"] = value(source, default)
    runs = get(root, "runs")
    action = named(root, "action", "name")
    yield Use("action", action, get(runs, "image"), _SCHEME)
    yield from _steps(runs, action)
    for key, job in items(get(root, "jobs")):
        filled = partial(_fill, source, inputs, get(job, "strategy", "matrix"))
        yield Use("job", key.value, inner(get(job, "container"), "image"), fill=filled)
        for service, node in items(get(job, "services")):
            yield Use("service", f"{key.value}: {service.value}", inner(node, "image"), fill=filled)
        yield from _steps(job, key.value)


def _steps(job: Node | None, owner: str) -> Iterator[Use]:
    for number, step in enumerate(elements(get(job, "steps")), 1):
        yield Use("step", f"{owner}: {named(step, str(number), 'name', 'id')}", get(step, "uses"), _SCHEME)


def _fill(source: SourceFile, inputs: dict[str, Written], matrix: Node | None, image: Written) -> list[Written]:
    """The image for every combination of the matrix, with the defaults of inputs."""
    names = {found[1] for found in _EXPRESSION.finditer(image.text)}
    keys = sorted({name.split(".")[1] for name in names if name.startswith("matrix.")})
    rows = combinations(matrix, keys) if keys else []
    filled = {}
    for row in rows or [{}]:
        cells = {name: cell for name in names if name.startswith("matrix.") and (cell := _below(row, name))}
        known = inputs | {name: value(source, cell) for name, cell in cells.items()}
        each = fill(image, _EXPRESSION, known.get)
        filled[each.text] = each
    return list(filled.values())


def _below(row: dict[str, Node], name: str) -> Node | None:
    """The value of `matrix.KEY` or `matrix.KEY.below` in one combination."""
    _, key, *below = name.split(".")
    return get(row.get(key), *below)


_extract = extractor("github-actions", _uses, _PROSE)
register(
    Format(
        "github-actions",
        "GitHub Actions workflows and actions",
        _claims,
        _extract,
        files=".github/workflows/*.yml (also .gitea, .forgejo and workflow-templates), action.yml",
        example=Example(
            ".github/workflows/ci.yml",
            "jobs:\n  test:\n    runs-on: ubuntu-latest\n    container: node:22@sha256:…\n",
        ),
    )
)
