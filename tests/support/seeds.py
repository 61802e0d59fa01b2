"""Files of every format to begin with: each format's own example, and the inventories of its cases."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from planner.discover import discover
from planner.extract import FORMATS, Found, extract, format_of, names_images
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile
from tests.support.extraction import DIGEST

_CASES = Path(__file__).parents[1] / "cases"
# What may stand between the characters of a digest: line ends that are folded away, quotes of texts put together.
_GAPS = re.compile(r"""\\[ux][0-9a-fA-F]+|[\s"'\\+^`]+""")


@cache
def seeds() -> dict[str, list[SourceFile]]:
    """By the name of the format that claims them."""
    files = [
        SourceFile(each.example.path, each.example.text.replace("sha256:…", DIGEST))
        for each in FORMATS.values()
        if each.example
    ]
    for case in sorted(_CASES.glob("format-*/inventory")):
        files += [each for each in discover(case, wanted=names_images) if isinstance(each, SourceFile)]
    every: dict[str, list[SourceFile]] = {}
    for file in files:
        if format_ := format_of(file):
            every.setdefault(format_.name, []).append(file)
    return every


def found_in(source: SourceFile, beside: Callable[[str], SourceFile | None] = lambda _path: None) -> list[Found]:
    """What one file names by digest, in the order of its places."""
    return sorted(extract(source, beside), key=lambda one: (one.line, one.column, isinstance(one, Problem), str(one)))


def points_at_digest(source: SourceFile, one: Occurrence) -> bool:
    """Whether the place of an occurrence in `source` is where its digest begins, with or without its algorithm."""
    line = source.text.split("\n")[one.line - 1 :]
    text = _GAPS.sub("", "\n".join(line)[one.column - 1 :][:200])
    digest = one.raw.rpartition("@")[2]
    return text[:4] in (digest[:4], digest.partition(":")[2][:4]) or (text.startswith(":") and digest[6:12] in text)
