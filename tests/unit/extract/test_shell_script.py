import time

import pytest

from planner.extract import extract, format_of
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def read(script: str, tags: bool = False) -> list[str]:
    """What a script pulls: `ROLE NAME`, with @A and @B for digests; problems by their kind. All places are checked."""
    source = SourceFile("a.sh", script.replace("@A", f"@{A}").replace("@B", f"@{B}").replace("=A", f"={A}"))
    found = []
    for one in extract(source, lambda _path: None, tags):
        if isinstance(one, Problem):
            found.append(one.kind)
            continue
        rest = source.text.split("\n")[one.line - 1][one.column - 1 :]
        assert rest.startswith(one.reference.digest or "")
        image = one.raw.replace(A, "A").replace(B, "B")
        found.append(f"{one.role} {image}")
    return found


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker pull a@A", ["command a@A"]),
        ('docker run --rm -it -e X=y -p80:80 --network host "a@A" b@B', ["command a@A", "text b@B"]),
        ("docker \\\n  run \\\n  --name x \\\n  a@A", ["command a@A"]),
        ("docker run -ite X=y a@A", ["command a@A"]),
        ("docker --log-level debug pull a@A", ["command a@A"]),
        ("X=a@A\ndocker pull $X", ["command a@A"]),
        ("N=a D=A\ndocker pull ${N}@$D", ["command a@A"]),
        ("N=a:1 D=A\ndocker pull ${N%%:*}@$D", ["command a@A"]),
        ("docker pull ${X:-a@A}", ["command a@A"]),
        ("X=a@A\nX=b@B\ndocker pull $X", ["command b@B", "text a@A"]),
        ("if c; then X=a@A; else X=b@B; fi\ndocker pull $X", ["command a@A", "command b@B"]),
        ("if c; then X=a@A; docker pull $X; else X=b@B; fi", ["command a@A", "text b@B"]),
        ("[ $c ] && X=a@A\ndocker pull ${X:-b@B}", ["command a@A", "command b@B"]),
        ("for x in a@A b@B; do docker pull $x; done", ["command a@A", "command b@B"]),
        ("f() { docker pull $X; }\nX=a@A\nf", ["command a@A"]),
        ("OPTS='run --rm'\ndocker $OPTS a@A", ["command a@A"]),
        ("DOCKER='sudo docker'\n$DOCKER pull a@A", ["command a@A"]),
        ("$CONTAINER_ENGINE pull a@A", ["command a@A"]),
        ("x=$(docker run a@A)", ["command a@A"]),
        ("x=`docker run a@A`", ["command a@A"]),
        ("docker run $(options) a@A", ["command a@A"]),
        ("case $x in a) docker pull a@A ;; b|c) docker pull b@B;; esac", ["command a@A", "command b@B"]),
        ("(cd x; docker pull a@A) && { docker pull b@B; }", ["command a@A", "command b@B"]),
        ("bash -c 'docker pull a@A'", ["command a@A"]),
        ("docker pull $R/a@A", ["variable-unset"]),
        ("docker pull $(name)/a@A", ["variable-unset"]),
        ("docker pull a@md5:0", ["invalid-reference"]),
        ('docker run "$@" "${X[@]}"', []),
        ("unknown --thing a@A", ["text a@A"]),
        ("unknown --image a@A", ["command a@A"]),
        ("X=a@A", ["text a@A"]),
        ("X=(a@A b@B) # c@A", ["text a@A", "text b@B"]),
        ("cat >f <<E\nimage: a@A # b@B\nE\ndocker pull b@B", ["command b@B", "text a@A"]),
        ("cat <<'E' | sh\nX=a\ndocker pull $X@A\nE", ["variable-unset"]),
        ("sh <<'E'\nX=a\ndocker pull $X@A\nE", ["command a@A"]),
        ("echo a@A | xargs docker pull", ["text a@A"]),
        ("echo a@A >list", ["text a@A"]),
        ("kubectl set image deploy/x c=a@A", ["command a@A"]),
        ("helm install x --set i.repository=a,i.digest=A", ["command a@A"]),
        ("skopeo copy docker://a@A oci:b@B", ["command a@A"]),
    ],
)
def test_a_pull_is_found(script: str, expected: list[str]) -> None:
    assert read(script) == expected


@pytest.mark.parametrize(
    "script",
    [
        "# docker pull a@A",
        "true # docker pull a@A",
        "docker run --label x=a@A",
        "docker build --cache-from a@A .",
        "docker tag a@A b",
        "docker inspect a@A",
        "sudo docker rmi a@A",
        "crane digest a@A",
        "cosign verify a@A",
        "kubectl annotate pod x by=a@A",
        "echo now a@A",
        "log::info 'now a@A'",
        "echo now a@A >&2",
        "printf '%s' now a@A 2>/dev/null",
        '[ "$x" = a@A ]',
        "if [[ $x == a@A ]]; then :; fi",
        "grep -q a@A file",
        "DIGEST=A",
        "cat <<E\nSay a@A\nE",
        "case $x in a@A) ;; esac",
    ],
)
def test_what_is_no_pull_is_not_found(script: str) -> None:
    assert read(script) == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker run -d -p 80:80 a:1 b", ["command a:1"]),
        ("X=a\ndocker pull $X:2", ["command a:2"]),
        ("docker pull $X:2", []),
        ("docker run --rm $1", []),
        ("echo a:1", []),
    ],
)
def test_references_by_tag_count_where_a_command_pulls_them(script: str, expected: list[str]) -> None:
    assert read(script, tags=True) == expected


def test_a_script_is_known_by_its_first_line() -> None:
    for line in ("#!/bin/sh", "#! /usr/bin/env bash", "#!/usr/bin/env -S zsh -e"):
        found = format_of(SourceFile("bin/x", f"{line}\ndocker pull a@{A}\n"))
        assert found
        assert found.name == "shell-script"
    other = format_of(SourceFile("bin/x", f"#!/usr/bin/python3\nimage = 'a@{A}'\n"))
    assert other
    assert other.name == "plain-text"


def test_an_architecture_that_a_command_asks_for_is_the_platform() -> None:
    (found,) = extract(SourceFile("a.sh", f"docker run --platform=linux/arm64 a@{A}"), lambda _path: None)
    assert isinstance(found, Occurrence)
    assert str(found.platform) == "linux/arm64"


@pytest.mark.parametrize(
    "part",
    [
        "$(",
        "${",
        '"${A:-',
        "`",
        "(",
        "{ ",
        "<<A ",
        "A=$A$A\n",
        "a && X=b$X; ",
        "'a'\"b\"",
        "case x in\n",
        "for i in a; ",
    ],
)
def test_odd_text_ends_soon(part: str) -> None:
    text = part * (100_000 // len(part)) + f"\ndocker pull a@{A}\n"
    begin = time.process_time()
    list(extract(SourceFile("a.sh", text), lambda _path: None))
    assert time.process_time() - begin < 2
