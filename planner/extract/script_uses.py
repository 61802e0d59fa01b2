"""Scripts of CI jobs: what their commands pull, and what they mention, with the job's variables filled in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from planner.extract.scripts import pulls
from planner.extract.syntax.shell import expand
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, elements, items, text, value
from planner.extract.uses import Fill, Use
from planner.extract.written import Written
from planner.model.source import SourceFile

Known = Mapping[str, Written]

_PAIR = re.compile(r"""(?:^|(?<=\s))([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|([^\s"']\S*))""", re.ASCII)


def variables(source: SourceFile, *owners: Node | None) -> dict[str, Written]:
    """What mappings of variables say, lists of them, or texts as `A=1 B="2"`; of a name given twice the last counts."""
    found: dict[str, Written] = {}
    for owner in owners:
        for element in listed(owner):
            found |= {key.value: value(source, node) for key, node in items(element) if text(node)}
            found |= _pairs(value(source, element))
    return found


def _pairs(texts: Written) -> dict[str, Written]:
    found = {}
    for pair in _PAIR.finditer(texts.text):
        start, stop = pair.span(pair.lastindex or 0)
        found[pair[1]] = texts[start:stop]
    return found


def listed(node: Node | None) -> list[Node]:
    """The elements of a list, or what stands in place of a list of one."""
    return elements(node) or ([node] if node else [])


def filled(image: Written, known: Known, escape: str = "\\") -> list[Written]:
    """The `fill` of a Use whose variables are written as in a shell."""
    return [expand(image, known, escape=escape)]


def scripts(name: str, nodes: Iterable[Node | None], *rows: Known) -> Iterator[Use]:
    """The uses within scripts, texts or lists of them, for each row of variables that they run with.

    First what their commands pull, then what they mention.
    """
    every = rows or ({},)
    for line in (line for node in nodes for line in listed(node)):
        if isinstance(line, ScalarNode) and "@" in line.value:
            yield Use("command", name, line, fill=partial(_pulled, rows=every))
            yield Use("text", name, line, fill=partial(_for_each, rows=every), within=True)


def templated(name: str, node: Node | None, fill: Fill, known: Known) -> Iterator[Use]:
    """As `scripts`, for one text whose templates are filled in before the shell sees it."""
    if node and "@" in text(node):
        yield Use("command", name, node, fill=partial(_filled_first, fill=fill, then=partial(_pulled, rows=(known,))))
        yield Use(
            "text", name, node, fill=partial(_filled_first, fill=fill, then=partial(filled, known=known)), within=True
        )


def _filled_first(script: Written, fill: Fill, then: Fill) -> list[Written]:
    return [each for one in fill(script) for each in then(one)]


def _pulled(script: Written, rows: Iterable[Known]) -> list[Written]:
    found = [pull for known in rows for pull in pulls(script, known) if pull.role == "command"]
    return list({(pull.image.text, pull.image.place()): pull.image for pull in found}.values())


def _for_each(script: Written, rows: Iterable[Known]) -> list[Written]:
    return list({each.text: each for known in rows for each in filled(script, known)}.values())
