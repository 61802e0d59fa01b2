"""Nix: `dockerTools.pullImage` (imageName and imageDigest put together), and images of NixOS and other containers.

Strings with the names that the same file sets; not `sha256` and `hash`, which are those of the unpacked image.
"""

import re
from collections.abc import Iterator

from planner.extract import plain_text
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.split_reference import joined
from planner.extract.syntax.nix import Binding, Nix, Scope
from planner.extract.uses import platform_of
from planner.model.reference import InvalidReferenceError, parse_reference
from planner.model.source import SourceFile

_NAMES = ("imageName", "image", "repository", "repo")
_DIGESTS = ("imageDigest", "digest")
_IMAGE_KEY = re.compile(r"image|\w*Image|IMAGE|\w+_IMAGE", re.ASCII)
# Texts for people, and notes.
_NOTES = frozenset({"description", "longDescription", "meta", "labels", "annotations", "example", "changelog"})
_CONTAINERS = frozenset({"containers", "services", "containerConfig"})
# Say nothing about whose image it is.
_GENERAL = frozenset({"image", "service", "containerConfig", "fromImage"})
_REFERENCE = re.compile(r"(?:docker://)?([^\s\"'=,;@]+@[^\s\"'=,;]+)")


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    if not (tags or DIGEST.search(source.text)):
        return
    nix = Nix(source)
    seen = set()
    for scope in nix.scopes:
        for found in (*_pulled(nix, scope), *_contained(nix, scope, tags)):
            seen.add((found.line, found.column))
            yield found
    for position, path, scope in nix.strings:
        token = nix.tokens[position]
        if DIGEST.search(source.text, token.start, token.stop) and not _NOTES.intersection(path):
            for found in _mentioned(nix, position, path, scope):
                if (found.line, found.column) not in seen:
                    seen.add((found.line, found.column))
                    yield found


def _first(scope: Scope, names: tuple[str, ...]) -> Binding | None:
    return next((scope.attributes[name] for name in names if name in scope.attributes), None)


def _pulled(nix: Nix, scope: Scope) -> Iterator[Found]:
    """The image of a set of attributes that has a name and a digest."""
    name, digest = _first(scope, _NAMES), nix.text(_first(scope, _DIGESTS))
    image = nix.text(name)
    if "sha" not in digest.text or not image.text or "@" in image.text or _NOTES.intersection(scope.path):
        return
    architecture = nix.text(scope.attributes.get("arch")).text
    os = nix.text(scope.attributes.get("os")).text or "linux"
    found = occurrence(
        nix.source,
        joined(image, registry=nix.text(scope.attributes.get("registry")), digest=digest),
        format="nix",
        role="image",
        name=_owner(scope.path),
        platform=platform_of(f"{os}/{architecture}") if architecture else None,
        start=image.place(),
    )
    if found:
        yield found


def _contained(nix: Nix, scope: Scope, tags: bool) -> Iterator[Found]:
    """Attributes called `image` or the like that are a whole reference; by tag only those of containers."""
    for key, binding in scope.attributes.items():
        last = key.rpartition(".")[2]
        if not _IMAGE_KEY.fullmatch(last) or _NOTES.intersection(binding.path):
            continue
        image = nix.text(binding)
        if whole := _REFERENCE.fullmatch(image.text.strip()):
            image = image.strip()[whole.start(1) :]
        elif not (tags and _CONTAINERS.intersection(binding.path) and _is_tagged(image.text)):
            continue
        found = occurrence(
            nix.source,
            image,
            format="nix",
            role="container",
            name=_owner(binding.path),
            tags=tags and "imageFile" not in scope.attributes,
            start=image.place(),
        )
        if found:
            yield found


def _owner(path: tuple[str, ...]) -> str:
    return next((name for name in reversed(path) if name not in _GENERAL), "image")


def _is_tagged(reference: str) -> bool:
    try:
        return parse_reference(reference).tag is not None
    except InvalidReferenceError:
        return False


def _mentioned(nix: Nix, position: int, path: tuple[str, ...], scope: Scope) -> Iterator[Found]:
    """What a string names, in a script say, with the values of known names filled in."""
    words = nix.filled(position, scope)
    for label, image in plain_text.spelled(SourceFile(nix.source.path, words.text)):
        found = occurrence(
            nix.source,
            words.lifted(image.pieces),
            format="nix",
            role="text",
            name=label or ".".join(path[-2:]),
            confidence="text",
        )
        if found:
            yield found


register(
    Format(
        name="nix",
        title="Nix",
        files="*.nix",
        claims=lambda source: source.path.endswith(".nix"),
        extract=_extract,
        example=Example(
            "images.nix",
            '{ pkgs }:\npkgs.dockerTools.pullImage {\n  imageName = "registry.example/base";\n'
            '  imageDigest = "sha256:…";\n  hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";\n}\n',
        ),
    )
)
