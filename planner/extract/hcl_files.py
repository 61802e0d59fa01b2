"""What formats in HCL share: files become blocks, their names have values, and texts in them are references."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from planner.extract.assembled import Assembly, Part, references
from planner.extract.fields import Owner, Path
from planner.extract.format import DIGEST, Found, Lookup
from planner.extract.syntax.hcl import HclError, parse
from planner.extract.syntax.hcl_json import body as of_json
from planner.extract.syntax.hcl_nodes import Body, Expression
from planner.extract.syntax.hcl_values import Names, Values
from planner.extract.syntax.yaml_nodes import documents
from planner.extract.written import place_at
from planner.model.source import Problem, SourceFile


@dataclass(frozen=True, slots=True)
class Block:
    """A value that is looked through: whose it is, what it is for, and the names that a loop gives in it."""

    owner: Owner
    value: Expression
    local: Names


def body(source: SourceFile, labels: dict[str, int], tags: bool) -> Body | Problem | None:
    """A file's blocks; None, or a Problem if it matters, where it does not parse. `labels`: see `hcl_json`."""
    if source.path.lower().endswith(".json"):
        roots = list(documents(source, tags))
        return next((root if isinstance(root, Problem) else of_json(source, root, labels) for root in roots), None)
    try:
        return parse(source)
    except HclError as error:
        return _unparsable(source, error) if tags or DIGEST.search(source.text) else None


def _unparsable(source: SourceFile, error: HclError) -> Problem:
    place = place_at(source, min(error.offset, max(len(source.text) - 1, 0)))
    text = (
        f"the file is no HCL that can be read (line {place.line}: {error}); references in it were found by their "
        "spelling only, some may be missed; correct the file, or check it by hand"
    )
    return Problem("file", source.path, "unparsable", text)


def beside(source: SourceFile, lookup: Lookup, names: Iterable[str]) -> Iterator[SourceFile]:
    """Files of other names in the same folder."""
    folder = source.path.rpartition("/")[0]
    for name in names:
        path = f"{folder}/{name}" if folder else name
        other = lookup(path) if path != source.path else None
        if other:
            yield other


def images(  # noqa: PLR0913 - what `references` is told, and how the blocks are read
    source: SourceFile,
    blocks: Iterable[Block],
    values: Values,
    no_pull: Callable[[Path], bool],
    *,
    tags: bool,
    is_image: Callable[[str, Path], bool] = lambda _name, _path: False,
) -> Iterator[Found]:
    """The references in the blocks, each place once: the first block that uses it names it."""
    yield from references(
        source, (_part(source, block, values) for block in blocks), no_pull, tags=tags, is_image=is_image
    )


def _part(source: SourceFile, block: Block, values: Values) -> Part:
    assembly = Assembly(source.path)
    return Part(block.owner, assembly, values.node(assembly, block.value, block.local))
