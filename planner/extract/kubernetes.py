"""Kubernetes manifests: every mapping that is a pod's, wherever it stands, and what custom resources call an image."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from planner.extract import plain_text, split_reference
from planner.extract.cluster_list import shortened
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.syntax.yaml_aliases import used_at
from planner.extract.syntax.yaml_nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    documents,
    elements,
    get,
    items,
    text,
    value,
)
from planner.extract.written import Written
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform, normalise
from planner.model.reference import InvalidReferenceError, parse_reference
from planner.model.source import Problem, SourceFile

_CONTAINERS = {
    "containers": "container",
    "initContainers": "init container",
    "ephemeralContainers": "ephemeral container",
}
_LISTS = (*_CONTAINERS, "volumes")
# What a controller reports, what tools note down, prose and schemas: nothing there is pulled.
_NOT_PULLED = frozenset(
    {"status", "annotations", "labels", "matchLabels", "description", "message", "managedFields", "openAPIV3Schema"}
)
_IMAGE_KEY = re.compile(r"image|\w*Image", re.ASCII)
_CLAIM = tuple(
    re.compile(rf"""^[ \t-]*{word}[ \t]*:|["']{word}["']\s*:""", re.MULTILINE) for word in ("apiVersion", "kind")
)
_ARCHITECTURE_LABELS = ("kubernetes.io/arch", "beta.kubernetes.io/arch")


@dataclass(frozen=True, slots=True)
class _Image:
    """A reference, what it is for, and whose it is."""

    role: str
    name: str
    reference: Written
    platform: Platform | None = None
    confidence: Literal["parsed", "text"] = "parsed"
    used_at: tuple[int, ...] = ()
    selector: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class _At:
    """A node on the way down.

    `owner` is kind and name of the object around it, `inside` are the keys below that, `container` is the name of the
    container in which it stands.
    """

    node: Node
    owner: str = ""
    inside: tuple[str, ...] = ()
    container: str = ""


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    if short := shortened(source, _NOT_PULLED, tags):
        return short.restored(_of_text(short.source, tags))
    return _of_text(source, tags)


def _of_text(source: SourceFile, tags: bool) -> Iterator[Found]:
    for document in documents(source, tags):
        if isinstance(document, Problem):
            yield document
            continue
        for image in _images(source, document, tags=tags):
            found = occurrence(
                source,
                image.reference,
                format=KUBERNETES.name,
                role=image.role,
                name=image.name,
                platform=image.platform,
                confidence=image.confidence,
                tags=tags and image.confidence == "parsed",
                used_at=image.used_at,
            )
            if isinstance(found, Occurrence) and image.selector and not image.used_at:
                # What several pods share by an alias may be for other nodes, too.
                found = replace(found, selector=image.selector)
            if found:
                yield found
        yield from split_reference.of_document(source, document)


def _images(source: SourceFile, root: Node, *, embedded: bool = False, tags: bool = False) -> Iterator[_Image]:
    """Every image of a document, in the file's order. Each node is visited once, whatever aliases there are."""
    seen: set[int] = set()
    waiting = [_At(root)]
    while waiting:
        at = waiting.pop()
        if id(at.node) in seen:
            continue
        seen.add(id(at.node))
        if not isinstance(at.node, MappingNode):
            yield from _mentions(source, at)
            waiting.extend(replace(at, node=element) for element in reversed(elements(at.node)))
            continue
        members = {key.value: node for key, node in items(at.node)}
        kind = text(members.get("kind"))
        if kind == "CustomResourceDefinition":
            continue
        if kind and ("metadata" in members or "apiVersion" in members):
            at = _At(at.node, _owner(kind, members.get("metadata")))
        elif at.inside[-1:] and at.inside[-1] in _CONTAINERS:
            at = replace(at, container=text(members.get("name")))
        if kind in ("ConfigMap", "Secret") and not embedded:
            yield from _embedded(source, at.owner, members)
            continue
        # A list that several pods share by an alias is read once: a bomb of aliases would read it for ever.
        unread = {key: node for key, node in members.items() if id(node) not in seen}
        seen.update(id(unread[key]) for key in _LISTS if key in unread)
        for image, node in _own_images(source, at, unread, tags):
            seen.add(id(node))
            yield replace(image, used_at=used_at(source, root, node))
        waiting.extend(reversed(_below(at, unread)))


def _below(at: _At, members: Mapping[str, Node]) -> list[_At]:
    """What is searched next. Elements go in by themselves: the lists around them may be marked as read."""
    below = []
    for key, node in members.items():
        if key not in _NOT_PULLED:
            inside = (*at.inside, key)
            nodes = elements(node) if isinstance(node, SequenceNode) else [node]
            below += [_At(each, at.owner, inside, at.container) for each in nodes]
    return below


def _mentions(source: SourceFile, at: _At) -> Iterator[_Image]:
    """What is pulled by whatever an argument, a command or a variable is for: known by its spelling only."""
    if isinstance(at.node, ScalarNode) and "@" in at.node.value and DIGEST.search(at.node.value):
        name = _named(at.owner, at.container or ".".join(at.inside))
        for _, found in plain_text.spelled(source, at.node.start_mark.index, at.node.end_mark.index):
            yield _Image("text", name, found, confidence="text")


def _owner(kind: str, metadata: Node | None) -> str:
    name = text(get(metadata, "name")) or text(get(metadata, "generateName"))
    return f"{kind}/{name}" if name else kind


def _own_images(source: SourceFile, at: _At, members: Mapping[str, Node], tags: bool) -> Iterator[tuple[_Image, Node]]:
    """The images that a mapping names itself, each with the member that need not be searched any more."""
    labels = frozenset((key.value, text(node)) for key, node in items(members.get("nodeSelector")))
    platform = _platform(labels)
    for key, role in _CONTAINERS.items():
        for container in elements(members.get(key)):
            if isinstance(image := get(container, "image"), Node):
                name = _named(at.owner, text(get(container, "name")))
                yield _Image(role, name, value(source, image), platform, selector=labels), image
    for volume in elements(members.get("volumes")):
        if isinstance(reference := get(volume, "image", "reference"), Node):
            name = _named(at.owner, text(get(volume, "name")))
            yield _Image("image volume", name, value(source, reference), platform, selector=labels), reference
    if text(members.get("kind")) == "DockerImage" and "name" in members:
        yield _Image("image field", _named(at.owner, ""), value(source, members["name"])), members["name"]
    for key, node in members.items() if "spec" in at.inside else ():
        if _IMAGE_KEY.fullmatch(key) and (_is_pinned(text(node)) or (tags and _is_tagged(text(node)))):
            name = _named(at.owner, text(members.get("name")) or ".".join((*at.inside, key)))
            yield _Image("image field", name, value(source, node)), node


def _is_pinned(reference: str) -> bool:
    return "@" in reference and bool(DIGEST.search(reference))


def _is_tagged(reference: str) -> bool:
    """A name alone may be that of a virtual machine's image or of a template."""
    try:
        return parse_reference(reference.strip()).tag is not None
    except InvalidReferenceError:
        return False


def _named(owner: str, name: str) -> str:
    return f"{owner}: {name}" if owner and name else owner or name


def _platform(selector: frozenset[tuple[str, str]]) -> Platform | None:
    """The platform that a pod asks for by its node selector; the os is Linux unless it says otherwise."""
    labels = dict(selector)
    architecture = next((labels[label] for label in _ARCHITECTURE_LABELS if labels.get(label)), "")
    os = labels.get("kubernetes.io/os") or "linux"
    return normalise(Platform(os.lower(), architecture.lower())) if architecture else None


def _embedded(source: SourceFile, owner: str, members: Mapping[str, Node]) -> Iterator[_Image]:
    """Manifests and other text that a ConfigMap carries. Who reads them is not known, so confidence is "text"."""
    for part in ("data", "stringData"):
        for key, node in items(members.get(part)):
            outer = value(source, node)
            if DIGEST.search(outer.text):
                yield from _carried(SourceFile(source.path, outer.text), outer, _named(owner, key.value))


def _carried(inner: SourceFile, outer: Written, owner: str) -> Iterator[_Image]:
    images: list[_Image] = []
    if _claims(inner):
        for root in documents(inner):
            if isinstance(root, Node):
                images += _images(inner, root, embedded=True)
    if not images:
        images = [_Image("text", name, found) for name, found in plain_text.spelled(inner)]
    for image in images:
        name = _named(owner, image.name)
        yield replace(image, name=name, reference=outer.lifted(image.reference.pieces), confidence="text")


def _claims(source: SourceFile) -> bool:
    return source.path.lower().endswith((".yaml", ".yml", ".json")) and all(
        pattern.search(source.text) for pattern in _CLAIM
    )


KUBERNETES = register(
    Format(
        name="kubernetes",
        title="Kubernetes manifests, built-in and custom resources (YAML, JSON)",
        files="YAML and JSON with `apiVersion` and `kind`, also as kubectl, helm template and kustomize print it",
        example=Example(
            "pod.yaml",
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
            "  - name: web\n    image: registry.example/web@sha256:…\n",
        ),
        claims=_claims,
        extract=_extract,
        rank=40,
    )
)
