"""Pods whose files a kustomization uses: a patch, of this tree or of one that builds on it, may choose other nodes."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from planner.discover import MAX_BYTES, Tree
from planner.discover.read import read
from planner.discover.tree import base_of
from planner.model.occurrence import Occurrence

_NAME = re.compile(r"kustomization(?:\.ya?ml)?", re.IGNORECASE)
_OBJECTS = (".yaml", ".yml", ".json")
# What Flux applies of a folder, without any kustomization in it; its own definitions have the same words.
_FLUX, _PATCHES, _DEFINITION = b"kustomize.toolkit.fluxcd.io", (b"patches", b"components"), b"CustomResourceDefinition"
_DOCUMENT = re.compile(rb"^---", re.MULTILINE)
_LONGEST = 1000  # characters of a text that may name a file; inline patches are longer


def without_patched(tree: Tree, occurrences: Sequence[Occurrence]) -> list[Occurrence]:
    """The occurrences; those in files that a kustomization of the tree uses select no nodes any more.

    Every text in a kustomization that leads to a file, or to a folder around it, uses it, whatever the word before
    it. Whether it patches is not asked: an overlay that is not in the tree may do so. A kustomization that is no YAML
    may use every file, and so may one of Flux that patches: its paths begin at the repository, wherever that is.
    """
    selecting = {occurrence.file for occurrence in occurrences if occurrence.selector}
    if not selecting:
        return list(occurrences)
    base = base_of(tree.root)
    used = set(_used(tree, base))
    patched = {file for file in selecting if used.intersection(_around(os.path.realpath(Path(base, file))))}
    return [_anywhere(one) if one.selector and one.file in patched else one for one in occurrences]


def _anywhere(one: Occurrence) -> Occurrence:
    """An occurrence without its nodes, and without the platform, which the same labels say."""
    return replace(one, selector=frozenset(), platform=None)


def _used(tree: Tree, base: str) -> Iterator[str]:
    """The real paths to which the tree's kustomizations lead, and their own."""
    for path in tree.paths():
        folder, _, name = path.rpartition("/")
        if not _NAME.fullmatch(name):
            if name.endswith(_OBJECTS) and _flux_patches(Path(base, path)):
                yield base
            continue
        yield os.path.realpath(Path(base, path))
        source = tree.lookup(path)
        texts = _texts(source.text) if source else None
        if texts is None:
            yield base
        yield from (os.path.realpath(Path(base, folder, each)) for each in texts or ())


def _flux_patches(file: Path) -> bool:
    """Whether a file has an object by which Flux patches what it applies."""
    try:
        data = read(str(file), MAX_BYTES) or b""
    except (OSError, ValueError):  # too large, or not to be read: discover tells
        return False
    if _FLUX not in data:
        return False
    documents = (each for each in _DOCUMENT.split(data) if _FLUX in each and _DEFINITION not in each)
    return any(word in each for each in documents for word in _PATCHES)


def _texts(text: str) -> set[str] | None:
    """Every text of a YAML file that may be a path; None where it is no YAML."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = {event.value for event in yaml.parse(text, Loader=loader) if isinstance(event, yaml.ScalarEvent)}
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return {each for each in found if 0 < len(each) <= _LONGEST and each.isprintable()}


def _around(path: str) -> Iterable[str]:
    """A path, and every folder around it."""
    return (path, *map(str, Path(path).parents))
