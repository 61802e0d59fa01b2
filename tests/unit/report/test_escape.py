"""Hostile text: what does not print is spelled out, and no cell runs or is read as another value."""

import pytest

from planner.report.escape import MAX_CELL, csv_cell, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ü and 漢", "plain text, ü and 漢"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("bell\x07 nul\x00", r"bell\x07 nul\x00"),
        ("two\nlines\tand\r", r"two\nlines\tand\r"),
        ("\x9b31m", r"\x9b31m"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("lone \udcff", r"lone \udcff"),
    ],
)
def test_what_does_not_print_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(text).isprintable()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "  =", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u3000="])
def test_a_formula_is_guarded(start: str) -> None:
    cell = csv_cell(f"{start}cmd|' /C calc'!A0")
    assert cell.startswith(("'", "\\"))


@pytest.mark.parametrize("control", ["\t", "\r", "\n", "\0"])
def test_a_control_character_cannot_hide_a_formula(control: str) -> None:
    assert csv_cell(f"{control}=1").startswith("\\")


@pytest.mark.parametrize("text", ["1.10", "12e4", "3-4", "1/2", "10:30", "007", "12345678901234567890", "1,5", "50%"])
def test_what_a_spreadsheet_would_read_as_another_value_is_guarded(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "docker 1.10.3", "sha256:12e4", "v1.10", "f12345678901", "web-01", "a=b", "e"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert csv_cell(text) == text


def test_a_cell_ends_where_spreadsheets_end_it() -> None:
    cell = csv_cell("x" * 40_000)
    assert len(cell) <= 32_767
    assert cell.endswith("…")
    assert csv_cell("x" * MAX_CELL) == "x" * MAX_CELL
