"""Documents that are put together from a file's texts once its variables are filled in. No format of its own."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from yaml.error import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from planner.extract.fields import Field, Owner, Path, Tree, found, is_tagged
from planner.extract.format import DIGEST, Found
from planner.extract.split_reference import Kind
from planner.extract.syntax.yaml_nodes import text as text_of
from planner.extract.syntax.yaml_nodes import value, walk
from planner.extract.written import NOTHING, Piece, Written
from planner.model.source import Problem, SourceFile


class Assembly:
    """Nodes as those of `yaml_nodes`, in a file of its own whose characters know where they stand really.

    Make all nodes, then read them in `source()`; `lifted` says where what was read stands.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.nodes = 0  # so far, for those who need a bound
        self._pieces: list[Piece] = []
        self._starts: list[int] = []
        self._texts: list[str] = []
        self._length = 0

    def scalar(self, text: Written) -> ScalarNode:
        """A text; empty for what is no text."""
        self.nodes += 1
        self._texts.append("\n")
        self._length += 1
        start = self._length
        for piece in text.pieces:
            if piece.text:
                self._pieces.append(piece)
                self._starts.append(self._length)
                self._texts.append(piece.text)
                self._length += len(piece.text)
        # With a style whose content begins after one character, nothing at its beginning is taken for a tag.
        return ScalarNode("", text.text, _mark(start - 1), _mark(self._length), style='"')

    def sequence(self, elements: Iterable[Node]) -> SequenceNode:
        """A list; readers take what is in it as if it stood in place of the list."""
        start = self._length
        values = list(elements)
        self.nodes += 1
        return SequenceNode("", values, _mark(start), _mark(self._length))

    def mapping(self, pairs: Iterable[tuple[str, Node]]) -> MappingNode:
        """A mapping; the values of a key that comes several times become a list."""
        start = self._length
        named: dict[str, list[Node]] = {}
        for key, node in pairs:
            named.setdefault(key, []).append(node)
        self.nodes += len(named) + 1
        members = [
            (self._key(key), nodes[0] if len(nodes) == 1 else self.sequence(nodes)) for key, nodes in named.items()
        ]
        return MappingNode("", members, _mark(start), _mark(self._length))

    def _key(self, key: str) -> ScalarNode:
        return ScalarNode("", key, _mark(self._length), _mark(self._length))

    def source(self) -> SourceFile:
        """The file that the nodes are about."""
        return SourceFile(self.path, "".join(self._texts))

    def lifted(self, read: Written) -> Written:
        """Text that was read in `source()`, with its true places."""
        lifted: list[Piece] = []
        for piece in read.pieces:
            pairs = zip(piece.text, piece.offsets, strict=True)
            for index, run in groupby(pairs, lambda pair: bisect_right(self._starts, pair[1]) - 1):
                if index >= 0:
                    lifted.append(self._origin(index, list(run)))
        return Written(tuple(lifted))

    def _origin(self, index: int, run: list[tuple[str, int]]) -> Piece:
        origin, start = self._pieces[index], self._starts[index]
        last = len(origin.offsets) - 1
        offsets = [origin.offsets[min(offset - start, last)] for _, offset in run]
        return Piece(origin.source, "".join(character for character, _ in run), offsets)

    def field(self, read: Field) -> Field:
        """A field that was read in `source()`, with its true places."""
        return replace(read, reference=self.lifted(read.reference), start=self.lifted(read.start or NOTHING))


def _mark(index: int) -> Mark:
    return Mark("", index, 0, 0, None, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """A document that was put together, and whose it is."""

    owner: Owner
    assembly: Assembly
    root: Node


def _never(_name: str, _path: Path) -> bool:
    return False


def references(
    source: SourceFile,
    parts: Iterable[Part],
    no_pull: Callable[[Path], bool],
    *,
    tags: bool,
    is_image: Callable[[str, Path], bool] = _never,
) -> Iterator[Found]:
    """The references in what was put together from a file, each place once: the first that uses it names it.

    `is_image` says, by the owner's name and the keys, which texts are references by tag though no key says so.
    """
    seen: set[tuple[str, int, int]] = set()
    tree = Tree(Kind(tags=tags), no_pull)
    for part in parts:
        inner = part.assembly.source()
        if not (tags or DIGEST.search(inner.text)):
            continue
        read = [part.assembly.field(each) for each in tree.fields(inner, part.root, depth=1)]
        if tags:
            read += [part.assembly.field(each) for each in _by_tag(inner, part, is_image)]
        mine = [each for each in read if not _is_of_another(source, each.reference)]
        now = set()
        for one in found(source, mine, part.owner, tags=tags):
            place = (one.subject if isinstance(one, Problem) else one.file, one.line, one.column)
            now.add(place)
            if place not in seen:
                yield one
        seen |= now


def _by_tag(inner: SourceFile, part: Part, is_image: Callable[[str, Path], bool]) -> Iterator[Field]:
    for path, node in walk(part.root):
        if path and is_image(part.owner.name, path) and is_tagged(text_of(node)):
            yield Field(path, value(inner, node))


def _is_of_another(source: SourceFile, reference: Written) -> bool:
    """Whether all of a reference stands in another file as one text: that file is read for itself."""
    pieces = [piece for piece in reference.pieces if piece.text]
    if not pieces or any(piece.source.path == source.path for piece in pieces):
        return False
    offsets = [offset for piece in pieces for offset in piece.offsets]
    is_one = offsets == list(range(offsets[0], offsets[0] + len(offsets)))
    return is_one and len({piece.source.path for piece in pieces}) == 1
