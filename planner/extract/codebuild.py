"""AWS CodeBuild's buildspec files: images of batch builds, and what the commands of the phases pull.

Variables of `env` are filled in.
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import listed, scripts, variables
from planner.extract.syntax.yaml_nodes import Node, get, items
from planner.extract.uses import Use, extractor, found_at, named
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)(?:[^/]*[._-])?build-?spec[^/]*\.(?:ya?ml|json)$", re.IGNORECASE)
_SPEC = re.compile(r"^[ \t]*[\"']?(?:phases|batch)[\"']?[ \t]*:", re.MULTILINE)


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and _SPEC.search(source.text) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    known = variables(source, get(root, "env", "variables"))
    for section in ("build-list", "build-graph"):
        for _, build in found_at(root, f"batch.{section}[]"):
            yield Use("build", named(build, section, "identifier"), get(build, "env", "image"), fill=_own)
    for kind in ("static", "dynamic"):
        image = get(root, "batch", "build-matrix", kind, "env", "image")
        for each in listed(image):
            yield Use("build", "build-matrix", each, fill=_own)
    for key, phase in items(get(root, "phases")):
        yield from scripts(key.value, [get(phase, "commands"), get(phase, "finally")], known)


def _own(image: Written) -> list[Written]:
    """AWS has its own images, which no registry serves."""
    return [] if image.text.startswith("aws/codebuild/") else [image]


register(
    Format(
        "codebuild",
        "AWS CodeBuild",
        _claims,
        extractor("codebuild", _uses),
        files="*buildspec*.yml, *buildspec*.json",
        example=Example(
            "buildspec.yml",
            "version: 0.2\nphases:\n  build:\n    commands:\n      - docker pull registry.example/base@sha256:…\n",
        ),
    )
)
