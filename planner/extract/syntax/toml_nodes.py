"""TOML as the nodes of `yaml_nodes`, so that formats read it as they read YAML. Every node knows its place.

Whether a text is TOML says `tomllib`, which gives no places; the reader here may rely on it.
"""

import re
import tomllib
from collections.abc import Iterator

from yaml.error import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from planner.extract.format import DIGEST
from planner.extract.written import place_at
from planner.model.source import Problem, SourceFile

_MAX_CHARACTERS = 2_000_000  # tomllib takes a second for them; no file that people write is as long
_MAX_DEPTH = 100
_TOKEN = re.compile(
    r'''
    (?P<blank>[ \t\r]+|\#[^\n]*)
    | (?P<newline>\n)
    | """(?:\r?\n)?(?P<long>(?:\\.|"{1,2}(?!")|[^"\\])*"{0,2})"""
    | \'\'\'(?:\r?\n)?(?P<longraw>.*?'{0,2})\'\'\'(?!')
    | "(?P<text>(?:\\.|[^"\\\n])*)"
    | '(?P<raw>[^'\n]*)'
    | (?P<sign>[][{},=])
    | (?P<bare>(?:\d{4}-\d\d-\d\d[ ](?=\d))?[^][{},=\s\#"']+)
    ''',
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2})|[ \t]*\r?\n\s*|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}
_AT_LINE = re.compile(r"\(at line (\d+)")


def documents(source: SourceFile, tags: bool = False) -> Iterator[Node | Problem]:
    """The root node of a TOML file; a Problem "unparsable" where it does not parse and holds a digest, or with `tags`.

    Strings are scalars with quotes, everything else is a plain scalar; the elements of `[[name]]` are a sequence.
    """
    try:
        _check(source.text)
        yield _Reader(source.text).root
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if tags or DIGEST.search(source.text):
            yield _unparsable(source, error)


def _check(text: str) -> None:
    """Raise TOMLDecodeError where a text is no TOML, or more than anybody writes."""
    if len(text) > _MAX_CHARACTERS:
        raise tomllib.TOMLDecodeError(f"it has more than {_MAX_CHARACTERS:,} characters")
    # To tomllib, the time for a key grows with the square of its parts.
    keys = [*text.split("="), *(line for line in text.split("\n") if line.lstrip()[:1] == "[")]
    if any(key.count(".", key.rfind("\n") + 1) > _MAX_DEPTH for key in keys):
        raise tomllib.TOMLDecodeError(f"it has keys of more than {_MAX_DEPTH} parts")
    tomllib.loads(text)


def _unparsable(source: SourceFile, error: Exception) -> Problem:
    found = _AT_LINE.search(str(error))
    place = place_at(source, 0)
    text = (
        f"the file is no TOML that can be read ({error}); references in it were found by their spelling only, some may "
        "be missed; correct the file, or check it by hand"
    )
    return Problem("file", source.path, "unparsable", text, int(found[1]) if found else place.line, 1)


class _Reader:
    """Reads a text that is known to be TOML."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.names: dict[int, dict[str, Node]] = {}  # what each mapping has already
        self.root = self._mapping(0)
        self.root.end_mark = _mark(len(text))
        table = self.root
        while token := self._next(newlines=False):
            if token["sign"] == "[":
                table = self._header(token.start())
            else:
                self._pair(table, token)

    def _next(self, *, newlines: bool) -> re.Match[str] | None:
        """The next token that is no blank or comment."""
        while found := _TOKEN.match(self.text, self.at):
            self.at = found.end()
            if not (found["blank"] or (found["newline"] and not newlines)):
                return found
        return None

    def _header(self, start: int) -> MappingNode:
        """`[a.b]` and `[[a.b]]`: the table that the pairs after it belong to."""
        is_list = self.text.startswith("[", self.at)
        self.at += is_list
        keys = self._keys(self._next(newlines=False))
        self.at += is_list  # the second bracket; the first was read as the end of the keys
        table = self._below(self.root, keys[:-1])
        if not is_list:
            return self._below(table, keys[-1:])
        listed = self.names[id(table)].get(keys[-1].value)
        if not isinstance(listed, SequenceNode):
            listed = SequenceNode("", [], _mark(start), _mark(self.at))
            self._set(table, keys[-1], listed)
        element = self._mapping(start)
        listed.value.append(element)
        return element

    def _pair(self, table: MappingNode, token: re.Match[str] | None) -> None:
        """`a.b = value`, of which the first token is read; the sign after the keys is taken."""
        keys = self._keys(token)
        self._set(self._below(table, keys[:-1]), keys[-1], self._value(self._next(newlines=False)))

    def _keys(self, token: re.Match[str] | None) -> list[ScalarNode]:
        """The parts of a dotted key, up to and with the sign that ends it."""
        keys: list[ScalarNode] = []
        while token and not token["sign"]:
            if token["bare"]:
                keys += [_scalar(token.start(), part) for part in token["bare"].split(".") if part]
            elif not token["newline"]:
                keys.append(_string(token))
            token = self._next(newlines=False)
        return keys

    def _value(self, token: re.Match[str] | None) -> Node:
        if token is None:
            return _scalar(self.at, "")
        if token["sign"] == "[":
            listed = SequenceNode("", [], _mark(token.start()), _mark(token.end()))
            while (token := self._next(newlines=False)) and token["sign"] != "]":
                if token["sign"] != ",":
                    listed.value.append(self._value(token))
            return listed
        if token["sign"] == "{":
            table = self._mapping(token.start())
            while (token := self._next(newlines=False)) and token["sign"] != "}":
                if token["sign"] != ",":
                    self._pair(table, token)
            return table
        return _scalar(token.start(), token["bare"]) if token["bare"] else _string(token)

    def _below(self, table: MappingNode, keys: list[ScalarNode]) -> MappingNode:
        """The table below `keys`, made where there is none; of a list, the last element."""
        for key in keys:
            below = self.names[id(table)].get(key.value)
            if isinstance(below, SequenceNode) and below.value:
                below = below.value[-1]
            if not isinstance(below, MappingNode) or id(below) not in self.names:
                below = self._mapping(key.start_mark.index)
                self._set(table, key, below)
            table = below
        return table

    def _mapping(self, start: int) -> MappingNode:
        node = MappingNode("", [], _mark(start), _mark(start))
        self.names[id(node)] = {}
        return node

    def _set(self, table: MappingNode, key: ScalarNode, node: Node) -> None:
        table.value.append((key, node))
        self.names[id(table)][key.value] = node


def _mark(index: int) -> Mark:
    return Mark("", index, 0, 0, None, 0)


def _scalar(start: int, text: str) -> ScalarNode:
    return ScalarNode("", text, _mark(start), _mark(start + len(text)))


def _string(token: re.Match[str]) -> ScalarNode:
    """A string, as a scalar whose content begins after one quote: yaml_nodes then finds each character's place."""
    group = token.lastgroup or "raw"
    start, stop = token.span(group)
    escapes = group in ("text", "long")
    content = _ESCAPE.sub(_unescaped, token[group]) if escapes else token[group]
    return ScalarNode("", content, _mark(start - 1), _mark(stop), style='"' if escapes else "'")


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        code = int(found[1][1:], 16)
        return chr(code) if code <= 0x10FFFF else ""
    return _ESCAPED.get(found[2], found[2]) if found[2] else ""
