"""HCL, as Terraform, Nomad and Bake write it: attributes, blocks and expressions; each text knows where it stands.

Nothing is evaluated here, see `hcl_values`. A text that is no HCL is an error with its place, not a guess.
"""

import re
from functools import partial

from planner.extract.syntax.hcl_nodes import Body, Call, Expression, Loop, Many, Name, Other, Pair, Text
from planner.extract.syntax.hcl_text import Lines, heredoc, quoted
from planner.extract.written import Written, written
from planner.model.source import SourceFile

_MAX_CHARACTERS = 2_000_000  # no file that people write is as long
_MAX_DEPTH = 60  # nested brackets and templates; each takes some frames of Python's stack
_BLANK = re.compile(r"(?:[ \t\r\ufeff]+|#[^\n]*|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)+")
_TOKEN = re.compile(
    r"""
    (?P<newline>\n)
    | (?P<heredoc><<(?P<indented>-?)(?P<mark>[\w-]+)[ \t]*\r?\n)
    | (?P<quote>")
    | (?P<name>[^\W\d][\w-]*(?:::[^\W\d][\w-]*)*)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<sign>\.\.\.|=>|==|!=|<=|>=|&&|\|\||[][{}(),.:?=+\-*/%!<>~])
    """,
    re.VERBOSE,
)
_OPERATORS = frozenset(["==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%", "<", ">"])


class HclError(ValueError):
    """A text is no HCL; `offset` is where reading stopped."""

    def __init__(self, why: str, offset: int) -> None:
        super().__init__(why)
        self.offset = offset


def parse(source: SourceFile) -> Body:
    """The attributes and blocks of a file. Raises HclError."""
    if len(source.text) > _MAX_CHARACTERS:
        raise HclError(f"it has more than {_MAX_CHARACTERS:,} characters", 0)
    return _Parser(source).body(closing="", depth=0)


class _Parser:
    """Reads a file from its beginning; `at` is the offset of what comes next."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.text = source.text
        self.at = 0

    def _raw(self, start: int) -> Written:
        return written(self.source, start, self.at).strip()

    def peek(self, *, lines: bool) -> re.Match[str] | None:
        """The next token; with `lines`, ends of lines are blanks."""
        while True:
            if blank := _BLANK.match(self.text, self.at):
                self.at = blank.end()
            if self.at >= len(self.text):
                return None
            found = _TOKEN.match(self.text, self.at)
            if not found:
                raise HclError(f"unexpected {self.text[self.at]!r}", self.at)
            if not (lines and found["newline"]):
                return found
            self.at = found.end()

    def take(self, *, lines: bool) -> re.Match[str]:
        """The next token, which is read then."""
        found = self.peek(lines=lines)
        if not found:
            raise HclError("the file ends within a block or an expression", len(self.text))
        self.at = found.end()
        return found

    def is_next(self, sign: str, *, lines: bool) -> bool:
        """Whether a sign comes next; it is read then."""
        found = self.peek(lines=lines)
        if found and found["sign"] == sign:
            self.at = found.end()
            return True
        return False

    def expect(self, sign: str, *, lines: bool = True) -> None:
        """Read a sign."""
        if not self.is_next(sign, lines=lines):
            raise HclError(f"{sign!r} is missing", self.at)

    def body(self, closing: str, depth: int) -> Body:
        """Attributes and blocks, up to and with the sign `closing`; up to the file's end if it is empty."""
        if depth > _MAX_DEPTH:
            raise HclError(f"it is nested more than {_MAX_DEPTH} deep", self.at)
        found = Body()
        while token := self.peek(lines=True):
            self.at = token.end()
            if closing and token["sign"] == closing:
                return found
            if not (token["name"] or token["quote"]):
                raise HclError(f"unexpected {token[0]!r}", token.start())
            key = self._raw(token.start()) if token["name"] else self._plain(token, depth)
            found.pairs.append(self._pair(key, depth))
            if not self.is_next(",", lines=False):  # Bake's one-line blocks
                self._end_of_line(closing)
        if closing:
            raise HclError("a block does not end", len(self.text))
        return found

    def _end_of_line(self, closing: str) -> None:
        token = self.peek(lines=False)
        if token and not token["newline"] and not (closing and token["sign"] == closing):
            raise HclError(f"unexpected {token[0]!r}", token.start())

    def _pair(self, key: Written, depth: int) -> Pair:
        """An attribute, or a block, whose key is read."""
        if self.is_next("=", lines=False) or self.is_next(":", lines=False):
            return Pair(key, self.expression(depth + 1, lines=False))
        labels: list[str] = []
        while (token := self.take(lines=False)) and (token["name"] or token["quote"]):
            labels.append(token[0] if token["name"] else self._plain(token, depth).text)
        if token["sign"] != "{":
            raise HclError(f"unexpected {token[0]!r}", token.start())
        return Pair(key, self.body("}", depth + 1), tuple(labels), is_block=True)

    def _plain(self, quote: re.Match[str], depth: int) -> Written:
        """A string that is a key or label."""
        self.string(quote, depth)
        return written(self.source, quote.end(), self.at - 1)

    def expression(self, depth: int, *, lines: bool) -> Expression:
        """Operands with operators and conditions; with `lines`, it may go on in the next line."""
        if depth > _MAX_DEPTH:
            raise HclError(f"it is nested more than {_MAX_DEPTH} deep", self.at)
        token = self.peek(lines=True)
        start = token.start() if token else self.at
        first = self._operand(depth)
        count = 1
        while (token := self.peek(lines=lines)) and token["sign"] in _OPERATORS:
            self.at = token.end()
            self._operand(depth)
            count += 1
        if self.is_next("?", lines=lines):
            options = [self.expression(depth + 1, lines=True)]
            self.expect(":")
            options.append(self.expression(depth + 1, lines=lines))
            return Many(tuple(options))
        return first if count == 1 else Other(self._raw(start))

    def _operand(self, depth: int) -> Expression:
        token = self.take(lines=True)
        while token["sign"] in ("-", "!"):
            token = self.take(lines=True)
        if token["quote"]:
            return self._indexed(self.string(token, depth), token.start(), depth)
        if token["heredoc"]:
            return self.heredoc(token, depth)
        if token["number"]:
            return Other(self._raw(token.start()))
        if token["name"]:
            return self._named(token, depth)
        match token["sign"]:
            case "(":
                inner = self.expression(depth + 1, lines=True)
                self.expect(")")
            case "[":
                inner = self._list(depth)
            case "{":
                inner = self._object(depth)
            case _:
                raise HclError(f"unexpected {token[0]!r}", token.start())
        return self._indexed(inner, token.start(), depth)

    def _named(self, token: re.Match[str], depth: int) -> Expression:
        start = token.start()
        if self.text.startswith("(", self.at):
            self.at += 1
            arguments = tuple(self._listed(")", depth))
            call = Call(token["name"], arguments, self._raw(start))
            return self._indexed(call, start, depth)
        keys = self._keys(depth)
        return Name((token["name"], *keys), self._raw(start))

    def _keys(self, depth: int) -> list[str | None]:
        """What follows a name or value: `.name`, `[0]`, `["name"]`, `[*]`, `.*`, computed ones are None."""
        keys: list[str | None] = []
        while self.text[self.at : self.at + 1] in (".", "[") and not self.text.startswith("...", self.at):
            sign = self.text[self.at]
            self.at += 1
            if sign == ".":
                token = self.take(lines=False)
                keys.append(None if token["sign"] == "*" else token[0])
                continue
            if self.is_next("*", lines=True):
                keys.append(None)
            else:
                keys.append(_constant(self.expression(depth + 1, lines=True)))
            self.expect("]")
        return keys

    def _indexed(self, value: Expression, start: int, depth: int) -> Expression:
        """A value of which an element may be taken; which one is not followed."""
        if self._keys(depth) and not isinstance(value, Many | Body | Call):
            return Other(self._raw(start))
        return value

    def _listed(self, closing: str, depth: int) -> list[Expression]:
        """Expressions between commas, up to and with a sign."""
        found: list[Expression] = []
        while not self.is_next(closing, lines=True):
            found.append(self.expression(depth + 1, lines=True))
            self.is_next("...", lines=True)
            if not self.is_next(",", lines=True):
                self.expect(closing)
                break
        return found

    def _list(self, depth: int) -> Expression:
        loop = self._loop(depth)
        if not loop:
            return Many(tuple(self._listed("]", depth)))
        names, over = loop
        element = self.expression(depth + 1, lines=True)
        self._loop_end("]", depth)
        return Loop(names, over, element)

    def _loop(self, depth: int) -> tuple[tuple[str, ...], Expression] | None:
        """`for key, value in over :`, if that comes next; it is read then."""
        token = self.peek(lines=True)
        if not token or token["name"] != "for":
            return None
        self.at = token.end()
        names: list[str] = []
        while (token := self.take(lines=True))["name"] != "in":
            names += [token[0]] if token["name"] else []
        over = self.expression(depth + 1, lines=True)
        self.expect(":")
        return tuple(names), over

    def _loop_end(self, closing: str, depth: int) -> None:
        self.is_next("...", lines=True)
        token = self.peek(lines=True)
        if token and token["name"] == "if":
            self.at = token.end()
            self.expression(depth + 1, lines=True)
        self.expect(closing)

    def _object(self, depth: int) -> Expression:
        if loop := self._loop(depth):
            self.expression(depth + 1, lines=True)
            self.expect("=>")
            element = self.expression(depth + 1, lines=True)
            self._loop_end("}", depth)
            return Loop(*loop, element)
        found = Body()
        while not self.is_next("}", lines=True):
            key = self._key(depth)
            if not self.is_next("=", lines=True):
                self.expect(":")
            found.pairs.append(Pair(key, self.expression(depth + 1, lines=False)))
            self.is_next(",", lines=True)
        return found

    def _key(self, depth: int) -> Written:
        """What stands before the sign, which may be computed."""
        self.peek(lines=True)
        start = self.at
        is_text = isinstance(self.expression(depth + 1, lines=False), Text)
        key = self._raw(start)
        return key[1:-1] if is_text else key

    def string(self, quote: re.Match[str], depth: int) -> Text:
        """A quoted string whose first quote is read."""
        parts, end = quoted(self.source, quote.end(), partial(self._template, depth))
        if end < 0:
            raise HclError("a string does not end on its line", quote.start())
        self.at = end
        return Text(tuple(parts))

    def heredoc(self, token: re.Match[str], depth: int) -> Text:
        """A heredoc whose first line is read; the indentation that all lines share is taken off after `<<-`."""
        begin = token.end()
        end = re.compile(rf"^[ \t]*{re.escape(token['mark'])}(?![\w-])", re.MULTILINE).search(self.text, begin)
        if not end:
            raise HclError(f"the heredoc {token['mark']} does not end", token.start())
        indentation = 0
        if token["indented"]:
            lines = [line for line in self.text[begin : end.start()].split("\n") if line.strip()]
            indentation = min((len(line) - len(line.lstrip(" \t")) for line in lines), default=0)
        parts = heredoc(self.source, begin, Lines(end.start(), indentation), partial(self._template, depth))
        self.at = end.end()
        return Text(tuple(parts))

    def _template(self, depth: int, sign: str, start: int) -> tuple[Expression, int]:
        """`${ expression }`, or a directive, of which only the end is of interest."""
        self.at = start
        self.is_next("~", lines=True)
        if sign == "$":
            value = self.expression(depth + 1, lines=True)
            self.is_next("~", lines=True)
            self.expect("}")
            return value, self.at
        while (token := self.take(lines=True))["sign"] != "}":
            if token["quote"]:
                self.string(token, depth + 1)
        return Other(self._raw(start - 2)), self.at


def _constant(value: Expression) -> str | None:
    """The key that an index names; None where it is computed."""
    match value:
        case Text(parts) if all(isinstance(part, Written) for part in parts):
            return "".join(part.text for part in parts if isinstance(part, Written))
        case Other(raw) if raw.text.isdigit():
            return raw.text
    return None
