"""What formats share whose documents name images at known places: a list of these places, and their templates."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from planner.extract import plain_text
from planner.extract.format import DIGEST, Extract, Found, Lookup, occurrence
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_aliases import used_at
from planner.extract.syntax.yaml_nodes import (
    MappingNode,
    Node,
    ScalarNode,
    documents,
    elements,
    get,
    items,
    text,
    value,
    walk,
)
from planner.extract.written import Written, place_at
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform, parse_platform
from planner.model.source import Problem, SourceFile

# Bounds on what a template may become; values beyond them are still found by their spelling.
_MAX_COMBINATIONS = 500

# Whether what stands below these keys is no pull: words, or an artifact that the CI system reads itself. Each format
# says it for itself and by the whole path, since a job may bear any name.
NoPull = Callable[[tuple[str, ...]], bool]
Fill = Callable[[Written], list[Written]]


def _as_written(image: Written) -> list[Written]:
    return [image]


def _nowhere(_path: tuple[str, ...]) -> bool:
    return False


def places(*patterns: str) -> NoPull:
    """Paths of keys, joined by dots; `*` stands for any one key."""
    wanted = [tuple(pattern.split(".")) for pattern in patterns]

    def is_one(path: tuple[str, ...]) -> bool:
        same_length = (each for each in wanted if len(each) == len(path))
        return any(all(want in ("*", key) for want, key in zip(each, path, strict=True)) for each in same_length)

    return is_one


@dataclass(frozen=True, slots=True)
class Use:
    """A place where a document names an image: what for, whose, and the scalar.

    Only values that begin with `scheme` count. `fill` puts in what the document says about variables; a matrix gives
    several images. With `within`, the scalar is a script or the like, in which references are known by their spelling.
    """

    role: str
    name: str
    node: Node | None
    scheme: str = ""
    fill: Fill = _as_written
    platform: Platform | None = None
    within: bool = False


Uses = Callable[[SourceFile, Node], Iterable[Use]]


def extractor(name: str, uses: Uses, no_pull: NoPull = _nowhere) -> Extract:
    """The `extract` of the format `name`, whose documents name images where `uses` says, and none at `no_pull`."""

    def extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
        return of_documents(source, documents(source, tags), name, uses, no_pull, tags=tags)

    return extract


def of_documents(  # noqa: PLR0913 - all that one format tells another
    source: SourceFile,
    roots: Iterable[Node | Problem],
    format: str,  # noqa: A002 - the field's word
    uses: Uses,
    no_pull: NoPull = _nowhere,
    *,
    tags: bool,
) -> Iterator[Found]:
    """The images that the documents use, then those that they only mention (in scripts say), but not at `no_pull`.

    By their tag only those count that are used, and only with `tags`.
    """
    read = []
    texts: list[Use] = []
    seen = set()
    for root in roots:
        if isinstance(root, Problem):
            yield root
            continue
        read.append(root)
        every = list(uses(source, root))
        texts += [use for use in every if use.within]
        for found in _of_uses(source, root, (use for use in every if not use.within), format, tags):
            seen.add((found.line, found.column))
            yield found
    for found in _within(source, texts, format):
        if (found.line, found.column) not in seen:
            seen.add((found.line, found.column))
            yield found
    for root in read:
        for found in _mentions(source, root, no_pull) if _has_more(source, root, seen) else ():
            if (found.line, found.column) not in seen:
                yield replace(found, format=format) if isinstance(found, Occurrence) else found


def _of_uses(
    source: SourceFile,
    root: Node,
    uses: Iterable[Use],
    format: str,  # noqa: A002 - the field's word
    tags: bool,
) -> Iterator[Found]:
    for use in uses:
        image = value(source, use.node)
        if not image.text.startswith(use.scheme):
            continue
        image = image[len(use.scheme) :]
        for filled in use.fill(image):
            found = occurrence(
                source,
                filled,
                format=format,
                role=use.role,
                name=use.name,
                platform=use.platform,
                tags=tags,
                start=image.place(),
            )
            if isinstance(found, Occurrence) and (lines := used_at(source, root, use.node)):
                found = replace(found, used_at=lines)
            if found:
                yield found


def _within(source: SourceFile, texts: Iterable[Use], format: str) -> Iterator[Found]:  # noqa: A002
    """What stands in scripts once their variables are filled in."""
    for use in texts:
        if "@" not in text(use.node) or not ("$" in text(use.node) or DIGEST.search(text(use.node))):
            continue
        for filled in use.fill(value(source, use.node)):
            for name, image in plain_text.spelled(SourceFile(source.path, filled.text)):
                found = occurrence(
                    source,
                    filled.lifted(image.pieces),
                    format=format,
                    role=use.role,
                    name=use.name or name,
                    confidence="text",
                )
                if found:
                    yield found


def _has_more(source: SourceFile, root: Node, seen: Collection[tuple[int, int]]) -> bool:
    """Whether a document has a digest beside those at the places `seen`; looking through its nodes takes longer."""
    digests = DIGEST.finditer(source.text, root.start_mark.index, root.end_mark.index)
    places = (place_at(source, digest.start()) for digest in digests)
    return any((place.line, place.column) not in seen for place in places)


def _mentions(source: SourceFile, root: Node, no_pull: NoPull) -> Iterator[Found]:
    """References that stand elsewhere, in a script's `docker run` say: known by their spelling only."""
    for _, node in walk(root, no_pull):
        if isinstance(node, ScalarNode) and DIGEST.search(node.value):
            yield from plain_text.search(source, node.start_mark.index, node.end_mark.index)


def inner(node: Node | None, key: str) -> Node | None:
    """The image of `image: NAME` as well as of `image: {KEY: NAME}`."""
    return get(node, key) if isinstance(node, MappingNode) else node


def platform_of(word: str) -> Platform | None:
    """The platform that a file asks for, None where the word is none."""
    try:
        return parse_platform(word)
    except ValueError:
        return None


def filler(template: re.Pattern[str], known: Callable[[str], Written | None]) -> Fill:
    """A Use's `fill` for templates that have one value each."""
    return lambda image: [fill(image, template, known)]


def combinations(matrix: Node | None, keys: Sequence[str]) -> list[dict[str, Node]]:
    """What a build matrix gives `keys` together: its lists combined, and the rows of `include` that have all keys."""
    lists = [elements(get(matrix, key)) for key in keys]
    rows = [dict(zip(keys, nodes, strict=True)) for nodes in islice(product(*lists), _MAX_COMBINATIONS)]
    for row in elements(get(matrix, "include")):
        pairs = {key.value: node for key, node in items(row)}
        if all(key in pairs for key in keys):
            rows.append({key: pairs[key] for key in keys})
    return rows[:_MAX_COMBINATIONS]


def named(node: Node | None, default: str, *keys: str) -> str:
    """The first of `keys` that has a value in a mapping, else `default`."""
    return next((found for key in keys if (found := text(get(node, key)))), default)


def found_at(root: Node | None, path: str) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every node at a path of keys, with the keys for which a `*` stood: `jobs.*.steps[].image`.

    `*` is any key of a mapping, `[]` after a key each element of its list. What is not there is left out.
    """
    found: list[tuple[tuple[str, ...], Node]] = [((), root)] if root else []
    for key in path.split("."):
        name = key.removesuffix("[]")
        if name == "*":
            found = [((*names, each.value), below) for names, node in found for each, below in items(node)]
        elif name:
            found = [(names, below) for names, node in found if (below := get(node, name))]
        if key.endswith("[]"):
            found = [(names, element) for names, node in found for element in elements(node)]
    yield from found
