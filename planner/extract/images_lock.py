"""Carvel: images of an ImagesLock and of kbld's configuration (overrides, newImage). The lock is what gets pulled.

Bundles of imgpkg, BundleLock among them, are artifacts that no engine pulls.
"""

import re
from collections.abc import Iterator

from planner.extract import objects
from planner.extract.fields import Field, Owner, Path
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.syntax.yaml_nodes import Node, SequenceNode, get, text, value
from planner.model.source import SourceFile

_API = re.compile(r"""(?:imgpkg\.(?:carvel\.dev|k14s\.io)|kbld\.(?:k14s\.io|carvel\.dev))/v\d""")
_OWNER = Owner("images-lock", "locked image")


def _claims(source: SourceFile) -> bool:
    return ("imgpkg." in source.text or "kbld." in source.text) and _API.search(source.text) is not None


def _is_ours(root: Node) -> bool:
    return _API.match(text(get(root, "apiVersion"))) is not None


def _image(source: SourceFile, path: Path, node: Node, _tags: bool) -> Iterator[Field]:
    """`image` of a lock names what is pulled, that of an override what `newImage` takes the place of."""
    if not isinstance(node, SequenceNode):
        key = "newImage" if path == ("overrides",) else "image"
        image = value(source, get(node, key)).strip()
        yield Field((*path, key), image, start=image)


_READERS: dict[Path, objects.Reader] = {("images",): _image, ("overrides",): _image}


def _fields(source: SourceFile, root: Node, tags: bool) -> Iterator[Field]:
    if text(get(root, "kind")) not in ("BundleLock", "Bundle"):
        yield from objects.fields(source, root, _READERS.get, tags)


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    return objects.extracted(source, lookup, tags=tags, owner=_OWNER, is_ours=_is_ours, read=_fields)


register(
    Format(
        name="images-lock",
        title="Image locks of Carvel (imgpkg, kbld)",
        claims=_claims,
        extract=_extract,
        rank=30,
        files="objects of imgpkg.carvel.dev (.imgpkg/images.yml) and kbld.k14s.io",
        example=Example(
            "bundle/.imgpkg/images.yml",
            "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n"
            "- image: registry.example/web@sha256:…\n",
        ),
    )
)
