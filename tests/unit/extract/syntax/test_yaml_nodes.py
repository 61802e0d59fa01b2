import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from planner.extract.syntax.yaml_nodes import (
    Node,
    ScalarNode,
    documents,
    elements,
    get,
    items,
    place,
    text,
    unparsed,
    walk,
)
from planner.model.source import Problem, SourceFile

DIGEST = "sha256:" + "ab" * 32


def root(content: str) -> Node:
    (node,) = documents(SourceFile("file.yaml", content))
    assert isinstance(node, Node)
    return node


def pairs(node: Node | None) -> dict[str, str]:
    return {key.value: text(value) for key, value in items(node)}


@pytest.mark.parametrize(
    "content",
    [
        f"a: x@{DIGEST}",
        f"a: 'it''s x@{DIGEST}'",
        f'a: "\\u00e9\\x41\\t \\\n    x@{DIGEST}"',
        f"a: !tag x@{DIGEST}",
        f"a: &anchor\n  x@{DIGEST}",
        f"a: &anchor !tag 'x@{DIGEST}'",
        f"a: >-\n   folded\n   text\n\n   x@{DIGEST}\n",
        f"a: >2+\n    more\n  x@{DIGEST}\n",
        f"a: |  # comment\n  literal\n\n    x@{DIGEST}\n",
        f"a: !!str |\r\n  literal\r\n  x@{DIGEST}\r\n",
        f"\U0001f600: [\U0001f600, é]\r\na: '\U0001f600 x@{DIGEST}'\r\n",
        f"a: plain\n  over\n\n  lines x@{DIGEST}\n",
        f"a: '\n  quoted\n\n   over lines x@{DIGEST}'",
        f'{{\n\t"s": "\\ud83d\\ude00", "a": "\\/x\\u0040{DIGEST}"}}',
        f"--- # comment\n? a\n: x@{DIGEST}\n",
    ],
)
def test_the_place_is_that_of_the_character_in_the_file(content: str) -> None:
    source = SourceFile("file.yaml", content)
    (document,) = documents(source)
    assert isinstance(document, Node)
    node = get(document, "a")
    assert node
    found = place(source, node, text(node).index(DIGEST))
    assert content.split("\n")[found.line - 1][found.column - 1 :].startswith(DIGEST)


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], include_characters=" \n\t"), max_size=60), st.data()
)
def test_the_place_survives_whatever_style_a_dumper_chooses(words: str, data: st.DataObject) -> None:
    style = data.draw(st.sampled_from([None, "'", '"', "|", ">"]))
    value = f"{words}@{DIGEST}"
    content = yaml.safe_dump({"a": [value]}, default_style=style, allow_unicode=data.draw(st.booleans()), width=20)
    source = SourceFile("file.yaml", content)
    (document,) = documents(source)
    assert isinstance(document, Node)
    (node,) = elements(get(document, "a"))
    assert text(node) == value
    found = place(source, node, value.index(DIGEST))
    assert content.split("\n")[found.line - 1][found.column - 1 :].startswith(DIGEST)


def test_an_alias_stands_where_its_anchor_is() -> None:
    source = SourceFile("file.yaml", f"a: &x x@{DIGEST}\nb: *x\n")
    (document,) = documents(source)
    assert isinstance(document, Node)
    node = get(document, "b")
    assert node
    assert place(source, node, 2).line == 1


def test_unknown_tags_are_tolerated() -> None:
    node = root("a: !reference [job, image]\nb: !vault |\n  abc\nc: !reset null\n")
    assert [text(element) for element in elements(get(node, "a"))] == ["job", "image"]
    assert text(get(node, "b")) == "abc\n"


def test_null_is_no_text_but_words_are() -> None:
    assert pairs(root("a:\nb: ~\nc: 'null'\nd: yes\ne: 1.10\nf: 2024-01-01")) == {
        "a": "", "b": "", "c": "null", "d": "yes", "e": "1.10", "f": "2024-01-01",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ("{<<: *one, y: own}", {"x": "1", "y": "own"}),
        ("{y: own, <<: *one}", {"x": "1", "y": "own"}),
        ("{<<: [*one, *two]}", {"x": "1", "y": "1", "z": "2"}),
        ("{<<: *one, <<: *two}", {"x": "1", "y": "2", "z": "2"}),
        ("{<<: [*three, *one]}", {"x": "1", "y": "3"}),
        ("{<<: [*one, *three]}", {"x": "1", "y": "1"}),
        ("{'<<': *one}", {"<<": ""}),
        ("{<<: 1, a: 2, a: 3}", {"a": "3"}),
        ("{[1, 2]: x, a: b}", {"a": "b"}),
    ],
)
def test_merge_keys_and_duplicates(mapping: str, expected: dict[str, str]) -> None:
    anchors = "one: &one {x: 1, y: 1}\ntwo: &two {y: 2, z: 2}\nthree: &three {<<: *one, y: 3}\n"
    node = get(root(f"{anchors}here: {mapping}\n"), "here")
    assert pairs(node) == expected
    assert all(text(get(node, key)) == value for key, value in expected.items())


def test_a_mapping_that_merges_itself_ends() -> None:
    assert pairs(get(root("a: &a\n  <<: *a\n  k: v\n"), "a")) == {"k": "v"}


def test_a_bomb_of_merge_keys_goes_off_in_bounded_time() -> None:
    levels = "".join(f"l{n}: &l{n} {{<<: [{', '.join([f'*l{n - 1}'] * 9)}]}}\n" for n in range(1, 12))
    assert pairs(get(root("l0: &l0 {k: v}\n" + levels), "l11")) in ({"k": "v"}, {})


def test_a_merge_reaches_what_the_merged_mapping_merges_itself() -> None:
    chain = "m0: &m0 {k: v, m: 0}\n" + "".join(f"m{n}: &m{n} {{<<: *m{n - 1}, m: {n}}}\n" for n in range(1, 3000))
    document = root(f"{chain}here: {{? !!merge x : *m2999}}\n")
    assert pairs(get(document, "m2999")) == pairs(get(document, "here")) == {"k": "v", "m": "2999"}


def test_what_merges_bring_in_is_bounded_for_the_whole_document() -> None:
    big = "".join(f"  k{n}: v\n" for n in range(5000))
    services = "".join(f"  s{n}: {{<<: *m}}\n" for n in range(300))
    content = f"x-b: &b\n{big}x-m: &m {{<<: [{', '.join(['*b'] * 900)}]}}\nservices:\n{services}  a: {DIGEST}\n"
    started = time.process_time()
    (problem, after) = documents(SourceFile("f", f"{content}---\nc: 2\n"))
    assert time.process_time() - started < 5
    assert isinstance(problem, Problem)
    assert problem.kind == "unparsable"
    assert "merge" in problem.text
    assert unparsed(content, problem.line) == (0, len(content))
    assert isinstance(after, Node)


def test_thousands_may_share_a_mapping_of_thousands_of_keys() -> None:
    big = "".join(f"  k{n}: v\n" for n in range(5000))
    document = root(f"x: &x\n{big}services:\n" + "".join(f"  s{n}: *x\n" for n in range(5000)))
    started = time.process_time()
    assert {text(get(service, "k0")) for _, service in items(get(document, "services"))} == {"v"}
    assert time.process_time() - started < 0.5


def test_a_bomb_of_aliases_is_walked_once() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30))
    nodes = [node for _, node in walk(root("l0: &l0 [x]\n" + levels))]
    assert len([node for node in nodes if isinstance(node, ScalarNode)]) == 1
    assert len(nodes) < 100


def test_a_document_that_does_not_parse_hides_no_other() -> None:
    content = f"a: 1\n---\nb: [{DIGEST}\n---\nc: 2\n---\nd: }} {DIGEST}\n---\ne: 3\n"
    found = list(documents(SourceFile("file.yaml", content)))
    assert [pairs(one) if isinstance(one, Node) else one.kind for one in found] == [
        {"a": "1"}, "unparsable", {"c": "2"}, "unparsable", {"e": "3"},
    ]  # fmt: skip
    spans = [unparsed(content, one.line) for one in found if isinstance(one, Problem)]
    assert [content[slice(*span)] for span in spans] == [f"---\nb: [{DIGEST}\n", f"---\nd: }} {DIGEST}\n"]


def test_a_broken_document_without_digest_is_no_problem() -> None:
    assert [pairs(one) for one in documents(SourceFile("f", "b: [\n---\nc: 2\n")) if isinstance(one, Node)] == [
        {"c": "2"}
    ]


def test_very_many_broken_documents_end() -> None:
    found = list(documents(SourceFile("f", f"---\na: ] {DIGEST}\n" * 5000)))
    assert 1 < len(found) < 50
    assert all(isinstance(one, Problem) for one in found)


@pytest.mark.parametrize(
    "nested",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "- " * 100_000 + "x",
        "? " * 100_000 + "x",
        "".join(" " * n + "a:\n" for n in range(1500)),
        "[" * 100_000 + "]" * 100_000,
    ],
    ids=["list", "object", "dashes", "keys", "indented", "closed"],
)
def test_deep_nesting_does_not_end_the_process(nested: str) -> None:
    (problem,) = documents(SourceFile("f", f"# {DIGEST}\n{nested}"))
    assert isinstance(problem, Problem)
    assert "deep" in problem.text


@pytest.mark.parametrize(
    "content", ["a: \x01 " + DIGEST, "a: &x 1\n\tb: " + DIGEST, "%FOO\n" + DIGEST, "!a!b c" + DIGEST]
)
def test_what_libyaml_refuses_is_a_problem_with_a_reason(content: str) -> None:
    found = [one for one in documents(SourceFile("f", content)) if isinstance(one, Problem)]
    assert found
    assert "no YAML" in found[0].text
