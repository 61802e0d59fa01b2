"""Templates of Helm charts, and YAML with the marks of Go templates or Jinja: references that are written out.

What a value fills in is left to the values file. `Chart.yaml` is information about a chart: nothing in it is pulled.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from planner.extract import helm_values, plain_text, split_reference
from planner.extract.fields import Field, Owner, Path, Tree, found, is_note_or_status
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, register
from planner.extract.split_reference import Kind
from planner.extract.syntax.template_marks import FILLED, blanked, marks
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import (
    MappingNode,
    Node,
    ScalarNode,
    documents,
    elements,
    text,
    unparsed,
    value,
    walk,
)
from planner.extract.written import Piece, Written
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile

_CHART = re.compile(r"(?:.*/)?Chart\.ya?ml")
_NOTES = re.compile(r"(?:.*/)?templates/(?:.*/)?NOTES\.txt")
_SUFFIXES = (".yaml", ".yml", ".json", ".tpl", ".gotmpl", ".tmpl", ".j2", ".jinja2", ".yaml.erb")
_MARKS = re.compile(
    r"""
    \{\{-?\s*(?: \$?\.(?:Values|Release|Chart|Files|Capabilities|Template)\b | /\*
        | (?:if|range|with|end|else|define|template|include|toYaml|tpl|fail)\b )
    | ^[ \t]*\{%
    """,
    re.VERBOSE | re.MULTILINE,
)
_LINES = re.compile(r"^[ \t]*(?:\{\{-?\s*(?:if|range|with|end|else|/\*|\$)|\{%)", re.MULTILINE)
_VALUE = re.compile(r"\{\{-?\s*\$?\.Values\.([\w.]+)(?:\s*\|\s*(?:quote|trim|toString))*\s*-?\}\}")
_ROLES = {
    "containers": "container",
    "initContainers": "init container",
    "ephemeralContainers": "ephemeral container",
}


def _claims(source: SourceFile) -> bool:
    path = source.path
    if _CHART.fullmatch(path) or _NOTES.fullmatch(path):
        return True
    if not path.lower().endswith(_SUFFIXES) or ("{{" not in source.text and "{%" not in source.text):
        return False
    # Values may have templates in their texts, which are filled in when they are used.
    pattern = _LINES if helm_values.is_values(source) else _MARKS
    return pattern.search(source.text) is not None


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    if _CHART.fullmatch(source.path) or _NOTES.fullmatch(source.path):
        return
    inner = SourceFile(source.path, blanked(source.text))
    fields: list[Field] = []
    by_spelling: list[tuple[int, int]] = []
    for root in documents(inner, tags):
        if isinstance(root, Problem):
            # A template is no YAML yet, and need not be; but its references by tag are lost.
            by_spelling.append(unparsed(inner.text, root.line))
            if tags:
                yield root
        else:
            fields += (_original(source, each) for each in _fields(inner, root, tags))
    owner = Owner("helm-chart", "image field")
    values = _values(source, lookup) if any("{{" in each.reference.text for each in fields) else {}
    known = (each for each in fields if _is_written_out(each) or (tags and not values))
    yield from found(source, (_filled(each, values) for each in known), owner, tags=tags)
    for start, stop in by_spelling:
        yield from _spelled(_refilled(source, inner), start, stop)
    for mark in marks(source.text):
        if not mark.is_comment and DIGEST.search(source.text, mark.start, mark.stop):
            yield from _spelled(source, mark.start, mark.stop)


def _refilled(source: SourceFile, inner: SourceFile) -> SourceFile:
    """The file without its templates' comments and control, but with what fills in values."""
    pairs = zip(source.text, inner.text, strict=True)
    return SourceFile(source.path, "".join(written if blank == FILLED else blank for written, blank in pairs))


def _spelled(source: SourceFile, start: int, stop: int) -> Iterator[Found]:
    for one in plain_text.search(source, start, stop):
        yield replace(one, format="helm-chart") if isinstance(one, Occurrence) else one


def _fields(source: SourceFile, root: Node, tags: bool) -> Iterator[Field]:
    """Every reference of a document. Of a key that stands in two branches of a condition both values count."""
    tree = Tree(Kind(is_image=True, tags=tags), is_note_or_status)
    seen: set[int] = set()
    waiting: list[tuple[Path, Node, str]] = [((), root, "")]
    while waiting:
        path, node, name = waiting.pop()
        if id(node) in seen or (path and is_note_or_status(path)):
            continue
        seen.add(id(node))
        if isinstance(node, ScalarNode):
            role = _ROLES.get(path[-2], "") if path[-1:] == ("image",) and path[:-1] else ""
            if tags and role and FILLED in node.value and not DIGEST.search(node.value):
                yield Field((name,), value(source, node), role=role)
            for each in tree.scalar(source, node, path):
                yield replace(each, role=role, path=(name,) if role and name else each.path)
        elif isinstance(node, MappingNode):
            pairs = [(key.value, member) for key, member in node.value if isinstance(key, ScalarNode)]
            members = dict(pairs)
            for split in split_reference.of_members(
                partial(value, source), members, path[-1] if path else "", tree.kind
            ):
                seen.update(id(part) for part in split.parts)
                yield Field(path, split.reference, start=split.start)
            name = text(members.get("name"))
            waiting.extend(((*path, key), member, name) for key, member in reversed(pairs))
        else:
            waiting.extend((path, element, "") for element in reversed(elements(node)))


def _original(source: SourceFile, each: Field) -> Field:
    """The field with what stands in the file in place of what a template fills in."""
    path = tuple(key for key in each.path if FILLED not in key)
    if FILLED not in each.reference.text:
        return replace(each, path=path)
    pieces = (
        Piece(source, "".join(map(source.text.__getitem__, piece.offsets)), piece.offsets)
        if FILLED in piece.text
        else piece
        for piece in each.reference.pieces
    )
    return replace(each, path=path, reference=Written(tuple(pieces)))


def _values(source: SourceFile, lookup: Lookup) -> dict[str, Written]:
    """The texts among the values of the chart to which a template belongs, by their dotted paths."""
    chart = source.path.rpartition("templates/")[0]
    values = lookup(f"{chart}values.yaml")
    root = next((root for root in documents(values) if isinstance(root, Node)), None) if values else None
    if not values or not root:
        return {}
    return {".".join(path): value(values, node) for path, node in walk(root) if isinstance(node, ScalarNode)}


def _filled(each: Field, values: dict[str, Written]) -> Field:
    return replace(each, reference=fill(each.reference, _VALUE, values.get)) if values else each


def _is_written_out(each: Field) -> bool:
    """Whether at least its digest is, or its whole name and tag: the rest stands in the values file."""
    return "{{" not in each.reference.text or DIGEST.search(each.reference.text.rpartition("}}")[2]) is not None


register(
    Format(
        name="helm-chart",
        title="Templates of Helm charts",
        claims=_claims,
        extract=_extract,
        rank=28,
        files="templates/*.yaml, *.tpl, *.gotmpl, *.j2 and other YAML with {{ }} or {% %} in it, Chart.yaml",
        example=Example(
            "charts/web/templates/test.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-test\nspec:\n  containers:\n"
            "    - name: probe\n      image: registry.example/probe@sha256:…\n",
        ),
    )
)
