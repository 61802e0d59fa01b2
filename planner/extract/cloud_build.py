"""Google Cloud Build: the builder image of each step. `images` are what a build pushes."""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Example, Format, register
from planner.extract.syntax.shell import expand
from planner.extract.syntax.yaml_nodes import Node, elements, get, items, value
from planner.extract.uses import Use, extractor, named
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)[^/]*cloud-?build[^/]*\.(?:ya?ml|json)$", re.IGNORECASE)


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and "steps" in source.text and "apiVersion" not in source.text


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    substitutions = {key.value: value(source, node) for key, node in items(get(root, "substitutions"))}
    filled = partial(_fill, substitutions=substitutions)
    for number, step in enumerate(elements(get(root, "steps"))):
        yield Use("step", named(step, str(number), "id"), get(step, "name"), fill=filled)


def _fill(image: Written, substitutions: dict[str, Written]) -> list[Written]:
    return [expand(image, substitutions, escape="$")]


register(
    Format(
        "cloud-build",
        "Google Cloud Build",
        _claims,
        extractor("cloud-build", _uses),
        files="*cloudbuild*.yaml, *cloudbuild*.json",
        example=Example("cloudbuild.yaml", "steps:\n  - name: gcr.io/cloud-builders/docker@sha256:…\n"),
    )
)
