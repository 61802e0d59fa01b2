"""CircleCI: `docker` lists of jobs and executors, in inline orbs too. `machine.image` is a virtual machine's."""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.syntax.yaml_nodes import Node, elements, get, items, text, value
from planner.extract.uses import Use, extractor, filler, places
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.circleci/(?:.*/)?[^/]+\.ya?ml$")
_TEMPLATE = re.compile(r"<<\s*([\w.-]+)\s*>>")
# Of the file itself and of the orbs in it.
_PROSE = places(
    *(
        f"{orb}{place}description"
        for orb in ("", "orbs.*.")
        for section in ("jobs.*.", "commands.*.", "executors.*.", "")
        for place in (section, f"{section}parameters.*.")
    )
)


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    pipeline = {f"pipeline.{name}": default for name, default in _defaults(source, root).items()}
    yield from _orb(source, pipeline, root, "")
    for key, orb in items(get(root, "orbs")):
        yield from _orb(source, pipeline, orb, f"{key.value}/")


def _orb(source: SourceFile, pipeline: dict[str, Written], orb: Node, prefix: str) -> Iterator[Use]:
    for section, role in (("executors", "executor"), ("jobs", "job")):
        for key, owner in items(get(orb, section)):
            filled = filler(_TEMPLATE, (pipeline | _defaults(source, owner)).get)
            name = prefix + key.value
            for number, container in enumerate(elements(get(owner, "docker"))):
                # The steps run in the first container; the others only run beside it.
                service = text(get(container, "name")) or str(number + 1)
                first = number == 0
                label = name if first else f"{name}: {service}"
                yield Use(role if first else "service", label, get(container, "image"), fill=filled)


def _defaults(source: SourceFile, owner: Node) -> dict[str, Written]:
    """The defaults of parameters; what a caller passes instead is found by its spelling only."""
    defaults = {key.value: get(parameter, "default") for key, parameter in items(get(owner, "parameters"))}
    return {f"parameters.{name}": value(source, node) for name, node in defaults.items() if text(node)}


register(
    Format(
        "circleci",
        "CircleCI",
        _claims,
        extractor("circleci", _uses, _PROSE),
        files=".circleci/**/*.yml",
        example=Example(".circleci/config.yml", "jobs:\n  build:\n    docker:\n      - image: cimg/go:1.22@sha256:…\n"),
    )
)
