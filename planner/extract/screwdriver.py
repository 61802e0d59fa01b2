"""Screwdriver: the image of `shared` and of each job, and those of templates, with the values of a job's matrix.

References that steps and the environment mention count too.
"""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import listed, scripts, variables
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import Node, get, items, text, value
from planner.extract.uses import Use, combinations, extractor, places
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)(?:\.?screwdriver(?:[._-][^/]*)?|sd-(?:template|command|pipeline)[^/]*)\.ya?ml$")
_JOBS = re.compile(r"^(?:jobs|shared|config):", re.MULTILINE)
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_NO_PULL = places("annotations", "shared.annotations", "jobs.*.annotations", "description", "jobs.*.description")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and _JOBS.search(source.text) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    shared = get(root, "shared")
    owners = [("shared", "every job", shared), ("template", "template", get(root, "config"))]
    owners += [("job", key.value, job) for key, job in items(get(root, "jobs"))]
    for role, name, owner in owners:
        yield Use(role, name, get(owner, "image"), fill=partial(_fill, source, get(owner, "matrix")))
        known = variables(source, get(shared, "environment"), get(owner, "environment"))
        for step in listed(get(owner, "steps")):
            yield from scripts(name, [step, *(node for _, node in items(step))], known)


def _fill(source: SourceFile, matrix: Node | None, image: Written) -> list[Written]:
    """The image for every row of the matrix."""
    names = sorted({found[1] for found in _VARIABLE.finditer(image.text)})
    rows = combinations(matrix, names) if matrix and names else []
    known = [{name: value(source, node) for name, node in row.items() if text(node)} for row in rows]
    return [fill(image, _VARIABLE, row.get) for row in known] or [image]


register(
    Format(
        "screwdriver",
        "Screwdriver",
        _claims,
        extractor("screwdriver", _uses, _NO_PULL),
        files="screwdriver.yaml, sd-template.yaml",
        example=Example(
            "screwdriver.yaml", "jobs:\n  main:\n    image: node:22@sha256:…\n    steps: [{test: npm test}]\n"
        ),
    )
)
