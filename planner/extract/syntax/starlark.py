"""As much of Starlark as Bazel and Tilt files need: calls with their arguments, and strings put together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from planner.extract.syntax.code import Language, Token, content, tokens
from planner.extract.written import NOTHING, Piece, Written
from planner.model.source import SourceFile

_STARLARK = Language(
    comment=r"\#[^\n]*",
    string=r"""
    [rRbBfF]{0,2}(?: \"\"\"(?P<text>.*?)(?:(?<!\\)\"\"\"|\Z) | '''(?P<long>.*?)(?:(?<!\\)'''|\Z)
    | (?P<quote>["'])(?P<other>(?:\\.|(?!(?P=quote))[^\\\n])*)(?:(?P=quote)|(?=\n)|\Z) )
    """.replace("\n", "").replace(" ", ""),
).pattern()
_MAX_TERMS = 32  # of one expression
_MAX_CONSTANT = 500  # characters; names made of names may double with each line
_OPEN = {"(": ")", "[": "]", "{": "}"}
_NO_FUNCTION = frozenset({"in", "not", "and", "or", "if", "else", "return", "for", "def", "lambda"})

# Tokens from the first up to, but without, the second.
Span = tuple[int, int]


@dataclass(slots=True)
class Call:
    """`function(...)`: the function with the dots in its name, and where its arguments are among the tokens."""

    function: str
    positional: list[Span] = field(default_factory=list)
    keywords: dict[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Starlark:
    """A file's tokens, its calls in the order of their ends, and the names that it sets to a string at its top."""

    source: SourceFile
    tokens: list[Token]
    calls: list[Call]
    constants: Mapping[str, Written]

    def text(self, span: Span | None) -> Written:
        """The text that the strings and names of an expression give; empty where it is none.

        Names without a known value, and what else takes part, become `${name}`, and so leave the text open.
        """
        return _text(self.source, self.tokens, span, self.constants) if span else NOTHING


def parse(source: SourceFile) -> Starlark:
    """Read a file. Never fails: what is no Starlark has words and signs too."""
    all_tokens = tokens(source, _STARLARK)
    constants: dict[str, Written] = {}
    for name, span in _assignments(source.text, all_tokens):
        value = _text(source, all_tokens, span, constants)
        if value.text and "${" not in value.text and len(value.text) <= _MAX_CONSTANT:
            constants.setdefault(name, value)
    return Starlark(source, all_tokens, list(_calls(all_tokens)), constants)


def _text(source: SourceFile, all_tokens: list[Token], span: Span, constants: Mapping[str, Written]) -> Written:
    result = NOTHING
    start, stop = span
    for position in range(start, min(stop, start + _MAX_TERMS)):
        token = all_tokens[position]
        if token.is_string:
            result += content(source, token)
        elif token.word.isidentifier():
            value = constants.get(token.word)
            result += value if value and not _goes_on(all_tokens, position, stop) else _unknown(source, token)
        elif token.word not in "+()":
            return result + _unknown(source, token)
    return result


def _goes_on(all_tokens: list[Token], position: int, stop: int) -> bool:
    """Whether a name is only the beginning of an attribute, a call or an element."""
    return position + 1 < stop and all_tokens[position + 1].word in (".", "(", "[")


def _unknown(source: SourceFile, token: Token) -> Written:
    name = token.word if token.word.isidentifier() else "?"
    return Written((Piece(source, f"${{{name}}}", [token.start] * (len(name) + 3)),))


def _assignments(text: str, all_tokens: list[Token]) -> Iterator[tuple[str, Span]]:
    """`NAME = ...` at the beginning of a line, up to the next line that begins so or with anything else."""
    begins = [
        position
        for position, token in enumerate(all_tokens)
        if token.word and token.word not in ")]}" and (token.start == 0 or text[token.start - 1] == "\n")
    ]
    for begin, end in pairwise([*begins, len(all_tokens)]):
        if end - begin > 2 and all_tokens[begin + 1].word == "=" and all_tokens[begin + 2].word != "=":
            yield all_tokens[begin].word, (begin + 2, end)


def _calls(all_tokens: list[Token]) -> Iterator[Call]:
    """With a stack of its own, since files may nest as deep as they like."""
    around: list[tuple[str, Call | None, int]] = []  # what closes it, whose it is, where the argument at hand begins
    for position, token in enumerate(all_tokens):
        if token.word in _OPEN and token.word:
            name = _function(all_tokens, position) if token.word == "(" else ""
            around.append((_OPEN[token.word], Call(name) if name else None, position + 1))
        elif around and token.word in (",", around[-1][0]):
            closing, call, begin = around[-1]
            if call:
                _argue(call, all_tokens, (begin, position))
            around[-1] = (closing, call, position + 1)
            if token.word == closing:
                around.pop()
                if call:
                    yield call


def _function(all_tokens: list[Token], position: int) -> str:
    """The dotted name before a parenthesis; empty where there is none, or where it is being defined."""
    names: list[str] = []
    position -= 1
    while position >= 0 and all_tokens[position].word.isidentifier() and len(names) < _MAX_TERMS:
        names.insert(0, all_tokens[position].word)
        if position < 2 or all_tokens[position - 1].word != ".":
            break
        position -= 2
    is_defined = position > 0 and all_tokens[position - 1].word == "def"
    return "" if not names or is_defined or names[-1] in _NO_FUNCTION else ".".join(names)


def _argue(call: Call, all_tokens: list[Token], span: Span) -> None:
    start, stop = span
    if stop - start > 1 and all_tokens[start + 1].word == "=" and all_tokens[start].word.isidentifier():
        call.keywords[all_tokens[start].word] = (start + 2, stop)
    elif stop > start:
        call.positional.append(span)
