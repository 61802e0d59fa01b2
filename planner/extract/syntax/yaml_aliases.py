"""Where a YAML document uses what is written elsewhere in it: aliases and merge keys."""

import re
from collections.abc import Iterator

from planner.extract.syntax.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode, elements, items, walk
from planner.model.source import SourceFile

_ALIAS = re.compile(r"(?<![^\s\[{,:-])\*[^\s*,\]}]")
_MAX_LINES = 100  # for one scalar; thousands of services may share it
_USED = "used_at"  # the attribute in which the root of a document keeps what was found
_Lines = dict[int, set[int]]


def used_at(source: SourceFile, root: Node, node: Node | None) -> tuple[int, ...]:
    """The lines (1-based, at most 100) where an alias or a merge key of the document `root` puts a scalar to use.

    Empty for what is used only where it is written. An alias in a list has the line where the list begins.
    """
    lines: _Lines | None = vars(root).get(_USED)
    if lines is None:
        # Within the document alone: a file may have thousands of them.
        has_alias = _ALIAS.search(source.text, root.start_mark.index, root.end_mark.index)
        lines = vars(root)[_USED] = _shared(root) if has_alias else {}
    return tuple(sorted(lines.get(id(node), ())))


def _shared(root: Node) -> _Lines:
    """The lines for each scalar (by identity) that is used elsewhere, by itself or with what it stands in."""
    uses: dict[int, tuple[Node, set[int]]] = {}
    for _, user in walk(root):
        for node, line in _from_elsewhere(user):
            lines = uses.setdefault(id(node), (node, set()))[1]
            if len(lines) < _MAX_LINES:
                lines.add(line)
    found: _Lines = {}
    for node, lines in uses.values():
        for scalar in _written_in(node):
            before = found.setdefault(id(scalar), set())
            if len(before) < _MAX_LINES:
                before |= lines
    return found


def _from_elsewhere(user: Node) -> Iterator[tuple[Node, int]]:
    """The values of a mapping or list that are not written in it, each with the line that brings them in."""
    if isinstance(user, SequenceNode):
        yield from ((each, user.start_mark.line + 1) for each in elements(user) if not _within(user, each))
    for key, node in items(user):
        if not _within(user, key):
            yield node, _merge_line(user)
        elif node.start_mark.index < key.start_mark.index:
            yield node, key.start_mark.line + 1


def _merge_line(mapping: Node) -> int:
    keys = (key for key, _ in mapping.value) if isinstance(mapping, MappingNode) else ()
    return int(next((key for key in keys if key.value == "<<"), mapping).start_mark.line) + 1


def _within(outer: Node, inner: Node) -> bool:
    return bool(outer.start_mark.index <= inner.start_mark.index < outer.end_mark.index)


def _written_in(node: Node) -> Iterator[ScalarNode]:
    """The scalars of a node, without those that are written elsewhere; so this ends whatever the aliases are."""
    waiting = [node]
    while waiting:
        outer = waiting.pop()
        if isinstance(outer, ScalarNode):
            yield outer
        below = [each for pair in outer.value for each in pair] if isinstance(outer, MappingNode) else elements(outer)
        waiting += [each for each in below if _within(outer, each) and each is not outer]
