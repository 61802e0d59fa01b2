"""Bitbucket Pipelines: `image` at the top and in steps, services, and pipes that are `docker://` images."""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.syntax.yaml_nodes import Node, elements, get, items, walk
from planner.extract.uses import Use, extractor, inner, named
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)[^/]*bitbucket-pipelines[^/]*\.ya?ml$")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None


def _uses(_source: SourceFile, root: Node) -> Iterator[Use]:
    yield Use("default", "default", inner(get(root, "image"), "name"))
    for key, service in items(get(root, "definitions", "services")):
        yield Use("service", key.value, inner(get(service, "image"), "name"))
    # Steps stand below branches, tags, stages, `parallel` and definitions: wherever the key is `step`.
    for path, step in walk(root):
        if path[-1:] == ("step",):
            name = named(step, "step", "name")
            yield Use("step", name, inner(get(step, "image"), "name"))
            for script in ("script", "after-script"):
                for command in elements(get(step, script)):
                    yield Use("pipe", name, get(command, "pipe"), "docker://")


register(
    Format(
        "bitbucket-pipelines",
        "Bitbucket Pipelines",
        _claims,
        extractor("bitbucket-pipelines", _uses),
        files="*bitbucket-pipelines*.yml",
        example=Example("bitbucket-pipelines.yml", "image: node:22@sha256:…\n"),
    )
)
