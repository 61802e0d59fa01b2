"""Drone: steps, services and clone steps, as a list or, as in its early versions, as a mapping by name.

References that commands, settings and the environment mention count too.
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.step_sections import section_uses
from planner.extract.syntax.yaml_nodes import Node, get, text
from planner.extract.uses import Use, extractor, places, platform_of
from planner.extract.woodpecker import with_matrix
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.?drone(?:[._-][^/]*)?\.ya?ml$|(?:^|/)\.drone/.*\.ya?ml$")
_PIPELINE = re.compile(r"^(?:kind: *['\"]?pipeline|pipeline:|steps:)", re.MULTILINE)
_OBJECT = re.compile(r"^apiVersion:", re.MULTILINE)
_NO_PULL = places("metadata", "node", "labels", "trigger", "steps.when", "services.when", "pipeline.*.when")


def _claims(source: SourceFile) -> bool:
    if not _PATH.search(source.path) or _OBJECT.search(source.text):
        return False
    return _PIPELINE.search(source.text) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    if text(get(root, "kind")) not in ("", "pipeline"):
        return
    system = get(root, "platform")
    platform = platform_of(f"{text(get(system, 'os')) or 'linux'}/{text(get(system, 'arch'))}")
    fill = with_matrix(source, root)
    yield from section_uses(source, root, text(get(root, "name")), fill=fill, platform=platform)


register(
    Format(
        "drone",
        "Drone",
        _claims,
        extractor("drone", _uses, _NO_PULL),
        files=".drone.yml, drone*.yml, .drone/**/*.yml",
        example=Example(
            ".drone.yml", "kind: pipeline\nname: default\nsteps:\n  - name: test\n    image: golang:1.22@sha256:…\n"
        ),
    )
)
