"""Cells of a spreadsheet: what would be taken for something else than the text that it is."""

import re

# What spreadsheets take for the start of a formula, with the full-width forms that some fold to ASCII.
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER_OR_DATE = frozenset("0123456789.,:/-+ eE%")
_GUARD = "'"


def is_formula(text: str) -> bool:
    """Whether a spreadsheet runs the text: `=cmd()`."""
    return bool(_FORMULA.match(text))


def is_misread(text: str) -> bool:
    """Whether a spreadsheet runs the text as a formula (`=cmd()`), or shows another value (`1.10` as 1.1)."""
    return is_formula(text) or (any("0" <= c <= "9" for c in text[:64]) and _NUMBER_OR_DATE.issuperset(text))


def guarded(text: str) -> str:
    """The text as a cell that `unguarded` reads back: with a leading apostrophe where it would be misread."""
    return _GUARD + text if is_misread(text) or text.startswith(_GUARD) else text


def unguarded(cell: str) -> str:
    """The text of a cell: without the apostrophe that `guarded` put before it."""
    text = cell.removeprefix(_GUARD)
    return text if text != cell and guarded(text) == cell else cell
