"""What `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}` leave of a value, as shells and BuildKit do."""

import re

from planner.extract.written import Written

# A `*` can end anywhere, so that each one multiplies the work; references are short, and patterns for them too.
_MAX_STARS = 2
_MAX_PATTERN = 200
_MAX_VALUE = 600
_WILDCARDS = re.compile(r"\\(.)|(\*+)|(\?)|([^\\*?]+|\\)", re.DOTALL)


def changed(value: Written, operator: str, word: Written) -> Written | None:
    """The value after `operator`: `#`, `##`, `%`, `%%`, `/` or `//`; `word` is what follows it.

    None where the pattern asks for too much work.
    """
    pattern = word.text.partition("/")[0] if operator[0] == "/" else word.text
    if len(value.text) > _MAX_VALUE or len(pattern) > _MAX_PATTERN or pattern.count("*") > _MAX_STARS:
        return None
    is_longest = len(operator) == 2 or operator == "/"
    tokens = [(found[1] or found[4] or "", found[2], found[3]) for found in _WILDCARDS.finditer(pattern)]
    match operator[0]:
        case "#":
            return value[_matched(tokens, value.text, is_longest) :]
        case "%":
            # The end is the beginning of what is read backwards.
            backwards = [(literal[::-1], star, one) for literal, star, one in reversed(tokens)]
            length = _matched(backwards, value.text[::-1], is_longest)
            return value[: len(value.text) - length]
    return _replaced(value, _regex(tokens, greedy=True), word[len(pattern) + 1 :], everywhere=operator == "//")


_Tokens = list[tuple[str, str | None, str | None]]


def _regex(tokens: _Tokens, *, greedy: bool) -> str:
    any_text = ".*" if greedy else ".*?"
    return "(?s)" + "".join(any_text if star else "." if one else re.escape(literal) for literal, star, one in tokens)


def _matched(tokens: _Tokens, text: str, greedy: bool) -> int:
    """How many characters at the beginning the pattern takes."""
    found = re.match(_regex(tokens, greedy=greedy), text)
    return found.end() if found else 0


def _replaced(value: Written, regex: str, by: Written, *, everywhere: bool) -> Written:
    result = Written()
    position = 0
    for found in re.finditer(regex, value.text):
        if found.end() == found.start():
            continue
        result += value[position : found.start()] + by
        position = found.end()
        if not everywhere:
            break
    return result + value[position:]
