"""Drone and Woodpecker (Crow too): steps, services and clone steps, as a list or as a mapping by name."""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Format, register
from planner.extract.syntax.shell import expand
from planner.extract.syntax.yaml_nodes import MappingNode, Node, elements, get, items, text, value
from planner.extract.uses import Use, combinations, extractor, named, platform_of
from planner.extract.written import Written
from planner.model.source import SourceFile

_DRONE = re.compile(r"(?:^|/)\.?drone(?:[._-][^/]*)?\.ya?ml$|(?:^|/)\.drone/.*\.ya?ml$")
_WOODPECKER = re.compile(
    r"(?:^|/)\.?(?:woodpecker|crow)(?:[._-][^/]*)?\.ya?ml$|(?:^|/)\.(?:woodpecker|crow)/.*\.ya?ml$"
)
_PIPELINE = re.compile(r"^(?:kind: *['\"]?pipeline|pipeline:|steps:|services:|clone:)", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_OBJECT = re.compile(r"^apiVersion:", re.MULTILINE)
_SECTIONS = {"clone": "clone", "steps": "step", "pipeline": "step", "services": "service"}


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    if text(get(root, "kind")) not in ("", "pipeline"):
        return
    system = get(root, "platform")
    platform = platform_of(f"{text(get(system, 'os')) or 'linux'}/{text(get(system, 'arch'))}")
    pipeline = text(get(root, "name"))
    filled = partial(_fill, source, get(root, "matrix"))
    for section, role in _SECTIONS.items():
        for name, step in _by_name(get(root, section)):
            label = f"{pipeline}: {name}" if pipeline else name
            yield Use(role, label, get(step, "image"), fill=filled, platform=platform)


def _by_name(section: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(section, MappingNode):
        yield from ((key.value, step) for key, step in items(section))
    for number, step in enumerate(elements(section), 1):
        yield named(step, str(number), "name"), step


def _fill(source: SourceFile, matrix: Node | None, image: Written) -> list[Written]:
    """The image for every combination of Woodpecker's matrix."""
    keys = sorted(set(_VARIABLE.findall(image.text)))
    rows = combinations(matrix, keys) if keys else []
    known = [{key: value(source, node) for key, node in row.items()} for row in rows]
    filled = {each.text: each for row in known if (each := expand(image, row, escape="$"))}
    return list(filled.values()) or [image]


for _name, _title, _path in (("drone", "Drone", _DRONE), ("woodpecker", "Woodpecker", _WOODPECKER)):

    def _claims(source: SourceFile, path: re.Pattern[str] = _path) -> bool:
        if not path.search(source.path) or _OBJECT.search(source.text):
            return False
        return _PIPELINE.search(source.text) is not None

    register(Format(_name, _title, _claims, extractor(_name, _uses)))
