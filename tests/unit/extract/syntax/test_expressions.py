"""Which texts an expression in `${{ }}` may stand for."""

import time

import pytest

from planner.extract.syntax.expressions import dotted, filled
from planner.extract.written import Written, written
from planner.model.source import SourceFile


def texts(template: str, **known: str) -> list[str]:
    def possible(name: str) -> list[Written]:
        value = known.get(name.replace(".", "_"))
        return [written(SourceFile("known", value), 0, len(value))] if value is not None else []

    return [each.text for each in filled(written(SourceFile("a", template), 0, len(template)), possible)]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("no template", ["no template"]),
        ("${{ a.b }}", ["AB"]),
        ("x/${{a['b']}}:${{ a.c }}", ["x/AB:AC"]),
        ("${{ unknown }}", ["${{ unknown }}"]),
        ("${{ unknown || 'd' }}", ["d"]),
        ("${{ a.b || 'd' }}", ["AB", "d"]),
        ("${{ x == 'y' && 'one' || 'two' }}", ["one", "two"]),
        ("${{ (x != y && a.b) || !z && a.c }}", ["AB", "AC"]),
        ("${{ 'it''s' }}", ["it's"]),
        ("${{ '}}' }}", ["}}"]),
        ("${{ format('{0}@{1}{{}}', a.b, 'c') }}", ["AB@c{}"]),
        ("${{ format('{0}', a.b || 'd') }}", ["AB", "d"]),
        ("${{ format('{7}') }}", [""]),
        ("${{ coalesce(unknown, a.b) }}", ["AB"]),
        ("${{ iif(eq(x, 'y'), 'one', 'two') }}", ["one", "two"]),
        ("${{ hashFiles('**/x') }}", ["${{ hashFiles('**/x') }}"]),
        ("${{ a.nested }}", ["AB"]),
        ("${{ a.loop }}", ["${{ a.loop }}"]),
        ("${{", ["${{"]),
        ("${{ ( }}", ["${{ ( }}"]),
        ("${{ format( }}", ["${{ format( }}"]),
    ],
)
def test_what_an_expression_may_stand_for(template: str, expected: list[str]) -> None:
    known = {"a_b": "AB", "a_c": "AC", "a_nested": "${{ a.b }}", "a_loop": "${{ a.loop }}"}
    assert texts(template, **known) == expected


@pytest.mark.parametrize("name", ["a.b.c", "a['b'].c", "a [ 'b' ] ['c']", "a . b . c"])
def test_one_way_to_write_a_name(name: str) -> None:
    assert dotted(name) == "a.b.c"


@pytest.mark.parametrize(
    "template",
    [
        "${{ " * 20_000,
        "${{ " + "(" * 50_000 + " }}",
        "${{ '" + "''" * 500 + " }}" * 2000,
        "${{ a.b || a.c }}" * 5000,
        "${{ " + "f(" * 900 + " }}",
        "${{ '}" * 20_000,
    ],
)
def test_hostile_expressions_end_soon(template: str) -> None:
    started = time.process_time()
    assert texts(template, a_b="x", a_c="y")
    assert time.process_time() - started < 2
