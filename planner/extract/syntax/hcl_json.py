"""HCL that is written as JSON: the same blocks and attributes, with templates in strings."""

import re

from planner.extract.syntax.hcl_nodes import Body, Expression, Many, Name, Pair, Text
from planner.extract.syntax.yaml_nodes import MappingNode, Node, elements, items, value
from planner.extract.written import Written
from planner.model.source import SourceFile

_TEMPLATE = re.compile(r"\$\{\s*([^\W\d][\w-]*(?:\.[\w*-]+)*)\s*\}")
_MAX_DEPTH = 60


def body(source: SourceFile, root: Node, labels: dict[str, int]) -> Body:
    """The blocks of a file; `labels` says how many labels each kind of block has, none for those left out."""
    found = Body()
    for key, node in items(root):
        if key.value != "//":
            found.pairs.extend(_blocks(source, value(source, key), node, (), labels.get(key.value, 0)))
    return found


def _blocks(source: SourceFile, key: Written, node: Node, before: tuple[str, ...], left: int) -> list[Pair]:
    """A block may be a list of blocks, at each level."""
    found = []
    for each in elements(node) or [node]:
        if left == 0:
            is_block = isinstance(each, MappingNode)
            found.append(Pair(key, expression(source, each), before, is_block))
        else:
            for label, inner in items(each):
                found += _blocks(source, key, inner, (*before, label.value), left - 1)
    return found


def expression(source: SourceFile, node: Node, depth: int = 0) -> Expression:
    """A value; what is nested too deep is left out."""
    if depth > _MAX_DEPTH:
        return Many(())
    if isinstance(node, MappingNode):
        return Body([Pair(value(source, key), expression(source, each, depth + 1)) for key, each in items(node)])
    if elements(node):
        return Many(tuple(expression(source, each, depth + 1) for each in elements(node)))
    return text(value(source, node))


def text(whole: Written) -> Expression:
    """A string with its templates; those that are more than a name stay as they are."""
    parts: list[Written | Expression] = []
    at = 0
    for found in _TEMPLATE.finditer(whole.text):
        parts += [whole[at : found.start()]] if found.start() > at else []
        keys = tuple(None if key == "*" else key for key in found[1].split("."))
        parts.append(Name(keys, whole[found.start(1) : found.end(1)]))
        at = found.end()
    parts += [whole[at:]] if at < len(whole.text) else []
    match parts:
        case [Name() as name]:
            return name
    return Text(tuple(parts))
