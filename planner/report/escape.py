"""Names and messages come from files and registries that nobody vouches for; here they are made safe to show."""

from planner.model.cell import is_formula, is_misread

# Spreadsheets end a cell at 32,767 characters; the rest leaves room for the mark and the guard.
MAX_CELL = 32_700


def visible(text: str) -> str:
    r"""The text on one line, with what does not print spelled out: ESC as `\x1b`, a bidi override as `\u202e`.

    Terminals obey some of these characters and readers see none of them.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def csv_cell(text: str) -> str:
    """The text as a cell that a spreadsheet shows as it stands.

    A leading apostrophe guards what would run as a formula (`=cmd()`) and what would be read as another value
    (`1.10` as 1.1, `12e4` as 120000, `3-4` as a date). Longer cells than spreadsheets hold are cut, with a mark.
    """
    cell = visible(text)
    if len(cell) > MAX_CELL:
        cell = cell[:MAX_CELL] + "…"
    return value_guarded(cell)


def formula_guarded(cell: str) -> str:
    """The cell with an apostrophe in front where a spreadsheet would run it."""
    return f"'{cell}" if is_formula(cell) else cell


def value_guarded(cell: str) -> str:
    """The same, and where a spreadsheet would read another value: a number, a date."""
    return f"'{cell}" if is_misread(cell) else cell
