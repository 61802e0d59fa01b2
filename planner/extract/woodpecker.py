"""Woodpecker: steps, services and clone steps, as a list or as a mapping by name, for every row of the matrix.

References that commands, settings and the environment mention count too.
"""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Example, Format, register
from planner.extract.step_sections import section_uses
from planner.extract.syntax.shell import expand
from planner.extract.syntax.yaml_nodes import Node, get, text, value
from planner.extract.uses import Fill, NoPull, Use, combinations, extractor, places, platform_of
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.?woodpecker(?:[._-][^/]*)?\.ya?ml$|(?:^|/)\.woodpecker/.*\.ya?ml$")
_PIPELINE = re.compile(r"^[\"']?(?:pipeline|steps)[\"']?:", re.MULTILINE)
_OBJECT = re.compile(r"^apiVersion:", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")

NO_PULL: NoPull = places("labels", "when", "steps.when", "steps.*.when", "services.when", "services.*.when")


def is_pipeline(source: SourceFile, path: re.Pattern[str]) -> bool:
    """Whether a file with such a path is a pipeline, rather than how the server is deployed."""
    if not path.search(source.path) or _OBJECT.search(source.text):
        return False
    return _PIPELINE.search(source.text) is not None


def uses(source: SourceFile, root: Node) -> Iterator[Use]:
    """The images of a pipeline; also those of Crow, which came from Woodpecker."""
    platform = platform_of(text(get(root, "platform")) or text(get(root, "labels", "platform")))
    yield from section_uses(source, root, fill=with_matrix(source, root), platform=platform)


def with_matrix(source: SourceFile, root: Node) -> Fill:
    """Fill an image in for every combination of the pipeline's matrix."""
    return partial(_fill, source, get(root, "matrix"))


def _fill(source: SourceFile, matrix: Node | None, image: Written) -> list[Written]:
    keys = sorted(set(_VARIABLE.findall(image.text)))
    rows = combinations(matrix, keys) if matrix and keys else []
    known = [{key: value(source, node) for key, node in row.items()} for row in rows]
    filled = {each.text: each for row in known or [{}] if (each := expand(image, row, escape="$"))}
    return list(filled.values()) or [image]


register(
    Format(
        "woodpecker",
        "Woodpecker",
        lambda source: is_pipeline(source, _PATH),
        extractor("woodpecker", uses, NO_PULL),
        files=".woodpecker.yml, woodpecker*.yml, .woodpecker/**/*.yml",
        example=Example(".woodpecker/test.yaml", "steps:\n  - name: test\n    image: node:22@sha256:…\n"),
    )
)
