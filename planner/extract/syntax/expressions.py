"""Expressions as GitHub, Gitea, Forgejo and Azure write them in `${{ }}`: the texts that one may stand for."""

import re
from collections.abc import Callable, Iterable
from itertools import islice, product

from planner.extract.written import NOTHING, Written

# The texts that a dotted name such as `matrix.image` may stand for; none where that is not known.
Known = Callable[[str], Iterable[Written]]

_TEMPLATE = re.compile(r"\$\{\{((?:'[^']*'|[^'}$]|\}(?!\})){0,2000}?)\}\}")
_TOKEN = re.compile(
    r"""
    (?P<string> '(?:[^']|'')*' )
    | (?P<name> [A-Za-z_][\w-]*(?:\s*(?:\.\s*[\w*-]+|\[\s*'[^']*'\s*\]))* )
    | (?P<sign> &&|\|\||[=!<>]=|[!<>(),\[\]] )
    | (?P<other> [^\s] )
    """,
    re.VERBOSE,
)
_STEP = re.compile(r"\s*(?:\.\s*([\w*-]+)|\[\s*'([^']*)'\s*\])")
_ARGUMENT = re.compile(r"\{(\d)\}|\{\{|\}\}")
# Bounds on what hostile text may cost; nobody writes a reference that comes near them.
_MAX_TOKENS = 100
_MAX_TEMPLATES = 200
_MAX_NESTED = 4
_MAX_TEXTS = 64
_MAX_SHORT = 8_000
_MAX_LENGTH = 100_000


def filled(text: Written, known: Known) -> list[Written]:
    """`text` with its `${{ }}` replaced, once for each combination of what these may stand for.

    What a value holds is filled in as well; an expression about which nothing is known stays as written.
    """
    texts = [text]
    for _ in range(_MAX_NESTED):
        before = texts
        texts = list({each.text: each for one in before for each in _once(one, known)}.values())
        texts = texts[:_MAX_TEXTS] if len(text.text) < _MAX_SHORT else texts[:2]
        if [each.text for each in texts] == [each.text for each in before]:
            break
    return texts


def _once(text: Written, known: Known) -> list[Written]:
    whole = text.text
    if "${{" not in whole or len(whole) > _MAX_LENGTH:
        return [text]
    parts: list[list[Written]] = []
    position = 0
    for found in islice(_TEMPLATE.finditer(whole), _MAX_TEMPLATES):
        values = possible(text[found.start(1) : found.end(1)], known)
        parts += [[text[position : found.start()]], values or [text[found.start() : found.end()]]]
        position = found.end()
    # The more is put together, the fewer combinations: a reference has few parts, a script need not be exact.
    combined = islice(product(*parts, [text[position:]]), max(2, 8 * _MAX_TEXTS // (len(parts) + 1)))
    return [Written(tuple(piece for part in each for piece in part.pieces)) for each in combined]


def possible(expression: Written, known: Known) -> list[Written]:
    """The texts that an expression may stand for, as far as they are known: of `a && b || c` those of b and c."""
    tokens = [each for each in islice(_TOKEN.finditer(expression.text), _MAX_TOKENS) if each.lastgroup]
    if len(tokens) == _MAX_TOKENS:
        return []
    return _Reader(expression, tokens, known).either()


class _Reader:
    """Reads an expression from left to right; what is no text, such as a comparison, has no possible texts."""

    def __init__(self, expression: Written, tokens: list[re.Match[str]], known: Known) -> None:
        self._expression = expression
        self._tokens = tokens
        self._known = known
        self._at = 0

    def either(self) -> list[Written]:
        texts = self._last()
        while self._take("||"):
            texts = texts + self._last()
        return texts

    def _last(self) -> list[Written]:
        texts = self._compared()
        while self._take("&&"):
            texts = self._compared()  # what stands before is a condition
        return texts

    def _compared(self) -> list[Written]:
        texts = self._one()
        while any(self._take(sign) for sign in ("==", "!=", "<=", ">=", "<", ">")):
            self._one()
            texts = []
        return texts

    def _one(self) -> list[Written]:
        if self._at >= len(self._tokens):
            return []
        token = self._tokens[self._at]
        self._at += 1
        match token.lastgroup:
            case "string":
                return [unescaped(self._expression[token.start() + 1 : token.end() - 1])]
            case "name" if self._take("("):
                return _result(token[0].lower(), self._arguments())
            case "name":
                return list(self._known(dotted(token[0])))
            case "sign" if token[0] == "(":
                texts = self.either()
                self._take(")")
                return texts
            case "sign" if token[0] == "!":
                self._one()
        return []

    def _arguments(self) -> list[list[Written]]:
        arguments = []
        while self._at < len(self._tokens) and not self._take(")"):
            before = self._at
            arguments.append(self.either())
            self._take(",")
            self._at = max(self._at, before + 1)
        return arguments

    def _take(self, sign: str) -> bool:
        taken = self._at < len(self._tokens) and self._tokens[self._at][0] == sign
        self._at += taken
        return taken


def _result(function: str, arguments: list[list[Written]]) -> list[Written]:
    """What a function returns that gives back its arguments or puts them together."""
    match function:
        case "format" if arguments:
            return [_formatted(each[0], each[1:]) for each in islice(product(*arguments), _MAX_TEXTS)]
        case "coalesce":
            return [each for argument in arguments for each in argument]
        case "iif":
            return [each for argument in arguments[1:] for each in argument]
        case "case":
            return [each for argument in [*arguments[1::2], *arguments[-1:]] for each in argument]
    return []


def _formatted(pattern: Written, arguments: tuple[Written, ...]) -> Written:
    result, position = NOTHING, 0
    for found in islice(_ARGUMENT.finditer(pattern.text), _MAX_TOKENS):
        number = int(found[1]) if found[1] else -1
        value = pattern[found.start() : found.start() + 1] if number < 0 else NOTHING
        result += pattern[position : found.start()] + (arguments[number] if 0 <= number < len(arguments) else value)
        position = found.end()
    return result + pattern[position:]


def unescaped(inside: Written) -> Written:
    """What stands between single quotes; a quote in it is written twice."""
    result, position = NOTHING, 0
    for found in re.finditer("''", inside.text):
        result += inside[position : found.start() + 1]
        position = found.end()
    return result + inside[position:]


def dotted(name: str) -> str:
    """`a['b'].c` as `a.b.c`."""
    first = re.match(r"[\w-]+", name)
    steps = (each[1] or each[2] for each in _STEP.finditer(name, first.end())) if first else ()
    return ".".join([first[0] if first else name, *steps])
