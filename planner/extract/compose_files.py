"""How compose puts a service together: variables of the folder, override files, `extends`."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from planner.extract.compose_variables import Variables, dotenv, fill
from planner.extract.format import Lookup, redacted
from planner.extract.syntax.yaml_nodes import MappingNode, Node, documents, elements, get, items, value
from planner.extract.written import Written, place_at
from planner.model.source import Problem, SourceFile

_STEMS = ("compose", "docker-compose")
_BASES = tuple(f"{stem}.{suffix}" for stem in _STEMS for suffix in ("yaml", "yml"))
_OVERRIDES = tuple(f"{stem}.override.{suffix}" for stem in _STEMS for suffix in ("yml", "yaml"))
_REMOTE = re.compile(r"\w[\w+.-]*://|git@|github\.com/|[^/]*\.git(?:#|$)")
_MAX_LAYERS = 50  # services that one service may extend, one after the other


@dataclass(frozen=True, slots=True)
class File:
    """A compose file with the variables that hold in it. `services` are its own, by name."""

    source: SourceFile
    root: Node
    variables: Variables
    services: Mapping[str, Node]
    folder: str | None = None  # from which paths in it count; None: the one in which it lies

    def path_to(self, path: str) -> str:
        """A path that is written in this file, relative to the root of the scan."""
        folder = posixpath.dirname(self.source.path) if self.folder is None else self.folder
        return posixpath.normpath(posixpath.join(folder, path))

    def filled(self, node: Node | None) -> str:
        """A scalar's text with variables filled in; those without a value are empty."""
        return fill(value(self.source, node), self.variables, lambda _name: None).text


@dataclass(frozen=True, slots=True)
class Layer:
    """A service as one file describes it. `own` is false where that file reports it itself: base and override."""

    file: File
    node: Node
    own: bool = True


@dataclass(frozen=True, slots=True)
class Merged:
    """The files that compose merges over a file and below it, each with what wins first."""

    over: list[File] = field(default_factory=list)
    below: list[File] = field(default_factory=list)


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


def load(source: SourceFile | None, variables: Variables, folder: str | None = None) -> File | None:
    """Another compose file; None if there is none or its first document does not parse."""
    parsed = _first_document(source) if source else None
    return File(source, parsed[0], variables, parsed[1], folder) if source and parsed else None


def included(file: File, entry: Node, node: Node, lookup: Lookup) -> File | Problem:
    """The file at `node` of the `include` entry `entry`, with its variables; what this project sets wins over them."""
    path = file.filled(node)
    if _REMOTE.match(path):
        return missing(file, node, path)
    project = file.filled(get(entry, "project_directory"))
    first = next(iter(elements(get(entry, "path"))), node)
    folder = file.path_to(project or posixpath.dirname(file.filled(first)))
    variables: dict[str, Written] = {}
    env_file = get(entry, "env_file")
    if not env_file:
        variables = dotenv(lookup(posixpath.normpath(posixpath.join(folder, ".env"))))
    for env in elements(env_file) or ([env_file] if env_file else []):
        variables |= dotenv(lookup(file.path_to(file.filled(env))))
    other = load(lookup(file.path_to(path)), {**variables, **file.variables}, folder)
    return other or missing(file, node, path)


@lru_cache(maxsize=32)  # hundreds of services may extend those of the same few files, each for itself
def _first_document(source: SourceFile) -> tuple[Node, Mapping[str, Node]] | None:
    root = next(documents(source), None)
    return (root, _services(root)) if isinstance(root, Node) else None


def merged_unasked(path: str, variables: Variables, lookup: Lookup) -> Merged:
    """What compose puts over a file, and what below it, each with what wins first.

    `COMPOSE_FILE` in the `.env` beside it says so, or else a file of a default name goes with the override files of
    its folder. Both are empty where the order is only known to who runs compose (`-f`).
    """
    name = posixpath.basename(path)
    if "COMPOSE_FILE" in variables:
        order = _compose_file(path, variables)
        if path not in order[:_MAX_LAYERS]:
            return Merged()
        at = order.index(path)
        over, below = order[:at:-1], order[:at][::-1]
    else:
        over = [beside(path, other) for other in _OVERRIDES] if name in _BASES else []
        below = [beside(path, other) for other in _BASES] if name in _OVERRIDES else []
    return Merged(*([file for other in names if (file := load(lookup(other), variables))] for names in (over, below)))


def _compose_file(path: str, variables: Variables) -> list[str]:
    """The files that `COMPOSE_FILE` names, in the order in which they are merged."""
    separator = variables["COMPOSE_PATH_SEPARATOR"].text if "COMPOSE_PATH_SEPARATOR" in variables else ""
    names = variables["COMPOSE_FILE"].text
    separator = separator or (";" if ";" in names else ":")
    return [beside(path, name.strip()) for name in names.split(separator, _MAX_LAYERS) if name.strip()]


def layers(file: File, name: str, merged: Merged, lookup: Lookup) -> Iterator[Layer | Problem]:
    """A service's descriptions, what wins first: files over it, the file, what it extends, files below it.

    Nothing counts below one that says `!reset` or `!override` of the whole service.
    """
    for layer in _layers(file, name, merged, lookup):
        if isinstance(layer, Layer) and is_reset(layer.node):
            return
        yield layer
        if isinstance(layer, Layer) and layer.node.tag == "!override":
            return


def _layers(file: File, name: str, merged: Merged, lookup: Lookup) -> Iterator[Layer | Problem]:
    yield from _others(merged.over, name, lookup)
    yield Layer(file, file.services[name])
    yield from _extended(file, name, lookup)
    yield from _others(merged.below, name, lookup)


def _others(files: list[File], name: str, lookup: Lookup) -> Iterator[Layer]:
    """What other files say of a service. They report it, and problems with it, themselves."""
    for other in files:
        if name in other.services:
            yield Layer(other, other.services[name], own=False)
            extended = (layer for layer in _extended(other, name, lookup) if isinstance(layer, Layer))
            yield from (replace(layer, own=False) for layer in extended)


def is_reset(node: Node | None) -> bool:
    """Whether compose takes away what a merge would leave here."""
    return node is not None and node.tag == "!reset"


def extends_line(file: File, name: str) -> int | None:
    """The line where a service says what it extends."""
    return next((key.start_mark.line + 1 for key, _ in items(file.services[name]) if key.value == "extends"), None)


def _extended(file: File, name: str, lookup: Lookup) -> Iterator[Layer | Problem]:
    seen = {(file.source.path, name)}
    while len(seen) < _MAX_LAYERS and (extends := get(file.services.get(name), "extends")):
        name = file.filled(get(extends, "service") or extends)
        if path := file.filled(get(extends, "file")):
            remote = _REMOTE.match(path)
            other = None if remote else load(lookup(file.path_to(path)), file.variables)
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
    if _REMOTE.match(path):
        words = (
            f"names {redacted(path)!r}, which compose fetches from elsewhere and planner never does: the images that "
            "it brings were not checked; save `docker compose config` to a file and scan that"
        )
        return Problem("file", file.source.path, "file-missing", words, place.line, place.column)
    words = (
        f"names {redacted(path)!r}, which is no readable compose file below the scanned folder: the images that it "
        "brings were not checked; scan a folder that holds both"
    )
    return Problem("file", file.source.path, "file-missing", words, place.line, place.column)
