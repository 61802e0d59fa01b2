"""Task: what the commands of tasks pull, with the variables of the same file and those that callers give."""

import re
from collections.abc import Iterator, Mapping

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import templated, variables
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import MappingNode, Node, ScalarNode, elements, get, items
from planner.extract.uses import Use, extractor, filler, found_at, places
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)(?:\.?[Tt]askfile(?:[-_.][\w.-]+)?|[\w.-]+\.[Tt]askfile)\.ya?ml$")
_TEMPLATE = re.compile(r"\{\{-?[ \t]*\.([A-Za-z_]\w*)[ \t]*-?\}\}")
_NO_PULL = places("tasks.*.desc", "tasks.*.summary", "tasks.*.prompt", "tasks.*.label", "tasks.*.sources")
_NESTED = 3  # variables that are made of others


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    outer = variables(source, get(root, "vars"))
    for names, task in found_at(root, "tasks.*"):
        known = _filled({**outer, **variables(source, get(task, "vars"))})
        environment = variables(source, get(root, "env"), get(task, "env"))
        shell = {name: fill(each, _TEMPLATE, known.get) for name, each in environment.items()}
        for command in _commands(task):
            yield from templated(names[0], command, filler(_TEMPLATE, known.get), shell)


def _filled(known: Mapping[str, Written]) -> Mapping[str, Written]:
    for _ in range(_NESTED):
        known = {name: fill(each, _TEMPLATE, known.get) for name, each in known.items()}
    return known


def _commands(task: Node) -> Iterator[Node]:
    """What a task runs: itself a command, or a list of them; what it asks first counts as well."""
    if not isinstance(task, MappingNode):
        yield from elements(task) or [task]
        return
    for key in ("cmds", "cmd", "status", "preconditions"):
        listed = get(task, key)
        for each in elements(listed) or ([listed] if listed else []):
            if isinstance(each, ScalarNode):
                yield each
            yield from (node for name, node in items(each) if name.value in ("cmd", "defer", "sh"))


register(
    Format(
        name="taskfile",
        title="Task",
        claims=lambda source: _PATH.search(source.path) is not None,
        extract=extractor("taskfile", _uses, _NO_PULL),
        files="Taskfile.yml, Taskfile.*.yml",
        example=Example(
            "Taskfile.yml",
            "version: '3'\ntasks:\n  lint:\n    cmds:\n      - docker run --rm registry.example/lint@sha256:… check\n",
        ),
    )
)
