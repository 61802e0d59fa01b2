"""TOML as nodes: what tomllib reads, each string at its place, and nothing that takes long."""

import time
import tomllib
from typing import Any

import pytest

from planner.extract.syntax.toml_nodes import documents
from planner.extract.syntax.yaml_nodes import MappingNode, Node, ScalarNode, elements, items, text, value, walk
from planner.model.source import Problem, SourceFile

DIGEST = "sha256:" + "ab" * 32
TABLES = """\
# a comment
a.b = "x"  # another
'q.r'."s t" = 1979-05-27 07:32:00
[[io.buildpacks.group]]
uri = "docker://a"
[[io.buildpacks.group]]
arr = [ "1", [2, 3],
 {x = 1, y.z = "two"}, # c
]
[io.buildpacks.build]
[io.buildpacks.group.below]
f = 1.5
[stack.sub]
t = {}
"""
STRINGS = '''\
basic = "tab\\t \\u0041 \\"quoted\\" # no comment"
raw = 'C:\\path # no comment'
long = """
first \\
    second ""two"" \\x"""
longraw = \'\'\'
don't = ''x\'\'\'
'''


def plain(node: Node) -> object:
    if isinstance(node, MappingNode):
        return {key.value: plain(member) for key, member in items(node)}
    return text(node) if isinstance(node, ScalarNode) else [plain(each) for each in elements(node)]


def as_text(read: Any) -> object:
    if isinstance(read, dict):
        return {key: as_text(member) for key, member in read.items()}
    return [as_text(each) for each in read] if isinstance(read, list) else str(read)


def root_of(toml: str) -> Node:
    (root,) = documents(SourceFile("a.toml", toml))
    assert isinstance(root, Node)
    return root


@pytest.mark.parametrize("toml", [TABLES, STRINGS.replace("\\x", ""), TABLES.replace("\n", "\r\n"), "", "a = 1"])
def test_what_tomllib_reads(toml: str) -> None:
    assert plain(root_of(toml)) == as_text(tomllib.loads(toml))


def test_each_string_knows_its_place() -> None:
    source = SourceFile("a.toml", STRINGS.replace("\\x", DIGEST))
    texts = {path[-1]: value(source, node) for path, node in walk(root_of(source.text)) if path}
    begin = {name: (place.line, place.column) for name, each in texts.items() if (place := each.place())}
    assert begin == {"basic": (1, 10), "raw": (2, 8), "long": (4, 1), "longraw": (7, 1)}
    digest = texts["long"].place(texts["long"].text.index(DIGEST))
    assert digest
    assert source.text.split("\n")[digest.line - 1][digest.column - 1 :].startswith(DIGEST)


def test_what_is_no_toml_is_a_problem_where_a_digest_is_meant() -> None:
    (failed,) = documents(SourceFile("a.toml", f'[a]\nb = "{DIGEST}"\nc = \n'))
    assert isinstance(failed, Problem)
    assert (failed.kind, failed.line) == ("unparsable", 3)
    assert not list(documents(SourceFile("a.toml", "c = \n")))
    assert list(documents(SourceFile("a.toml", "c = \n"), tags=True))


@pytest.mark.parametrize(
    "toml",
    [
        "a." * 500_000 + f'a = "{DIGEST}"',
        "[" + "a." * 500_000 + f'a]\nb = "{DIGEST}"',
        "a = " + "[" * 100_000 + f'"{DIGEST}"' + "]" * 100_000,
        "a = " + "{a = " * 100_000 + f'"{DIGEST}"' + "}" * 100_000,
        f'a = "{DIGEST}"\n' * 100_000,
        f'a = """{DIGEST}' + '\\"' * 100_000,
        f'a = "{DIGEST}' + "x" * 3_000_000 + '"',
    ],
    ids=["key", "header", "array", "table", "twice", "open", "long"],
)
def test_hostile_files_end_soon(toml: str) -> None:
    started = time.process_time()
    (failed,) = documents(SourceFile("a.toml", toml))
    assert isinstance(failed, Problem)
    assert time.process_time() - started < 5
