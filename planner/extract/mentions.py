"""What a format finds by its rules, and whatever else in the file looks like a reference."""

from collections.abc import Iterable, Iterator

from planner.extract import plain_text
from planner.extract.format import Found, occurrence
from planner.model.source import SourceFile


def with_mentions(source: SourceFile, found: Iterable[Found], format: str) -> Iterator[Found]:  # noqa: A002
    """`found`, then the references that stand elsewhere in `source`, known by their spelling only."""
    read: set[tuple[int, int]] = set()
    for one in found:
        read.add((one.line, one.column))
        yield one
    for name, image in plain_text.spelled(source):
        spelled = occurrence(source, image, format=format, role="text", name=name, confidence="text")
        if spelled and (spelled.line, spelled.column) not in read:
            yield spelled
