"""Python files: what cannot be read is told, and nothing takes long."""

import time

import pytest

from planner.extract import extract
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile

DIGEST = "sha256:" + "ab" * 32
NAME = f"registry.example/app@{DIGEST}"


def found(text: str) -> list[Occurrence | Problem]:
    return list(extract(SourceFile("a.py", text), lambda _path: None, tags=False))


@pytest.mark.parametrize(
    "text",
    [
        f'\ufeffimage = "{NAME}"',
        f'é = "ü"; image = "ünï", "{NAME}"',
        f'"""\n"""; run(image=b"x", other="{NAME}")',
        f"run(\r\n\timage=u'{NAME}')",
    ],
)
def test_places_are_characters_of_the_file(text: str) -> None:
    (one,) = found(text)
    assert isinstance(one, Occurrence)
    line = text.split("\n")[one.line - 1]
    assert line[one.column - 1 :].startswith(DIGEST)


def test_a_name_that_is_set_twice_is_not_known() -> None:
    (one,) = found(f'A = "a"\nA = "b"\nrun(image=f"{{A}}@{DIGEST}")\n')
    assert isinstance(one, Problem)
    assert one.kind == "variable-unset"


def test_what_is_no_python_is_told_and_searched() -> None:
    kinds = [each.kind if isinstance(each, Problem) else each.raw for each in found(f'print "{NAME}"\n')]
    assert kinds == ["unparsable", NAME]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000 + f'"{NAME}"',
        "image = " + "-" * 100_000 + f'"{NAME}"',
        "image = " + f'"{NAME}" + ' * 5_000 + '""',
        "image = [" + f'"{NAME}", ' * 5_000 + "]",
        "A0 = 'x@'\n" + "".join(f"A{n + 1} = A{n} + A{n}\n" for n in range(60)) + f'image = A60 + "{NAME}"',
        "".join(f"A{n} = A{n + 1} + '@'\n" for n in range(2_000)) + f'A2000 = "{NAME}"',
        'image = f"{A}' + "{A}" * 20_000 + f'@{DIGEST}"\nA = "a" "b"\n',
        'image = "' + "{}" * 20_000 + f'@{DIGEST}".format({"x, " * 200})\n',
        f"image = '{NAME}'\n" + "x = 1\n" * 200_000,
    ],
    ids=["open", "minus", "sum", "list", "doubled", "chain", "replaced", "format", "long"],
)
def test_hostile_files_end_soon(text: str) -> None:
    started = time.process_time()
    found(text)
    assert time.process_time() - started < 5
