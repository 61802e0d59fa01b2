"""Scripts of CI jobs, in which references are known by their spelling once the job's variables are filled in."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from planner.extract.syntax.shell import expand
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, elements, items, text, value
from planner.extract.uses import Use
from planner.extract.written import Written
from planner.model.source import SourceFile

Known = Mapping[str, Written]


def variables(source: SourceFile, *owners: Node | None) -> dict[str, Written]:
    """What mappings of variables say, or lists of `NAME=value`; of a name that is given twice the last counts."""
    found: dict[str, Written] = {}
    for owner in owners:
        found |= {key.value: value(source, node) for key, node in items(owner) if text(node)}
        for element in elements(owner) or [owner] if owner else []:
            pair = value(source, element)
            name, equals, _ = pair.text.partition("=")
            if equals and name.isidentifier():
                found[name] = pair[len(name) + 1 :]
    return found


def filled(image: Written, known: Known, escape: str = "\\") -> list[Written]:
    """The `fill` of a Use whose variables are written as in a shell."""
    return [expand(image, known, escape=escape)]


def scripts(name: str, nodes: Iterable[Node | None], known: Known) -> Iterator[Use]:
    """The uses within scripts: texts, or lists of them."""
    fill = partial(filled, known=known)
    for node in nodes:
        for line in elements(node) or ([node] if node else []):
            if isinstance(line, ScalarNode):
                yield Use("text", name, line, fill=fill, within=True)
