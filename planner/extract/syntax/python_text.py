"""What the string expressions of a Python file say, each character at its place: literals put together with names.

Nothing is run: names count that the file sets once, to a text that is known.
"""

import ast
import re
import warnings
from collections.abc import Iterator

from planner.extract.written import NOTHING, Piece, Written, written
from planner.model.source import SourceFile

_MAX_CHARACTERS = 1_000_000  # of a file; people write less, and tables are data
_MAX_TEXT = 8192  # of one value
_MAX_DEPTH = 40  # of one expression, with the names in it
_MAX_PARTS = 200  # replaced in one text
_LITERAL = re.compile(
    r"""([a-zA-Z]{0,2})(?:\"{3}(?P<long>(?:\\.|[^\\])*?)\"{3}|'{3}(?P<lines>(?:\\.|[^\\])*?)'{3}"""
    r"""|\"(?P<double>(?:\\.|[^"\\\n])*)\"|'(?P<single>(?:\\.|[^'\\\n])*)')|\#[^\n]*""",
    re.DOTALL,
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_ESCAPE = re.compile(
    r"\\(?:(?P<line>\r?\n)|(?P<code>x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|(?P<sign>[\\'\"abfnrtv]))"
)
_SIGNS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_REPLACED = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_PERCENT = re.compile(r"%%|%(?:\((\w+)\))?s")
_NAME = re.compile(r"(?:\w+\.)*(\w+)(?:!s)?")


class Python:
    """A file that is parsed, and the texts of its expressions; a SyntaxError for what is no Python, or too much."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.skipped = int(source.text.startswith("\ufeff"))
        body = source.text[self.skipped :]
        if len(body) > _MAX_CHARACTERS:
            raise SyntaxError(f"it has more than {_MAX_CHARACTERS:,} characters")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.tree = ast.parse(body)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or "it is nested too deep") from None
        self.lines = _LINE.findall(body)
        self.starts = [self.skipped]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.sets = _assigned(self.tree)
        self.known: dict[str, Written | None] = {}

    def text(self, node: ast.AST | None, depth: int = 0) -> Written | None:
        """What an expression says; None where it is no text. Parts that are not known are written as `${name}`."""
        found: Written | None = None
        match node:
            case _ if depth > _MAX_DEPTH:
                pass
            case ast.Constant(value=str()) | ast.JoinedStr():
                found = self._literals(node, depth)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found = self._named(name, depth)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                found = self._sum(left, right, depth)
            case ast.BinOp(left=ast.Constant(value=str()) as left, op=ast.Mod(), right=right):
                found = self._percent(left, right, depth)
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()) as left, attr="format")):
                given: dict[str, ast.expr] = {str(number): each for number, each in enumerate(node.args)}
                given |= {each.arg: each.value for each in node.keywords if each.arg}
                found = self._format(left, given, depth)
        return found

    def _named(self, name: str, depth: int) -> Written | None:
        if name not in self.known:
            self.known[name] = None  # while it is looked for: a name may be set to something with itself in it
            self.known[name] = self.text(self.sets.get(name), depth + 1)
        return self.known[name]

    def _sum(self, left: ast.expr, right: ast.expr, depth: int) -> Written | None:
        first, second = self.text(left, depth + 1), self.text(right, depth + 1)
        if first is None and second is None:
            return None
        whole = (first or self._unknown(left)) + (second or self._unknown(right))
        return whole if len(whole.text) <= _MAX_TEXT else None

    def _percent(self, left: ast.expr, right: ast.expr, depth: int) -> Written:
        values = list(right.elts) if isinstance(right, ast.Tuple) else [right]
        given: dict[str, ast.expr] = {str(number): each for number, each in enumerate(values)}
        if isinstance(right, ast.Dict):
            given = {
                each.value: value
                for each, value in zip(right.keys, right.values, strict=True)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
        return self._replaced(self.text(left, depth + 1) or NOTHING, _PERCENT, given, depth)

    def _format(self, left: ast.expr, given: dict[str, ast.expr], depth: int) -> Written:
        return self._replaced(self.text(left, depth + 1) or NOTHING, _REPLACED, given, depth)

    def _replaced(self, whole: Written, places: re.Pattern[str], given: dict[str, ast.expr], depth: int) -> Written:
        """The text with values in its places, which have names or are counted."""
        result, at, count = NOTHING, 0, 0
        for found in list(places.finditer(whole.text))[:_MAX_PARTS]:
            result += whole[at : found.start()]
            at = found.end()
            if found[0] in ("{{", "}}", "%%"):
                result += whole[found.start() : found.start() + 1]
                continue
            node = given.get(found[1] or str(count))
            count += not found[1]
            result += self.text(node, depth + 1) or (self._unknown(node) if node else whole[found.start() : at])
            if len(result.text) > _MAX_TEXT:
                return whole
        return result + whole[at:]

    def _literals(self, node: ast.expr, depth: int) -> Written:
        """One or more literals beside each other."""
        start, stop = self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)
        result = NOTHING
        for found in _LITERAL.finditer(self.source.text, start, stop):
            if found.lastgroup:
                prefix = found[1].lower()
                content = written(self.source, *found.span(found.lastgroup))
                content = content if "r" in prefix or "\\" not in content.text else _unescaped(content)
                result += self._filled(content, depth) if "f" in prefix else content
        return result

    def _filled(self, content: Written, depth: int) -> Written:
        """An f-string's text with the values of the names in it."""
        result, at = NOTHING, 0
        for found in list(_REPLACED.finditer(content.text))[:_MAX_PARTS]:
            result += content[at : found.start()]
            at = found.end()
            name = _NAME.fullmatch(found[1].strip()) if found[1] else None
            value = self._named(name[1], depth) if name else None
            whole = content[found.start() : at] if found[1] is not None else content[at - 1 : at]
            result += value if value and len(result.text) + len(value.text) <= _MAX_TEXT else whole
        return result + content[at:]

    def _unknown(self, node: ast.expr) -> Written:
        name = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else "?"
        text = f"${{{name[:40]}}}"
        return Written((Piece(self.source, text, [self._offset(node.lineno, node.col_offset)] * len(text)),))

    def _offset(self, line: int | None, column: int | None) -> int:
        """Python counts the bytes of UTF-8."""
        if not line or line > len(self.lines):
            return self.starts[-1]
        text = self.lines[line - 1]
        column = column or 0
        return self.starts[line - 1] + (
            column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))
        )


def _unescaped(content: Written) -> Written:
    result, at = NOTHING, 0
    for found in _ESCAPE.finditer(content.text):
        result += content[at : found.start()]
        at = found.end()
        if not found["line"]:
            code, sign = found["code"], found["sign"] or ""
            character = chr(min(int(code[1:], 16), 0x10FFFF)) if code else _SIGNS.get(sign, sign)
            origin = content[found.start() : found.start() + 1].pieces[0]
            result += Written((Piece(origin.source, character, origin.offsets),))
    return result + content[at:]


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    """What names are set to that the file sets once, wherever it does."""
    found: dict[str, list[ast.expr]] = {}
    for name, node in _assignments(tree):
        found.setdefault(name, []).append(node)
    return {name: nodes[0] for name, nodes in found.items() if len(nodes) == 1}


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name) | ast.Attribute(attr=name), value=ast.expr() as value):
                yield name, value
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                yield from [(name, value)] * 2  # no longer what it was set to
