import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.extract.syntax.template_marks import FILLED, blanked, marks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ if x }}", "          "),
        ("  {{ .x }}", "          "),
        ("a: {{ .x }}", "a: ########"),
        ("a: {{- .x -}}b", "a: ##########b"),
        ("a: {{ toYaml .x | nindent 4 }}", "a:                            "),
        ("{{/* a }} */}}b", "              b"),
        ("{# a #}{% b %}c", "              c"),
        ("a: {{ .x\n  | quote }}", "a: #####\n            "),
        ("a: {{ b", "a: {{ b"),
        ("a: ${#b} {{ .x }}", "a: ${#b} ########"),
        ("a: {# {{ .x }}", "a: {# ########"),
        ("a: {b: {c: d}}", "a: {b: {c: d}}"),
        ("{{ $x := 1 }}y", "             y"),
    ],
)
def test_marks_give_way_to_blanks(text: str, expected: str) -> None:
    assert blanked(text).replace(FILLED, "#") == expected


@given(st.text(alphabet="{}%#/*- \nab:", max_size=200))
def test_every_character_keeps_its_place(text: str) -> None:
    result = blanked(text)
    assert len(result) == len(text)
    assert [at for at, each in enumerate(result) if each == "\n"] == [
        at for at, each in enumerate(text) if each == "\n"
    ]
    for mark in marks(text):
        assert text[mark.start] == "{"
        assert text[mark.stop - 1] == "}"


@pytest.mark.parametrize("unit", ["{{", "{{/*", "{%", "{{ x }} ", "{{ if x }}\n", "{#"])
def test_long_files_take_no_time(unit: str) -> None:
    start = time.process_time()
    blanked(unit * 200_000)
    assert time.process_time() - start < 2
