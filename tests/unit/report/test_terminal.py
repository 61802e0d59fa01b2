"""The terminal: it fits, it can be copied, it is safe to print."""

import re
from dataclasses import replace

import pytest

from planner.report import FORMATS, Options
from planner.report.words import summary_line
from tests.support.report_example import FINDINGS, PROBLEMS, REPORT, WITHOUT_HOSTS, large


def _render(**options: int) -> str:
    return FORMATS["terminal"].render(REPORT, Options(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_unless_one_word_does_not(width: int) -> None:
    for line in _render(width=width).splitlines():
        assert len(line) <= width or len(line.split()) == 1


def test_a_place_can_be_copied_at_any_width() -> None:
    text = _render(width=20)
    for finding in FINDINGS:
        o = finding.occurrence
        assert f"{o.file}:{o.line}:{o.column}" in text


def test_the_counts_come_first() -> None:
    assert _render(width=400).splitlines()[0] == summary_line(REPORT)


def test_without_colour_there_is_no_escape_at_all() -> None:
    assert "\x1b" not in _render(colour=False)


def test_with_colour_only_our_own_escapes_are_there() -> None:
    coloured = _render(colour=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == _render(colour=False)


def test_a_verdict_is_a_word_and_a_moment() -> None:
    text = _render(width=200)
    assert "✕ breaks after the upgrade: Schema 1 manifest" in text
    assert "✕ breaks today and after the upgrade: The registry has no such manifest" in text
    assert "web-[01:12] (12 hosts), docker 20.10.24 → 29.0.0" in text


def test_every_problem_is_told() -> None:
    text = _render(width=400)
    for problem in PROBLEMS:
        assert problem.text in text


def test_without_hosts_the_versions_that_pull_are_told() -> None:
    text = FORMATS["terminal"].render(WITHOUT_HOSTS, Options(width=100))
    assert "docker (graphdriver): 18.06.0 up to before 19.03.0; 19.03.5 and newer" in text
    assert "docker (graphdriver): no version" in text


def test_what_is_left_out_is_counted_and_all_shows_it() -> None:
    report = large(occurrences=100, hosts=40, groups=10, images=5)
    text = FORMATS["terminal"].render(report, Options(width=200))
    assert "… and 40 references with findings more" in text
    assert "… and 4 groups of hosts more" in text
    assert "more;" not in FORMATS["terminal"].render(report, Options(width=200, show_all=True))


def test_a_cause_without_knowledge_is_named_by_its_id() -> None:
    assert "schema1 removed" in FORMATS["terminal"].render(replace(REPORT, causes={}), Options())
