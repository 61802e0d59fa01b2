"""Concourse: resources and resource types that are images, at the version they or a `get` step pin, and tasks' images.

The reference is put together from `source` (repository, tag) and `version` (digest).
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.split_reference import joined
from planner.extract.syntax.yaml_nodes import Node, get, text, value, walk
from planner.extract.uses import Use, extractor, found_at, named
from planner.extract.written import NOTHING, Written
from planner.model.source import SourceFile

_IMAGE = re.compile(r"\btype[\"']?:[ \t]*[\"']?(?:registry-image|docker-image)\b")
_OURS = re.compile(r"^[ \t{-]*[\"']?(?:jobs|resources|resource_types|image_resource|prototypes)[\"']?:", re.MULTILINE)
_NO_PIPELINE = re.compile(r"^(?:apiVersion|on|stages):", re.MULTILINE)
_TYPES = frozenset({"registry-image", "docker-image"})
_LISTS = {"resources": "resource", "resource_types": "resource type", "prototypes": "prototype"}


def _claims(source: SourceFile) -> bool:
    if not source.path.endswith((".yml", ".yaml", ".json")) or not _IMAGE.search(source.text):
        return False
    return _OURS.search(source.text) is not None and not _NO_PIPELINE.search(source.text)


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    images: dict[str, Node] = {}
    for section, role in _LISTS.items():
        for _, resource in found_at(root, f"{section}[]"):
            if text(get(resource, "type")) in _TYPES:
                images.setdefault(text(get(resource, "name")), resource)
                yield from _use(source, role, text(get(resource, "name")), resource, resource)
    tasks: dict[int, str] = {}
    for path, node in walk(root):
        if name := text(get(node, "task")):
            tasks[id(get(node, "config"))] = name
        if image := get(node, "image_resource"):
            yield from _use(source, "task", tasks.get(id(node)) or ".".join(path) or "task", image, image)
    for _, job in found_at(root, "jobs[]"):
        for _, step in walk(job):
            resource_name = named(step, "", "resource", "get")
            if text(get(step, "get")) and (image := images.get(resource_name)) and get(step, "version", "digest"):
                name = f"{text(get(job, 'name'))}: {text(get(step, 'get'))}"
                yield from _use(source, "get", name, image, step)


def _use(source: SourceFile, role: str, name: str, image: Node, pin: Node) -> Iterator[Use]:
    """An image at the version that `pin` says: the resource's own, or a step's."""
    repository = get(image, "source", "repository")
    tag = value(source, get(image, "source", "tag")).strip()
    own = value(source, get(image, "source", "digest")).strip()
    digest = value(source, get(pin, "version", "digest")).strip() or own
    yield Use(role, name, repository, fill=lambda bare: [_whole(bare, tag, digest)])


def _whole(bare: Written, tag: Written, digest: Written) -> Written:
    if "@" in bare.text or "@" in tag.text:
        digest = NOTHING
    return joined(bare, tag=NOTHING if ":" in bare.text.rpartition("/")[2] else tag, digest=digest)


register(
    Format(
        "concourse",
        "Concourse",
        _claims,
        extractor("concourse", _uses),
        rank=50,
        files="*.yml and *.json that read like a pipeline or task with images (type: registry-image or docker-image)",
        example=Example(
            "ci/task.yml",
            "platform: linux\nimage_resource:\n  type: registry-image\n  source: {repository: golang}\n"
            "  version: {digest: 'sha256:…'}\nrun: {path: make}\n",
        ),
    )
)
