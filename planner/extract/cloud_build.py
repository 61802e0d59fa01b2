"""The builder of each step, with substitutions, and images that scripts and arguments name.

`images` are what a build pushes.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import templated, variables
from planner.extract.syntax.shell import expand
from planner.extract.syntax.yaml_nodes import Node, elements, get, items, value
from planner.extract.uses import Use, extractor, named
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)[^/]*cloud-?build[^/]*\.(?:ya?ml|json)$", re.IGNORECASE)
_STEPS = re.compile(r"^steps:|\A\s*\{.{0,2000}\"steps\"\s*:", re.MULTILINE | re.DOTALL)
_BUILDER = re.compile(r"name[\"']?: *[\"']?gcr\.io/(?:cloud-builders|google\.com/cloudsdktool|kaniko-project)\b")
_OTHERS = re.compile(r"\bapiVersion\b|^jobs:|^kind:", re.MULTILINE)
_PUSHED = frozenset({"images", "tags", "serviceAccount", "artifacts"})


def _claims(source: SourceFile) -> bool:
    if not source.path.lower().endswith((".yaml", ".yml", ".json")) or "steps" not in source.text:
        return False
    if _OTHERS.search(source.text):
        return False
    if _PATH.search(source.path):
        return True
    return _STEPS.search(source.text) is not None and _BUILDER.search(source.text) is not None


def _is_pushed(path: tuple[str, ...]) -> bool:
    return len(path) == 1 and path[0] in _PUSHED


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    known = {key.value: value(source, node) for key, node in items(get(root, "substitutions"))}
    every = known | variables(source, get(root, "options", "env"))
    for number, step in enumerate(elements(get(root, "steps"))):
        filled = partial(_fill, known=known)
        yield Use("step", named(step, str(number), "id"), get(step, "name"), fill=filled)
        here = partial(_fill, known=every | variables(source, get(step, "env")))
        yield from templated("", get(step, "script"), filled, every | variables(source, get(step, "env")))
        for words in (get(step, "args"), *elements(get(step, "args"))):
            yield from templated("", words, here, {})


def _fill(image: Written, known: Mapping[str, Written]) -> list[Written]:
    # A substitution may name others.
    once = expand(image, known, escape="$")
    return [expand(once, known, escape="$")]


register(
    Format(
        "cloud-build",
        "Google Cloud Build",
        _claims,
        extractor("cloud-build", _uses, _is_pushed),
        rank=20,
        files="*cloudbuild*.yaml, *cloudbuild*.json; files with steps of gcr.io/cloud-builders",
        example=Example("cloudbuild.yaml", "steps:\n  - name: gcr.io/cloud-builders/docker@sha256:…\n"),
    )
)
