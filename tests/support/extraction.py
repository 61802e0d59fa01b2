"""Reading one file as the extract stage does, with a check that every place points at the digest."""

from planner.extract import extract
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile

DIGEST = "sha256:" + "0123456789abcdef" * 4


def read(path: str, text: str) -> tuple[list[Occurrence], list[Problem]]:
    """The occurrences and problems of a file, in which `<D>` stands for a digest; both in the order of their places."""
    source = SourceFile(path, text.replace("<D>", DIGEST))
    found = sorted(extract(source, lambda _: None), key=lambda each: (each.line, each.column))
    occurrences = [each for each in found if isinstance(each, Occurrence)]
    lines = source.text.split("\n")
    for each in occurrences:
        at = lines[each.line - 1][each.column - 1 :]
        assert at.startswith("sha"), f"{path}:{each.line}:{each.column} points at {at!r}"
    return occurrences, [each for each in found if isinstance(each, Problem)]


def images(path: str, text: str) -> list[tuple[str, str, str]]:
    """Role, name and image (without its digest) of each occurrence; fails if there is a problem."""
    occurrences, problems = read(path, text)
    assert not problems, problems
    return [(each.role, each.name, each.raw.partition("@")[0]) for each in occurrences]


def problems(path: str, text: str) -> list[tuple[str, int]]:
    """Kind and line of each problem; fails if there is an occurrence."""
    occurrences, found = read(path, text)
    assert not occurrences, occurrences
    return [(each.kind, each.line) for each in found]
