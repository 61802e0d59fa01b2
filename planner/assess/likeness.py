"""Whether an image is what it was foretold to be, and whether it holds the same content as the one it was made from."""

from collections.abc import Iterator

from planner.assess.shape import Entry, Shape, shape_of
from planner.model import media_type as mt
from planner.model.manifest import Manifest
from planner.model.platform import Platform
from planner.model.resolution import Resolution, State

# What is compared of a shape, in words. Not compared are the size of the document, which nobody can foretell, what was
# seen of layers, at which nobody looks, and the variant of the platform, which no copy changes.
_COMPARED = {
    "served": "the type under which it is served",
    "body": "its form",
    "declared": "its member mediaType",
    "members": "its members",
    "config_type": "the type of its config",
    "layers": "the kinds of its layers",
    "layer_types": "the types of its layers",
    "has_urls": "whether layers have URLs",
    "has_tarsums": "whether layers have old digests",
    "unsized": "whether a part has no size",
    "other_digests": "what has digests that are not SHA-256",
    "wrong_header": "whether its digest header is that of another document",
}


_NEITHER = "neither its config nor its layers are those of the source"
_NOWHERE = Platform("", "")  # an entry may say so, or name no platform: engines take both alike


def differences(expected: Resolution, found: Resolution) -> tuple[str, ...]:
    """How `found` differs from what was foretold, as far as a verdict could depend on it; a clause for each.

    Entries of an index that were not read on either side are compared by what the index says of them.
    """
    if found.state is not State.RESOLVED:
        return (f"it could not be read ({found.state}): {found.detail}",)
    before, after = shape_of(expected), shape_of(found)
    if before is None or after is None:
        return ("it is no manifest",)
    return tuple(_between(before, after))


def _between(expected: Shape, found: Shape) -> Iterator[str]:
    for name, what in _COMPARED.items():
        before, after = getattr(expected, name), getattr(found, name)
        if before != after:
            yield f"{what} is {_words(after)} instead of {_words(before)}"
    if expected.platform and found.platform is None:
        yield "its platform could not be read"
    elif expected.platform and found.platform:
        before, after = ((each.os, each.architecture) for each in (expected.platform, found.platform))
        if before != after:
            yield f"its platform is {found.platform} instead of {expected.platform}"
        if expected.config_seen != found.config_seen:
            yield "its config does not fit it as that of the source fits the source"
    if len(expected.entries) != len(found.entries):
        yield f"it has {len(found.entries)} entries instead of {len(expected.entries)}"
    for number, (one, other) in enumerate(zip(expected.entries, found.entries, strict=False), 1):
        yield from (f"entry {number}: {what}" for what in _of_entry(one, other))


def _of_entry(expected: Entry, found: Entry) -> Iterator[str]:
    before, after = expected.platform or _NOWHERE, found.platform or _NOWHERE
    if (before, expected.media_type) != (after, found.media_type):
        its, wanted = (
            f"{_words(kind)} for {platform}"
            for kind, platform in ((found.media_type, after), (expected.media_type, before))
        )
        yield f"it leads to {its} instead of {wanted}"
    if expected.shape is None:
        return
    if found.shape is None:
        yield f"what it leads to could not be read ({found.state})"
        return
    if (expected.has_size, expected.is_sha256) != (found.has_size, found.is_sha256):
        yield "its size or digest is not stated as expected"
    yield from _between(expected.shape, found.shape)


def _words(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value))) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return mt.TITLES.get(str(value), str(value)) if value else "none"


def why_other(source: Resolution, copy: Resolution, *, gzip: bool = False) -> str:
    """Why `copy` cannot be told to hold what `source` holds; empty where it does.

    The layers have to be the same blobs, but for those that a copy compresses: all of them if it was to have `gzip`,
    else those that the source has as plain tar. Of these the config, which has to be the same, names the content. Of an
    index each entry is compared, and one that was not read cannot be told.
    """
    one, other = source.manifest, copy.manifest
    if one is None or other is None:
        return "one of them could not be read"
    if one.is_index != other.is_index:
        return _NEITHER
    if not one.is_index:
        return _why_other_image(one, other, gzip=gzip)
    if len(one.entries) != len(other.entries):
        return "it has another number of entries than the source"
    for number, (mine, its) in enumerate(zip(one.entries, other.entries, strict=True), 1):
        if mine.digest == its.digest:
            continue
        child, copied = source.child(mine.digest), copy.child(its.digest)
        why = why_other(child, copied, gzip=gzip) if child and copied else "one of them was not read"
        if why:
            return f"entry {number}: {why}"
    return ""


def _why_other_image(source: Manifest, copy: Manifest, *, gzip: bool) -> str:
    has_its_config = bool(source.config and copy.config and source.config.digest == copy.config.digest)
    mine, its = ([layer.digest for layer in each.layers] for each in (source, copy))
    if source.is_schema1 or copy.is_schema1:
        # Schema 1 has layers without content besides, which other forms leave out.
        few, many = (mine, its) if copy.is_schema1 else (its, mine)
        return "" if mine == its or (few and set(few) <= set(many)) else _NEITHER
    if mine == its and (mine or has_its_config):
        return ""
    if not has_its_config:
        return _NEITHER
    pairs = zip(source.layers, copy.layers, strict=False)
    is_same = all(gzip or a.digest == b.digest or a.media_type in mt.PLAIN_LAYERS for a, b in pairs)
    return "" if is_same and len(mine) == len(its) else "its config is that of the source, and its layers are not"
