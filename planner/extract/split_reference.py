"""References whose parts stand in fields of one mapping, as in Helm values, Kustomizations and custom resources."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from planner.extract.format import DIGEST, Found, occurrence
from planner.extract.syntax.yaml_nodes import MappingNode, Node, get, items, text, value, walk
from planner.extract.written import NOTHING, Written, glue
from planner.model.occurrence import Occurrence
from planner.model.source import SourceFile

# What a document needs to have for the rest of this module to be worth its time: a field for the digest (or for a tag
# that may end with one) whose value is one, or is written in a way that only a parser can tell.
_WORTH_A_LOOK = re.compile(
    r"""
    (?<!@)(?:[dD]igest|DIGEST|[sS]ha|SHA|[sS]ha256|SHA256|[tT]ag|TAG|[vV]ersion)["']?[ \t]*:\s*
        (?: ["']?(?:[\w.-]*@)?(?:sha\d{3}:)?[0-9a-fA-F]{64} | [*&|>!] | ["']?[$%<{] )
    | [rR]egistry["']?[ \t]*:\s*["']?[\w*&]
    | name["']?[ \t]*:\s*["']?[\w.-]*(?:[dD]igest|[tT]ag|[sS]ha|[vV]ersion|[sS]ha256)\b
    """,
    re.VERBOSE,
)
# What a controller reports, what tools note down, prose and schemas: nothing there is pulled.
_NOT_PULLED = frozenset(
    {"status", "annotations", "labels", "description", "managedFields", "openAPIV3Schema", "report"}
)
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_ALGORITHM = re.compile(r"@(sha\d{3})$")
_TAGGED = re.compile(r":[\w.-]+$")
_FILLED_IN = re.compile(r"[$%{<\ue000]")  # a variable or template of another tool
_HOST = re.compile(r"(?:[^/]*[.:][^/]*|localhost)/")
_FIELD = re.compile(r"(.*?)(?:new|image)?(?:digest|sha256|sha|tag|version|registry)")
# The parts by the names of their fields, small and without "-" and "_"; what wins comes first. Any of them may have a
# prefix that all share (`proxyImageRepository`, `proxyImageDigest`).
_REGISTRY = ("registry", "imageregistry", "defaultregistry", "imagedefaultregistry", "hub", "imagehub")
_REPOSITORY = ("newname", "repository", "imagerepository", "repo", "imagerepo")
_IMAGE = ("image", "imagename", "")
_TAG = ("newtag", "tag", "imagetag", "version", "imageversion")
_SWITCH = "usedigest"  # false where a chart pulls by tag all the same
_DIGEST = ("digest", "imagedigest", "sha256", "imagesha256", "sha", "imagesha")

Members = Mapping[str, Node]
# A scalar's text: fields of one image may stand in several files.
Read = Callable[[Node | None], Written]


def joined(name: Written, *, registry: Written = NOTHING, tag: Written = NOTHING, digest: Written = NOTHING) -> Written:
    """One reference of the fields that hold its parts; empty ones are left out."""
    whole = registry + glue("/", name) + name if registry.text and name.text else name
    if tag.text:
        whole += glue(":", tag) + tag
    if digest.text:
        whole += glue("@", digest) + digest
    return whole


@dataclass(frozen=True, slots=True)
class Split:
    """A reference of several fields, its name as written, and all nodes that are part of it."""

    reference: Written
    start: Written
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of the mappings that are read.

    `is_image`: whether their fields describe an image, whatever they are called; `registry` is put before each name
    that has none, and in place of a registry beside it, `default_registry` only where there is none of either;
    `tags`: whether references by tag count.
    """

    is_image: bool = False
    registry: Written = NOTHING
    default_registry: Written = NOTHING
    tags: bool = False


def of_members(read: Read, members: Members, key: str, kind: Kind) -> Iterator[Split]:
    """The references that the fields of one mapping make together; `key` is where the mapping stands."""
    fields: dict[str, Node] = {}
    prefixes: dict[str, None] = {}
    for name, node in members.items():
        if text(node).strip():
            plain = _plain(name)
            fields.setdefault(plain, node)
            found = _FIELD.fullmatch(plain)
            if found and plain != _SWITCH:
                prefixes.setdefault(found[1])
    for prefix in prefixes:
        if split := _assembled(read, fields, prefix, _plain(key), kind):
            yield split


def _plain(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()


def _assembled(read: Read, fields: Members, prefix: str, key: str, kind: Kind) -> Split | None:
    about_image = "image" in prefix + key or any("image" in field for field in fields if field.startswith(prefix))
    tag_node, digest_node = _first(fields, prefix, _TAG), _first(fields, prefix, _DIGEST)
    if tag_node is None and _SWITCH in fields:
        tag_node = fields.get("tag")
    tag = read(tag_node).strip()
    is_by_tag = text(fields.get(_SWITCH)) == "false"
    digest = NOTHING if is_by_tag else _digest(read, digest_node, is_image=kind.is_image or about_image)
    image, name = _name(read, fields, prefix, key, about_image=about_image)
    if (
        not name
        and "image" in prefix + key
        and not any("@" in text(fields[each]) for each in fields.keys() - set(_TAG))
    ):
        image, name = _elsewhere(tag, digest if kind.is_image else NOTHING, tag_node, digest_node)
    if not name or "://" in image.text:
        return None
    registry_node = _first(fields, prefix, _REGISTRY)
    if DIGEST.search(image.text):
        tag = digest = NOTHING
        if not registry_node:
            return None  # one text, which is found as such
    if tag.text and (algorithm := _ALGORITHM.search(image.text)):
        # A chart that puts a colon between both: `repository: name@sha256`, and hex digits for a tag.
        image, tag, digest = image[: algorithm.start()], NOTHING, glue(f"{algorithm[1]}:", tag) + tag
    tag, digest = _version(tag, digest)
    if _TAGGED.search(image.text) and "@" not in tag.text:
        tag = NOTHING  # the version beside it is that of something else
    pinned = digest.text or DIGEST.search(tag.text) or DIGEST.search(image.text)
    is_tagged = kind.tags and tag.text and (digest_node or _SWITCH not in fields)
    if not (pinned or is_tagged):
        return None
    registry = _registry(read, registry_node, image, kind)
    parts = tuple(node for node in (registry_node, *name, tag_node, digest_node) if node)
    return Split(joined(image, registry=registry, tag=tag, digest=digest), read(name[0]), parts)


def _version(tag: Written, digest: Written) -> tuple[Written, Written]:
    """Tag and digest as they are put behind the name: a tag may hold a digest, or be one."""
    if "@" in tag.text:
        return tag, NOTHING
    if DIGEST.match(tag.text):
        return NOTHING, digest if digest.text else tag
    if digest.text and _FILLED_IN.search(tag.text):
        return NOTHING, digest  # it says what is pulled, whatever the tag becomes
    return tag, digest


def _elsewhere(tag: Written, digest: Written, *nodes: Node | None) -> tuple[Written, tuple[Node, ...]]:
    """For a pinned image whose name stands in another file, such as a chart's own values: a variable for it."""
    pinned = tag if DIGEST.search(tag.text) else digest
    return (glue("{name}", pinned), tuple(node for node in nodes if node)) if pinned.text else (NOTHING, ())


def _first(fields: Members, prefix: str, words: tuple[str, ...]) -> Node | None:
    return next((fields[prefix + word] for word in words if prefix + word in fields), None)


def _name(read: Read, fields: Members, prefix: str, key: str, *, about_image: bool) -> tuple[Written, tuple[Node, ...]]:
    """The image's name and the nodes of which it is made; a name that may be anything's counts for images only."""
    if prefix and _SWITCH in fields and prefix + "digest" in fields and "repository" in fields:
        # One chart, several flavours: `repository: operator` and `awsDigest` are those of `operator-aws`.
        flavoured = read(fields["repository"]).strip()
        return flavoured + glue(f"-{prefix}", flavoured), (fields["repository"],)
    repository, image = _first(fields, prefix, _REPOSITORY), _first(fields, prefix, _IMAGE)
    if image is None and (about_image or _first(fields, prefix, _REGISTRY)):
        name = fields.get(prefix + "name")
        # In a list of images, the name beside a repository is that of the element.
        image = name if repository is None or key.endswith("image") else None
    if repository is None or image is None:
        node = repository or image
        return read(node).strip(), (node,) if node else ()
    outer, inner = read(repository).strip(), read(image).strip()
    if re.search("[/:@]", inner.text):
        return inner, (image,)
    if "newname" in fields or outer.text == inner.text or outer.text.endswith(f"/{inner.text}"):
        return outer, (repository,)
    return joined(inner, registry=_without_slash(outer)), (image, repository)


def _without_slash(written: Written) -> Written:
    return written[: len(written.text.rstrip("/"))]


def _registry(read: Read, node: Node | None, image: Written, kind: Kind) -> Written:
    """What is put before the name: the registry beside it, or the one for all."""
    own = _without_slash(read(node).strip())
    if kind.registry.text and (own.text or not _HOST.match(image.text)):
        own = _without_slash(kind.registry)
    elif not own.text and not _HOST.match(image.text):
        own = _without_slash(kind.default_registry)
    return NOTHING if image.text.startswith(f"{own.text}/") else own


def _digest(read: Read, node: Node | None, *, is_image: bool) -> Written:
    """The digest with its algorithm, which values may leave out; nothing where the field means something else."""
    digest = read(node).strip()
    if digest.text.startswith("@"):
        digest = digest[1:]
    if DIGEST.match(digest.text):
        return digest
    if not is_image:
        return NOTHING
    if _HEX.fullmatch(digest.text):
        return glue("sha256:", digest) + digest
    # A commit, say. What another tool fills in may well be a digest.
    return digest if _FILLED_IN.match(digest.text) else NOTHING


def has_any(source: SourceFile, root: Node) -> bool:
    """Whether a document is worth looking through for references by digest that are split over fields."""
    return _WORTH_A_LOOK.search(source.text, root.start_mark.index, root.end_mark.index) is not None


def of_document(source: SourceFile, root: Node, format: str = "kubernetes") -> Iterator[Found]:  # noqa: A002
    """Every reference by digest that is split over fields of one mapping, each place once."""
    if not has_any(source, root):
        return
    seen = set()
    owner = "/".join(filter(None, (text(get(root, "kind")), text(get(root, "metadata", "name")))))
    for path, node in walk(root, lambda path: path[-1] in _NOT_PULLED):
        members = {key.value: member for key, member in items(node)} if isinstance(node, MappingNode) else {}
        for split in of_members(partial(value, source), members, path[-1] if path else "", Kind()):
            name = ": ".join(filter(None, (owner, ".".join(path))))
            found = occurrence(source, split.reference, format=format, role="image field", name=name)
            place = (found.line, found.column, found.raw if isinstance(found, Occurrence) else "") if found else None
            if found and place not in seen:
                seen.add(place)
                yield found
