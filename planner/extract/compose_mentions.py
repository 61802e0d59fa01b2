"""References in a compose file that compose does not pull itself: in commands, environment and inline configs."""

from collections.abc import Collection, Iterator

from planner.extract import plain_text
from planner.extract.compose_files import File
from planner.extract.compose_variables import fill
from planner.extract.format import DIGEST
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, get, items, value, walk
from planner.extract.written import Piece, Place, Written, place_at
from planner.model.source import SourceFile

_NOT_PULLED = frozenset({"labels", "annotations", "description"})
# Read by the rules of compose and of Dockerfiles.
_READ = frozenset({("image",), ("build", "dockerfile_inline")})
# A model or what its provider is told is no image; caches are asked for and not needed; tags are what a build makes.
_NO_IMAGES = frozenset(
    {("provider",), ("models",), ("build", "cache_from"), ("build", "cache_to"), ("build", "tags"), ("build", "labels")}
)
_TOP = frozenset({"services", "version", "name", "include", "models"})


def has_more(file: File, seen: Collection[Place]) -> bool:
    """Whether there is a digest, in the file or in a variable, that is not among the places that were found so far."""
    if any(DIGEST.search(each.text) for each in file.variables.values()):
        return True
    return any(place_at(file.source, found.start()) not in seen for found in DIGEST.finditer(file.source.text))


def mentioning(file: File) -> Iterator[tuple[str, ScalarNode]]:
    """Each scalar that may name an image, with its service, or the section and entry in which it stands.

    Extensions (`x-...`) count where a service uses them.
    """
    for name, service in file.services.items():
        for _, node in walk(service, lambda path: path in _READ or path in _NO_IMAGES or path[-1] in _NOT_PULLED):
            if isinstance(node, ScalarNode):
                yield name, node
    if get(file.root, "services") is None:
        return
    for key, section in items(file.root):
        if key.value not in _TOP and not key.value.startswith("x-"):
            for path, node in walk(section, lambda path: path[-1] in _NOT_PULLED):
                if isinstance(node, ScalarNode):
                    yield ".".join((key.value, *path[:1])), node


def mentioned(file: File, node: ScalarNode) -> Iterator[Written]:
    """The references in a scalar by their spelling, variables filled in; those without a value stay as written."""
    if "@" not in node.value and "$" not in node.value:
        return
    unset: list[str] = []
    words = fill(value(file.source, node), file.variables, unset.append)
    if unset:
        kept = {name: _as_written(file, node, name) for name in unset}
        words = fill(value(file.source, node), {**file.variables, **kept}, unset.append)
    if DIGEST.search(words.text):
        for _, image in plain_text.spelled(SourceFile(file.source.path, words.text)):
            yield words.lifted(image.pieces)


def _as_written(file: File, node: Node, name: str) -> Written:
    text = f"${{{name}}}"
    return Written((Piece(file.source, text, [node.start_mark.index] * len(text)),))
