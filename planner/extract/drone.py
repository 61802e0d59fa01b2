"""Drone and Woodpecker (Crow too): steps, services and clone steps, as a list or as a mapping by name."""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.ci import Use, extractor, named, platform_of
from planner.extract.format import Format, Written, register
from planner.extract.shell import expand
from planner.extract.yaml_nodes import MappingNode, Node, elements, get, items, text, value
from planner.model.source import SourceFile

_DRONE = re.compile(r"(?:^|/)\.?drone(?:[._-][^/]*)?\.ya?ml$|(?:^|/)\.drone/.*\.ya?ml$")
_WOODPECKER = re.compile(
    r"(?:^|/)\.?(?:woodpecker|crow)(?:[._-][^/]*)?\.ya?ml$|(?:^|/)\.(?:woodpecker|crow)/.*\.ya?ml$"
)
_PIPELINE = re.compile(r"^(?:kind: *['\"]?pipeline|pipeline:|steps:|services:|clone:)", re.MULTILINE)
_OBJECT = re.compile(r"^apiVersion:", re.MULTILINE)
_SECTIONS = {"clone": "clone", "steps": "step", "pipeline": "step", "services": "service"}


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    if text(get(root, "kind")) not in ("", "pipeline"):
        return
    system = get(root, "platform")
    platform = platform_of(f"{text(get(system, 'os')) or 'linux'}/{text(get(system, 'arch'))}")
    pipeline = text(get(root, "name"))
    filled = partial(_fill, rows=_matrix(source, root))
    for section, role in _SECTIONS.items():
        for name, step in _by_name(get(root, section)):
            label = f"{pipeline}: {name}" if pipeline else name
            yield Use(role, label, get(step, "image"), fill=filled, platform=platform)


def _by_name(section: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(section, MappingNode):
        yield from ((key.value, step) for key, step in items(section))
    for number, step in enumerate(elements(section), 1):
        yield named(step, str(number), "name"), step


def _matrix(source: SourceFile, root: Node) -> list[dict[str, Written]]:
    """The rows of Woodpecker's matrix, one variable at a time: images seldom name two."""
    rows = [
        {key.value: value(source, cell) for key, cell in items(row)} for row in elements(get(root, "matrix", "include"))
    ]
    for key, cells in items(get(root, "matrix")):
        rows += [{key.value: value(source, cell)} for cell in elements(cells) if text(cell)]
    return rows[:500]


def _fill(image: Written, rows: list[dict[str, Written]]) -> list[Written]:
    filled = {each.text: each for row in rows if (each := expand(image, row, escape="$")).text != image.text}
    return list(filled.values()) or [image]


for _name, _title, _path in (("drone", "Drone", _DRONE), ("woodpecker", "Woodpecker", _WOODPECKER)):

    def _claims(source: SourceFile, path: re.Pattern[str] = _path) -> bool:
        if not path.search(source.path) or _OBJECT.search(source.text):
            return False
        return _PIPELINE.search(source.text) is not None

    register(Format(_name, _title, _claims, extractor(_name, _uses)))
