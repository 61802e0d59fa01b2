"""Variables in compose files: `.env` files, and the forms of `${...}` as the compose specification defines them."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import groupby

from planner.extract.written import Piece, Written, written
from planner.model.source import SourceFile

Variables = Mapping[str, Written]

_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)|(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?P<rest>[:?+}-]))", re.ASCII
)
_BRACE = re.compile(r"\$\$|\$\{|\}")
_MAX_DEPTH = 20  # defaults in defaults
_MAX_GROWTH = 8 * 1024  # characters filled into one value: variables that hold others twice would double each time
_MAX_PIECES = 16
_MAX_FILLED = 1024 * 1024  # characters that all values of one `.env` file may have that others were filled into
_ASSIGNMENT = re.compile(
    r"""
    ^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*
    (?: '(?P<single>[^']*)' | "(?P<double>(?:\\.|[^"\\])*)" | (?P<bare>[^\r\n]*) )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.ASCII,
)
_TRAILING_COMMENT = re.compile(r"(?:^|\s)#.*$")


def dotenv(source: SourceFile | None) -> dict[str, Written]:
    """The variables that an `.env` file sets. Later ones may use earlier ones; single quotes keep a value as it is.

    Where values that hold others grow beyond all use, the rest stays as written, and so is reported where it is used.
    """
    return dict(_assigned(source)) if source else {}


@lru_cache(maxsize=8)  # every compose file of a folder uses it, and each that includes one of them
def _assigned(source: SourceFile) -> Variables:
    variables: dict[str, Written] = {}
    left = _MAX_FILLED
    for found in _ASSIGNMENT.finditer(source.text):
        group = found.lastgroup or "bare"
        start, stop = found.span(group)
        if group == "bare":
            comment = _TRAILING_COMMENT.search(found[group])
            stop = start + comment.start() if comment else stop
        value = written(source, start, stop)
        value = value.strip() if group == "bare" else value
        if group != "single" and left > 0 and "$" in value.text:
            value = fill(value, variables, lambda _name: None)
            left -= len(value.text)
        variables[found["name"]] = value
    return variables


def fill(text: Written, variables: Variables, unset: Callable[[str], object], depth: int = 0) -> Written:
    """`text` with its variables filled in. `unset` is called with the name of each that has neither value nor default.

    `$V`, `${V}`, `${V:-d}`, `${V-d}`, `${V:?e}`, `${V?e}`, `${V:+a}`, `${V+a}`, defaults in defaults, `$$` for a dollar
    sign. What is none of these forms is left as it stands.
    """
    string = text.text
    if "$" not in string:
        return text
    pieces: list[Piece] = []
    ends = _closing_braces(string)
    position = length = 0
    while length <= _MAX_GROWTH and (found := _VARIABLE.search(string, position)):
        pieces += text[position : found.start()].pieces
        position = found.end()
        filled = Written()
        if found["dollar"]:
            filled = text[position - 1 : position]
        elif found["plain"]:
            filled = _value(found["plain"], "", variables, unset)
        elif depth >= _MAX_DEPTH or (end := ends.get(found.start())) is None:
            filled = text[found.start() : position]
        else:
            operator, word = _operator(text[found.start("rest") : end])
            if _uses_word(found["name"], operator, variables):
                filled = fill(word, variables, unset, depth + 1)
            else:
                filled = _value(found["name"], operator, variables, unset)
            position = end + 1
        pieces += filled.pieces
        length += len(filled.text)
    return _joined([*pieces, *text[position:].pieces])


def _joined(pieces: list[Piece]) -> Written:
    """Text of many pieces with those of one file in one: each further step goes through all pieces."""
    if len(pieces) <= _MAX_PIECES:
        return Written(tuple(pieces))
    runs = [list(run) for _, run in groupby(pieces, lambda piece: id(piece.source))]
    return Written(
        tuple(
            Piece(run[0].source, "".join(piece.text for piece in run), [at for piece in run for at in piece.offsets])
            for run in runs
        )
    )


def _closing_braces(string: str) -> dict[int, int]:
    """Where each `${` ends that ends, in one pass: a search for each would take for ever on a text made of them."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    for brace in _BRACE.finditer(string):
        if brace[0] == "${":
            opened.append(brace.start())
        elif brace[0] == "}" and opened:
            ends[opened.pop()] = brace.start()
    return ends


def _operator(rest: Written) -> tuple[str, Written]:
    """Split what stands between a variable's name and the brace: `:-default` is `:-` and `default`."""
    found = re.match(r":?[-?+]", rest.text)
    return (found[0], rest[found.end() :]) if found else ("", rest)


def _uses_word(name: str, operator: str, variables: Variables) -> bool:
    is_set = name in variables and bool(not operator.startswith(":") or variables[name].text)
    return is_set if operator.endswith("+") else operator.endswith("-") and not is_set


def _value(name: str, operator: str, variables: Variables, unset: Callable[[str], object]) -> Written:
    value = variables.get(name)
    if operator.endswith("+"):
        return Written()
    if value is None or (operator.startswith(":") and not value.text):
        unset(name)
        return Written()
    return value
