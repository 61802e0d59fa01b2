"""Batect: the image of each container; the defaults of variables are filled in. Containers that are built have none."""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import filled
from planner.extract.syntax.yaml_nodes import Node, get, items, text, value
from planner.extract.uses import Use, extractor, places
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)(?:[^/]*[._-])?batect(?:[._-][^/]*)?\.ya?ml$")
_SECTIONS = re.compile(r"^(?:containers|tasks|includes|project_name):", re.MULTILINE)
_VARIABLE = re.compile(r"<(?:\{([\w.-]+)\}|([\w.-]+))")
_NO_PULL = places("tasks.*.description", "config_variables.*.description", "containers.*.labels")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and _SECTIONS.search(source.text) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    defaults = {key.value: get(variable, "default") for key, variable in items(get(root, "config_variables"))}
    known = {name: value(source, node) for name, node in defaults.items() if text(node)}
    for key, container in items(get(root, "containers")):
        yield Use("container", key.value, get(container, "image"), fill=partial(_fill, known=known))


def _fill(image: Written, known: dict[str, Written]) -> list[Written]:
    for found in reversed(list(_VARIABLE.finditer(image.text))):
        if default := known.get(found[1] or found[2]):
            image = image[: found.start()] + default + image[found.end() :]
    return filled(image, {})


register(
    Format(
        "batect",
        "Batect",
        _claims,
        extractor("batect", _uses, _NO_PULL),
        files="batect.yml, *-bundle.batect.yml",
        example=Example("batect.yml", "containers:\n  build:\n    image: gradle:8@sha256:…\n"),
    )
)
