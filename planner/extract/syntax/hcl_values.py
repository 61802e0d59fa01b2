"""What expressions of HCL stand for, as far as the files say it: names, templates, loops and simple functions."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from planner.extract.assembled import Assembly
from planner.extract.syntax.hcl_nodes import Body, Call, Expression, Loop, Many, Name, Other, Pair, Text
from planner.extract.syntax.yaml_nodes import Node
from planner.extract.written import NOTHING, Piece, Written, glue

_MAX_DEPTH = 60
_MAX_STEPS = 100_000  # for one file; what is left then stays as it is written
_MAX_LENGTH = 1_000_000  # characters of a text that is put together
_MAX_ELEMENTS = 1_000  # of a loop
_VERB = re.compile(r"%(?:\[\d+\])?[sqvd]|%%")
# The value is that of the first argument, or looks the same to those who read it.
_SAME = frozenset([
    "jsonencode", "yamlencode", "base64encode", "base64gzip", "textencodebase64", "tostring", "trimspace",
    "chomp", "sensitive", "nonsensitive", "tolist", "toset", "tomap", "one", "flatten", "lower", "trim",
    "trimprefix", "trimsuffix", "jsondecode", "yamldecode", "try", "compact", "distinct", "reverse", "sort",
    "values",
])  # fmt: skip
_SIGNS = re.compile(r"[^\w.-]")

Keys = tuple[str | None, ...]
# What names stand for: `("local", "image")`.
Names = Mapping[tuple[str, ...], Expression]


@dataclass(slots=True)
class Values:
    """The names that a file may use, and how much work is left to put them in."""

    names: Names
    left: int = _MAX_STEPS

    def node(  # noqa: PLR0911 - one for each kind of expression
        self, assembly: Assembly, value: Expression, local: Names, depth: int = 0
    ) -> Node:
        """A value as a node of `assembly`; `local` are the names that loops give."""
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return assembly.scalar(NOTHING)
        match value:
            case Text():
                return assembly.scalar(self.text(value, local) or NOTHING)
            case Many(elements):
                return assembly.sequence([self.node(assembly, each, local, depth + 1) for each in elements])
            case Loop(names, over, element):
                rows = self.rows(names, over, local)
                return assembly.sequence([self.node(assembly, element, row, depth + 1) for row in rows])
            case Body(pairs):
                found = [each for pair in pairs for each in self._pair(assembly, pair, local, depth + 1)]
                return assembly.mapping(found)
            case Call("format" | "join" | "replace" | "formatlist"):
                text = self.text(value, local)
                return assembly.scalar(text) if text else self._arguments(assembly, value, local, depth)
            case Call():
                return self._arguments(assembly, value, local, depth)
            case Name(keys):
                known = self.find(keys, local)
                if known is not None:
                    return self.node(assembly, known, local, depth + 1)
                return assembly.scalar(_open(value.raw))
        return assembly.scalar(NOTHING)

    def _arguments(self, assembly: Assembly, call: Call, local: Names, depth: int) -> Node:
        arguments = call.arguments[:1] if call.function in _SAME - {"try"} else call.arguments
        nodes = [self.node(assembly, each, local, depth + 1) for each in arguments]
        return nodes[0] if len(nodes) == 1 else assembly.sequence(nodes)

    def _pair(self, assembly: Assembly, pair: Pair, local: Names, depth: int) -> Iterator[tuple[str, Node]]:
        """An attribute; a block below its labels; for a `dynamic` block, one for each element."""
        if pair.key == "dynamic" and pair.is_block and pair.labels and isinstance(pair.value, Body):
            over, content = member(pair.value, "for_each"), member(pair.value, "content")
            iterator = member(pair.value, "iterator")
            name = (iterator.keys[0] if isinstance(iterator, Name) else None) or pair.labels[0]
            for row in self.each(name, over, local) if content else ():
                yield pair.labels[0], self.node(assembly, content or Body(), row, depth)
            return
        node = self.node(assembly, pair.value, local, depth)
        for label in reversed(pair.labels):
            node = assembly.mapping([(label, node)])
        yield pair.key, node

    def each(self, name: str, over: Expression | None, local: Names) -> Iterator[Names]:
        """The names of each turn of `for_each`: `name.key` and `name.value`; one without them where it is unknown."""
        rows = list(islice(self._elements(over, local), _MAX_ELEMENTS)) if over else []
        for key, value in rows:
            yield {**local, (name, "value"): value, (name, "key"): key}
        if not rows:
            yield local

    def rows(self, names: tuple[str, ...], over: Expression, local: Names) -> Iterator[Names]:
        """The names of each turn of a loop; one without them where it is not known what it is over."""
        rows = list(islice(self._elements(over, local), _MAX_ELEMENTS))
        for key, value in rows:
            yield {**local, **{(name,): each for name, each in zip(reversed(names), (value, key), strict=False)}}
        if not rows:
            yield local

    def _elements(self, over: Expression, local: Names, depth: int = 0) -> Iterator[tuple[Expression, Expression]]:
        """Keys and values of a list or mapping."""
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return
        match over:
            case Many(elements):
                for element in elements:
                    yield element, element
            case Body(pairs):
                for pair in pairs:
                    yield Text((pair.written,)), pair.value
            case Call(_, arguments):
                for argument in arguments:
                    yield from self._elements(argument, local, depth + 1)
            case Name(keys):
                known = self.find(keys, local)
                if known is not None:
                    yield from self._elements(known, local, depth + 1)

    def find(self, keys: Keys, local: Names) -> Expression | None:
        """What a name stands for; None where that is not known."""
        for names in (local, self.names):
            for length in (2, 1):
                first = tuple(key for key in keys[:length] if key is not None)
                if len(first) == length and first in names:
                    return self._below(names[first], keys[length:], local)
        return None

    def _below(  # noqa: PLR0911 - one for each kind of expression
        self, value: Expression, keys: Keys, local: Names, depth: int = 0
    ) -> Expression | None:
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return None
        if not keys:
            return value
        match value:
            case Body():
                if keys[0] is None:
                    below = [self._below(pair.value, keys[1:], local, depth + 1) for pair in value.pairs]
                    return Many(tuple(each for each in below if each is not None))
                found = member(value, keys[0])
                return self._below(found, keys[1:], local, depth + 1) if found is not None else None
            case Many(elements):
                key = keys[0] or ""
                rest = keys[1:] if keys[0] is None or key.isdigit() else keys
                chosen = elements[int(key) : int(key) + 1] if key.isdigit() and len(key) < 9 else elements
                below = [self._below(each, rest, local, depth + 1) for each in chosen]
                return Many(tuple(each for each in below if each is not None)) if len(below) != 1 else below[0]
            case Call(function, arguments) if arguments and (function in _SAME or function == "merge"):
                below = [self._below(each, keys, local, depth + 1) for each in reversed(arguments)]
                return next((each for each in below if each is not None), None)
            case Name():
                known = self.find(value.keys, local)
                return self._below(known, keys, local, depth + 1) if known is not None else None
        return None

    def text(  # noqa: PLR0911 - one for each kind of expression
        self, value: Expression, local: Names, depth: int = 0
    ) -> Written | None:
        """The text that a value is; what is not known of it stays as it is written. None if it is no text."""
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return None
        match value:
            case Text(parts):
                return self._whole(parts, local, depth)
            case Name(keys):
                known = self.find(keys, local)
                return self.text(known, local, depth + 1) if known is not None else None
            case Many(elements) if elements:
                texts = (self.text(each, local, depth + 1) for each in elements)
                return next((each for each in texts if each), None)
            case Call("format", (Text() as form, *arguments)):
                return self._formatted(form, tuple(arguments), local, depth)
            case Call("join", (Text() as between, Many(elements))):
                joined = [part for each in elements for part in (between, each)][1:]
                return self._whole(tuple(joined), local, depth)
            case Call("coalesce" | "try" | "lookup", arguments):
                texts = (self.text(each, local, depth + 1) for each in arguments)
                return next((each for each in texts if each and each.text), None)
            case Call(function, (first, *_)) if function in _SAME:
                return self.text(first, local, depth + 1)
            case Other(raw) if raw.text.replace(".", "").isdigit():
                return raw
        return None

    def _whole(self, parts: tuple[Written | Expression, ...], local: Names, depth: int) -> Written:
        pieces: list[Written] = []
        length = 0
        is_document = any(isinstance(part, Written) and "\n" in part.text for part in parts)
        for part in parts:
            known = part if isinstance(part, Written) else self.text(part, local, depth + 1)
            if known is None or length > _MAX_LENGTH:
                known = _as_written(part, is_document=is_document)
            length += len(known.text)
            pieces.append(known)
        return Written(tuple(piece for each in pieces for piece in each.pieces))

    def _formatted(self, form: Text, arguments: tuple[Expression, ...], local: Names, depth: int) -> Written | None:
        """`format("%s@%s", a, b)`."""
        template = self._whole(form.parts, local, depth)
        result, at = NOTHING, 0
        values = iter(arguments)
        for verb in _VERB.finditer(template.text):
            result += template[at : verb.start()]
            at = verb.end()
            if verb[0] == "%%":
                result += template[verb.start() : verb.start() + 1]
                continue
            value = next(values, None)
            text = self.text(value, local, depth + 1) if value is not None else None
            result += text if text is not None else template[verb.start() : at]
        return result + template[at:]


def _open(raw: Written, *, is_document: bool = False) -> Written:
    """What is not known; in a document without signs that mean something to YAML or JSON."""
    if not is_document:
        return glue("${", raw) + raw + glue("}", raw)
    piece = raw.pieces[0]
    return (
        glue("$(", raw) + Written((Piece(piece.source, _SIGNS.sub("_", piece.text), piece.offsets),)) + glue(")", raw)
    )


def _as_written(part: Written | Expression, *, is_document: bool) -> Written:
    match part:
        case Written():
            return part
        case Name(_, raw) | Call(_, _, raw) | Other(raw) if raw.text:
            return _open(raw, is_document=is_document)
        case Many(elements) if elements:
            return _as_written(elements[0], is_document=is_document)
    return NOTHING


def member(body: Expression | None, key: str) -> Expression | None:
    """The value of an attribute or block; several blocks of the same name are a list."""
    if not isinstance(body, Body):
        return None
    found = [pair.value for pair in body.pairs if pair.key == key]
    return found[0] if len(found) == 1 else Many(tuple(found)) if found else None
