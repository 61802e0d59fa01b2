import time

import pytest

from planner.extract import extract
from planner.extract.syntax.yaml_aliases import used_at
from planner.extract.syntax.yaml_nodes import Node, documents, get, walk
from planner.model.occurrence import Occurrence
from planner.model.source import SourceFile

A = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("rest", "lines"),
    [
        ("app: 1", ()),
        ("app: *text", (4,)),
        ("app: *map", (4,)),
        ("app: {<<: *map}", (4,)),
        ("app: {<<: *map, image: own}", ()),
        ("app:\n  name: x\n  <<: [*map]", (6,)),
        ("app: [1, *map]", (4,)),
        ("app: *map\nother: *text", (4, 5)),
        ("app: '*map'", ()),
        ("map2: &m2 {inner: *map}\napp: *m2", (4,)),
    ],
)
def test_lines_that_use_what_is_written_elsewhere(rest: str, lines: tuple[int, ...]) -> None:
    source = SourceFile("a.yaml", f"base: &map\n  image:\n    &text words\n{rest}\n")
    (root,) = documents(source)
    assert isinstance(root, Node)
    assert used_at(source, root, get(root, "base", "image")) == lines


def test_bombs_and_loops_of_aliases_end() -> None:
    bomb = "a0: &a0 [x, y]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 200))
    source = SourceFile("a.yaml", bomb + "loop: &loop {again: *loop, here: x}\n")
    (root,) = documents(source)
    assert isinstance(root, Node)
    started = time.process_time()
    assert all(len(used_at(source, root, node)) <= 100 for _, node in walk(root))
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        (".gitlab-ci.yml", "base: &base\n  image: x@{}\n  script: [a]\njob:\n  <<: *base\n", (5,)),
        (
            "pod.yaml",
            (
                "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - &c {{name: a, image: 'x@{}'}}\n"
                "  initContainers:\n  - {{<<: *c, name: b}}\n"
            ),
            (7,),
        ),
    ],
)
def test_formats_say_where_a_shared_image_is_used(path: str, text: str, lines: tuple[int, ...]) -> None:
    found = [one for one in extract(SourceFile(path, text.format(A)), lambda _: None) if isinstance(one, Occurrence)]
    assert found
    assert all(one.used_at == lines for one in found)
