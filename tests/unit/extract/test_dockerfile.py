import time

import pytest

from planner.extract import extract, format_of
from planner.model.platform import Platform
from planner.model.source import SourceFile
from tests.support.extraction import DIGEST, images, problems, read


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile",
        "a/Dockerfile.prod",
        "Dockerfile-dev",
        "app.Dockerfile",
        "app.dockerfile",
        "dockerfile",
        "x/Containerfile",
        "Containerfile.ubi",
    ],
)
def test_file_names(path: str) -> None:
    assert images(path, "FROM a/b@<D>\n") == [("stage", "0", "a/b")]


@pytest.mark.parametrize("path", ["dockerfile.py", "Dockerfile.md", "my-dockerfile-notes.txt"])
def test_other_files_are_not_claimed(path: str) -> None:
    claimed = format_of(SourceFile(path, "from pathlib import Path\n"))
    assert claimed is None or claimed.name != "dockerfile"


@pytest.mark.parametrize(
    "line",
    [
        "FROM a/b@<D>",
        "from a/b@<D>",
        "  FROM   a/b@<D>  AS  x ",
        "FROM\ta/b@<D>",
        'FROM "a/b@<D>"',
        "FROM --platform=linux/amd64 a/b@<D>",
    ],
)
def test_spellings_of_from(line: str) -> None:
    (only,), _ = read("Dockerfile", line + "\r\n")
    assert only.raw.startswith("a/b@")


def test_platform_is_kept_where_it_is_literal() -> None:
    found, _ = read(
        "Dockerfile",
        "ARG ARCH=arm64\nFROM --platform=linux/arm/v7 a@<D>\nFROM --platform=linux/$ARCH b@<D>\n"
        "FROM --platform=$TARGETPLATFORM c@<D>\nFROM --platform=nonsense d@<D>\nFROM e@<D>\n",
    )
    arm = Platform("linux", "arm", "v7")
    assert [each.platform for each in found] == [arm, Platform("linux", "arm64"), None, None, None]


def test_arguments_before_the_first_stage_are_filled_in() -> None:
    text = "ARG A=team B='app'\nARG C=${A}/${B:-x}\nARG EMPTY=\nFROM ${C}${EMPTY}:${TAG:-1}@<D> AS one\n"
    assert images("Dockerfile", text) == [("stage", "one", "team/app:1")]


def test_an_argument_of_a_stage_is_none_of_from() -> None:
    assert problems("Dockerfile", "FROM scratch\nARG A=x\nFROM $A@<D>\n") == [("variable-unset", 3)]


def test_an_argument_without_a_default_is_a_problem() -> None:
    assert problems("Dockerfile", "ARG REGISTRY\nFROM $REGISTRY/app@<D>\n") == [("variable-unset", 2)]
    assert problems("Dockerfile", "ARG DIGEST\nFROM app@$DIGEST\n# sha256:\n") == [("variable-unset", 2)]


@pytest.mark.parametrize(
    "line",
    [
        "FROM a@sha256:abc",
        "FROM a@sha256:" + "A" * 64,
        "FROM a@md5:" + "a" * 32,
        "FROM UPPER/b/C@<D>",
        "FROM a:b:c@<D>",
        "COPY --from=a@sha256:abc / /",
    ],
)
def test_what_no_engine_accepts_is_a_problem(line: str) -> None:
    assert problems("Dockerfile", f"FROM scratch\n{line}\n") == [("invalid-reference", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "# FROM a@<D>",
        "   # FROM a@<D>",
        "RUN a \\\n# FROM a@<D>\n b",
        "RUN <<EOF\n# docker run a@<D>\nEOF",
        "LABEL x=a@<D>",
        "LABEL x=y \\\n  z=a@<D>",
        "ONBUILD LABEL x=a@<D>",
        "MAINTAINER a@<D>",
        "ADD --checksum=<D> https://x/y /y",
        "ADD https://x/a@<D> /y",
        "COPY a@<D> /x",
        "ONBUILD FROM a@<D>",
        "RUN cat <<EOF >Dockerfile\nFROM a@<D>\nEOF",
        "COPY <<EOF-1 Dockerfile\n  from --platform=x a@<D>\nEOF-1",
    ],
)
@pytest.mark.parametrize("path", ["Dockerfile", "Dockerfile.go"])
def test_what_is_no_pull(path: str, text: str) -> None:
    assert images(path, f"FROM scratch\n{text}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "ENV x=a@<D>",
        "ENV x=y \\\n  z=a@<D>",
        "ARG X=a@<D>",
        "RUN docker pull a@<D>",
        "RUN --network=none docker run a@<D>",
        'CMD ["run", "a@<D>"]',
        "ONBUILD RUN docker pull a@<D>",
        "RUN <<EOF\ndocker pull a@<D>\nEOF",
        "RUN <<A <<-B\ndocker pull a@<D>\nA\n\ttrue\n\tB",
        "COPY <<'E' /x\ndocker pull a@<D>\nE",
        "ONBUILD RUN <<E\ndocker pull a@<D>\nE",
        "ARG R=a\nRUN\nRUN docker pull $R@<D>",
    ],
)
def test_what_a_build_or_its_image_is_told_to_pull_is_text(text: str) -> None:
    assert images("Dockerfile", f"FROM scratch AS s\n{text}\nFROM scratch\n") == [("text", "s", "a")]
    (found,), _ = read("Dockerfile", f"FROM scratch AS s\n{text}\n")
    assert found.confidence == "text"


def test_an_argument_that_a_stage_is_built_from_is_no_text_as_well() -> None:
    assert images("Dockerfile", "ARG A=a:1@<D>\nARG T=2@<D>\nFROM $A\nFROM b:$T\n") == [
        ("stage", "0", "a:1"),
        ("stage", "1", "b:2"),
    ]


def test_a_script_with_an_unknown_variable_was_not_checked() -> None:
    assert problems("Dockerfile", "FROM scratch\nRUN docker pull $REGISTRY/a@<D>\n") == [("variable-unset", 2)]


@pytest.mark.parametrize(
    ("reference", "image"),
    [
        ("${TAG#*-}", "3"),
        ("${TAG##*n}", "e-3"),
        ("${TAG%-*}", "alpine"),
        ("${TAG%%i*}", "alp"),
        ("${TAG/a?p/x}", "xine-3"),
        ("${TAG//[ae-]/x}", "alpine-3"),
        ("${TAG//p\\ine/x}", "alx-3"),
        ("${TAG/*/${OTHER:-x}}", "x"),
        ("${OTHER:+y}${OTHER:-'x'}", "x"),
        ("${TAG%***}", None),
    ],
)
def test_patterns_cut_values(reference: str, image: str | None) -> None:
    text = f"ARG TAG=alpine-3\nFROM {reference}@<D>\n"
    if image is None:
        assert problems("Dockerfile", text) == [("variable-unset", 2)]
    else:
        assert images("Dockerfile", text) == [("stage", "0", image)]


def test_an_open_tag_beside_a_digest_is_left_out() -> None:
    assert images("Dockerfile", "ARG T\nFROM a/b:$T@<D>\nFROM c:5000/d:1-${T}x@<D>\nCOPY --from=e:$T@<D> / /\n") == [
        ("stage", "0", "a/b"),
        ("stage", "1", "c:5000/d"),
        ("copy", "1", "e"),
    ]
    assert problems("Dockerfile", "FROM c:$PORT/d@<D>\n") == [("variable-unset", 1)]


def test_a_stage_may_be_named_by_a_variable() -> None:
    source = SourceFile("Dockerfile", "FROM a AS base-amd64\nFROM base-$TARGETARCH\nFROM b-$TARGETARCH\n")
    found = list(extract(source, lambda _: None, tags=True))
    assert [(type(each).__name__, each.line) for each in found] == [("Occurrence", 1), ("Problem", 3)]


@pytest.mark.parametrize(
    ("path", "text", "is_one"),
    [
        ("digest", "FROM a@<D>\n", True),
        ("server.docker", "# x\n\nARG A\n\nFROM a@<D>\n", True),
        ("web", "from a:1\nRUN docker pull a@<D>\n", True),
        ("Dockerfile.j2", "FROM {{ x }}@<D>\n", True),
        ("x.Dockerfile.tmpl", "FROM a@<D>\n", True),
        ("Dockerfile", "FROM \\\n a@<D>\n", True),
        ("Earthfile", "FROM a@<D>\nRUN x\n", False),
        ("notes", "From here on\nRUN a@<D>\n", False),
        ("query", "FROM table\nWHERE a@<D>\n", False),
        ("Dockerfile.md", "FROM a@<D>\n", False),
    ],
)
def test_the_beginning_tells_what_is_a_dockerfile(path: str, text: str, is_one: bool) -> None:
    claimed = format_of(SourceFile(path, text.replace("<D>", DIGEST)))
    assert (claimed is not None and claimed.name == "dockerfile") == is_one


@pytest.mark.parametrize(
    "text", ["RUN <<OPEN", 'RUN echo "<<A"', "RUN echo $((1<<A))", "RUN cat <<<A", "RUN echo '\n'<<A"]
)
def test_what_is_no_heredoc_hides_nothing(text: str) -> None:
    assert images("Dockerfile", f"FROM scratch\n{text}\nFROM a@<D>\nA\n") == [("stage", "1", "a")]


def test_stages_are_no_images() -> None:
    text = (
        "FROM a@<D> AS Build\nFROM build AS next\nCOPY --from=BUILD x y\nCOPY --from=0 x y\nRUN --mount=from=next a\n"
    )
    assert images("Dockerfile", text) == [("stage", "Build", "a")]


def test_copies_and_mounts_name_their_stage() -> None:
    text = (
        "FROM scratch AS s\nCOPY --chown=1 --from=a@<D> x y\n"
        "RUN --mount=type=cache,target=/c --mount=type=bind,from=b@<D> \\\n --mount=from=c@<D>,target=/c true\n"
        "ONBUILD COPY --from=d@<D> x y\n"
    )
    expected = [("copy", "s", "a"), ("mount", "s", "b"), ("mount", "s", "c"), ("copy", "s", "d")]
    assert images("Dockerfile", text) == expected


def test_directives_stand_at_the_top_only() -> None:
    assert images("Dockerfile", "# Syntax = x/y@<D> ignored\n# escape=`\nFROM `\n a@<D>\n") == [
        ("frontend", "syntax", "x/y"),
        ("stage", "0", "a"),
    ]
    assert images("Dockerfile", "#!/bin/x\n//syntax=x/y@<D>\nFROM a@<D>\n") == [
        ("frontend", "syntax", "x/y"),
        ("stage", "0", "a"),
    ]
    assert images("Dockerfile", "# a comment\n# syntax=x/y@<D>\nFROM a@<D>\n") == [("stage", "0", "a")]


def test_a_doubled_escape_does_not_continue_the_line() -> None:
    assert images("Dockerfile", "FROM scratch\nRUN echo \\\\\nFROM a@<D>\n") == [("stage", "1", "a")]


def test_byte_order_mark_and_line_ends_keep_places() -> None:
    (found,), _ = read("Dockerfile", "\ufeffFROM a \\\r\n\r\n AS x\r\nFROM b@<D>\r\n")
    assert (found.line, found.column) == (4, 8)


@pytest.mark.parametrize(
    "text",
    [
        "RUN <<A\n" * 50_000,
        "RUN " + "<<A " * 50_000,
        "FROM " + "${A:-" * 50_000,
        "ARG " + "A=$A$A " * 20_000,
        "RUN --mount=from=x \\\n" * 50_000,
        "FROM " + '"' * 200_000,
        "FROM a AS " + "as " * 50_000,
        "\n" * 500_000,
        "# syntax" + " " * 200_000,
        "ONBUILD " * 50_000,
        "RUN x@<D>\n" * 5_000,
        "ENV " + "x=x@<D> \\\n" * 5_000,
        "ARG X=" + "a" * 500 + "\n" + "FROM ${X##*a*b}@<D>\n" * 1_000,
        "FROM " + "{{" * 100_000,
        "FROM a:" + "$" * 200_000,
        "FROM a AS s\n" * 20_000,
    ],
)
def test_hostile_files_end_soon(text: str) -> None:
    started = time.process_time()
    read("Dockerfile", f"FROM a@<D>\n{text}")
    assert time.process_time() - started < 10
