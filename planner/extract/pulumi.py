"""Texts that are a reference in resources, variables and configuration of Pulumi YAML, with `${name}` filled in.

Not read: outputs, labels, annotations, tags. Programs of Pulumi in other languages are searched as plain text.
"""

import re
from collections.abc import Iterator

from planner.extract.assembled import Assembly, Part, references
from planner.extract.fields import Owner, Path, is_note
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import MappingNode, Node, ScalarNode, documents, elements, get, items, value
from planner.extract.written import NOTHING, Written
from planner.model.source import Problem, SourceFile

_PATH = re.compile(r"(?:^|/)Pulumi(?:\.[\w.-]+)?\.ya?ml$")
_TEMPLATE = re.compile(r"\$\{([\w:.-]+)\}", re.ASCII)
_NO_PULLS = frozenset({"outputs", "tags", "description"})
_MAX_DEPTH = 60


def _no_pull(path: Path) -> bool:
    return is_note(path) or path[-1] in _NO_PULLS


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    for root in documents(source, tags):
        if isinstance(root, Problem):
            yield root
            continue
        ordered = sorted(items(root), key=lambda pair: pair[0].value != "resources")
        known = _known(source, root)
        parts = []
        for key, node in ordered:
            assembly = Assembly(source.path)
            copy = assembly.mapping([(key.value, _copy(source, assembly, node, known, 0))])
            role = "resource" if key.value == "resources" else "variable"
            parts.append(Part(Owner("pulumi", role), assembly, copy))
        yield from references(source, parts, _no_pull, tags=tags)


def _known(source: SourceFile, root: Node) -> dict[str, Written]:
    """Variables and configuration, whose values are texts or have a default."""
    found: dict[str, Written] = {}
    for section in ("config", "configuration", "variables"):
        for key, node in items(get(root, section)):
            default = next((each for name in ("value", "default") if (each := get(node, name))), node)
            known = fill(value(source, default), _TEMPLATE, found.get)
            if known.text:
                found[key.value] = known
    return found


def _copy(source: SourceFile, assembly: Assembly, node: Node, known: dict[str, Written], depth: int) -> Node:
    if depth > _MAX_DEPTH or assembly.nodes > 200_000:
        return assembly.scalar(NOTHING)
    if isinstance(node, ScalarNode):
        return assembly.scalar(fill(value(source, node), _TEMPLATE, known.get))
    if isinstance(node, MappingNode):
        return assembly.mapping(
            [(key.value, _copy(source, assembly, each, known, depth + 1)) for key, each in items(node)]
        )
    return assembly.sequence([_copy(source, assembly, each, known, depth + 1) for each in elements(node)])


register(
    Format(
        name="pulumi",
        title="Pulumi YAML",
        claims=lambda source: _PATH.search(source.path) is not None,
        extract=_extract,
        files="Pulumi.yaml, Pulumi.*.yaml",
        example=Example(
            "Pulumi.yaml",
            "name: web\nruntime: yaml\nvariables:\n  digest: sha256:…\nresources:\n  image:\n"
            "    type: docker:RemoteImage\n    properties:\n      name: registry.example/web@${digest}\n",
        ),
    )
)
