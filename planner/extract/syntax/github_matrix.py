"""A GitHub build matrix: which values its jobs get together, after `exclude` and `include`."""

import re
from collections.abc import Callable
from itertools import islice, product

from planner.extract.syntax.expressions import unescaped
from planner.extract.syntax.yaml_nodes import MappingNode, Node, documents, elements, get, items, text, value
from planner.extract.written import Written
from planner.model.source import SourceFile

# What one job of the matrix gets: `matrix.image` or `matrix.image.name`, and its value.
Row = dict[str, Written]
_Cell = Callable[[Node], Written]

_FROM_JSON = re.compile(r"\s*\$\{\{\s*fromJSON\(\s*'((?:[^']|'')*)'\s*\)\s*\}\}\s*\Z", re.IGNORECASE)
_MAX_ROWS = 256  # GitHub refuses a matrix of more jobs
_MAX_INCLUDED = 256
_MAX_DEPTH = 4


def rows(source: SourceFile, matrix: Node | None) -> list[Row]:
    """The combinations of the lists, without those in `exclude`, with what `include` adds to them and by itself.

    Lists may be literals in `fromJSON('…')`; what another job computes is unknown, and gives no values.
    """
    matrix, cell = _literal(source, matrix, lambda node: value(source, node))
    lists: list[list[Row]] = []
    for key, node in items(matrix):
        if key.value not in ("include", "exclude"):
            values, read = _literal(source, node, cell)
            lists.append([_flat(f"matrix.{key.value}", each, read) for each in elements(values)[:_MAX_ROWS]] or [{}])
    names = {name for each in lists for row in each for name in row}
    excluded = [_texts(row) for row in _listed(source, get(matrix, "exclude"), cell)]
    combined = ({name: each for row in chosen for name, each in row.items()} for chosen in product(*lists))
    kept = islice((row for row in islice(combined, 8 * _MAX_ROWS) if not _is_in(row, excluded)), _MAX_ROWS)
    return _included([row for row in kept if row], _listed(source, get(matrix, "include"), cell), names)


def _included(combined: list[Row], extra: list[Row], names: set[str]) -> list[Row]:
    """Each row of `include` goes into the combinations that it does not contradict; else it is one of its own."""
    result = [dict(row) for row in combined]
    alone = []
    for row in extra:
        fixed = {name: each.text for name, each in row.items() if name in names}
        fits = [
            mine
            for mine, before in zip(result, combined, strict=True)
            if all(before[name].text == each for name, each in fixed.items() if name in before)
        ]
        for mine in fits:
            mine.update(row)
        if not fits:
            alone.append(row)
    return result + alone


def _listed(source: SourceFile, node: Node | None, cell: _Cell) -> list[Row]:
    node, read = _literal(source, node, cell)
    return [_flat("matrix", each, read) for each in elements(node)[:_MAX_INCLUDED]]


def _flat(name: str, node: Node, cell: _Cell, depth: int = 0) -> Row:
    if not isinstance(node, MappingNode):
        return {name: cell(node)}
    if depth == _MAX_DEPTH:
        return {}
    below = (_flat(f"{name}.{key.value}", each, cell, depth + 1) for key, each in items(node)[:_MAX_ROWS])
    return {each: text for row in below for each, text in row.items()}


def _texts(row: Row) -> set[tuple[str, str]]:
    return {(name, each.text) for name, each in row.items()}


def _is_in(row: Row, excluded: list[set[tuple[str, str]]]) -> bool:
    texts = _texts(row) if excluded else set()
    return any(each <= texts for each in excluded if each)


def _literal(source: SourceFile, node: Node | None, cell: _Cell) -> tuple[Node | None, _Cell]:
    """The node that stands as JSON in `${{ fromJSON('…') }}`, and how its values are read; any other as it is."""
    if node is None or not (found := _FROM_JSON.match(text(node))):
        return node, cell
    literal = unescaped(cell(node)[found.start(1) : found.end(1)])
    inside = SourceFile(source.path, literal.text)
    root = next((each for each in documents(inside) if isinstance(each, Node)), None)
    return root, lambda each: literal.lifted(value(inside, each).pieces)
