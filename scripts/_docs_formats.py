"""docs/formats.md: a section per file format, from its module, and the list of all for the README."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from _docs_knowledge import code, table

from planner.explain.formats import about
from planner.extract import FORMATS, Format

ROOT = Path(__file__).resolve().parent.parent
_LANGUAGES = {".yml": "yaml", ".tf": "hcl", ".py": "python", ".sh": "sh", ".gradle": "groovy", ".csproj": "xml"}


def overview() -> list[str]:
    """What discover and extract understand, by name."""
    rows = [(f"[`{name}`](#{name})", each.title, each.files) for name, each in sorted(FORMATS.items())]
    return table(["format", "is", "files"], rows)


def names() -> list[str]:
    """All of them in a sentence."""
    return [f"{len(FORMATS)} formats: {code(sorted(FORMATS))}."]


def pages() -> list[str]:
    """A section per format; its heading is the anchor that the overview links to."""
    lines: list[str] = []
    for name, each in sorted(FORMATS.items()):
        lines += [f"## {name}", "", *_page(each), ""]
    return lines[:-1]


def _page(known: Format) -> Iterator[str]:
    yield " ".join(about(known).split())
    yield ""
    yield f"Files: {known.files}"
    yield ""
    if known.example:
        suffix = PurePosixPath(known.example.path).suffix
        yield f"`{known.example.path}`:"
        yield ""
        yield f"```{_LANGUAGES.get(suffix, suffix[1:])}"
        yield from known.example.text.strip("\n").splitlines()
        yield "```"
        yield ""
    cases = sorted(path.parent for path in ROOT.glob(f"tests/cases/format-{known.name}*/expected.csv"))
    links = ", ".join(f"[{case.name}](../{case.relative_to(ROOT).as_posix()})" for case in cases)
    yield f"Fixtures, with what is found in them: {links}"
