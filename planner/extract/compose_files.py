"""How compose puts a service together: variables of the folder, override files, `extends`."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from planner.extract.compose_variables import Variables, dotenv, fill
from planner.extract.format import Lookup, redacted
from planner.extract.syntax.yaml_nodes import MappingNode, Node, documents, get, items, value
from planner.extract.written import Written, place_at
from planner.model.source import Problem, SourceFile

_STEMS = ("compose", "docker-compose")
_BASES = tuple(f"{stem}.{suffix}" for stem in _STEMS for suffix in ("yaml", "yml"))
_OVERRIDES = tuple(f"{stem}.override.{suffix}" for stem in _STEMS for suffix in ("yml", "yaml"))
_MAX_LAYERS = 50  # services that one service may extend, one after the other


@dataclass(frozen=True, slots=True)
class File:
    """A compose file with the variables that hold in it. `services` are its own, by name."""

    source: SourceFile
    root: Node
    variables: Variables
    services: Mapping[str, Node]

    def path_to(self, path: str) -> str:
        """A path that is written in this file, relative to the root of the scan."""
        return beside(self.source.path, path)

    def filled(self, node: Node | None) -> str:
        """A scalar's text with variables filled in; those without a value are empty."""
        return fill(value(self.source, node), self.variables, lambda _name: None).text


@dataclass(frozen=True, slots=True)
class Layer:
    """A service as one file describes it. `own` is false where that file reports it itself: base and override."""

    file: File
    node: Node
    own: bool = True


def beside(path: str, other: str) -> str:
    """`other`, written relative to the folder of `path`, relative to the root of the scan."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), other))


def environment(path: str, lookup: Lookup) -> dict[str, Written]:
    """The variables of the `.env` beside a compose file. planner's own environment says nothing about the hosts'."""
    return dotenv(lookup(beside(path, ".env")))


def file_of(source: SourceFile, root: Node, variables: Variables) -> File:
    """One document of a compose file; version 1 has the services at the top."""
    return File(source, root, variables, _services(root))


def _services(root: Node) -> dict[str, Node]:
    services = get(root, "services")
    if services is None and all(isinstance(node, MappingNode) for _, node in items(root)):
        services = root
    return {key.value: node for key, node in items(services) if key.value[:2] != "x-"}


def load(source: SourceFile | None, variables: Variables) -> File | None:
    """Another compose file; None if there is none or its first document does not parse."""
    parsed = _first_document(source) if source else None
    return File(source, parsed[0], variables, parsed[1]) if source and parsed else None


@lru_cache(maxsize=32)  # hundreds of services may extend those of the same few files, each for itself
def _first_document(source: SourceFile) -> tuple[Node, Mapping[str, Node]] | None:
    root = next(documents(source), None)
    return (root, _services(root)) if isinstance(root, Node) else None


def merged_unasked(path: str, variables: Variables, lookup: Lookup) -> list[File]:
    """What compose merges with a file of a default name: the override files of a base, the base of an override file."""
    name = posixpath.basename(path)
    names = _BASES if name in _OVERRIDES else _OVERRIDES if name in _BASES else ()
    return [file for name in names if (file := load(lookup(beside(path, name)), variables))]


def layers(file: File, name: str, merged: list[File], lookup: Lookup) -> Iterator[Layer | Problem]:
    """A service's descriptions, what wins first: the override file, the file, what it extends."""
    others = [Layer(other, other.services[name], own=False) for other in merged if name in other.services]
    if posixpath.basename(file.source.path) not in _OVERRIDES:
        yield from others
    yield Layer(file, file.services[name])
    yield from _extended(file, name, lookup)
    if posixpath.basename(file.source.path) in _OVERRIDES:
        yield from others


def _extended(file: File, name: str, lookup: Lookup) -> Iterator[Layer | Problem]:
    seen = {(file.source.path, name)}
    while len(seen) < _MAX_LAYERS and (extends := get(file.services.get(name), "extends")):
        name = file.filled(get(extends, "service") or extends)
        if path := file.filled(get(extends, "file")):
            other = load(lookup(file.path_to(path)), file.variables)
            if other is None:
                yield missing(file, extends, path)
                return
            file = other
        if (file.source.path, name) in seen or name not in file.services:
            return
        seen.add((file.source.path, name))
        yield Layer(file, file.services[name])


def missing(file: File, node: Node, path: str) -> Problem:
    """The problem of a file that `node` names and that cannot be read."""
    place = place_at(file.source, node.start_mark.index)
    words = (
        f"names {redacted(path)!r}, which is no readable compose file below the scanned folder: the images that it "
        "brings were not checked; scan a folder that holds both"
    )
    return Problem("file", file.source.path, "file-missing", words, place.line, place.column)
