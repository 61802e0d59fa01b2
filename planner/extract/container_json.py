"""What docker, podman, nerdctl and crictl print of containers, services and images: one document, or one on each line.

Of containers and services the reference that they were made from, of images each of their RepoDigests, or repository,
tag and digest together. Not read: ids of images, layers, labels, environment, commands. `docker ps` shortens
`name:tag@digest` unless it is given `--no-trunc`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.split_reference import joined
from planner.extract.syntax.yaml_nodes import MappingNode, Node, documents, elements, get, text, value
from planner.extract.uses import inner, named
from planner.extract.written import NOTHING, Written, place_at, written
from planner.model.source import Problem, SourceFile

_BRACKET = re.compile(r"\s*[\[{]")
_HINT = re.compile(r'"(?:Image|image|Repository|[rR]epoDigests|ContainerSpec)"\s*:')
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{12,64}")
_NAMES = ("Names", "Name", "Service", "ContainerName")
_SPACE = re.compile(r"[\s,]*")
_LISTS = ("images", "containers")  # crictl's
_NEVER = frozenset({"apiVersion", "SchemaVersion", "bomFormat", "spdxVersion"})


@dataclass(frozen=True, slots=True)
class _Image:
    """A reference, what it is for and whose."""

    role: str
    name: str
    reference: Written


def _claims(source: SourceFile) -> bool:
    if not (_BRACKET.match(source.text) and _HINT.search(source.text)):
        return False
    try:
        first, _ = json.JSONDecoder().raw_decode(source.text, _SPACE.match(source.text).end())  # type: ignore[union-attr]
    except (ValueError, RecursionError):
        return False
    return any(map(_is_record, _first_records(first)))


def _first_records(document: Any) -> list[Any]:
    if isinstance(document, dict):
        lists = [document[key] for key in _LISTS if isinstance(document.get(key), list)]
        document = lists[0] if lists else [document]
    return document[:1] if isinstance(document, list) else []


def _is_record(record: Any) -> bool:
    """Whether a mapping has the keys that these tools give to a container, a service or an image."""
    if not isinstance(record, dict) or _NEVER & record.keys():
        return False
    keys = {str(key).lower() for key in record}
    if isinstance(status := record.get("status"), dict) and "id" in status:
        return bool({"repoDigests", "imageRef", "image"} & status.keys())
    if "id" not in keys:
        return False
    is_service = isinstance(spec := record.get("Spec"), dict) and "TaskTemplate" in spec
    return (
        is_service or "Image" in record or bool({"repodigests", "podsandboxid"} & keys) or {"repository", "tag"} <= keys
    )


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    for start, stop in _documents(source.text):
        part, outer = SourceFile(source.path, source.text[start:stop]), written(source, start, stop)
        for root in documents(part, tags):
            if isinstance(root, Problem):
                place = place_at(source, start)
                yield replace(root, line=place.line, column=place.column)
                continue
            for image in (each for record in _records(root) for each in _images(part, record, tags)):
                reference = outer.lifted(image.reference.pieces)
                if not _ID.fullmatch(reference.text) and (
                    found := occurrence(
                        source, reference, format="container-json", role=image.role, name=image.name, tags=tags
                    )
                ):
                    yield found


def _documents(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each JSON document, on lines of their own or not; the rest as one where it is none."""
    decoder, at = json.JSONDecoder(), 0
    while (at := _SPACE.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        try:
            _, stop = decoder.raw_decode(text, at)
        except ValueError:
            line_end = text.find("\n", at)
            stop = len(text) if line_end < 0 else line_end
        yield at, stop
        at = stop


def _records(root: Node) -> Iterator[Node]:
    listed = next((found for key in _LISTS if (found := elements(get(root, key)))), None)
    for record in listed or elements(root) or [root]:
        yield get(record, "status") if _is_inspected(record) else record  # type: ignore[misc]


def _is_inspected(record: Node) -> bool:
    """What `crictl inspect` and `crictl inspecti` print."""
    return isinstance(get(record, "status"), MappingNode) and bool(text(get(record, "status", "id")))


def _images(source: SourceFile, record: Node, tags: bool) -> Iterator[_Image]:
    if get(record, "RepoDigests") or get(record, "repoDigests"):
        yield from _of_image(source, record, tags)
        return
    repository = _known(source, get(record, "Repository"))
    if repository.text:
        tag, digest = (_known(source, get(record, key)) for key in ("Tag", "Digest"))
        yield _Image("image", named(record, "", "ContainerName"), joined(repository, tag=tag, digest=digest))
        return
    spec = get(record, "Spec", "TaskTemplate", "ContainerSpec", "Image")
    made_from = spec or get(record, "Config", "Image") or get(record, "Image") or _of_crictl(record)
    if made_from:
        yield _Image(
            "service" if spec or get(record, "Replicas") else "container", _name(record), value(source, made_from)
        )


def _known(source: SourceFile, node: Node | None) -> Written:
    return NOTHING if text(node) in ("", "<none>") else value(source, node)


def _of_image(source: SourceFile, record: Node, tags: bool) -> Iterator[_Image]:
    by_tag = [node for key in ("RepoTags", "repoTags", "Names") for node in elements(get(record, key))]
    by_tag = list({text(node): node for node in by_tag}.values())
    name = text(by_tag[0]) if by_tag else ""
    digests = [node for key in ("RepoDigests", "repoDigests") for node in elements(get(record, key))]
    for node in [*digests, *(by_tag if tags else [])]:
        if "<none>" not in text(node):
            yield _Image("image", name, value(source, node))


def _of_crictl(record: Node) -> Node | None:
    """As the pod says it, where crictl is new enough to know; else what it was resolved to, which may be an id."""
    image = get(record, "image")
    asked = get(image, "userSpecifiedImage")
    return asked if text(asked) else inner(image, "image")


def _name(record: Node) -> str:
    names = elements(get(record, "Names"))
    name = text(names[0]) if names else named(record, "", *_NAMES)
    return (name or text(get(record, "metadata", "name")) or text(get(record, "Spec", "Name"))).removeprefix("/")


register(
    Format(
        name="container-json",
        title="What docker, podman, nerdctl and crictl print as JSON",
        claims=_claims,
        extract=_extract,
        rank=45,
        files="output of ps, images, inspect and the like with --format json or -o json, saved or piped in",
        example=Example(
            "containers.json", '[{"Id": "1f2e", "Names": ["web"], "Image": "registry.example/web@sha256:…"}]\n'
        ),
    )
)
