"""Quotes and parameter expansion as in a shell, on text that knows its place."""

import re
from collections.abc import Mapping

from planner.extract.syntax.patterns import changed
from planner.extract.written import Written

# A reference has less than 600 characters: what grows beyond this by expansion is an attack or an accident.
_MAX_EXPANDED = 8192
_MAX_DEPTH = 16
_PARAMETER = re.compile(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*|\d+)(:?[-+?]|\}|##?|%%?|//?|))", re.ASCII)
_BRACES = re.compile(r"\$\{|\}")


def unquoted(text: Written) -> Written:
    """Without one pair of quotes around the whole."""
    bare = text.text
    return text[1:-1] if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\"" else text


def expand(text: Written, values: Mapping[str, Written], escape: str = "\\", depth: int = 0) -> Written:
    """Fill in `$A`, `${A}`, `${A-d}`, `${A:-d}`, `${A+x}`, `${A:+x}`, `${A?e}`, `${A:?e}`, nested too.

    Also `${A#p}`, `${A##p}`, `${A%p}`, `${A%%p}`, `${A/p/x}` and `${A//p/x}`, where p is a pattern.
    A name without a value, a form that is not followed and what would grow too long stay as written.
    """
    if len(text.text) > _MAX_EXPANDED:
        return text
    filled = Written()
    whole = text.text
    position = size = 0
    while found := _PARAMETER.search(whole, position):
        start = found.start()
        if escape and whole[position:start].endswith(escape):
            filled += text[position : start - 1] + text[start : start + 1]
            position = start + 1
            continue
        end = found.end() if found[1] or found[3] == "}" else _closing_brace(whole, found.end())
        value = _value(text[found.end() : max(end - 1, found.end())], found, values, escape, depth)
        if value is None or size + len(value.text) > _MAX_EXPANDED:
            value = text[start:end]
        filled += text[position:start] + value
        size += len(value.text)
        position = end
    return filled + text[position:]


def _value(
    word: Written, found: re.Match[str], values: Mapping[str, Written], escape: str, depth: int
) -> Written | None:
    """What stands for one parameter, None where nothing is known. `word` is what follows the operator."""
    value = values.get(found[1] or found[2])
    operator = "}" if found[1] else found[3]
    # With a colon, an empty value counts as none.
    has_value = value is not None and (value.text != "" or ":" not in operator)
    match operator[-1:]:
        case "-" if not has_value and depth < _MAX_DEPTH:
            return expand(word, values, escape, depth + 1)
        case "+" if depth < _MAX_DEPTH:
            return expand(word, values, escape, depth + 1) if has_value else Written()
        case "-" | "?" | "}" if has_value:
            return value
        case "#" | "%" | "/" if value is not None and depth < _MAX_DEPTH:
            return changed(value, operator, expand(word, values, escape, depth + 1))
    return None


def _closing_brace(text: str, position: int) -> int:
    """The position after the brace that closes an expansion; the end of the text where none does."""
    depth = 1
    for found in _BRACES.finditer(text, position):
        depth += 1 if found[0] == "${" else -1
        if depth == 0:
            return found.end()
    return len(text)
