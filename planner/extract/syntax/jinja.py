"""`{{ expressions }}` of Jinja in texts: names with known values, texts, `~` and `+` between them, defaults."""

import re
from collections.abc import Mapping
from itertools import islice

from planner.extract.written import NOTHING, Written

Known = Mapping[str, Written]

_TEMPLATE = re.compile(r"\{\{-?(?P<inner>(?:[^{}\"']|\"[^\"]*\"|'[^']*'){0,500}?)-?\}\}")
_TERM = re.compile(
    r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<name>[A-Za-z_]\w*(?:\.\w+|\[(?:\d+|'[\w.-]+'|"[\w.-]+")\])*)
    |(?P<sign>[~+])|\|\s*(?P<filter>[\w.]+)(?:\((?P<argument>[^()]*)\))?)\s*""",
    re.VERBOSE,
)
_INDEX = re.compile(r"\[[\"']?([\w.-]+)[\"']?\]")
_SAME = frozenset(
    {"string", "trim", "quote", "lower", "mandatory", "from_yaml", "from_json", "ansible.builtin.mandatory"}
)
_DEFAULTS = frozenset({"default", "d", "ansible.builtin.default"})
_MAX_TEMPLATES = 1_000  # of one text
_MAX_DEPTH = 10  # variables that are made of variables
_MAX_LENGTH = 1_000_000


def filled(text: Written, known: Known, depth: int = 0) -> Written:
    """A text with what is known put in; an expression that is not understood stays as it is written."""
    if "{{" not in text.text or depth > _MAX_DEPTH or len(text.text) > _MAX_LENGTH:
        return text
    result = NOTHING
    position = 0
    for found in islice(_TEMPLATE.finditer(text.text), _MAX_TEMPLATES):
        inner = _evaluated(text[found.start("inner") : found.end("inner")], known, depth)
        result += text[position : found.start()] + (text[found.start() : found.end()] if inner is None else inner)
        position = found.end()
    return result + text[position:]


def _evaluated(expression: Written, known: Known, depth: int) -> Written | None:
    """The text of an expression, None where it is not known."""
    result: Written | None = NOTHING
    last: Written | None = None
    position = 0
    waits = True
    while position < len(expression.text):
        found = _TERM.match(expression.text, position)
        if not found:
            return None
        position = found.end()
        if found["filter"]:
            last = _through(found, last, expression, known, depth)
            continue
        if found["sign"]:
            result = result + last if result is not None and last is not None else None
            waits = True
            continue
        if not waits:
            return None
        waits = False
        last = _term(found, expression, known, depth)
    return result + last if result is not None and last is not None and not waits else None


def _term(found: re.Match[str], expression: Written, known: Known, depth: int) -> Written | None:
    for group in ("double", "single"):
        if found[group] is not None:
            return expression[found.start(group) : found.end(group)]
    value = known.get(_INDEX.sub(r".\1", found["name"]))
    return filled(value, known, depth + 1) if value is not None else None


def _through(
    found: re.Match[str], last: Written | None, expression: Written, known: Known, depth: int
) -> Written | None:
    if found["filter"] in _SAME:
        return last
    if found["filter"] in _DEFAULTS and last is not None and last.text:
        return last
    if found["filter"] in _DEFAULTS and found["argument"]:
        argument = expression[found.start("argument") : found.end("argument")]
        first = argument[: len(argument.text.partition(",")[0])]
        return _evaluated(first, known, depth + 1) if depth < _MAX_DEPTH else None
    return None
