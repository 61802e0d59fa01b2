import time

import pytest

from planner.extract import extract
from planner.model.source import Problem, SourceFile

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def read(text: str, other: str = "") -> list[str]:
    """What a makefile pulls, with @A and @B for digests; problems by their kind. `other` is `versions.mk`."""
    files = {
        path: SourceFile(path, each.replace("@A", f"@{A}").replace("@B", f"@{B}").replace("=A", f"={A}"))
        for path, each in (("x/Makefile", text), ("x/versions.mk", other))
    }
    found = []
    for one in extract(files["x/Makefile"], files.get):
        if isinstance(one, Problem):
            found.append(one.kind)
            continue
        rest = files[one.file].text.split("\n")[one.line - 1][one.column - 1 :]
        assert rest.startswith(one.reference.digest or "?")
        found.append(f"{one.role} {one.raw.replace(A, 'A').replace(B, 'B')}")
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x:\n\tdocker pull a@A\n", ["command a@A"]),
        ("x:\n\t@-docker run --rm \\\n\t  -it \\\n\t  a@A\n", ["command a@A"]),
        ("I = a\nx:\n\tdocker pull $(I)@A\n", ["command a@A"]),
        ("D=A\nI = a@${D}\nx:\n\tdocker pull $(I)\n", ["command a@A"]),
        ("I ?= a@A\nI ?= b@B\nx:\n\tdocker pull $I\n", ["command a@A", "text b@B"]),
        ("ifdef Y\nI = a@A\nelse\nI = b@B\nendif\nx:\n\tdocker pull $(I)\n", ["command a@A", "command b@B"]),
        ("x:\n\tfor i in a b; do docker pull $$i@A; done\n", ["command a@A", "command b@A"]),
        ("V := $(shell docker run a@A)\n", ["command a@A"]),
        ("define x\ndocker run a@A\nendef\n", ["command a@A"]),
        ("x: ; docker run a@A\n", ["command a@A"]),
        ("x: I = a@A\nx:\n\tdocker run $(I)\n", ["command a@A"]),
        ("L = \\\n  a@A \\\n  b@B\n", ["text a@A", "text b@B"]),
        ("x:\n\tdocker run $(R)/a@A\n", ["variable-unset"]),
        ("x:\n\t$(DOCKER) run a@A\n", ["command a@A"]),
        ("# docker pull a@A\nX = b # a@A\nx: ## a@A\n\t# docker pull a@A\n\t@echo use a@A\n\tdocker tag a@A b\n", []),
        ("SUM =A\n", []),
    ],
)
def test_what_is_pulled(text: str, expected: list[str]) -> None:
    assert read(text) == expected


def test_variables_of_a_file_that_is_included() -> None:
    assert read("include versions.mk\nx:\n\tdocker pull $(I)\n", "I = a@A\n") == ["command a@A"]


@pytest.mark.parametrize(
    "part", ["A = $(A)$(A)\n", "A := $(B)\nB := $(A)$(A)\n", "a:", "a: b: ", "$(", "\\\n", "ifeq\n"]
)
def test_odd_text_ends_soon(part: str) -> None:
    text = part * (100_000 // len(part)) + f"\nx:\n\tdocker run $(A)@{A}\n"
    begin = time.process_time()
    extract(SourceFile("Makefile", text), lambda _path: None)
    assert time.process_time() - begin < 2
