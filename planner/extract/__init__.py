"""Stage 2: a file's text becomes occurrences of references. One module per file format; each registers itself."""

import gc
import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from planner.extract import plain_text
from planner.extract.dotenv import DOTENV
from planner.extract.format import FORMATS, Format, Found, Lookup
from planner.extract.syntax.yaml_nodes import unparsed
from planner.model.occurrence import Occurrence, Span
from planner.model.source import Indirect, Problem, SourceFile

__all__ = ["FORMATS", "Format", "Found", "Lookup", "distinct", "extract", "format_of", "indirect", "names_images"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

_ANYTHING = 900  # ranks from here on are those of formats that take files of no known kind
_MAX_NAMES = 20  # of those who use one reference
_MAX_LINES = 100  # where they use it
_IN_ORDER = tuple(sorted(FORMATS.values(), key=lambda each: (each.rank, each.name)))


def indirect() -> list[Indirect]:
    """Which files without a digest are worth a look, for discover."""
    return [each.indirect for each in _IN_ORDER if each.indirect]


def format_of(source: SourceFile) -> Format | None:
    """The format that claims a file; None for files in which a digest is no pull, such as lock files."""
    if "\r" in source.text:  # so that no claim has to know the line ends of Windows
        source = replace(source, text=source.text.replace("\r\n", "\n"))
    return next((each for each in _IN_ORDER if each.claims(source)), None)


def names_images(source: SourceFile) -> bool:
    """Whether a file is of a kind in which references by tag can be told from other words."""
    format = format_of(source)  # noqa: A001 - the field's word
    return format is not None and format.rank < _ANYTHING


def extract(source: SourceFile, lookup: Lookup, tags: bool = False) -> list[Found]:
    """The references that a file pulls by digest, with `tags` those by tag too, and what could not be checked.

    What a format could not parse is searched for references with a digest by their spelling.
    """
    # A file's nodes are alive until it is done: to look for garbage among them took longer than to read them.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _one_per_place(_extracted(source, lookup, tags))
    finally:
        if collects:
            gc.enable()


def _extracted(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    format = format_of(source)  # noqa: A001 - the field's word
    if format is None:
        return
    seen: set[tuple[str, int, int]] = set()
    spans: list[tuple[int, int]] = []
    try:
        for found in format.extract(source, lookup, tags):
            yield found
            match found:
                case Occurrence(file, line, column):
                    seen.add((file, line, column))
                case Problem(kind="unparsable", subject=source.path):
                    spans.append(unparsed(source.text, found.line))
    except RecursionError:
        yield _too_deep(source)
        spans = [(0, len(source.text))]
    for start, stop in spans:
        for found in plain_text.search(source, start, stop):
            if not (isinstance(found, Occurrence) and (found.file, found.line, found.column) in seen):
                yield found


def _one_per_place(found: Iterable[Found]) -> list[Found]:
    """Occurrences that differ in their users alone become one: several jobs use what stands once, through an anchor."""
    every = list(found)
    at = Counter(_place(one) for one in every if isinstance(one, Occurrence))
    names: dict[Occurrence, dict[str, None]] = {}
    lines: dict[Occurrence, set[int]] = {}
    spans: dict[Occurrence, dict[tuple[Span, ...], None]] = {}
    result: list[Found] = []
    for one in every:
        if isinstance(one, Problem) or (at[_place(one)] == 1 and len(one.used_at) < 2):
            result.append(one)  # nearly all
            continue
        nameless = replace(one, name="", used_at=())
        if nameless not in names:
            names[nameless] = {}
            lines[nameless] = set()
            spans[nameless] = {}
            result.append(nameless)
        names[nameless][one.name] = None
        spans[nameless][one.spans] = None
        if len(lines[nameless]) < _MAX_LINES:
            lines[nameless].update(one.used_at)
    if not names:
        return result
    return [_of_all(one, names[one], lines[one], spans[one]) if one in names else one for one in result]


def _of_all(
    one: Occurrence, names: Iterable[str], lines: Iterable[int], spans: Iterable[tuple[Span, ...]]
) -> Occurrence:
    _, *alike = spans
    used_at = tuple(sorted(lines)[:_MAX_LINES])
    return replace(one, name=_listed(list(names)), used_at=used_at, alike=tuple(alike[:_MAX_LINES]))


def _listed(names: list[str]) -> str:
    more = len(names) - _MAX_NAMES
    return ", ".join(names[:_MAX_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def distinct(found: Iterable[Found]) -> list[Found]:
    """Without what was found twice: equal problems, and what was found by spelling where a format read it as well.

    The second is how an `.env` file is seen that a compose file beside it uses.
    """
    every = list(dict.fromkeys(found))
    best: dict[tuple[str, int, int], int] = {}
    for one in every:
        if isinstance(one, Occurrence):
            best[_place(one)] = min(_guesswork(one), best.get(_place(one), _guesswork(one)))
    return [one for one in every if _guesswork(one) <= best.get(_place(one), _guesswork(one))]


def _guesswork(one: Found) -> int:
    """0: read by the rules of a format; 1: spelled somewhere in a known format; 2: spelled in some file."""
    if isinstance(one, Problem):
        return 2 if one.kind == "variable-unset" else 0
    if one.confidence == "parsed":
        return 0
    return 2 if one.format in (plain_text.PLAIN_TEXT.name, DOTENV.name) else 1


def _place(one: Found) -> tuple[str, int, int]:
    return (one.subject if isinstance(one, Problem) else one.file, one.line, one.column)


def _too_deep(source: SourceFile) -> Problem:
    text = (
        "nested too deep; references in it were found by their spelling only, some may be missed; "
        "flatten the file, or check it by hand"
    )
    return Problem("file", source.path, "unparsable", text)
