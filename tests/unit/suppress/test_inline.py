"""Suppressions beside references: what is one, and what is said of what is none."""

from datetime import date
from time import process_time

import pytest

from planner.model.source import Problem, SourceFile
from planner.model.suppression import Rule
from planner.suppress import marks


def found(text: str) -> list[Rule | Problem]:
    return list(marks(SourceFile("a/b.yml", text)))


@pytest.mark.parametrize(
    "line",
    [
        "# planner: ignore[oci-index] gone by spring",
        "    image: x # planner: ignore[oci-index] gone by spring",
        "#planner:ignore [oci-index]   gone by spring  ",
        "// planner: ignore[oci-index] gone by spring",
        "-- planner: ignore[oci-index] gone by spring",
        "; planner: ignore[oci-index] gone by spring",
        "<!-- planner: ignore[oci-index] gone by spring -->",
        "<a/> <!-- planner: ignore[ oci-index ] gone by spring --> <b/>",
        "#\tplanner:\tignore[oci-index] gone by spring\r",
        "# a comment # planner: ignore[oci-index] gone by spring",
        "## planner: ignore[oci-index] gone by spring",
        "name = x /* planner: ignore[oci-index] gone by spring */",
        "/** planner: ignore[oci-index] gone by spring **/ x",
        "/* planner: ignore[oci-index] gone by spring",
        "{{/* planner: ignore[oci-index] gone by spring */}}",
        "{{- /* planner: ignore[oci-index] gone by spring */ -}}",
        "{#- planner: ignore[oci-index] gone by spring -#}",
        "<# planner: ignore[oci-index] gone by spring #>",
        "REM planner: ignore[oci-index] gone by spring",
        "@rem planner: ignore[oci-index] gone by spring",
        ":: planner: ignore[oci-index] gone by spring",
        "planner: ignored <!-- planner: ignore[oci-index] gone by spring -->",
    ],
)
def test_every_way_to_write_a_comment(line: str) -> None:
    (rule,) = found(f"first\n{line}\nlast")
    assert isinstance(rule, Rule)
    assert (rule.causes, rule.inline) == (("oci-index",), True)
    assert (rule.told.file, rule.told.line, rule.told.reason) == ("a/b.yml", 2, "gone by spring")
    assert rule.told.expires is None


@pytest.mark.parametrize(
    ("line", "alone"),
    [
        ("\t # planner: ignore[*] why \r", True),
        ("  - # planner: ignore[*] the dash of a list", True),
        ("<!-- planner: ignore[*] why --> ", True),
        ("<!-- planner: ignore[*] why --> <b/>", False),
        ("  {{- /* planner: ignore[*] why */ -}}", True),
        ("/* planner: ignore[*] why */ x", False),
        ("<# planner: ignore[*] why #> x", False),
        ("x & REM planner: ignore[*] why", False),
        ("true # planner: ignore[*] why", False),
        ("- a # planner: ignore[*] why", False),
    ],
)
def test_only_what_is_alone_on_its_line_may_reach_down(line: str, alone: bool) -> None:
    (rule,) = found(line)
    assert isinstance(rule, Rule)
    assert rule.alone is alone


def test_a_byte_order_mark_before_it() -> None:
    (rule,) = found("\ufeff# planner: ignore[*] why")
    assert isinstance(rule, Rule)
    assert rule.alone


def test_several_causes_a_day_and_several_rules() -> None:
    one, other = found(
        "# planner: ignore[a-b, c] until 2026-12-31: moved\n\n// planner: ignore[*] until 2027-01-01 later"
    )
    assert isinstance(one, Rule)
    assert isinstance(other, Rule)
    assert (one.causes, one.told.expires, one.told.reason) == (("a-b", "c"), date(2026, 12, 31), "moved")
    assert (other.causes, other.told.expires, other.told.reason) == (("*",), date(2027, 1, 1), "later")
    assert other.told.line == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("# planner: ignore", "no cause"),
        ("# planner: ignore this", "no cause"),
        ("# planner: ignore[] why", "no cause"),
        ("# planner: ignore[ , ] why", "no cause"),
        ("# planner: ignore[oci-index", "no cause"),
        ("# planner: ignore[oci-index]", "no reason"),
        ("<!-- planner: ignore[oci-index] -->", "no reason"),
        ("# planner: ignore[oci-index] until 2026-12-31", "no reason"),
        ("# planner: ignore[oci-index] -->", "no reason"),
        ("# planner: ignore[oci-index] why\rimage: x\rimage: y", "for the whole file"),
        ("# planner: ignore[oci-index] why, kept till 2020-01-01", "'till 2020-01-01' reads like its last day"),
        ("# planner: ignore[oci-index, until 2020-01-01] why", "reads like its last day"),
        ("# planner: ignore[oci-index] until 2026-02-30: why", "'2026-02-30' is no date"),
        ("# planner: ignore[oci-index] until 31.12.2026: why", "'31.12.2026' is no date"),
    ],
)
def test_what_cannot_be_understood_is_a_problem(line: str, words: str) -> None:
    (problem,) = found(f"\n  {line}\n")
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.subject, problem.line, problem.column) == ("suppression-invalid", "a/b.yml", 2, 3)
    assert words in problem.text
    assert not problem.is_advice


@pytest.mark.parametrize(
    "line",
    [
        "planner: ignore[oci-index] no comment",
        "a#planner: ignore[oci-index] within a word",
        " * planner: ignore[oci-index] inside of a longer comment",
        "# the planner: ignore[oci-index] of somebody else",
        "% planner: ignore[oci-index] no such comment",
        "'planner: ignore'",
        "# planner: ignored[oci-index] another word",
        "# planner: ignore-next-line[oci-index] another word",
        "# Planner: Ignore[oci-index] another case",
        "# planner : ignore[oci-index] a blank",
        "{{! planner: ignore[oci-index] no such template }}",
        "# planner: ignore[oci-index] one # planner: ignore[*] two",
    ],
)
def test_what_is_almost_a_suppression_is_not_dropped_in_silence(line: str) -> None:
    (problem,) = found(f"\n{line}\n")
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.line) == ("suppression-invalid", 2)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("  planner: ignore", "values.yaml"),
        ("labels: {app: x, planner: ignored}", "values.yaml"),
        ("query-planner: ignore[x]", "values.yaml"),
        ("Write `# planner: ignore[oci-index] reason` above it.", "README.md"),
    ],
)
def test_what_is_none(line: str, name: str) -> None:
    assert list(marks(SourceFile(name, line))) == []


@pytest.mark.parametrize(
    "words",
    [
        " until: 2020-01-01 old",
        " Until 2020-01-01: old",
        ": until 2020-01-01: old",
        " - until 2020-01-01: old",
        " (until 2020-01-01) old",
        " OPS-12, until 2020-01-01",
        " OPS-12 until\N{NO-BREAK SPACE}2020-01-01",
        " until next week",
        " until YYYY-MM-DD: why, and a ticket",
        " until 2020-01-01T00:00:00Z old",
        " until 2020-01-01. Old",
        " until2020-01-01: old",
        " until_2020-01-01: old",
        " until 20200101: old",
        " until 2020-1-1: old",
        " until the new cluster is there",
        " UNTIL the new cluster is there",
        " kept until the end of March",
        " kept till Q3",
        " kept until: tomorrow",
        " expires 2020-01-01: old",
        " expires=2020-01-01, old",
        " OPS-12 (expires on 2020-01-01)",
        " kept until at the very least 2020-01-01",
        " 2020-01-01: old",
        ", until 2020-01-01",
    ],
)
def test_an_end_that_is_not_written_as_one_is_refused(words: str) -> None:
    (problem,) = found(f"# planner: ignore[oci-index]{words}")
    assert isinstance(problem, Problem)
    assert "until YYYY-MM-DD: reason" in problem.text


@pytest.mark.parametrize(
    "words",
    [
        "kept until the new cluster is there",
        "kept until OPS-12 is done",
        "stays until marketing agrees",
        "tills and scanners run it",
        "OPS-12 of 2026-01-31",
        "its certificate has expired",
    ],
)
def test_a_reason_that_speaks_of_an_end_that_is_no_day(words: str) -> None:
    (rule,) = found(f"# planner: ignore[oci-index] {words}")
    assert isinstance(rule, Rule)
    assert (rule.told.expires, rule.told.reason) == (None, words)


def test_hostile_lines_take_no_time() -> None:
    begun = process_time()
    found("planner:" + "# " * 50_000 + "\n" + "planner:" + "#" + " \t" * 50_000)
    found("# planner: ignore[" + "," * 100_000 + "] why")
    found("planner: ignore" * 20_000)
    found("#" * 50_000 + "{{" + "/*" * 50_000 + "{{ " * 20_000 + "planner: ignore")
    found("# planner: ignore[" + "[" * 100_000)
    found("# planner: ignore[c] why " + "until the end of next " * 20_000 + "#_" * 50_000)
    found("# planner: ignore[c] why until the" + "_" * 100_000)
    assert process_time() - begun < 2
