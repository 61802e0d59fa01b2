"""As much of Groovy as a Jenkinsfile needs: words, strings and blocks without comments, and strings put together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from planner.extract.syntax.templates import fill
from planner.extract.written import Piece, Written, written
from planner.model.source import SourceFile

# A quote that stays open ends at the line's end, so that one odd line does not hide the rest of the file.
_TOKEN = re.compile(
    r"""
    (?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) | \A\#![^\n]* )
    | (?P<triple> '''.*?(?:(?<!\\)'''|\Z) | \"\"\".*?(?:(?<!\\)\"\"\"|\Z) )
    | (?P<string> '(?:\\.|[^'\\\n])*'? | "(?:\\.|[^"\\\n])*"? )
    | (?P<word> [A-Za-z_]\w* | [^\s\w] )
    """,
    re.VERBOSE | re.DOTALL,
)
_INTERPOLATED = re.compile(r"(?<!\\)\$\{?\s*(?:env\.|params\.)?([A-Za-z_]\w*)\s*\}?")
_MAX_TERMS = 16  # of one expression


@dataclass(frozen=True, slots=True)
class Token:
    """A string (then `word` is empty, and `quotes` says how many stand on each side), or a word or sign."""

    start: int
    stop: int
    word: str = ""
    quotes: int = 0
    interpolates: bool = False


@dataclass(slots=True)
class Block:
    """What a pair of braces is for, as far as it matters: the stage, and the registry that short names go to."""

    parent: "Block | None" = None
    stage: str = ""
    registry: Written | None = None


@dataclass(frozen=True, slots=True)
class Groovy:
    """A file's tokens; `blocks[i]` is the innermost block around `tokens[i]`; `variables` are those set to a string."""

    source: SourceFile
    tokens: tuple[Token, ...]
    blocks: list[Block] = field(default_factory=list)
    variables: dict[str, Written] = field(default_factory=dict)

    def word(self, position: int) -> str:
        """The word or sign at `position`; empty for strings and beyond the ends."""
        return self.tokens[position].word if 0 <= position < len(self.tokens) else ""

    def content(self, token: Token) -> Written:
        """What stands between the quotes, with known variables filled in."""
        inside = written(self.source, token.start + token.quotes, max(token.stop - token.quotes, token.start))
        return self.filled(inside) if token.interpolates else inside

    def filled(self, inside: Written) -> Written:
        """A string's text with the known variables in place of `$X`, `${X}`, `${env.X}` and `${params.X}`."""
        known = self.variables
        return fill(inside, _INTERPOLATED, known.get)

    def expression(self, position: int) -> Written:
        """The text that strings and variables joined by `+` give from `position` on; empty where none stands there.

        A variable without a known value becomes `${name}`.
        """
        result = Written()
        for _ in range(_MAX_TERMS):
            if position >= len(self.tokens):
                break
            token = self.tokens[position]
            if not token.word:
                result += self.content(token)
            elif token.word[0].isalpha() or token.word[0] == "_":
                while self.word(position + 1) == ".":
                    position += 2
                result += self._variable(token, self.word(position))
            else:
                break
            if self.word(position + 1) != "+":
                break
            position += 2
        return result

    def _variable(self, token: Token, name: str) -> Written:
        unknown = Piece(self.source, f"${{{name}}}", [token.start] * (len(name) + 3))
        return self.variables.get(name, Written((unknown,)))

    def value(self, position: int) -> Written:
        """The expression after the word at `position`: `word 'x'`, `word('x')` or `word: 'x'`."""
        return self.expression(position + (2 if self.word(position + 1) in ("(", ":") else 1))


def parse(source: SourceFile) -> Groovy:
    """Read a file. Never fails: what is no Groovy has words and signs too."""
    groovy = Groovy(source, tuple(_tokens(source.text)))
    for position in range(len(groovy.tokens)):
        is_assigned = groovy.word(position + 1) == "=" and groovy.word(position + 2) != "="
        if is_assigned and (name := groovy.word(position)).isidentifier():
            given = groovy.expression(position + 2)
            if given.text and "${" not in given.text:
                groovy.variables.setdefault(name, given)
        elif groovy.word(position) == "defaultValue" and (name := _parameter(groovy, position)):
            groovy.variables.setdefault(name, groovy.value(position))
    _nest(groovy)
    return groovy


def _parameter(groovy: Groovy, position: int) -> str:
    """The `name:` of the build parameter among whose arguments `position` is."""
    for at in range(position, max(position - _MAX_TERMS, 0), -1):
        if groovy.word(at) in ("(", ")"):
            break
        if groovy.word(at) == "name" and groovy.word(at + 1) == ":":
            return groovy.value(at).text
    return ""


def _tokens(text: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        match found.lastgroup:
            case "word":
                yield Token(found.start(), found.end(), found[0])
            case "string" | "triple" as kind:
                yield Token(found.start(), found.end(), "", 3 if kind == "triple" else 1, found[0][0] == '"')


def _nest(groovy: Groovy) -> None:
    """Find the block of each token, its stage, and the registry named by `withRegistry` or `registryUrl`."""
    block = Block()
    stage, registry = "", None
    for position, token in enumerate(groovy.tokens):
        match token.word:
            case "{":
                block = Block(block, stage or block.stage, registry)
                stage, registry = "", None
            case "}" if block.parent:
                block = block.parent
            case "stage":
                stage = groovy.value(position).text
            case "withRegistry":
                registry = groovy.value(position)
            case "registryUrl":
                block.registry = groovy.value(position)
        groovy.blocks.append(block)
