"""Files that declare hosts may be anything: each ends as hosts and Problems, with a line that the file has."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.hosts import read_hosts
from planner.hosts.tree import documents
from planner.model.source import Problem, SourceFile
from tests.support.host_files import docker_info, node, nodes
from tests.unit.hosts.test_ansible import INI, SCRIPT, YAML

_SEEDS = {
    "h.ini": INI,
    "h.yml": YAML,
    "list.json": SCRIPT,
    "nodes.json": nodes(node("a", "containerd://1.7.18"), node("b", "docker://19.3.6")),
    "info.jsonl": docker_info("a", "24.0.7") + docker_info("b", "24.0.7"),
}
_marks = st.sampled_from(["[", "{", "]", "}", '"', "&a ", "*a", "<<: *a", "\n---\n", "\x00", "1e999"])
_junk = st.text(max_size=12) | _marks
_json = st.recursive(st.text(), lambda some: st.lists(some, max_size=4) | st.dictionaries(st.text(), some, max_size=4))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(_SEEDS)), st.floats(0, 1), st.floats(0, 0.2), _junk)
def test_damaged_files_are_hosts_and_problems(path: str, where: float, length: float, junk: str) -> None:
    seed = _SEEDS[path]
    start = int(where * len(seed))
    text = seed[:start] + junk + seed[start + int(length * len(seed)) :]
    for found in read_hosts(SourceFile(path, text)):
        if isinstance(found, Problem):
            assert 0 <= found.line <= text.count("\n") + 2
            assert found.text


@settings(max_examples=40, deadline=None)
@given(_json)
def test_json_is_read_as_json(value: object) -> None:
    text = json.dumps([value])
    assert list(documents(SourceFile("x", text))) == [[value]]


def test_depth_is_bounded() -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000, "- " * 5_000 + "a", "a: " + "[" * 5_000, "a: " + "{a: " * 5_000):
        (problem,) = documents(SourceFile("x", text))
        assert isinstance(problem, Problem), text[:20]


def test_aliases_share_what_they_name() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    assert len(list(documents(SourceFile("x", "\n".join(lines))))) == 1
    merges = ["m0: &m0 {" + ", ".join(f"k{n}: v" for n in range(500)) + "}"]
    merges += [f"n{n}: {{<<: *m0}}" for n in range(1_000)]
    (problem,) = documents(SourceFile("x", "\n".join(merges)))
    assert isinstance(problem, Problem)
