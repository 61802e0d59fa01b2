"""Images of containers in task definitions of Amazon ECS, in `imagedefinitions.json`, and in manifests of AWS Copilot.

References that the environment and commands mention count too. Not read: labels, tags.
"""

import re
from collections.abc import Iterator

from planner.extract.fields import Owner, Path, Tree, extracted, is_note
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.split_reference import Kind
from planner.extract.syntax.yaml_nodes import documents
from planner.model.source import SourceFile

_KEY = re.compile(r"""["']?(?:containerDefinitions|ContainerDefinitions)["']?[ \t]*:""")
_DEFINITIONS = re.compile(r"(?:^|/)image[-_]?(?:definitions|detail)[^/]*\.json$", re.IGNORECASE)
_COPILOT = re.compile(r"(?:^|/)copilot/.*manifest\.ya?ml$")
_TEMPLATE = re.compile(r"AWSTemplateFormatVersion|AWS::")


def _claims(source: SourceFile) -> bool:
    path = source.path.lower()
    if not path.endswith((".json", ".yaml", ".yml")):
        return False
    if _DEFINITIONS.search(path) or _COPILOT.search(path):
        return True
    return _KEY.search(source.text) is not None and not _TEMPLATE.search(source.text)


def _no_pull(path: Path) -> bool:
    return is_note(path) or path[-1] in ("tags", "Tags")


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    tree = Tree(Kind(tags=tags), _no_pull)
    yield from extracted(source, documents(source, tags), tree.fields, Owner("ecs", "container"), tags=tags)


register(
    Format(
        name="ecs",
        title="Amazon ECS task definitions",
        claims=_claims,
        extract=_extract,
        rank=50,
        files="*.json and *.yaml with containerDefinitions, imagedefinitions.json, copilot/**/manifest.yml",
        example=Example(
            "task-definition.json",
            '{\n  "family": "web",\n  "containerDefinitions": [\n'
            '    { "name": "web", "image": "registry.example/web@sha256:…" }\n  ]\n}\n',
        ),
    )
)
