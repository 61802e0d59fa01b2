"""YAML and JSON as nodes that know their place. Nothing is constructed, so unknown tags do no harm."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from planner.extract.format import DIGEST
from planner.extract.written import Piece, Place, Written, place_at, written
from planner.model.source import Problem, SourceFile

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "documents", "elements", "get", "items", "walk"]

_NULL_TAG = "tag:yaml.org,2002:null"
_MERGE_TAG = "tag:yaml.org,2002:merge"
_MAX_DEPTH = 300  # composing recurses in C, and would end the process; no file that people write is nested so deep
_MAX_FAILED_DOCUMENTS = 20
_MAX_MERGED = 500_000  # pairs that the merge keys of one document may bring in
_DOCUMENT_START = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_ESCAPED_LINE_END = re.compile(rf"\\(?:{_LINE_END.pattern})[ \t]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_PROPERTIES = re.compile(r"(?:[!&]\S*\s+)*")  # a node begins at its tag or anchor
_PAIRS = "pairs"  # the attribute in which a mapping keeps what `items` gives
_Pairs = dict[str, tuple[ScalarNode, Node]]
_DEEP_BLOCK = re.compile(rf"^[ \t?:-]{{{_MAX_DEPTH}}}", re.MULTILINE)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Tells nulls and merge keys from other plain scalars, and nothing else: nobody here asks what is a number."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag in (_NULL_TAG, _MERGE_TAG)]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def documents(source: SourceFile, tags: bool = False) -> Iterator[Node | Problem]:
    """The root node of each document, and a Problem "unparsable" for each that does not parse and holds a digest.

    With `tags`, a document without a digest is worth a Problem too: its references by tag are lost.
    After a document that does not parse, reading goes on with the next one. The problem's line lies inside the
    document, see `unparsed`.
    """
    text, start = _as_yaml(source.text), 0
    if _too_deep(text):
        yield _unparsable(source, None, f"it is nested more than {_MAX_DEPTH} deep")
        return
    for _ in range(_MAX_FAILED_DOCUMENTS):
        failed_at, why = start, ""
        loader = _Loader(_blank(text[:start]) + text[start:])
        try:
            while loader.check_node():
                node = loader.get_node()
                if node is not None:
                    start = node.end_mark.index
                    yield from _merged(source, node, tags)
            return
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            failed_at, why = (mark.index if mark else start), _words(error)
        except (RecursionError, ValueError) as error:
            why = str(error)
        finally:
            loader.dispose()
        begin, stop = _document_around(text, start, failed_at)
        if tags or DIGEST.search(text, begin, stop):
            yield _unparsable(source, max(begin, min(failed_at, stop - 1)), why)
        if stop >= len(text):
            return
        start = stop
    yield _unparsable(source, None, f"{_MAX_FAILED_DOCUMENTS} documents in it did not parse")


def unparsed(text: str, line: int) -> tuple[int, int]:
    """Start and end, as offsets in `text`, of what the Problem "unparsable" at `line` (0: no place) is about."""
    if line == 0:
        return 0, len(text)
    offset = 0
    for _ in range(line - 1):
        offset = text.find("\n", offset) + 1
    starts = [found.start() for found in _DOCUMENT_START.finditer(text)]
    begin = max((start for start in starts if start <= offset), default=0)
    return begin, min((start for start in starts if start > offset), default=len(text))


def _as_yaml(text: str) -> str:
    """What libyaml refuses (a byte order mark within, half a pair; in JSON tabs and escaped pairs) made readable.

    Offsets stay true.
    """
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
        if text.startswith("\ufeff"):
            text = "\n" + text[1:]
    if text.lstrip()[:1] not in ("{", "["):
        return text
    return _SURROGATE.sub(r"\\ufffd", text.replace("\t", " "))


def _blank(text: str) -> str:
    """Spaces in place of what was read already: offsets and lines of the rest stay true."""
    return re.sub(r"[^\n]", " ", text)


def _too_deep(text: str) -> bool:
    """A bound that is cheap enough for every file: open brackets, and the columns that block nesting needs."""
    if _DEEP_BLOCK.search(text):
        return True
    if text.count("[") + text.count("{") < _MAX_DEPTH:
        return False
    depth = deepest = 0
    for bracket in re.finditer(r"[\[\]{}]", text):
        depth = depth + 1 if bracket[0] in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest > _MAX_DEPTH


def _words(error: yaml.YAMLError) -> str:
    parts = (getattr(error, "context", None), getattr(error, "problem", None) or getattr(error, "reason", None))
    return " ".join(part for part in parts if part) or type(error).__name__


def _document_around(text: str, parsed: int, failed_at: int) -> tuple[int, int]:
    """Start and end of the document in which the parser stopped; it may have stopped where the next begins."""
    starts = [found.start() for found in _DOCUMENT_START.finditer(text, parsed)]
    begin = max((start for start in starts if start < failed_at), default=parsed)
    return begin, min((start for start in starts if start > begin and start >= failed_at), default=len(text))


def _unparsable(source: SourceFile, offset: int | None, why: str) -> Problem:
    """About the document around `offset`; about the whole file where there is none."""
    place = place_at(source, offset) if offset is not None else Place(source.path, 0, 0)
    text = (
        f"{f'the document around line {place.line}' if place.line else 'the file'} is no YAML or JSON that can be read "
        f"({why}); references in it were found by their spelling only, some may be missed; correct the file, or check "
        "it by hand"
    )
    return Problem("file", source.path, "unparsable", text, place.line, place.column)


def _merged(source: SourceFile, root: Node, tags: bool) -> Iterator[Node | Problem]:
    """The root of a document whose merge keys are resolved; a Problem if that is too much and it holds a digest."""
    start, stop = root.start_mark.index, root.end_mark.index
    merges = any(source.text.find(word, start, stop) >= 0 for word in ("<<", "merge"))
    if not merges or _resolve_merges(root):
        yield root
    elif tags or DIGEST.search(source.text, start, stop):
        yield _unparsable(source, start, f"its merge keys bring in more than {_MAX_MERGED:,} pairs")


def _resolve_merges(root: Node) -> bool:
    """Let every mapping of a document know the pairs that its merge keys bring in; False if that is too much.

    An alias stands after what it names, so in the order of their ends each mapping merges only what is resolved
    already, except for those that merge a mapping around themselves; these get its own pairs.
    """
    left = _MAX_MERGED
    merging = [node for node in _mappings(root) if any(key.tag == _MERGE_TAG for key, _ in node.value)]
    for node in sorted(merging, key=lambda each: (each.end_mark.index, -each.start_mark.index)):
        pairs: _Pairs = {}
        for value in (value for key, value in node.value if key.tag == _MERGE_TAG):
            for merged in reversed(elements(value) or [value]):
                if isinstance(merged, MappingNode):
                    brought = _pairs(merged)
                    left -= len(brought) + 1
                    if left < 0:
                        return False
                    pairs |= brought
        vars(node)[_PAIRS] = pairs | _own(node)
    return True


def _mappings(root: Node) -> Iterator[MappingNode]:
    """Every mapping of a document, each once."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ScalarNode) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            yield node
            waiting += [each for pair in node.value for each in pair]
        else:
            waiting += elements(node)


def _own(node: MappingNode) -> _Pairs:
    return {
        key.value: (key, value) for key, value in node.value if isinstance(key, ScalarNode) and key.tag != _MERGE_TAG
    }


def _pairs(node: MappingNode) -> _Pairs:
    """A mapping's pairs by their key, kept with it: thousands of services may share a mapping of thousands of keys."""
    found: _Pairs | None = vars(node).get(_PAIRS)
    if found is None:
        found = vars(node)[_PAIRS] = _own(node)
    return found


def items(node: Node | None) -> list[tuple[ScalarNode, Node]]:
    """The pairs of a mapping whose keys are scalars; none for other nodes.

    Merge keys (`<<`: a mapping, a list of them, or several `<<`) are resolved: own keys win over merged ones, in a
    list the earlier mapping wins. Of a key that is given twice the last counts.
    """
    return list(_pairs(node).values()) if isinstance(node, MappingNode) else []


def get(node: Node | None, *keys: str) -> Node | None:
    """The value below `keys`, one mapping after the other; None where there is none."""
    for name in keys:
        pair = _pairs(node).get(name) if isinstance(node, MappingNode) else None
        node = pair[1] if pair else None
    return node


def elements(node: Node | None) -> list[Node]:
    """The elements of a sequence; none for other nodes."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def text(node: Node | None) -> str:
    """The value of a scalar; empty for null and for other nodes."""
    if not isinstance(node, ScalarNode) or node.tag == _NULL_TAG:
        return ""
    return str(node.value)


def walk(
    root: Node, skip: Callable[[tuple[str, ...]], bool] = lambda _path: False
) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every node below `root` with the keys that lead to it (a list adds none), in the file's order.

    A node that has an anchor is visited once, so aliases to themselves and alias bombs end. Nodes for whose path
    `skip` is true are left out with all that is below them.
    """
    seen: set[int] = set()
    waiting: list[tuple[tuple[str, ...], Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        if id(node) in seen or (path and skip(path)):
            continue
        seen.add(id(node))
        yield path, node
        below = [((*path, str(key.value)), value) for key, value in items(node)]
        waiting.extend(reversed(below or [(path, element) for element in elements(node)]))


def value(source: SourceFile, node: Node | None) -> Written:
    """A scalar's value (see `text`) that knows where its characters stand in `source`: for an alias, at its anchor.

    A template of another tool that stands bare, `{{ name }}`, is a mapping to YAML: it comes as it is written.
    """
    string = text(node)
    if isinstance(node, MappingNode) and source.text.startswith("{{", node.start_mark.index):
        return written(source, node.start_mark.index, node.end_mark.index)
    if node is None or not string:
        return Written()
    return Written((Piece(source, string, _offsets(source.text, node, string)),))


def place(source: SourceFile, node: Node, offset: int = 0) -> Place:
    """Line and column of the character `offset` of a scalar's value; the start of the node where there is none."""
    return value(source, node).place(offset) or place_at(source, node.start_mark.index)


def _offsets(text: str, node: Node, string: str) -> Sequence[int]:
    """For each character of a scalar's value its offset in the file."""
    style = node.style if isinstance(node, ScalarNode) else None
    stop = node.end_mark.index
    properties = _PROPERTIES.match(text, node.start_mark.index, stop)
    start = properties.end() if properties else node.start_mark.index
    if style in ("|", ">"):
        line_end = _LINE_END.search(text, start, stop)
        start = line_end.end() if line_end else start
    elif style:
        start += 1
    if text.startswith(string, start):
        return range(start, start + len(string))
    return _align(text, start, stop, string, style or "")


def _align(text: str, start: int, stop: int, string: str, style: str) -> list[int]:
    """Walk file and value side by side; they differ only in white space (folding, indentation) and escapes."""
    offsets: list[int] = []
    at = start
    for character in string:
        if character not in " \n":
            while at < stop and text[at] != character and text[at] in " \t\r\n":
                at += 1
        if style == '"' and text[at : at + 1] == "\\":
            at = _past_folded_escape(text, at)
            length = _escape_length(text, at) if text[at : at + 1] == "\\" else 1
        elif style == "'" and character == "'":
            length = 2
        else:
            # A line end that folding made of nothing in particular takes no room in the file.
            length = 1 if text[at : at + 1] == character or not character.isspace() else 0
        offsets.append(min(at, stop - 1))
        at += length
    return offsets


def _past_folded_escape(text: str, at: int) -> int:
    """In double quotes, a backslash at the end of a line swallows the line end and the indentation after it."""
    while found := _ESCAPED_LINE_END.match(text, at):
        at = found.end()
    return at


def _escape_length(text: str, at: int) -> int:
    return 2 + {"x": 2, "u": 4, "U": 8}.get(text[at + 1 : at + 2], 0)
