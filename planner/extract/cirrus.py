"""Cirrus CI: `container` of tasks and pipes with its additional containers, for every value of a matrix or of `env`.

Images of virtual machines (`compute_engine_instance`, `macos_instance`, ...) and `docker_builder` are none.
"""

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice, product

from planner.extract.format import Example, Format, register
from planner.extract.syntax.shell import expand
from planner.extract.syntax.yaml_nodes import MappingNode, Node, ScalarNode, elements, text, value
from planner.extract.uses import Use, extractor, named, platform_of
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.?cirrus(?:[._-][^/]*)?\.ya?ml$|(?:^|/)\.cirrus/.*\.ya?ml$")
_TASK = re.compile(r"^[\w-]*(?:task|pipe|container|env|matrix|instance|template)\b[\w-]*[ \t]*:", re.MULTILINE)
_OBJECT = re.compile(r"^apiVersion:", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_CONTAINERS = {"additional_containers": "service", "steps": "step"}  # `steps` are those of a pipe
_MAX_NODES = 100_000
_MAX_VALUES = 100  # that the matrix gives one image

Path = tuple[str, ...]


def _claims(source: SourceFile) -> bool:
    if not _PATH.search(source.path) or _OBJECT.search(source.text):
        return False
    return _TASK.search(source.text) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    # `task` may stand any number of times in one file: the pairs are read as they are written.
    tops = [(text(key), node) for key, node in root.value] if isinstance(root, MappingNode) else []
    everywhere = _values(source, [found for key, node in tops if key == "env" for found in _below(node, (key,))])
    for key, top in tops:
        every = list(_below(top, (key,)))
        fill = partial(_fill, known=everywhere | _values(source, every))
        name = named(top, key.removesuffix("_task"), "name", "alias")
        for path, node in every:
            role = _role(path)
            if role and isinstance(node, ScalarNode):
                platform = platform_of("linux/arm64") if "arm_container" in path else None
                yield Use(role, name, node, fill=fill, platform=platform)


def _below(top: Node, key: Path) -> Iterator[tuple[Path, Node]]:
    """Every node with its keys, each once; a matrix may stand several times beside itself."""
    seen: set[int] = set()
    waiting: list[tuple[Path, Node]] = [(key, top)]
    while waiting and len(seen) < _MAX_NODES:
        path, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield path, node
        if isinstance(node, MappingNode):
            waiting += [((*path, text(key)), member) for key, member in reversed(node.value)]
        else:
            waiting += [(path, element) for element in reversed(elements(node))]


def _role(path: Path) -> str:
    """What for the image at a path is pulled; empty if none is. A matrix changes nothing of what is around it."""
    keys = [key for key in path if key not in ("matrix", "<<")]
    if len(keys) < 2 or keys[-1] != "image":
        return "task" if keys == ["image"] and "container" in path else ""
    return _CONTAINERS.get(keys[-2], "task" if keys[-2].endswith("container") else "")


def _values(source: SourceFile, every: list[tuple[Path, Node]]) -> dict[str, list[Written]]:
    """The values that variables may have, by what is set in any `env` among these nodes."""
    found: dict[str, list[Written]] = {}
    for path, node in every:
        around = [key for key in path if key not in ("matrix", "<<")]
        if around[-2:-1] == ["env"] and isinstance(node, ScalarNode):
            found.setdefault(path[-1], []).append(value(source, node))
    return found


def _fill(image: Written, known: dict[str, list[Written]]) -> list[Written]:
    names = [name for name in sorted(set(_VARIABLE.findall(image.text))) if name in known]
    rows = islice(product(*(known[name] for name in names)), _MAX_VALUES)
    filled = [expand(image, dict(zip(names, row, strict=True))) for row in rows]
    return list({each.text: each for each in filled}.values())


register(
    Format(
        "cirrus",
        "Cirrus CI",
        _claims,
        extractor("cirrus", _uses),
        files=".cirrus.yml, cirrus*.yml, .cirrus/**/*.yml",
        example=Example(
            ".cirrus.yml", "task:\n  name: test\n  container:\n    image: python:3@sha256:…\n  test_script: pytest\n"
        ),
    )
)
