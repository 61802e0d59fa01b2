"""As much of the Nix language as image references need: which attribute is set to what, and strings put together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from planner.extract.syntax.code import Language, Token, content, tokens
from planner.extract.syntax.templates import fill
from planner.extract.written import NOTHING, Piece, Written
from planner.model.source import SourceFile

_NIX = Language(
    comment=r"\#[^\n]*|/\*.*?(?:\*/|\Z)",
    string=(
        r"''(?P<long>(?:''[$\\']|(?!'')[^$]|\$(?!\{)|\$\{(?:[^{}\"']|\"[^\"\n]*\")*+\}|\$)*+)(?:''|\Z)"
        r'|"(?P<text>(?:\\.|\$\{(?:[^{}"]|"[^"\n]*")*+\}|[^"\\])*+)(?:"|\Z)'
    ),
    word=r"[A-Za-z_][\w'-]*",
).pattern()
_INTERPOLATED = re.compile(r"(?<![\\$'])\$\{\s*([A-Za-z_][\w'.-]*)\s*\}")
_NAME = re.compile(r"[A-Za-z_]")
_OPEN = {"{": "}", "(": ")", "[": "]"}
_MAX_TERMS = 32  # of one expression
_MAX_PATH = 8  # names of attributes around one
_MAX_SCOPES = 64  # around a name
_MAX_DEPTH = 16  # names whose values are made of names
_MAX_SAME = 200  # attributes of one name
_MAX_VALUE = 2048  # characters of one value


@dataclass(frozen=True, slots=True)
class Binding:
    """`path = value;` with the names of the attributes around it; `start` and `stop` are the value's tokens."""

    path: tuple[str, ...]
    start: int
    stop: int
    scope: "Scope"


@dataclass(slots=True, eq=False)
class Scope:
    """What a pair of brackets, or `let ... in`, encloses; `attributes` are those that it sets itself."""

    closing: str
    path: tuple[str, ...]
    parent: "Scope | None" = None
    attributes: dict[str, Binding] = field(default_factory=dict)
    key: tuple[str, ...] = ()  # what is being set
    start: int = 0
    is_default: bool = False

    @property
    def inside(self) -> tuple[str, ...]:
        """The names around what stands here."""
        return (*self.path, *self.key)[-_MAX_PATH:]


class Nix:
    """A file's tokens, its scopes, and for each string the names of the attributes around it."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.tokens = tokens(source, _NIX)
        self.scopes: list[Scope] = [Scope("", ())]
        self.strings: list[tuple[int, tuple[str, ...], Scope]] = []
        self._by_name: dict[str, list[Binding]] = {}
        self._texts: dict[Binding, Written] = {}
        self._depth = 0
        self._read()

    def text(self, binding: Binding | None) -> Written:
        """The text that a value gives; empty where it is none. What is not known becomes `${name}`."""
        if binding is None or (binding not in self._texts and self._depth > _MAX_DEPTH):
            return NOTHING
        if binding not in self._texts:
            self._texts[binding] = NOTHING  # for a name that is made of itself
            self._depth += 1
            self._texts[binding] = self._text(binding)
            self._depth -= 1
        return self._texts[binding]

    def filled(self, position: int, scope: Scope) -> Written:
        """The string at a position with the values of known names in it."""
        string = content(self.source, self.tokens[position])
        if "${" not in string.text:
            return string
        return fill(string, _INTERPOLATED, lambda name: self._named(name, position, scope))

    def _text(self, binding: Binding) -> Written:
        """The sum of strings and names that a value is."""
        start, stop = binding.start, min(binding.stop, binding.start + _MAX_TERMS)
        while stop - start > 2 and (self.tokens[start].word, self.tokens[stop - 1].word) == ("(", ")"):
            start, stop = start + 1, stop - 1
        result = NOTHING
        for position in [*(at for at in range(start, stop) if self.tokens[at].word == "+"), stop]:
            result += self._term(start, position, binding.scope)
            start = position + 1
            if len(result.text) > _MAX_VALUE:
                break
        return result

    def _term(self, start: int, stop: int, scope: Scope) -> Written:
        """A string, or the value of a name with dots; what else it may be is not known."""
        if stop <= start:
            return NOTHING
        token = self.tokens[start]
        if token.is_string and stop - start == 1:
            return self.filled(start, scope)
        words = [each.word for each in self.tokens[start:stop]]
        is_name = all((word == ".") if at % 2 else _NAME.match(word) is not None for at, word in enumerate(words))
        known = self._named("".join(words), start, scope) if is_name else None
        return known or self._unknown(token)

    def _named(self, name: str, position: int, scope: Scope) -> Written | None:
        *outer, last = name.split(".")
        every = self._by_name.get(last, ())[:_MAX_SAME]
        if outer:
            visible = [each for each in every if each.path[-len(outer) - 1 : -1] == tuple(outer)]
        else:
            around = set(_around(scope))
            visible = [each for each in every if each.scope in around]
        visible = [each for each in visible if not each.start <= position < each.stop]
        before = [each for each in visible if each.start < position]
        value = self.text(before[-1] if before else next(iter(visible), None))
        return value if value.text and "${" not in value.text and len(value.text) <= _MAX_VALUE else None

    def _unknown(self, token: Token) -> Written:
        name = token.word if _NAME.match(token.word) else "?"
        return Written((Piece(self.source, f"${{{name}}}", [token.start] * (len(name) + 3)),))

    def _read(self) -> None:
        """With a stack of its own, since files may nest as deep as they like."""
        scope = self.scopes[0]
        for position, token in enumerate(self.tokens):
            word = token.word
            if token.is_string:
                self.strings.append((position, scope.inside, scope))
            elif word in _OPEN or word == "let":
                scope = Scope(_OPEN.get(word, "in"), scope.inside, scope)
                self.scopes.append(scope)
            elif word == scope.closing:
                self._set(scope, position)
                scope = scope.parent or scope
            elif word in (";", ","):
                self._inherit(scope, position)
                self._set(scope, position)
            elif word in ("=", "?") and not scope.key:
                scope.key, scope.start = self._key(position, word), position + 1
                scope.is_default = word == "?"
        self._set(scope, len(self.tokens))

    def _key(self, position: int, sign: str) -> tuple[str, ...]:
        """The path of attributes before `=` or of a default before `?`; empty where something else stands there."""
        names: list[str] = []
        at = position - 1
        while at >= 0 and len(names) < _MAX_PATH:
            token = self.tokens[at]
            names.insert(0, content(self.source, token).text if token.is_string else token.word)
            if at < 2 or self.tokens[at - 1].word != ".":
                break
            at -= 2
        before = self.tokens[at - 1].word if at > 0 else "{"
        begins = ("{", ",") if sign == "?" else ("{", ";", "let")
        return tuple(names) if before in begins and all(name.strip("{}();,=") for name in names) else ()

    def _inherit(self, scope: Scope, position: int) -> None:
        """`inherit a b;` sets each name to what it is outside."""
        at = position - 1
        while at >= 0 and position - at < _MAX_TERMS and _NAME.match(self.tokens[at].word):
            if self.tokens[at].word == "inherit":
                for name in range(at + 1, position):
                    outside = scope.parent or scope
                    scope.attributes[self.tokens[name].word] = Binding(
                        (*scope.inside, self.tokens[name].word), name, name + 1, outside
                    )
                return
            at -= 1

    def _set(self, scope: Scope, position: int) -> None:
        if scope.key:
            # What `let` and the defaults of arguments set is seen by what follows them.
            sees = scope.parent if (scope.closing == "in" or scope.is_default) and scope.parent else scope
            binding = Binding(scope.inside, scope.start, position, sees)
            scope.attributes[".".join(scope.key)] = binding
            self._by_name.setdefault(scope.key[-1], []).append(binding)
            scope.key = ()


def _around(scope: Scope | None) -> Iterator[Scope]:
    for _ in range(_MAX_SCOPES):
        if scope is None:
            return
        yield scope
        scope = scope.parent
