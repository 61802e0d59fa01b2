"""Spinnaker: what pipelines deploy and run, and the images that they expect as artifacts."""

from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.syntax.yaml_nodes import MappingNode, Node, elements, get, text, walk
from planner.extract.uses import Use, extractor, named
from planner.model.source import SourceFile

_SIGNS = ('"stages"', "stages:")
_OURS = ("expectedArtifacts", "deployManifest", "runJobManifest", "refId", "requisiteStageRefIds")
_CONTAINERS = {"containers": "container", "initContainers": "init container"}
_NOTES = frozenset({"annotations", "labels", "comments", "description", "parameterConfig", "status"})


def _claims(source: SourceFile) -> bool:
    return (
        source.path.lower().endswith((".json", ".yaml", ".yml", ".dcd"))
        and any(sign in source.text for sign in _SIGNS)
        and any(word in source.text for word in _OURS)
    )


def _no_pull(path: tuple[str, ...]) -> bool:
    return path[-1] in _NOTES


def _uses(_source: SourceFile, root: Node) -> Iterator[Use]:
    pipeline = named(root, "pipeline", "name")
    for path, node in walk(root, lambda path: bool(path) and path[-1] in _NOTES):
        if not isinstance(node, MappingNode):
            continue
        if text(get(node, "type")) == "docker/image":
            yield Use("artifact", pipeline, get(node, "reference"))
        for key, role in _CONTAINERS.items():
            for container in elements(get(node, key)):
                yield Use(role, f"{pipeline}: {named(container, key, 'name')}", get(container, "image"))
        if path[-1:] == ("imageDescription",):
            yield Use("container", pipeline, get(node, "imageId"))


register(
    Format(
        name="spinnaker",
        title="Spinnaker pipelines",
        claims=_claims,
        extract=extractor("spinnaker", _uses, _no_pull),
        rank=30,
        files="pipelines as JSON or YAML: stages with expectedArtifacts, deployManifest, runJobManifest",
        example=Example(
            "pipeline.json",
            '{"name": "web", "stages": [{"type": "deployManifest", "manifests": [{"kind": "Pod", "spec":\n'
            '  {"containers": [{"name": "web", "image": "registry.example/web@sha256:…"}]}}]}]}\n',
        ),
    )
)
