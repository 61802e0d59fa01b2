"""References in any tree of YAML or JSON: whole texts, fields that belong together, embedded documents, mentions."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from planner.extract import plain_text, split_reference
from planner.extract.format import DIGEST, Found, occurrence
from planner.extract.split_reference import Kind, Read, Split
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
    walk,
)
from planner.extract.written import Written
from planner.model.occurrence import Occurrence
from planner.model.reference import InvalidReferenceError, parse_reference
from planner.model.source import Problem, SourceFile

Path = tuple[str, ...]

# What tools note down, and schemas: nothing below is pulled.
_NOTES = re.compile(r"(?:\w*[aA]nnotations|\w*[lL]abels|managedFields|openAPIV3Schema|matchLabels)")
# Texts for people, and what other programs check.
_WORDS = re.compile(
    r"""
    \$? (?:description|message|comments?|notes?|summary|title|help|docs?|documentation|changelog|checksums?|integrity
    | signature|examples?|reason|deprecat\w*|[rR]epo(?:Digests|Tags)|purl)
    | _+\w*comment | // | .*(?:Description|Message|Comment|Summary)
    | (?:artifacthub\.io|kbld\.carvel\.dev|kbld\.k14s\.io|org\.opencontainers\.|(?:[\w-]+\.)*(?:kubernetes|k8s)\.io/).*
    """,
    re.VERBOSE,
)
_IMAGE_KEY = re.compile(r"images?|\w*[_-]?[iI]mages?", re.ASCII)
_WHOLE = re.compile(r"(?:docker://|docker-image://)?([^\s\"'=,;|&<>@]+@sha\d{3}:\w+)", re.IGNORECASE)
_EMBEDDED = re.compile(r"\s*(?:(?:---|#)[^\n]*\n\s*)*(?:- |[\w.\"'/-]+[ \t]*:(?:\s|$)|\[|\{(?!\{))")
_VERSION = re.compile(r"v?\d+(?:\.\d+)+[\w.-]*@")
_VERSION_KEY = re.compile(r"(?:.*[_-])?(?:tag|version)|\w*(?:Tag|Version|TAG|VERSION)")
_PARAMETERS = frozenset({"parameters", "set", "setString", "set-string"})
_MAX_EMBEDDED = 3  # documents within documents


@dataclass(frozen=True, slots=True)
class Field:
    """A reference, the keys that lead to it, and how sure it is that something pulls it.

    `start` is where one by tag begins if it was put together; `role` is what it is for, if not what its owner says.
    """

    path: Path
    reference: Written
    confidence: Literal["parsed", "text"] = "parsed"
    start: Written | None = None
    role: str = ""


def is_note(path: Path) -> bool:
    """Whether what stands below these keys is a note or a schema."""
    return _NOTES.fullmatch(path[-1]) is not None


def is_note_or_status(path: Path) -> bool:
    """As `is_note`, or what a controller reports about an object."""
    return is_note(path) or path[-1:] == ("status",)


@dataclass(frozen=True, slots=True)
class Base:
    """A file whose values hold where the one that is read has none, as a chart's own do."""

    source: SourceFile
    root: Node

    def beneath(self, source: SourceFile, path: Path, members: Mapping[str, Node]) -> tuple[Read, Mapping[str, Node]]:
        """The members of a mapping of `source` with those that this file has at the same path, and how to read them."""
        own = {key.value: node for key, node in items(get(self.root, *path))}
        ours = {id(node) for node in own.values()}
        return lambda node: value(self.source if id(node) in ours else source, node), own | dict(members)


@dataclass(slots=True)
class Tree:
    """How a tree is read: what is known of its mappings, and below which keys nothing is pulled."""

    kind: Kind = field(default_factory=Kind)
    no_pull: Callable[[Path], bool] = is_note
    base: Base | None = None

    def fields(self, source: SourceFile, root: Node, path: Path = (), depth: int = 0) -> Iterator[Field]:
        """Every reference below `root`, which stands at `path`."""
        is_split = self.kind.tags or depth > 0 or split_reference.has_any(source, root)
        used: set[int] = set()
        for below, node in walk(root, lambda keys: self.no_pull((*path, *keys))):
            at = (*path, *below)
            if is_split and not isinstance(node, ScalarNode):
                for key, members in self._members(at, node):
                    for split in self._splits(source, at, key, members):
                        used.update(id(part) for part in split.parts)
                        yield Field(at, split.reference, start=split.start)
            if isinstance(node, ScalarNode) and id(node) not in used:
                yield from self.scalar(source, node, at, depth)

    def _splits(self, source: SourceFile, path: Path, key: str, members: Mapping[str, Node]) -> Iterator[Split]:
        if not self.base:
            yield from split_reference.of_members(partial(value, source), members, key, self.kind)
            return
        read, merged = self.base.beneath(source, path, members)
        for split in split_reference.of_members(read, merged, key, self.kind):
            # What the other file pins itself is found there.
            place = split.reference.place(split.reference.text.rfind("@") + 1)
            if place and place.file == source.path:
                yield split

    def _members(self, path: Path, node: Node) -> Iterator[tuple[str, Mapping[str, Node]]]:
        """A mapping's own, or those that a list of parameters makes (`name: image.tag`, `value: "1"`).

        With the key at which they stand.
        """
        if isinstance(node, MappingNode):
            yield path[-1] if path else "", {key.value: member for key, member in items(node)}
        elif isinstance(node, SequenceNode) and path and path[-1] in _PARAMETERS:
            groups: dict[str, dict[str, Node]] = {}
            for element in elements(node):
                outer, _, key = text(get(element, "name")).rpartition(".")
                if key and (member := get(element, "value")):
                    groups.setdefault(outer, {})[key] = member
            yield from ((outer.rpartition(".")[2], members) for outer, members in groups.items())

    def scalar(self, source: SourceFile, node: ScalarNode, path: Path, depth: int = 0) -> Iterator[Field]:
        """The reference that a text is, or those that it holds."""
        key = path[-1] if path else ""
        if not DIGEST.search(node.value):
            if self.kind.tags and _IMAGE_KEY.fullmatch(key) and is_tagged(text(node)):
                yield Field(path, value(source, node))
            return
        if _WORDS.fullmatch(key):
            return
        whole = value(source, node).strip()
        if whole.text.startswith(("oci://", "pkg:")):
            return  # a chart or another artifact, which no engine pulls; a package's name in a list of materials
        found = _WHOLE.fullmatch(whole.text)
        if found and (_VERSION.match(found[1]) or (_VERSION_KEY.fullmatch(key) and "/" not in found[1])):
            return  # a tag with its digest, whose image is named elsewhere
        if found and "://" not in found[1]:
            yield Field(path, whole[found.start(1) :])
        else:
            yield from self._within(whole, path, depth)

    def _within(self, outer: Written, path: Path, depth: int) -> Iterator[Field]:
        """What a longer text holds: a document of its own, or mentions."""
        inner = SourceFile(outer.pieces[0].source.path, outer.text)
        roots = embedded(inner) if depth < _MAX_EMBEDDED else []
        for root in roots:
            for found in replace(self, base=None).fields(inner, root, path, depth + 1):
                yield lifted(found, outer)
        if roots:
            return
        for label, mentioned in plain_text.spelled(inner):
            at = (*path, label) if label else path
            yield Field(at, outer.lifted(mentioned.pieces), "text")


def embedded(inner: SourceFile) -> list[Node]:
    """The documents of a text that is YAML or JSON itself; none for other text, such as a script."""
    if not _EMBEDDED.match(inner.text):
        return []
    roots = list(documents(inner))
    whole: list[Node] = [root for root in roots if isinstance(root, MappingNode | SequenceNode)]
    return whole if len(whole) == len(roots) else []


def lifted(each: Field, outer: Written) -> Field:
    """A field of a document that stands in the text `outer`, with its place there."""
    start = outer.lifted(each.start.pieces) if each.start else None
    return replace(each, reference=outer.lifted(each.reference.pieces), start=start)


def is_tagged(reference: str) -> bool:
    """A name alone may be that of a virtual machine's image or of a template."""
    try:
        return parse_reference(reference.strip()).tag is not None
    except InvalidReferenceError:
        return False


@dataclass(frozen=True, slots=True)
class Owner:
    """For whom fields are found: the format, what the references are for, and whose the tree is."""

    format: str
    role: str
    name: str = ""


def found(source: SourceFile, fields: Iterable[Field], owner: Owner, *, tags: bool = False) -> Iterator[Found]:
    """The occurrences of fields, each place once for each reference."""
    seen = set()
    for each in fields:
        made = occurrence(
            source,
            each.reference,
            format=owner.format,
            role=(each.role or owner.role) if each.confidence == "parsed" else "text",
            name=": ".join(filter(None, (owner.name, ".".join(each.path)))),
            confidence=each.confidence,
            tags=tags and each.confidence == "parsed",
            start=each.start.place() if each.start else None,
        )
        if made:
            key = (made.line, made.column, made.raw if isinstance(made, Occurrence) else made.text)
            if key not in seen:
                seen.add(key)
                yield made


def extracted(
    source: SourceFile,
    roots: Iterable[Node | Problem],
    fields: Callable[[SourceFile, Node], Iterable[Field]],
    owner: Owner,
    *,
    tags: bool,
) -> Iterator[Found]:
    """The occurrences of every document, and the problems of those that do not parse."""
    for root in roots:
        if isinstance(root, Problem):
            yield root
        else:
            yield from found(source, fields(source, root), owner, tags=tags)
