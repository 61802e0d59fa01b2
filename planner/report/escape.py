"""Names and messages come from files and registries that nobody vouches for; here they are made safe to show."""

from functools import lru_cache

from planner.model.cell import is_formula, is_misread

# Spreadsheets end a cell at 32,767 characters; the rest leaves room for the mark and the guard.
MAX_CELL = 32_700
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def visible(text: str) -> str:
    r"""The text on one line, with what does not print spelled out: ESC as `\x1b`, a bidi override as `\u202e`.

    Terminals obey some of these characters and readers see none of them.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def cut(text: str, limit: int) -> str:
    """The text, or as much of it as `limit` characters hold with a mark at its end."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def relative_uri(path: str) -> str:
    """A path below a folder as a relative URI: all but unreserved characters and slashes percent-encoded (RFC 3986).

    A colon too, since what stands before it in a first segment would be a scheme. Bytes that are no UTF-8 stay bytes.
    """
    raw = path.encode("utf-8", "surrogateescape" if _is_escaped(path) else "replace")
    return "".join(chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}" for byte in raw)


def _is_escaped(path: str) -> bool:
    """Whether the surrogates of a path, if any, are those by which Python keeps bytes that are no UTF-8."""
    return all("\udc80" <= c <= "\udcff" for c in path if "\ud800" <= c <= "\udfff")


@lru_cache(maxsize=1 << 14)  # the rows of a table have most of their cells in common
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
