"""Values of Helm charts and helmfiles: images as one text, or split over registry, repository, tag and digest.

All common names of these fields are known, with a prefix too (`proxyImageDigest`), the digest with or without its
algorithm. A registry for all (`global.imageRegistry`) counts. Annotations and labels are no pulls.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from planner.extract.fields import Field, Owner, Path, Tree, embedded, extracted, is_note, lifted
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.split_reference import Kind
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, documents, get, value
from planner.extract.written import NOTHING, Written
from planner.model.source import SourceFile

_PATH = re.compile(
    r"""
    (?:.*/)?(?: (?:[^/]*[-_.])?values(?:[-_.][^/]*)?\.(?:ya?ml|json)  | helmfile(?:[-_.][^/]*)?\.ya?ml
    | (?:(?:helm[-_]?)?values|helmfile\.d)/.*\.ya?ml )
    """,
    re.VERBOSE,
)
_OBJECT = re.compile(r"""^["']?kind["']?:[ \t]*\S""", re.MULTILINE)
# Where charts look for a registry that all their images come from.
_REGISTRIES = (("imageRegistry",), ("image", "registry"), ("registry",), ("hub",))
ROLE = "chart value"


def is_values(source: SourceFile) -> bool:
    """Whether a file is called as values are, and is no object of Kubernetes."""
    if not _PATH.fullmatch(source.path.lower()) or source.path.lower().endswith(".schema.json"):
        return False
    return not (_OBJECT.search(source.text) and re.search(r"^apiVersion:", source.text, re.MULTILINE))


def _registry(source: SourceFile, root: Node) -> Written:
    known = (value(source, get(root, "global", *keys)).strip() for keys in _REGISTRIES)
    return next((each for each in known if each.text), NOTHING)


def of_values(source: SourceFile, path: Path, node: Node, tags: bool) -> Iterator[Field]:
    """The images of a chart's values: a mapping, or a text that holds one."""
    if isinstance(node, ScalarNode):
        outer = value(source, node)
        inner = SourceFile(source.path, outer.text)
        for root in embedded(inner):
            yield from (lifted(each, outer) for each in of_values(inner, path, root, tags))
        return
    tree = Tree(Kind(is_image=True, registry=_registry(source, node), tags=tags), is_note)
    yield from (replace(each, role=ROLE) for each in tree.fields(source, node, path))


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    def fields(source: SourceFile, root: Node) -> Iterator[Field]:
        return of_values(source, (), root, tags)

    return extracted(source, documents(source, tags), fields, Owner("helm-values", ROLE), tags=tags)


register(
    Format(
        name="helm-values",
        title="Values of Helm charts",
        claims=is_values,
        extract=_extract,
        rank=35,
        files="values.yaml, values-*.yaml, *-values.yaml, values/*.yaml, helmfile.yaml (YAML, JSON)",
        example=Example(
            "charts/web/values.yaml",
            "image:\n  registry: registry.example\n  repository: team/web\n  tag: 1.2.3\n  digest: sha256:…\n",
        ),
    )
)
