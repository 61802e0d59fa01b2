"""Cloud Native Buildpacks: images in project, builder and package files: buildpacks, builder, build and run images.

Archives (`https:`), paths and names of a buildpack registry (`urn:cnb:`) are none.
"""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.syntax.toml_nodes import documents
from planner.extract.syntax.yaml_nodes import Node, get
from planner.extract.uses import Use, found_at, named, of_documents
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)[^/]*(?:project|builder|package|buildpack|extension)[^/]*\.toml$", re.IGNORECASE)
_OURS = re.compile(
    r"^[ \t]*\[{1,2}[ \t]*(?:io\.buildpacks|build\.|buildpacks?\b|extensions?\b|dependencies\b|stack\b|run\.images)",
    re.MULTILINE,
)
_SCHEME = re.compile(r"docker:/{0,2}")
# What is no image: another scheme, or a path.
_ELSEWHERE = re.compile(r"[a-z]+:(?!\d)[a-z/]|[./]")
_BUILDPACKS = (
    *("io.buildpacks.group[]", "io.buildpacks.pre.group[]", "io.buildpacks.post.group[]", "build.buildpacks[]"),
    *("build.pre.buildpacks[]", "build.post.buildpacks[]", "buildpacks[]", "extensions[]", "dependencies[]"),
    *("buildpack", "extension", "lifecycle"),
)
_IMAGES = {
    "io.buildpacks.builder": "builder",
    "build.builder": "builder",
    "build.image": "build image",
    "stack.build-image": "build image",
    "stack.run-image": "run image",
    "stack.run-image-mirrors[]": "run image",
    "run.images[].image": "run image",
    "run.images[].mirrors[]": "run image",
}


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and _OURS.search(source.text) is not None


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    return of_documents(source, documents(source, tags), "buildpacks", _uses, _is_no_pull, tags=tags)


def _is_no_pull(path: tuple[str, ...]) -> bool:
    return path[-1] in ("metadata", "description", "homepage", "labels", "sha256", "licenses", "checksum")


def _uses(_source: SourceFile, root: Node) -> Iterator[Use]:
    for path in _BUILDPACKS:
        for _, buildpack in found_at(root, path):
            name = named(buildpack, path.rpartition(".")[2].removesuffix("[]"), "id", "name")
            yield Use("buildpack", name, get(buildpack, "uri"), fill=partial(_image, certain=False))
            yield Use("buildpack", name, get(buildpack, "image"), fill=partial(_image, certain=True))
    for path, role in _IMAGES.items():
        for _, image in found_at(root, path):
            yield Use(role, role, image, fill=partial(_image, certain=True))


def _image(uri: Written, *, certain: bool) -> list[Written]:
    """The image that a URI names; without a scheme, one may be the path of a folder, or a buildpack's id."""
    if found := _SCHEME.match(uri.text):
        return [uri[found.end() :]]
    return [uri] if (certain or "@sha" in uri.text) and not _ELSEWHERE.match(uri.text) else []


register(
    Format(
        "buildpacks",
        "Cloud Native Buildpacks",
        _claims,
        _extract,
        files="project.toml, builder.toml, package.toml, buildpack.toml",
        example=Example(
            "project.toml",
            '[_]\nid = "app"\n\n[[io.buildpacks.group]]\nuri = "docker://registry.example/buildpacks/go@sha256:…"\n',
        ),
    )
)
