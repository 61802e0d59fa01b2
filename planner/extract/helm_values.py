"""Values of Helm charts and helmfiles: images as one text, or split over registry, repository, tag and digest.

All common names of these fields are known, with a prefix too (`proxyImageDigest`), the digest with or without its
algorithm. A registry for all (`global.imageRegistry`) counts. Annotations and labels are no pulls.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from planner.extract.fields import Base, Field, Owner, Path, Tree, embedded, extracted, is_note, lifted
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.split_reference import Kind
from planner.extract.syntax.yaml_nodes import MappingNode, Node, ScalarNode, documents, get, items, value
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
_REGISTRIES = (
    ("imageRegistry",),
    ("image", "registry"),
    ("registry",),
    ("hub",),
    ("cattle", "systemDefaultRegistry"),
)
# Those that a chart may have for images that name none.
_DEFAULT_REGISTRIES = ("registry", "imageRegistry", "defaultRegistry")
ROLE = "chart value"


def is_values(source: SourceFile) -> bool:
    """Whether a file is called as values are, and is no object of Kubernetes."""
    if not _PATH.fullmatch(source.path.lower()) or source.path.lower().endswith(".schema.json"):
        return False
    return not (_OBJECT.search(source.text) and re.search(r"^apiVersion:", source.text, re.MULTILINE))


def _kind(source: SourceFile, root: Node, tags: bool) -> Kind:
    registries = [value(source, get(root, "global", *keys)).strip() for keys in _REGISTRIES]
    # Beside a repository, it is the registry of that one image.
    defaults = [value(source, get(root, key)).strip() for key in _DEFAULT_REGISTRIES if not get(root, "repository")]
    return Kind(is_image=True, registry=_given(registries), default_registry=_given(defaults), tags=tags)


def _given(registries: list[Written]) -> Written:
    return next((each for each in registries if each.text), NOTHING)


def of_values(source: SourceFile, path: Path, node: Node, tags: bool, base: Base | None = None) -> Iterator[Field]:
    """The images of a chart's values: a mapping, or a text that holds one. `base` are those that it overrides."""
    if isinstance(node, ScalarNode):
        outer = value(source, node)
        inner = SourceFile(source.path, outer.text)
        for root in embedded(inner):
            yield from (lifted(each, outer) for each in of_values(inner, path, root, tags))
        return
    kind = _kind(source, node, tags)
    if base:
        general = _kind(base.source, base.root, tags)
        kind = replace(
            kind,
            registry=kind.registry if kind.registry.text else general.registry,
            default_registry=kind.default_registry if kind.default_registry.text else general.default_registry,
        )
    charts = {(*path, key.value): chart for key, chart in items(node) if isinstance(get(chart, "global"), MappingNode)}
    trees = [(path, node, Tree(kind, lambda at: is_note(at) or at in charts, base))]
    # A chart within the chart may have globals of its own.
    trees += [(at, chart, Tree(_kind(source, chart, tags), is_note)) for at, chart in charts.items()]
    for at, root, tree in trees:
        yield from (replace(each, role=ROLE) for each in tree.fields(source, root, at))


def _base(source: SourceFile, lookup: Lookup) -> Base | None:
    """The chart's own values, which those of an environment beside them (or in a folder below) override."""
    folder, _, name = source.path.rpartition("/")
    if re.fullmatch(r"values\.ya?ml", name):
        return None
    for path in (f"{folder}/values.yaml", f"{folder.rpartition('/')[0]}/values.yaml"):
        base = lookup(path.lstrip("/"))
        if base:
            return next((Base(base, root) for root in documents(base) if isinstance(root, Node)), None)
    return None


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    base = _base(source, lookup)

    def fields(source: SourceFile, root: Node) -> Iterator[Field]:
        return of_values(source, (), root, tags, base)

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
