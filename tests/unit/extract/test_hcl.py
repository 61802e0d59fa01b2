"""HCL: every text knows its place, what is nested stays together, and damaged files end in time with a place."""

import time

import pytest

from planner.extract.assembled import Assembly
from planner.extract.syntax.hcl import HclError, parse
from planner.extract.syntax.hcl_nodes import Body, Expression
from planner.extract.syntax.hcl_values import Values
from planner.extract.syntax.yaml_nodes import Node, elements, get, text
from planner.model.source import SourceFile


def attribute(written: str) -> Expression:
    return parse(SourceFile("a.tf", f"a = {written}\n")).pairs[0].value


def resolved(written: str, **names: str) -> Node:
    values = Values({("local", name): attribute(each) for name, each in names.items()})
    return values.node(Assembly("a.tf"), attribute(written), {})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"a"', "a"),
        ('"a\\tb\\"c\\\\"', 'a\tb"c\\'),
        ('"$${no} %%{no} $5 100%"', "${no} %{no} $5 100%"),
        ('"${local.x}/y"', "X/y"),
        ('"${local.unknown}/y"', "${local.unknown}/y"),
        ('"${"${local.x}"}"', "X"),
        ('format("%s@%s", local.x, "d")', "X@d"),
        ('join("@", [local.x, "d"])', "X@d"),
        ("<<EOT\n  a\n${local.x}\nEOT", "  a\nX\n"),
        ("<<-EOT\n    a\n      b\n    EOT", "a\n  b\n"),
        ('local.map["k"]', "v"),
        ("local.map.k", "v"),
        ("local.list[1]", "two"),
        ("local.loop", ""),
    ],
)
def test_an_expression_stands_for_a_text(written: str, meant: str) -> None:
    node = resolved(written, x='"X"', map='{ k = "v" }', list='["one", "two"]', loop="local.loop")
    assert text(node) == meant


def test_both_values_of_a_condition_may_be_used() -> None:
    assert [text(each) for each in elements(resolved('local.x == 1 ? "a" : "b"'))] == ["a", "b"]


def test_a_loop_gives_each_element() -> None:
    node = resolved('[for each in local.names : "r/${each}"]', names='["a", "b"]')
    assert [text(each) for each in elements(node)] == ["r/a", "r/b"]


def test_what_encodes_a_value_is_the_value() -> None:
    node = resolved('jsonencode({ "image" : "a", other = [1, 2,], (local.key) = "k" })')
    assert text(get(node, "image")) == "a"


def test_blocks_stand_below_their_labels_and_come_several_times() -> None:
    written = 'a "b" "c" {\n  d { e = 1 }\n  d {\n    e = "2"\n  }\n}\n'
    (pair,) = parse(SourceFile("a.tf", written)).pairs
    assert (pair.key, pair.labels) == ("a", ("b", "c"))
    assert isinstance(pair.value, Body)
    assert [each.key for each in pair.value.pairs] == ["d", "d"]


@pytest.mark.parametrize(
    "written",
    [
        "a = " + "[" * 100_000,
        "a = " + "{a=" * 100_000,
        'a = "' + '${"' * 50_000,
        "a " + "{a " * 50_000,
        "a = <<E\n",
        'a "b',
        "a = @",
        "a = [for",
        'a = "' + "\\" * 1_000_001,
        "/*" * 100_000,
        "a = " + "x ? " * 10_000,
        "a = " + "-" * 100_000,
        "x" * 3_000_000,
    ],
)
def test_what_is_no_hcl_is_refused_soon(written: str) -> None:
    start = time.process_time()
    with pytest.raises(HclError):
        parse(SourceFile("a.tf", written))
    assert time.process_time() - start < 3


def test_names_that_double_end() -> None:
    names = {f"n{number}": f'"${{local.n{number + 1}}}${{local.n{number + 1}}}"' for number in range(40)}
    start = time.process_time()
    resolved("local.n0", **names, n40='"x"')
    assert time.process_time() - start < 3
