"""CircleCI: `docker` lists of jobs and executors, in inline orbs too. `machine.image` is a virtual machine's."""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.ci import Use, extractor, fill
from planner.extract.format import Format, Written, register
from planner.extract.yaml_nodes import Node, elements, get, items, text, value
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.circleci/(?:.*/)?[^/]+\.ya?ml$")
_TEMPLATE = re.compile(r"<<\s*([\w.-]+)\s*>>")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    yield from _orb(source, root, root, "")
    for key, orb in items(get(root, "orbs")):
        yield from _orb(source, root, orb, f"{key.value}/")


def _orb(source: SourceFile, root: Node, orb: Node, prefix: str) -> Iterator[Use]:
    for section, role in (("executors", "executor"), ("jobs", "job")):
        for key, owner in items(get(orb, section)):
            filled = partial(fill, template=_TEMPLATE, values=partial(_default, source, root, owner))
            name = prefix + key.value
            for number, container in enumerate(elements(get(owner, "docker"))):
                # The steps run in the first container; the others only run beside it.
                service = text(get(container, "name")) or str(number + 1)
                first = number == 0
                label = name if first else f"{name}: {service}"
                yield Use(role if first else "service", label, get(container, "image"), fill=filled)


def _default(source: SourceFile, root: Node, owner: Node, name: str) -> list[Written]:
    """The default of a parameter; what a caller passes instead is found by its spelling only."""
    node = None
    match name.split("."):
        case ["parameters", key]:
            node = get(owner, "parameters", key, "default")
        case ["pipeline", "parameters", key]:
            node = get(root, "parameters", key, "default")
    return [value(source, node)] if text(node) else []


register(Format("circleci", "CircleCI", _claims, extractor("circleci", _uses)))
