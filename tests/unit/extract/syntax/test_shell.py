import pytest

from planner.extract.syntax.shell import expand, unquoted
from planner.extract.written import Place, Written, written
from planner.model.source import SourceFile


def text_of(text: str) -> Written:
    return written(SourceFile("f", text), 0, len(text))


VALUES = {"A": text_of("value"), "EMPTY": text_of("")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x:$A", "x:value"),
        ("${A}b", "valueb"),
        ("${A:-d}", "value"),
        ("${EMPTY-d}", ""),
        ("${EMPTY:-d}", "d"),
        ("${NONE-d}", "d"),
        ("${NONE:-${EMPTY:-${A}}}", "value"),
        ("${A:+set}", "set"),
        ("${EMPTY:+set}", ""),
        ("${EMPTY+set}", "set"),
        ("${NONE+set}", ""),
        ("${A:?message}", "value"),
        (r"\$A", "$A"),
        ("$", "$"),
        ("$1", "$1"),
    ],
)
def test_forms(text: str, expected: str) -> None:
    assert expand(text_of(text), VALUES).text == expected


@pytest.mark.parametrize("text", ["$NONE", "${NONE}", "${NONE:?e}", "${EMPTY:?e}", "${A#v}", "${A/x/y}", "${A"])
def test_what_has_no_value_stays_as_written(text: str) -> None:
    assert expand(text_of(text), {"EMPTY": VALUES["EMPTY"]}).text == text


def test_places_follow_the_value() -> None:
    filled = expand(text_of("ab${A}cd"), {"A": written(SourceFile("other", "\nxyz"), 2, 4)})
    assert filled.text == "abyzcd"
    assert filled.place(2) == Place("other", 2, 2)
    assert filled.place(4) == Place("f", 1, 7)


def test_growth_is_bounded() -> None:
    values = {"A0": text_of("x" * 100)}
    for number in range(1, 40):
        values[f"A{number}"] = expand(text_of(f"$A{number - 1}$A{number - 1}"), values)
    assert len(values["A39"].text) < 20_000


def test_nesting_is_bounded() -> None:
    assert expand(text_of("${N:-" * 2000), {}).text.startswith("${N")


def test_one_pair_of_quotes_goes() -> None:
    assert [unquoted(text_of(text)).text for text in ('"a"', "'a'", "\"a'", '"', "a", '""')] == [
        "a",
        "a",
        "\"a'",
        '"',
        "a",
        "",
    ]
