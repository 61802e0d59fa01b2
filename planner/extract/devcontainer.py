"""Development containers: the image, features (artifacts that the tool itself fetches), and images to build from.

`${localEnv:NAME:default}` is filled in with its default. Not read: comments, lock files (`devcontainer-lock.json`).
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.script_uses import listed
from planner.extract.syntax.json_comments import without_comments
from planner.extract.syntax.yaml_nodes import Node, documents, get, items, text
from planner.extract.uses import Use, of_documents
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(
    r"(?:^|/)\.?devcontainer(?:-feature|-template|-lock)?\.jsonc?$|(?:^|/)\.devcontainer/(?:.*/)?devcontainer[^/]*\.jsonc?$"
)
_LOCK = re.compile(r"-lock\.jsonc?$")
_DEFAULT = re.compile(r"\$\{localEnv:\w+:([^{}]*)\}")
# Words, and what the image that is built or another program keeps.
_NO_PULL = frozenset({"name", "description", "documentationURL", "labels", "customizations", "keywords", "$schema"})


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    if _LOCK.search(source.path):
        return
    plain = without_comments(source)
    yield from of_documents(plain, documents(plain, tags), "devcontainer", _uses, _is_no_pull, tags=tags)


def _is_no_pull(path: tuple[str, ...]) -> bool:
    return len(path) == 1 and path[0] in _NO_PULL


def _uses(_source: SourceFile, root: Node) -> Iterator[Use]:
    name = text(get(root, "name")) or "workspace"
    yield Use("workspace", name, get(root, "image"), fill=_with_defaults)
    for image in listed(get(root, "build", "cacheFrom")):
        yield Use("cache", name, image, fill=_with_defaults)
    for section in ("features", "dependsOn"):
        for feature, _ in items(get(root, section)):
            yield Use("feature", name, feature, fill=_of_a_registry)


def _with_defaults(image: Written) -> list[Written]:
    for found in reversed(list(_DEFAULT.finditer(image.text))):
        image = image[: found.start()] + image[found.start(1) : found.end(1)] + image[found.end() :]
    return [image]


def _of_a_registry(feature: Written) -> list[Written]:
    """A feature may also be an archive, or a folder beside the file."""
    return [] if re.match(r"https?:|\.", feature.text) else [feature]


register(
    Format(
        "devcontainer",
        "Development containers",
        _claims,
        _extract,
        files="devcontainer.json, .devcontainer.json, .devcontainer/**/devcontainer*.json, devcontainer-feature.json",
        example=Example(
            ".devcontainer/devcontainer.json",
            '{\n  // A comment.\n  "image": "mcr.microsoft.com/devcontainers/base:bookworm@sha256:…",\n}\n',
        ),
    )
)
