"""Azure Pipelines: container resources, and the containers of jobs where they are more than a resource's alias."""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Example, Format, register
from planner.extract.syntax.yaml_nodes import MappingNode, Node, elements, get, items, text, value, walk
from planner.extract.uses import Fill, Use, extractor, filler, inner, named
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(
    r"(?:^|/)(?:[^/]*azure-?pipelines?[^/]*\.ya?ml|\.?azure-?(?:pipelines?|devops)/.*\.ya?ml|\.vsts-ci\.ya?ml)$",
    re.IGNORECASE,
)
_TOP = re.compile(r"^(?:resources|stages|jobs|steps|extends|pool|parameters):", re.MULTILINE)
_OURS = re.compile(r"\bvmImage:|^\s*- task: *['\"]?\w+@\d|^\s*(?:- )?(?:deployment|displayName):", re.MULTILINE)
_NO_PIPELINE = re.compile(r"^(?:apiVersion|kind|on|services):|runs-on:", re.MULTILINE)
_NAMED = frozenset({"variables", "env", "services", "inputs"})  # whoever writes the file chooses the keys below
_TEMPLATE = re.compile(r"\$(?:\{\{\s*|\(|\[\s*)((?:parameters\.|variables\.)?\w+)\s*(?:\}\}|\)|\])")


def _claims(source: SourceFile) -> bool:
    if _PATH.search(source.path):
        return True
    if not source.path.endswith((".yml", ".yaml")) or not _TOP.search(source.text):
        return False
    return bool(_OURS.search(source.text)) and not _NO_PIPELINE.search(source.text)


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    filled = filler(_TEMPLATE, _values(source, root).get)
    no_alias = partial(_no_alias, known=filled)
    for container in elements(get(root, "resources", "containers")):
        yield Use("container", text(get(container, "container")), get(container, "image"), fill=filled)
    for path, node in walk(root, lambda path: path[0] == "resources"):
        if not isinstance(node, MappingNode) or path[-1:] == ("target",):
            continue
        name = named(node, "pipeline", "job", "deployment", "displayName")
        yield Use("job", name, inner(get(node, "container"), "image"), fill=no_alias)
        for service, image in items(get(node, "services")):
            yield Use("service", f"{name}: {service.value}", inner(image, "image"), fill=no_alias)


def _no_alias(image: Written, known: Fill) -> list[Written]:
    """A name alone is that of a container resource, which may stand in another file."""
    return [each for each in known(image) if re.search(r"[/:@$]", each.text)]


def _is_prose(path: tuple[str, ...]) -> bool:
    return path[-1] == "displayName" and _NAMED.isdisjoint(path[-2:-1])


def _values(source: SourceFile, root: Node) -> dict[str, Written]:
    """Values of variables and defaults of parameters, from a mapping or from a list of {name, value}."""
    known: dict[str, Written] = {}
    for section, prefixes in (("parameters", ["parameters."]), ("variables", ["variables.", ""])):
        owner = get(root, section)
        pairs: list[tuple[str, Node | None]] = [(key.value, node) for key, node in items(owner)]
        pairs += [(text(get(each, "name")), get(each, "default") or get(each, "value")) for each in elements(owner)]
        known |= {prefix + name: value(source, node) for name, node in pairs if text(node) for prefix in prefixes}
    return known


_extract = extractor("azure-pipelines", _uses, _is_prose)
register(
    Format(
        "azure-pipelines",
        "Azure Pipelines",
        _claims,
        _extract,
        rank=30,
        files="azure-pipelines*.yml, YAML below azure-pipelines/ or .azuredevops/; YAML that reads like a pipeline",
        example=Example(
            "azure-pipelines.yml",
            "resources:\n  containers:\n    - container: node\n      image: node:22@sha256:…\n",
        ),
    )
)
