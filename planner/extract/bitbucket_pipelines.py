"""`image` at the top and in steps, services, `docker://` pipes, and images that scripts name.

A pipe without `docker://` is a name of Atlassian's.
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import scripts
from planner.extract.syntax.yaml_nodes import MappingNode, Node, elements, get, items, value, walk
from planner.extract.uses import Use, extractor, inner, named, places
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)[^/]*bitbucket-pipelines[^/]*\.ya?ml$")
_PIPELINES = re.compile(r"^pipelines:", re.MULTILINE)
_STEP = re.compile(r"^[ \t]+- step:|^[ \t]+- (?:parallel|stage):", re.MULTILINE)
_ASSIGNMENT = re.compile(r"(?:export +)?([A-Za-z_]\w*)=[\"']?([^\s\"']*)[\"']?\s*$")
_PROSE = places("definitions.caches.*.key.files", "pipelines.custom.*.variables.description")


def _claims(source: SourceFile) -> bool:
    if _PATH.search(source.path):
        return True
    is_yaml = source.path.endswith((".yml", ".yaml"))
    return is_yaml and bool(_PIPELINES.search(source.text) and _STEP.search(source.text))


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    yield Use("default", "default", inner(get(root, "image"), "name"))
    for key, service in items(get(root, "definitions", "services")):
        yield Use("service", key.value, inner(get(service, "image"), "name"))
    # Steps stand below branches, tags, stages, `parallel` and definitions: wherever the key is `step`. An anchored
    # one in `definitions` may stand under any name, and is used as it is.
    for path, step in walk(root):
        if path[-1:] == ("step",) or (path[:2] == ("definitions", "steps") and get(step, "script")):
            name = named(step, "step", "name")
            yield Use("step", name, inner(get(step, "image"), "name"))
            for key, service in items(get(step, "services")):
                yield Use("service", f"{name}: {key.value}", inner(get(service, "image"), "name"))
            for script in ("script", "after-script"):
                yield from _commands(source, elements(get(step, script)), name)


def _commands(source: SourceFile, commands: list[Node], name: str) -> Iterator[Use]:
    """The pipes of a script, and what its commands name with the variables that commands before them set."""
    known: dict[str, Written] = {}
    for command in commands:
        if isinstance(command, MappingNode):
            yield Use("pipe", name, get(command, "pipe"), "docker://")
            continue
        written = value(source, command)
        if found := _ASSIGNMENT.match(written.text):
            known[found[1]] = written[found.start(2) : found.end(2)]
        yield from scripts("", [command], dict(known))


register(
    Format(
        "bitbucket-pipelines",
        "Bitbucket Pipelines",
        _claims,
        extractor("bitbucket-pipelines", _uses, _PROSE),
        rank=20,
        files="*bitbucket-pipelines*.yml; YAML that reads like one",
        example=Example("bitbucket-pipelines.yml", "image: node:22@sha256:…\n"),
    )
)
