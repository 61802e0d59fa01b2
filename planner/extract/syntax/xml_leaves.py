"""The elements of an XML file that hold nothing but text, with their offsets, also where the file is not well-formed.

Offsets are why this is no XML library: those tell lines, or none at all once an entity stands in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from planner.extract.syntax.comments import XML, blanked
from planner.model.source import SourceFile

_TAG = re.compile(
    r"""<(?P<close>/)?(?P<name>[A-Za-z_][\w.:-]*)(?:[^<>"']|"[^"<]*"|'[^'<]*')*?(?P<empty>/)?>|<!\[CDATA\[.*?\]\]>""",
    re.DOTALL,
)
_MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Leaf:
    """An element's text between two offsets, and its name below those of up to five elements around it."""

    path: tuple[str, ...]
    start: int
    stop: int


def leaves(source: SourceFile) -> Iterator[Leaf]:
    """Every element without elements in it, in the file's order. Namespaces' prefixes are left out."""
    stack: list[tuple[str, int]] = []
    is_leaf = False
    for tag in _TAG.finditer(blanked(source, XML).text):
        name = (tag["name"] or "").rpartition(":")[2]
        if not name or tag["empty"]:
            is_leaf = is_leaf and not name
        elif not tag["close"]:
            stack = [*stack[-_MAX_DEPTH:], (name, tag.end())]
            is_leaf = True
        elif stack:
            opened, start = stack.pop()
            if is_leaf and opened == name:
                yield Leaf((*(each for each, _ in stack[-5:]), name), start, tag.start())
            is_leaf = False
