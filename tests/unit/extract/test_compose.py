import posixpath
import time

import pytest

from planner.extract import distinct, extract, format_of
from planner.extract.compose_variables import dotenv, fill
from planner.extract.written import written
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def scan(files: dict[str, str], path: str = "compose.yaml") -> list[Occurrence | Problem]:
    sources = {name: SourceFile(name, text) for name, text in files.items()}
    return distinct(extract(sources[path], lambda name: sources.get(posixpath.normpath(name))))


def one(files: dict[str, str], path: str = "compose.yaml") -> Occurrence:
    (found,) = scan(files, path)
    assert isinstance(found, Occurrence)
    return found


def filled(text: str, **variables: str) -> tuple[str, list[str]]:
    unset: list[str] = []
    values = {name: written(SourceFile("e", value), 0, len(value)) for name, value in variables.items()}
    return fill(written(SourceFile("f", text), 0, len(text)), values, unset.append).text, unset


# The rules of the compose specification, 12-interpolation.md.
@pytest.mark.parametrize(
    ("text", "expected", "unset"),
    [
        ("$SET ${SET}", "set set", []),
        ("$UNSET-${UNSET}", "-", ["UNSET", "UNSET"]),
        ("${UNSET:-d} ${UNSET-d} ${EMPTY:-d} ${EMPTY-d}!", "d d d !", []),
        ("${SET:-d} ${SET-d}", "set set", []),
        ("${SET:+a} ${SET+a} ${EMPTY:+a} ${EMPTY+a} ${UNSET:+a} ${UNSET+a}!", "a a  a  !", []),
        ("${SET:?e}${SET?e}", "setset", []),
        ("${UNSET:?e}${UNSET?e}${EMPTY:?e}${EMPTY?e}", "", ["UNSET", "UNSET", "EMPTY"]),
        ("${UNSET:-${EMPTY:-${SET}}}", "set", []),
        ("${UNSET:-a}b}", "ab}", []),
        ("${UNSET-x:y-z+w?v}", "x:y-z+w?v", []),
        ("$$SET $${SET} $$$SET", "$SET ${SET} $set", []),
        ("${SET ${1} $1 $ ${}", "${SET ${1} $1 $ ${}", []),
        ("$SET.x $SET_x", "set.x ", ["SET_x"]),
        ("é${SET}é", "éseté", []),
    ],
)
def test_variables_are_filled_in_as_compose_does(text: str, expected: str, unset: list[str]) -> None:
    assert filled(text, SET="set", EMPTY="") == (expected, unset)


@pytest.mark.parametrize("text", ["${A:-" * 100_000, "$A" * 200_000, "${" * 200_000, "${A:-" * 5000 + "}" * 5000])
def test_hostile_variables_end(text: str) -> None:
    filled(text, A="x" * 1000)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("K=v", "v"),
        ("export K=v", "v"),
        ("K = v", "v"),
        ("K: v", "v"),
        ("  K=v  # comment", "v"),
        ("K=v#no-comment", "v#no-comment"),
        ("K='$X # y'", "$X # y"),
        ('K="v # y" # c', "v # y"),
        ('K="${BASE}/v"', "base/v"),
        ("K=$BASE/v\r", "base/v"),
        ("K=", ""),
        ("K= # c", ""),
        ("K=a=b", "a=b"),
        ("K='open", "'open"),
        ("#K=v", None),
        ("K", None),
    ],
)
def test_dotenv_lines(line: str, value: str | None) -> None:
    variables = dotenv(SourceFile(".env", f"BASE=base\n{line}\nLAST=1\n"))
    assert variables["LAST"].text == "1"
    assert (variables["K"].text if "K" in variables else None) == value


DOUBLING = "V0=x\n" + "".join(f"V{n}=$V{n - 1}$V{n - 1}\n" for n in range(1, 16))


def test_env_values_that_hold_others_stay_small_all_together() -> None:
    variables = dotenv(SourceFile(".env", DOUBLING + "".join(f"W{n}=$V15\n" for n in range(20_000)) + f"D={A}\n"))
    assert sum(len(value.text) for value in variables.values()) < 2_000_000
    assert variables["V3"].text == "x" * 8
    assert variables["D"].text == A


def test_an_image_that_uses_what_grew_too_large_is_a_problem() -> None:
    services = "".join(f"  s{n}: {{image: 'x$V15@{A}'}}\n" for n in range(500))
    started = time.process_time()
    found = scan({"compose.yaml": f"services:\n{services}", ".env": DOUBLING})
    assert time.process_time() - started < 5
    assert len(found) == 500
    assert all(isinstance(each, Problem) for each in found)


def test_text_of_very_many_pieces_knows_where_each_stands() -> None:
    found = one({"compose.yaml": f"services: {{a: {{image: '{'${E}' * 20}x@${{D}}'}}}}", ".env": f"E=a/\nD={A}\n"})
    assert (found.file, found.line, found.column, found.raw) == (".env", 2, 3, f"{'a/' * 20}x@{A}")


def test_a_file_that_very_many_services_extend_is_read_once() -> None:
    base = "services:\n" + "".join(f"  b{n}:\n    image: x@{A}\n    command: do it\n" for n in range(1000))
    services = "".join(f"  s{n}: {{extends: {{file: base.yml, service: b{n}}}}}\n" for n in range(300))
    started = time.process_time()
    found = scan({"compose.yaml": f"services:\n{services}", "base.yml": base})
    assert time.process_time() - started < 3
    assert len(found) == 300


def test_what_one_file_adds_to_the_variables_is_not_seen_by_another() -> None:
    files = {
        "compose.yaml": "include: [{path: b.yml, env_file: c.env}]\nservices: {a: {image: 'x@$D'}}",
        ".env": "E=1\n",
    }
    files |= {"b.yml": "services: {b: {image: 'y@$D'}}", "c.env": f"D={A}\n"}
    assert [each.raw for each in scan(files) if isinstance(each, Occurrence)] == [f"y@{A}"]
    assert dotenv(SourceFile(".env", "E=1\n")).keys() == {"E"}


def test_a_digest_from_a_variable_stands_in_the_env_file() -> None:
    found = one({"compose.yaml": "services: {a: {image: 'x@${D}'}}", ".env": f"\nD='{A}'\n"})
    assert (found.file, found.line, found.column, found.used_in) == (".env", 2, 4, "compose.yaml")
    assert found.raw == f"x@{A}"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"compose.yaml": f"services: {{a: {{image: x@{A}, platform: linux/arm64/v8}}}}"}, "linux/arm64"),
        ({"compose.yaml": f"services: {{a: {{image: x@{A}, platform: '${{P:-linux/arm/v7}}'}}}}"}, "linux/arm/v7"),
        (
            {
                "compose.yaml": f"services: {{a: {{image: x@{A}, platform: linux/arm64}}}}",
                "compose.override.yaml": "services: {a: {platform: linux/s390x}}",
            },
            "linux/s390x",
        ),
        (
            {
                "compose.yaml": "services: {a: {extends: {file: b.yaml, service: b}}}",
                "b.yaml": f"services: {{b: {{image: x@{A}, platform: linux/ppc64le}}}}",
            },
            "linux/ppc64le",
        ),
    ],
)
def test_the_platform_is_the_one_that_wins(files: dict[str, str], expected: str) -> None:
    assert str(one(files).platform) == expected


def test_a_platform_that_is_none_is_a_problem_beside_the_reference() -> None:
    found = scan({"compose.yaml": f"services: {{a: {{image: x@{A}, platform: pdp11}}}}"})
    assert [type(each) for each in found] == [Problem, Occurrence]
    assert "pdp11" in str(found[0])


def test_an_override_replaces_the_image_and_reports_it_itself() -> None:
    files = {
        "compose.yaml": f"services: {{a: {{image: x@{A}}}, b: {{image: y@{A}}}}}",
        "docker-compose.override.yml": f"services: {{a: {{image: x@{B}}}, b: {{image: }}}}",
    }
    assert one(files).name == "b"
    assert one(files, "docker-compose.override.yml").raw == f"x@{B}"


def test_an_unset_variable_is_a_problem_only_where_a_digest_is_at_stake() -> None:
    (problem,) = scan({"compose.yaml": f"services: {{a: {{image: '${{R}}/x@{A}'}}, b: {{image: '$IMAGE'}}}}"})
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.line) == ("variable-unset", 1)
    assert "$R" in problem.text


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("compose.yaml", "services: {}", "compose"),
        ("x/docker-compose.prod.yml", "a:\n  image: x\n", "compose"),
        ("parsec-server.docker.yaml", "services:\n  a:\n    image: x\n", "compose"),
        ("docker-stack.yml", "services:\n  a: {}\n", "compose"),
        ("any.yml", "x-a: 1\n'services':\n\n  # c\n  a:\n", "compose"),
        ("any.json", '{"version": "3", "services": {"a": {}}}', "compose"),
        ("any.yml", "services:\n  - postgres\n", "structured"),
        ("any.yml", "services:\n  a:\njobs:\n  b:\n", "structured"),
        ("any.txt", "services:\n  a:\n", "plain-text"),
        ("compose.yaml.bak", "services:\n  a:\n", "plain-text"),
        ("composer.lock", "services:\n  a:\n", None),
    ],
)
def test_compose_files_are_known_by_name_or_content(path: str, text: str, name: str | None) -> None:
    claimed = format_of(SourceFile(path, text))
    assert (claimed.name if claimed else None) == name


def test_thousands_of_services_on_one_anchor_are_one_place() -> None:
    services = "".join(f"  s{n}:\n    <<: *base\n" for n in range(2000))
    found = one({"compose.yaml": f"x-base: &base\n  image: x@{A}\nservices:\n{services}"})
    assert found.name.endswith("s19 and 1,980 more")
    assert found.used_at == tuple(range(5, 205, 2))


@pytest.mark.parametrize(
    "member",
    [
        "command: docker run r.example/b@<D>",
        "command: [docker, run, r.example/b@<D>]",
        "environment: {WORKER: r.example/b@<D>}",
        "environment: [WORKER=r.example/b@<D>]",
        "build: {context: ., args: {BASE: r.example/b@<D>}}",
        "build: {dockerfile_inline: 'ENV WORKER=r.example/b@<D>'}",
        "environment: {WORKER: '$R/b@<D>'}",
        "command: docker run $UNKNOWN $IMAGE",
        "command: 'docker run $UNKNOWN r.example/b@<D>'",
    ],
)
def test_what_a_service_is_told_to_pull_is_reported_as_text(member: str) -> None:
    compose = f"services:\n  web:\n    {member}\n".replace("<D>", A)
    found = one({"compose.yaml": compose, ".env": f"R=r.example\nIMAGE=r.example/b@{A}\n"})
    assert (found.role, found.name.partition(":")[0], found.confidence) == ("text", "web", "text")
    assert found.raw == f"r.example/b@{A}"


@pytest.mark.parametrize(
    "member",
    [
        "labels: {a: x@<D>}",
        "labels: ['a=x@<D>']",
        "annotations: {a: x@<D>}",
        "build: {context: ., labels: {a: x@<D>}}",
        "command: true  # x@<D>",
        "environment: {SUM: <D>}",
    ],
)
def test_labels_and_checksums_are_no_text_either(member: str) -> None:
    assert scan({"compose.yaml": f"services:\n  web:\n    {member}\n".replace("<D>", A)}) == []


@pytest.mark.parametrize("member", ["command: run $R/b@<D>", "build: {dockerfile_inline: 'RUN run ${R}/b@<D>'}"])
def test_a_command_with_an_unset_variable_is_not_cut(member: str) -> None:
    (problem,) = scan({"compose.yaml": f"services:\n  web:\n    {member}\n".replace("<D>", A)})
    assert isinstance(problem, Problem)
    assert problem.kind == "variable-unset"


@pytest.mark.parametrize(
    "service",
    [
        "{image: &i x@<D>, environment: {SELF: *i}}",
        "{image: $X, environment: {SELF: $X}}",
        "{image: b, volumes: [{type: image, source: x@<D>}]}",
        "{build: {context: ., additional_contexts: {x: 'docker-image://x@<D>'}}}",
        "{image: $UNSET/x@<D>}",
        "{image: X@<D>}",
        "{build: {context: ., additional_contexts: {x: 'docker-image://$UNSET/x@<D>'}}}",
    ],
)
def test_what_compose_pulls_is_not_reported_again_as_text(service: str) -> None:
    files = {"compose.yaml": f"services: {{a: {service}}}".replace("<D>", A), ".env": f"X=x@{A}"}
    (found,) = scan(files)
    assert isinstance(found, Problem) or found.role != "text"


def test_a_variable_of_env_that_a_command_uses_is_reported_once() -> None:
    files = {"compose.yaml": "services: {a: {command: run $X}}", ".env": f"R=r.example\nX=$R/x@{A}\n"}
    sources = {name: SourceFile(name, text) for name, text in files.items()}
    every = [found for source in sources.values() for found in extract(source, sources.get)]
    (found,) = distinct(every)
    assert isinstance(found, Occurrence)
    assert (found.format, found.role, found.raw) == ("compose", "text", f"r.example/x@{A}")
    assert distinct(reversed(every)) == [found]


@pytest.mark.parametrize("service", ["{extends: base}", "*base", "{<<: *base}", "{image: *image}", "{image: 'x@$D'}"])
def test_twenty_thousand_services_that_share_an_image_end_in_time(service: str) -> None:
    services = "".join(f"  s{n}: {service}\n" for n in range(20_000))
    text = f"services:\n  base: &base\n    image: &image x@{A}\n{services}"
    started = time.process_time()
    found = scan({"compose.yaml": text, ".env": f"D={A}\n"})
    assert time.process_time() - started < 4
    assert 1 <= len(found) <= 2
    assert all(isinstance(each, Occurrence) and len(each.used_at) <= 100 for each in found)


@pytest.mark.parametrize(
    ("service", "lines"),
    [("{extends: base}", (4,)), ("*base", (4,)), ("{<<: *base}", (4,)), ("{image: *image}", (4,)), ("{}", ())],
)
def test_where_a_digest_is_used_that_stands_elsewhere(service: str, lines: tuple[int, ...]) -> None:
    found = one({"compose.yaml": f"services:\n  base: &base\n    image: &image x@{A}\n  app: {service}\n"})
    assert (found.line, found.used_at) == (3, lines)


def test_the_lines_of_use_are_those_of_the_file_that_uses_it() -> None:
    found = one({"compose.yaml": "services:\n  app:\n    image: x@$D\n", ".env": f"D={A}\n"})
    assert (found.file, found.line, found.used_in, found.used_at) == (".env", 1, "compose.yaml", (3,))


def test_images_of_one_digest_in_a_variable_are_not_taken_for_one() -> None:
    found = scan({"compose.yaml": "services: {a: {image: 'x@$D'}, b: {image: 'y@$D'}}", ".env": f"D={A}\n"})
    assert sorted(each.raw for each in found if isinstance(each, Occurrence)) == [f"x@{A}", f"y@{A}"]


ORDER = {
    "a.yml": f"services: {{s: {{image: 'a@{A}'}}, t: {{image: 't@{A}'}}}}",
    "b.yml": f"services: {{s: {{image: 'b@{B}'}}, t: !reset null}}",
    "compose.override.yml": f"services: {{s: {{image: 'override@{B}'}}}}",
}


@pytest.mark.parametrize(
    ("order", "path", "images"),
    [
        ("a.yml:b.yml", "a.yml", []),
        ("a.yml:b.yml", "b.yml", [f"b@{B}"]),
        ("b.yml:a.yml", "a.yml", [f"a@{A}", f"t@{A}"]),
        ("b.yml:a.yml", "b.yml", []),
        ("b.yml;./a.yml", "b.yml", []),
        ("b.yml", "a.yml", [f"a@{A}", f"t@{A}"]),
    ],
)
def test_compose_file_says_what_is_merged_in_which_order(order: str, path: str, images: list[str]) -> None:
    found = scan({**ORDER, ".env": f"COMPOSE_FILE={order}\n"}, path)
    assert [each.raw for each in found if isinstance(each, Occurrence)] == images


def test_an_included_file_has_the_folder_and_the_env_file_that_the_include_gives_it() -> None:
    files = {
        "compose.yaml": "include:\n  - {path: sub/c.yml, project_directory: other}\n",
        "sub/c.yml": "services: {s: {image: 'x@$D'}}",
        "sub/.env": f"D={A}\n",
        "other/.env": f"D={B}\n",
    }
    found = one(files)
    assert (found.raw, found.file, found.used_in, found.used_at) == (f"x@{B}", "other/.env", "compose.yaml", (2,))


@pytest.mark.parametrize(
    "path", ["https://h.example/p.git", "oci://docker.io/a/b:1", "git@h.example:p.git", "ssh://h.example/x"]
)
@pytest.mark.parametrize("key", ["include: ['{}']", "services: {{a: {{extends: {{file: '{}', service: b}}}}}}"])
def test_what_compose_fetches_is_never_fetched_and_said_so(key: str, path: str) -> None:
    (found,) = scan({"compose.yaml": key.format(path)})
    assert isinstance(found, Problem)
    assert (found.kind, found.line) == ("file-missing", 1)
    assert "planner never does" in found.text


@pytest.mark.parametrize(
    "text",
    [
        f"models: {{llm: {{model: 'ai/m@{A}'}}}}\nservices: {{s: {{models: [llm]}}}}",
        f"services: {{s: {{provider: {{type: model, options: {{model: 'ai/m@{A}'}}}}}}}}",
        f"services: {{s: {{build: {{context: ., cache_from: ['c@{A}'], cache_to: ['type=registry,ref=c@{A}']}}}}}}",
        f"services: {{s: {{image: !reset 'c@{A}'}}}}",
    ],
)
def test_models_caches_and_what_is_reset_are_no_pulls(text: str) -> None:
    assert scan({"compose.yaml": text}) == []


def test_variables_reach_the_files_that_included_files_include_and_loops_end() -> None:
    files = {
        "compose.yaml": "include:\n  - a/compose.yaml\n",
        "a/compose.yaml": "include: [b/compose.yaml, ../compose.yaml]\n",
        "a/b/compose.yaml": "include: [../compose.yaml]\nservices: {s: {image: 'x@$D'}}",
        ".env": f"D={A}\n",
    }
    found = one(files)
    assert (found.raw, found.file, found.used_at) == (f"x@{A}", ".env", (2,))
