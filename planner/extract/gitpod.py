"""Gitpod: the workspace's image, and what its tasks pull. An image that is built from a Dockerfile is none."""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import scripts, variables
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, elements, get
from planner.extract.uses import Use, extractor, named, places
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.gitpod(?:\.[^/]*)?\.ya?ml$")
_NO_PULL = places("ports", "github", "vscode", "jetbrains")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    image = get(root, "image")
    if isinstance(image, ScalarNode):
        yield Use("workspace", "workspace", image)
    for number, task in enumerate(elements(get(root, "tasks")), 1):
        commands = [get(task, key) for key in ("before", "init", "prebuild", "command")]
        yield from scripts(named(task, str(number), "name"), commands, variables(source, get(task, "env")))


register(
    Format(
        "gitpod",
        "Gitpod",
        _claims,
        extractor("gitpod", _uses, _NO_PULL),
        files=".gitpod.yml",
        example=Example(".gitpod.yml", "image: gitpod/workspace-full:latest@sha256:…\ntasks:\n  - init: make\n"),
    )
)
