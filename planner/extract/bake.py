"""Buildx bake files: the contexts, arguments and caches of targets, with the variables of the same file.

Not read: what is pushed (`tags`, `output`, `cache-to`), labels and annotations.
"""

import re
from collections.abc import Iterator

from planner.extract.fields import Owner, Path, is_note
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.hcl_files import Block, beside, body, images
from planner.extract.nomad import names_of
from planner.extract.syntax.hcl_nodes import Body
from planner.extract.syntax.hcl_values import Names, Values
from planner.model.source import Problem, SourceFile

_PATH = re.compile(r"(?:^|/)(?:[\w.-]*[-_.])?bake(?:[-_.][\w.-]+)?\.(?:hcl|json)$")
_LABELS = {"target": 1, "group": 1, "variable": 1, "function": 1}
_NO_PULLS = frozenset({"tags", "output", "cache-to", "labels", "annotations", "attest", "secret", "ssh", "description"})
_BESIDE = ("docker-bake.hcl", "docker-bake.override.hcl")


def _no_pull(path: Path) -> bool:
    return is_note(path) or path[-1] in _NO_PULLS


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    root = body(source, _LABELS, tags)
    if isinstance(root, Problem):
        yield root
    if not isinstance(root, Body):
        return
    names = _variables(root)
    for other in beside(source, lookup, _BESIDE):
        read = body(other, _LABELS, tags=False)
        names = {**_variables(read), **names} if isinstance(read, Body) else names
    ordered = sorted(root.pairs, key=lambda pair: pair.key != "target")
    blocks = [
        Block(Owner("bake", "target" if pair.key == "target" else "variable", ".".join(pair.labels)), pair.value, {})
        for pair in ordered
    ]
    yield from images(source, blocks, Values(names), _no_pull, tags=tags, is_image=_is_context)


def _variables(root: Body) -> Names:
    """Bake's variables have their names alone, those of `names_of` a word before them."""
    return {key[-1:]: value for key, value in names_of(root).items()}


def _is_context(_name: str, path: Path) -> bool:
    return path[:1] == ("contexts",)


register(
    Format(
        name="bake",
        title="Buildx bake",
        claims=lambda source: _PATH.search(source.path) is not None,
        extract=_extract,
        files="docker-bake.hcl, docker-bake.json, docker-bake.override.*, *bake.hcl",
        example=Example(
            "docker-bake.hcl",
            'target "web" {\n  contexts = {\n    base = "docker-image://registry.example/base@sha256:…"\n  }\n}\n',
        ),
    )
)
