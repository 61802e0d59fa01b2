"""ko: the base images of the Go programs that it builds."""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.syntax.yaml_nodes import Node, get
from planner.extract.uses import Use, extractor, found_at
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.ko\.ya?ml$")


def _uses(_source: SourceFile, root: Node) -> Iterator[Use]:
    yield Use("base image", "default", get(root, "defaultBaseImage"))
    for names, image in found_at(root, "baseImageOverrides.*"):
        yield Use("base image", names[-1], image)


register(
    Format(
        name="ko",
        title="ko",
        claims=lambda source: _PATH.search(source.path) is not None,
        extract=extractor("ko", _uses),
        files=".ko.yaml",
        example=Example(".ko.yaml", "defaultBaseImage: registry.example/static:1@sha256:…\n"),
    )
)
