import pytest

from planner.extract import extract, format_of
from planner.extract.plain_text import search
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile

A = "sha256:" + "a" * 64


def names(text: str, path: str = "list.txt") -> list[str]:
    found = extract(SourceFile(path, text), lambda _path: None)
    return [one.kind if isinstance(one, Problem) else one.raw.partition("@")[0] for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nginx", "nginx"),
        ("(nginx", "nginx"),
        ("a,nginx", "nginx"),
        ("image=nginx", "nginx"),
        ("image:nginx", "nginx"),
        ('"nginx', "nginx"),
        ("`nginx", "nginx"),
        ("docker://r.example:5000/a/b:1", "r.example:5000/a/b:1"),
        ("[::1]:5000/a", "[::1]:5000/a"),
        ("-nginx", "nginx"),
        ("${R}/a", "variable-unset"),
        ("{{ r }}/a", "variable-unset"),
        ("Upper", "invalid-reference"),
        ("[r.example/a", "r.example/a"),
        ("([r.example/a", "r.example/a"),
        ("{nginx", "nginx"),
        ("{image:nginx", "nginx"),
        ("<image>nginx", "nginx"),
        (r"r.example\/a\/b", "r.example/a/b"),
        (r"docker:\/\/r.example\/a", "r.example/a"),
        (r'"docker pull\nr.example/a', "r.example/a"),
        (r'"run\u0020nginx', "nginx"),
        ("https://me:pw@r.example/a", "r.example/a"),
    ],
)
def test_the_name_is_what_can_be_one(text: str, expected: str) -> None:
    assert names(f"{text}@{A}") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "$(REGISTRY)/app",
        "$(REGISTRY)app",
        "$(IMAGE)",
        "$(call registry, x)/app",
        "%REG%/app",
        "%REG%app",
        "%IMAGE%",
        "!REG!/app",
        "@REG@/app",
        "<registry>/app",
        "[registry]/app",
        '"%s/app',
        '"%(registry)s/app',
        'f"{REG}/app',
        'f"{IMAGE}',
        '"#{reg}/app',
        r'"\(reg)/app',
        '"{0}/{1}',
        'REG + "/app',
        r'REG + "\/app',
        "'${REG:-not set}/app",
        "%2Fapp",
    ],
)
def test_what_a_program_puts_before_the_name_is_not_cut_off(text: str) -> None:
    (found,) = extract(SourceFile("list.txt", f"x {text}@{A}"), lambda _path: None)
    assert isinstance(found, Problem)
    assert (found.kind, found.column) == ("variable-unset", len(text) + 4)
    assert "not checked" in found.text


@pytest.mark.parametrize("text", [A, f"@{A}", f" @{A}", f"x {A}", "x@sha256:", "x@sha1:" + "a" * 40, "x@" + "a" * 40])
def test_checksums_and_commits_are_no_references(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    ("path", "line", "is_comment"),
    [
        ("a.conf", "# x@D", True),
        ("a.conf", "run y # x@D", True),
        ("a.conf", "run 'y # x@D'", False),
        ("a.conf", 'run "a" # "x@D', True),
        ("a.conf", "run y#x@D", False),
        ("a.go", "// x@D", True),
        ("a.go", "var a = 1 // x@D", True),
        ("a.go", "# x@D", False),
        ("a.go", " * x@D", True),
        ("a.go", "'http://x@D", False),
        ("a.tf", "# x@D", True),
        ("a.tf", "// x@D", True),
        ("a.sql", "-- x@D", True),
        ("a.container", "; x@D", True),
        ("a.txt", "* x@D", False),
        ("a.json", '"# x@D"', False),
        ("a.xml", "<a> <!-- x@D", True),
        ("Makefile", "# x@D", True),
    ],
)
def test_comments_are_what_the_kind_of_file_calls_so(path: str, line: str, is_comment: bool) -> None:
    found = list(search(SourceFile(path, f"first\n{line}\n".replace("@D", f"@{A}"))))
    assert bool(found) is not is_comment


@pytest.mark.parametrize(
    "path", ["package-lock.json", "a/b/uv.lock", "go.sum", "README.md", "x.spdx.json", "CHANGELOG"]
)
def test_records_and_prose_are_claimed_by_nobody(path: str) -> None:
    assert format_of(SourceFile(path, f"x@{A}")) is None


def test_the_label_is_what_the_reference_is_assigned_to() -> None:
    lines = {"IMAGE": "IMAGE=x", "image": '  "image": "x', "a.b-c": "a.b-c := x", "V": "V ?= x", "": "docker run x"}
    for label, line in lines.items():
        (found,) = search(SourceFile("f", f"{line}@{A}"))
        assert isinstance(found, Occurrence)
        assert (found.name, found.confidence, found.role) == (label, "text", "text")


def test_long_lines_take_bounded_time() -> None:
    assert len(names("x" * 2_000_000 + f"@{A} " + "a/" * 500_000)) == 1
    assert len(names(f'"x@{A}", ' * 20_000, "one-line.sh")) == 20_000


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("findings.csv", "file,line,column,name,role,image,registry,repository\r\ncompose.yml,3,1,web,service,<D>"),
        ("findings.csv", "\ufefffile,line,column,name,role,image,registry,repository\r\nc.yml,3,1,w,service,<D>"),
        ("changes.json", '{"schema_version": 1, "old": {"name": "a.json"}, "changes": [{"raw": "<D>"}]}'),
        ("report.json", '{\n"schema_version": 1,\n"summary": {"text": "1 pinned reference <D>"}}'),
        ("planner.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="planner" tests="1"><D>'),
        ("registry.jsonl", '{"reference": "<D>", "kind": "manifest", "state": "resolved", "body": ""}'),
    ],
)
def test_what_planner_wrote_is_no_image_source(path: str, start: str) -> None:
    text = start.replace("<D>", "registry.example/app@sha256:" + "0" * 64)
    assert not list(extract(SourceFile(path, text), lambda _: None))
    assert names(text, "images.txt") == []
    assert names("\n" + text, "images.txt") == ["registry.example/app"]
