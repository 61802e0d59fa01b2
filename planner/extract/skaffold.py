"""Skaffold: what builders, verifications, actions and hooks pull, and the chart values of Helm releases; profiles too.

The artifacts themselves are built and pushed, and what caches are filled from need not be there: both are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from planner.extract.fields import Tree
from planner.extract.format import DIGEST, Example, Format, register
from planner.extract.script_uses import scripts
from planner.extract.split_reference import Kind, of_members
from planner.extract.syntax.yaml_nodes import MappingNode, Node, elements, get, items, text, value
from planner.extract.uses import Use, extractor, found_at, named
from planner.extract.written import Written
from planner.model.source import SourceFile

_API = re.compile(r"""^[ \t]*["']?apiVersion["']?[ \t]*:[ \t]*["']?skaffold/v\d""", re.MULTILINE)
_BUILDERS = {
    "buildpacks.builder": "builder",
    "buildpacks.runImage": "run image",
    "kaniko.image": "build image",
    "kaniko.initImage": "build image",
    "jib.fromImage": "base image",
    "jibMaven.fromImage": "base image",
    "jibGradle.fromImage": "base image",
    "ko.fromImage": "base image",
}
_STEPS = ("dockerImage", "kanikoImage", "mavenImage", "gradleImage", "packImage", "koImage", "bazelImage")
_COMMANDS = (
    *("custom.buildCommand", "hooks.before[].command", "hooks.after[].command"),
    *("sync.hooks.before[].host.command", "sync.hooks.after[].host.command"),
    *("sync.hooks.before[].container.command", "sync.hooks.after[].container.command"),
)
_AROUND = ("test[].custom[].command", "deploy.*.hooks.before[].host.command", "deploy.*.hooks.after[].host.command")
_RELEASES = ("deploy.helm.releases[]", "manifests.helm.releases[]")
_VALUES = ("setValues", "setValueTemplates", "overrides", "artifactOverrides", "values")
# Pushed, a name of another artifact, or looked up to save work if it is there.
_NO_PULL = frozenset({"image", "destination", "cacheFrom", "cache", "requires"})
_NOTES = frozenset({"annotations", "labels", "label", "portForward", "resourceSelector", "tagPolicy"})
_SCHEME = re.compile(r"(?:docker|registry):/{1,2}")
# Not from a registry: a base image in a file, a buildpack in an archive or folder.
_ELSEWHERE = re.compile(r"(?:tar|https?|file|git|urn)(?::/|:cnb)|[./]")


@dataclass(frozen=True, slots=True)
class _Part:
    """A pipeline of the document: its own, or that of a profile. `built` are the names of artifacts."""

    root: Node
    prefix: str
    built: frozenset[str]


def _claims(source: SourceFile) -> bool:
    if not source.path.endswith((".yaml", ".yml", ".json")) or "skaffold/v" not in source.text:
        return False
    return _API.search(source.text) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    profiles = elements(get(root, "profiles"))
    roots = [root, *profiles]
    built = frozenset(text(get(each, "image")) for one in roots for _, each in found_at(one, "build.artifacts[]"))
    for one in roots:
        profile = text(get(one, "name")) if one is not root else ""
        part = _Part(one, f"profile {profile}: " if profile else "", built)
        yield from _builds(part)
        yield from _runs(part)
        for path in _RELEASES:
            for _, release in found_at(one, path):
                yield from _released(source, release, part.prefix + named(release, "release", "name"))


def _builds(part: _Part) -> Iterator[Use]:
    for _, artifact in found_at(part.root, "build.artifacts[]"):
        name = part.prefix + named(artifact, "artifact", "image")
        for path, role in _BUILDERS.items():
            for _, image in found_at(artifact, path):
                yield Use(role, name, image, fill=partial(_pulled, part, is_base=role == "base image"))
        for _, buildpack in found_at(artifact, "buildpacks.buildpacks[]"):
            yield Use("buildpack", name, buildpack, fill=_buildpack)
        for path in _COMMANDS:
            yield from scripts(name, (node for _, node in found_at(artifact, path)))
    for step in _STEPS:
        yield Use("build image", part.prefix + step, get(part.root, "build", "googleCloudBuild", step))


def _runs(part: _Part) -> Iterator[Use]:
    """What runs after the build: verifications, actions, containers without a cluster."""
    fill = partial(_pulled, part)
    for _, test in found_at(part.root, "verify[]"):
        name = part.prefix + named(test, "verify", "name")
        yield Use("verification", name, get(test, "container", "image"), fill=fill)
    for _, action in found_at(part.root, "customActions[]"):
        for container in elements(get(action, "containers")):
            name = f"{part.prefix}{named(action, 'action', 'name')}: {named(container, 'container', 'name')}"
            yield Use("action", name, get(container, "image"), fill=fill)
    for path in _AROUND:
        yield from scripts(
            f"{part.prefix}{path.split('[')[0].split('.')[0]}", (node for _, node in found_at(part.root, path))
        )
    for _, image in found_at(part.root, "deploy.docker.images[]"):
        yield Use("deployment", f"{part.prefix}docker", image, fill=fill)


def _pulled(part: _Part, image: Written, *, is_base: bool = False) -> list[Written]:
    """Nothing for what the same file builds, nor for base images that are no registry's."""
    if image.text in part.built or (is_base and _ELSEWHERE.match(image.text)):
        return []
    scheme = _SCHEME.match(image.text)
    return [image[scheme.end() :] if scheme else image]


def _buildpack(uri: Written) -> list[Written]:
    """Without a scheme and a digest, it is an id in a registry of buildpacks."""
    if scheme := re.match(r"docker:/{0,2}", uri.text):
        return [uri[scheme.end() :]]
    return [uri] if "@sha" in uri.text and not _ELSEWHERE.match(uri.text) else []


def _released(source: SourceFile, release: Node, name: str) -> Iterator[Use]:
    """The images of a release's values, whether their keys are nested or joined by dots."""
    for key in _VALUES:
        node = get(release, key)
        if not isinstance(node, MappingNode):
            continue
        groups: dict[str, dict[str, Node]] = {}
        for dotted, member in items(node):
            outer, _, last = dotted.value.rpartition(".")
            groups.setdefault(outer, {})[last] = member
        references = [
            split.reference
            for outer, members in groups.items()
            if outer
            for split in of_members(partial(value, source), members, outer.rpartition(".")[2], Kind(tags=True))
        ]
        references += [
            field.reference for field in Tree(Kind(tags=True)).fields(source, node) if field.confidence == "parsed"
        ]
        for reference in references:
            # Skaffold itself fills in what it has just built.
            if "{{" not in reference.text or DIGEST.search(reference.text):
                yield Use("chart value", name, node, fill=partial(_whole, reference))


def _whole(reference: Written, _value: Written) -> list[Written]:
    return [reference]


def _is_no_pull(path: tuple[str, ...]) -> bool:
    if path[-1] in _NOTES or path[0] == "metadata":
        return True
    return "artifacts" in path[:-1] and path[-1] in _NO_PULL


register(
    Format(
        name="skaffold",
        title="Skaffold",
        claims=_claims,
        extract=extractor("skaffold", _uses, _is_no_pull),
        files="skaffold.yaml and other YAML with `apiVersion: skaffold/…`",
        example=Example(
            "skaffold.yaml",
            "apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts:\n    - image: registry.example/web\n"
            "      buildpacks:\n        builder: registry.example/builder@sha256:…\n",
        ),
    )
)
