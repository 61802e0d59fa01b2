"""Objects of other tools that stand among Kubernetes' in a file, and what is read in them at known places."""

import re
from collections.abc import Callable, Iterator

from planner.extract.fields import Field, Owner, Path, Tree, found, is_note_or_status
from planner.extract.format import DIGEST, FORMATS, Found, Lookup
from planner.extract.split_reference import Kind
from planner.extract.syntax.yaml_nodes import Node, documents, elements, get, text, walk
from planner.model.source import Problem, SourceFile

# What is read at a node that stands at a path.
Reader = Callable[[SourceFile, Path, Node, bool], Iterator[Field]]
# Who reads at a path, if anybody does.
Readers = Callable[[Path], Reader | None]


def fields(source: SourceFile, root: Node, reader: Readers, tags: bool) -> Iterator[Field]:
    """What readers find at their places, then whatever names an image elsewhere in an object, but in its status."""
    for path, node in walk(root, is_note_or_status):
        if read := reader(path):
            yield from read(source, path, node, tags)
    tree = Tree(Kind(is_image=True, tags=tags), lambda path: is_note_or_status(path) or reader(path) is not None)
    yield from tree.fields(source, root)


def extracted(  # noqa: PLR0913 - all that one format tells another
    source: SourceFile,
    lookup: Lookup,
    *,
    tags: bool,
    owner: Owner,
    is_ours: Callable[[Node], bool],
    read: Callable[[SourceFile, Node, bool], Iterator[Field]],
) -> Iterator[Found]:
    """What `read` finds in the objects that `is_ours` says, and what the format of Kubernetes finds in the others."""
    ours = []
    for root in documents(source, tags):
        if isinstance(root, Problem):
            yield root
        else:
            ours += [each for each in _objects(root) if is_ours(each)]
    for each in ours:
        name = "/".join(filter(None, (text(get(each, "kind")), text(get(each, "metadata", "name")))))
        yield from found(source, read(source, each, tags), Owner(owner.format, owner.role, name), tags=tags)
    rest = without(source, ours)
    if tags or DIGEST.search(rest.text):
        every = FORMATS["kubernetes"].extract(rest, lookup, tags)
        yield from (one for one in every if not (isinstance(one, Problem) and one.kind == "unparsable"))


def _objects(root: Node) -> list[Node]:
    """The document itself, or the items of a list."""
    return elements(get(root, "items")) if text(get(root, "kind")).endswith("List") else [root]


def without(source: SourceFile, nodes: list[Node]) -> SourceFile:
    """The file with blanks in place of some nodes; what is left still parses, and its places are true."""
    parts: list[str] = []
    position = 0
    for node in nodes:
        start, stop = node.start_mark.index, node.end_mark.index
        if start >= position:  # an alias stands before
            parts += [source.text[position:start], _blanked(source.text[start:stop])]
            position = stop
    return SourceFile(source.path, "".join([*parts, source.text[position:]]))


def _blanked(written: str) -> str:
    """Spaces in place of an object; in JSON an empty one, so that what is around it still parses."""
    blank = re.sub(r"[^\n]", " ", written)
    return f"{{{blank[1:-1]}}}" if written[:1] == "{" and len(written) > 1 else blank
