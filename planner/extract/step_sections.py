"""Steps and services of pipelines, as a list or as a mapping by name, as Drone and what came from it write them."""

from collections.abc import Iterator
from functools import partial

from planner.extract.script_uses import filled, scripts, variables
from planner.extract.syntax.yaml_nodes import MappingNode, Node, elements, get, items
from planner.extract.uses import Fill, Use, named
from planner.model.platform import Platform
from planner.model.source import SourceFile

_ROLES = {"clone": "clone", "steps": "step", "pipeline": "step", "services": "service"}


def by_name(section: Node | None) -> Iterator[tuple[str, Node]]:
    """What stands in a section, with its name, or its number where it has none."""
    if isinstance(section, MappingNode):
        yield from ((key.value, step) for key, step in items(section))
    for number, step in enumerate(elements(section), 1):
        yield named(step, str(number), "name"), step


def section_uses(
    source: SourceFile, root: Node, owner: str = "", *, fill: Fill | None = None, platform: Platform | None = None
) -> Iterator[Use]:
    """The images of every section of a pipeline, `owner` being its name, and what its commands mention."""
    for section, role in _ROLES.items():
        for name, step in by_name(get(root, section)):
            label = f"{owner}: {name}" if owner else name
            yield Use(role, label, get(step, "image"), fill=fill or partial(filled, known={}), platform=platform)
            known = variables(source, get(step, "environment"))
            yield from scripts(label, [get(step, "commands"), get(step, "entrypoint")], known)
