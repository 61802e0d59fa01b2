"""OpenShift Templates: the images of their objects, with the values of their parameters."""

import re
from collections.abc import Iterator

from planner.extract.fields import is_note_or_status
from planner.extract.format import FORMATS, Example, Format, Found, Lookup, occurrence, register
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, documents, get, text, value, walk
from planner.extract.uses import found_at
from planner.model.source import Problem, SourceFile

_TEMPLATE = re.compile(r"""^[ \t{]*["']?kind["']?[ \t]*:[ \t]*["']?Template\b""", re.MULTILINE)
_PARAMETER = re.compile(r"\$\{\{?(\w+)\}?\}")
_IMAGE = re.compile(r"\w*[iI]mage|name|reference")


def _claims(source: SourceFile) -> bool:
    return (
        source.path.lower().endswith((".yaml", ".yml", ".json"))
        and "parameters" in source.text
        and "objects" in source.text
        and _TEMPLATE.search(source.text) is not None
    )


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    read: set[tuple[int, int]] = set()
    for root in documents(source, tags):
        if isinstance(root, Node):
            for found in _filled(source, root, tags):
                read.add((found.line, found.column))
                yield found
    for each in FORMATS["kubernetes"].extract(source, lookup, tags):
        is_open = isinstance(each, Problem) and each.kind == "variable-unset"
        if not is_open and (each.line, each.column) not in read:
            yield each


def _filled(source: SourceFile, root: Node, tags: bool) -> Iterator[Found]:
    """The images that parameters are part of. One without a value says so."""
    values = {text(get(each, "name")): get(each, "value") for _, each in found_at(root, "parameters[]")}
    known = {name: value(source, node) for name, node in values.items() if node and text(node)}
    for path, node in walk(get(root, "objects") or root, is_note_or_status):
        if isinstance(node, ScalarNode) and "$" in node.value and path and _IMAGE.fullmatch(path[-1]):
            image = fill(value(source, node), _PARAMETER, known.get)
            found = occurrence(source, image, format="openshift", role="image field", name=".".join(path), tags=tags)
            if found:
                yield found


register(
    Format(
        name="openshift",
        title="OpenShift templates",
        claims=_claims,
        extract=_extract,
        rank=30,
        files="YAML and JSON with `kind: Template`, parameters and objects",
        example=Example(
            "template.yaml",
            "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: web}\n"
            "parameters:\n- name: IMAGE\n  value: registry.example/web@sha256:…\n"
            "objects:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: web}\n  spec:\n    containers:\n"
            "    - name: web\n      image: ${IMAGE}\n",
        ),
    )
)
