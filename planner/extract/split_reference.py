"""References whose digest stands in a field of its own (Helm values, Kustomization): seen, not yet put together."""

import re
from collections.abc import Iterator

from planner.extract.format import DIGEST, redacted
from planner.extract.syntax.yaml_nodes import Node, documents, items, place, text, walk
from planner.extract.written import NOTHING, Written, glue
from planner.model.reference import InvalidReferenceError, parse_digest, parse_reference
from planner.model.source import Problem, SourceFile

_SUFFIXES = (".yaml", ".yml", ".json")
_DIGEST_FIELD = re.compile(r"""\bdigest["']?\s*:\s*["']?sha(?:256|384|512):""")
# The fields beside a digest that name its image, what wins first.
_NAMES = ("newName", "repository", "image", "name")
# What a controller reports, what tools note down, prose and schemas: nothing there is pulled.
_NOT_PULLED = frozenset({"status", "annotations", "labels", "description", "managedFields", "openAPIV3Schema"})


def joined(name: Written, *, registry: Written = NOTHING, tag: Written = NOTHING, digest: Written = NOTHING) -> Written:
    """One reference of the fields that hold its parts; empty ones are left out."""
    whole = registry + glue("/", name) + name if registry.text else name
    if tag.text:
        whole += glue(":", tag) + tag
    if digest.text:
        whole += glue("@", digest) + digest
    return whole


def of_file(source: SourceFile) -> Iterator[Problem]:
    """`of_document` for each document of a YAML or JSON file; what does not parse says nothing here."""
    if source.path.lower().endswith(_SUFFIXES) and _DIGEST_FIELD.search(source.text):
        for root in documents(source):
            if isinstance(root, Node):
                yield from of_document(source, root)


def of_document(source: SourceFile, root: Node) -> Iterator[Problem]:
    """A Problem "split-reference" for each mapping that names an image beside the image's digest."""
    if not _DIGEST_FIELD.search(source.text, root.start_mark.index, root.end_mark.index):
        return
    for _, node in walk(root, lambda path: path[-1] in _NOT_PULLED):
        members = {key.value: member for key, member in items(node)}
        digest = members.get("digest")
        name = next((name for key in _NAMES if (name := text(members.get(key)).strip())), "")
        if digest and name and not DIGEST.search(name) and _is_digest(text(digest)):
            registry = text(members.get("registry")).strip()
            yield _problem(source, digest, f"{registry.rstrip('/')}/{name}" if registry else name)


def _is_digest(value: str) -> bool:
    try:
        return bool(parse_digest(value.strip()))
    except InvalidReferenceError:
        return False


def _problem(source: SourceFile, digest: Node, name: str) -> Problem:
    pinned = f"{name}@{text(digest).strip()}"
    try:
        parse_reference(pinned)
    except InvalidReferenceError:
        pinned = "NAME@DIGEST"  # not to be typed into a shell as it stands
    where = place(source, digest)
    words = (
        f"{redacted(name)[:200]!r} has its digest in a field of its own; planner does not put such references together "
        f"yet, so this pull was not checked; write name@digest, or check it with `planner explain {pinned}`"
    )
    return Problem("file", source.path, "split-reference", words, where.line, where.column)
