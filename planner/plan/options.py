"""What a pin may be changed to, before assess has a say: its parts, what it is part of, copies, what its tag holds."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from planner.assess.shape import shape_of
from planner.model import media_type as mt
from planner.model.host import LINUX_AMD64
from planner.model.knowledge import Knowledge
from planner.model.media_type import LayerKind
from planner.model.plan import Conversion
from planner.model.platform import Platform
from planner.model.reference import InvalidReferenceError, Reference
from planner.model.report import asked
from planner.model.resolution import Resolution, State
from planner.plan.copies.conversion import destination, predicted

Resolutions = Mapping[Reference, Resolution]
Parents = Mapping[tuple[str, str], Mapping[str, Resolution]]

# Of two changes that serve all hosts the lower one is made. The same bytes come before the same content in another
# form, and that before other content.
_SAME_CONTENT, _MOVED, _OTHER_CONTENT = 1, 2, 16
# By form: what is understood most widely, and longest, comes first.
_COPY = {"v2s2": 4, "oci": 6, "v2s1": 9}
_FORMS = {"v2s2": "schema 2", "oci": "OCI", "v2s1": "schema 1"}


@dataclass(frozen=True, slots=True)
class Option:
    """A reference that may stand in place of a pin's.

    `resolution` is what a registry has, or will have once `conversion` is made. `what` completes "re-pin to"; `costs`
    are what it changes besides, as sentences. `reference` has no digest as long as nobody knows it;
    `tag` is the one that the pin keeps. `is_last_resort`: other content, which is taken only where nothing else
    serves.
    """

    reference: Reference
    resolution: Resolution | None
    what: str = ""
    rank: int = 0
    conversion: Conversion | None = None
    tag: str | None = None
    costs: tuple[str, ...] = ()
    is_last_resort: bool = False

    @property
    def pulled(self) -> Reference:
        """What hosts pull: always by digest, of a copy that is not made yet by a stand-in."""
        if self.conversion is None:
            return self.reference
        tag = self.conversion.destination
        return replace(tag, tag=self.tag, digest=f"sha256:{hashlib.sha256(str(tag).encode()).hexdigest()}")


@dataclass(frozen=True, slots=True)
class Known:
    """What registries answered, and what is known of them. `parents` are as the function of that name has them."""

    resolutions: Resolutions
    parents: Parents
    knowledge: Knowledge


def parents(resolutions: Resolutions) -> Parents:
    """The indexes among all that was asked for, by the repository and the digests that they list, with their own."""
    found: dict[tuple[str, str], dict[str, Resolution]] = {}
    for reference, resolution in resolutions.items():
        digest, manifest = reference.digest or resolution.digest, resolution.manifest
        if digest and manifest and manifest.is_index:
            for entry in manifest.entries:
                found.setdefault((reference.name, entry.digest), {})[digest] = resolution
    return found


def options(reference: Reference, known: Known, platforms: Iterable[Platform], to: str) -> tuple[Option, ...]:
    """All that a pin may become. `to` is where copies go, empty: beside what they are made from, if `may_push`.

    `platforms` are those for which it is pulled. A reference without digest is no pin, and stays.
    """
    if reference.digest is None:
        return ()
    resolutions = known.resolutions
    found, wanted = resolutions.get(asked(reference)), list(dict.fromkeys(platforms))
    is_there = found is not None and found.state is State.RESOLVED
    has_place = bool(to) or may_push(reference, known.knowledge)
    others = [
        *_parents(reference, known.parents),
        *(_children(reference, found, wanted) if found else ()),
        *_replaced(reference, resolutions, known.knowledge),
        *(_copies(reference, found, wanted, to) if found and is_there and has_place else ()),
        *_of_tag(reference, resolutions, exists=is_there),
    ]
    # The same change, found in two ways, is one.
    return tuple({(o.reference, o.conversion): o for o in reversed(others)}.values())[::-1]


def _parents(reference: Reference, indexes: Parents) -> Iterator[Option]:
    for digest, found in indexes.get((reference.name, reference.digest or ""), {}).items():
        what = "the index that lists this image, which gives each host the image of its platform"
        yield Option(replace(reference, digest=digest), found, what, _SAME_CONTENT)


def _children(reference: Reference, found: Resolution, platforms: list[Platform]) -> Iterator[Option]:
    """The images of an index for the one platform that is in use; for more than one, only the index serves."""
    manifest = found.manifest
    if manifest is None or not manifest.is_index or len(platforms) != 1:
        return
    wanted = platforms[0]
    for entry in manifest.entries:
        if entry.platform and (entry.platform.os, entry.platform.architecture) == (wanted.os, wanted.architecture):
            child = found.child(entry.digest)
            lost = (f"hosts of other platforms than {entry.platform} cannot use this pin any more",)
            what = f"the image for {entry.platform} within this index"
            yield Option(replace(reference, digest=entry.digest), child, what, _SAME_CONTENT, costs=lost)


def _replaced(reference: Reference, resolutions: Resolutions, knowledge: Knowledge) -> Iterator[Option]:
    """The same digest where a retired registry's images went."""
    retirement = knowledge.retirement(reference)
    moved = moved_to(reference, knowledge)
    if retirement and moved:
        what = f"the same digest at {moved.name}, where it went from the retired {reference.registry}"
        yield Option(moved, resolutions.get(asked(moved)), what, _MOVED)


def moved_to(reference: Reference, knowledge: Knowledge) -> Reference | None:
    """The same path and digest at the registry that took over from a retired one; None where none did so plainly."""
    retirement = knowledge.retirement(reference)
    if retirement is None or not retirement.moved_to:
        return None
    host, _, path = retirement.moved_to.partition("/")
    matched = next((match for match in retirement.match if f"{reference.name}/".startswith(f"{match}/")), "")
    rest = f"{reference.name}/".removeprefix(f"{matched}/").strip("/")
    return replace(reference, registry=host, repository="/".join(part for part in (path, rest) if part))


def may_push(reference: Reference, knowledge: Knowledge) -> bool:
    """Whether a copy can lie beside its original: not where only the owner pushes, nor where a registry is retired."""
    return knowledge.retirement(reference) is None and not knowledge.is_read_only(reference)


def _copies(reference: Reference, found: Resolution, platforms: list[Platform], to: str) -> Iterator[Option]:
    """Copies in the forms that skopeo makes; the whole of an index, or the image of the one platform in use."""
    shape, source = shape_of(found), replace(reference, tag=None)
    zstd = {LayerKind.DOCKER_ZSTD, LayerKind.OCI_ZSTD}
    holds = shape and (shape.layers | frozenset[LayerKind]().union(*(e.shape.layers for e in shape.entries if e.shape)))
    gzip = bool(holds and holds & zstd)
    alone = platforms[0] if len(platforms) == 1 else None
    wholes: list[Platform | None] = [None]
    if found.manifest and found.manifest.is_index and alone:
        wholes.append(alone)
    for format_, rank in _COPY.items():
        for platform in wholes:
            try:
                # Without the tag: pins of one digest share a copy, however they spell it.
                there = destination(source, to, format_, platform)
            except InvalidReferenceError:
                continue
            conversion = Conversion(source, there, format_, platform, gzip)
            copy = predicted(found, conversion)
            if copy is None or (copy.manifest and found.manifest and _is_same_form(copy, found)):
                continue
            what = f"a copy as {_FORMS[format_]}" + (f" of the image for {platform}" if platform else "")
            yield Option(
                there,
                copy,
                what,
                rank + (platform is not None),
                conversion,
                reference.tag,
                tuple(_costs_of_copy(found, conversion)),
            )


def _is_same_form(copy: Resolution, found: Resolution) -> bool:
    return shape_of(copy) == shape_of(found)


def _costs_of_copy(found: Resolution, conversion: Conversion) -> Iterator[str]:
    yield "a new digest: signatures and attestations made for the old one do not hold for the copy"
    if conversion.gzip:
        yield "its layers are compressed anew: hosts download all of them again"
    elif found.media_type in mt.SCHEMA1_TYPES:
        yield "its layers stay the same, but hosts know them by other names and may download them again"
    else:
        yield "its layers stay the same: hosts that have them download only the manifest and config"
    if conversion.platform:
        yield f"hosts of other platforms than {conversion.platform} cannot use this pin any more"
    if conversion.format == "v2s1":
        yield "schema 1 is gone from newer engines and registries: this copy is for the old ones only"


def _of_tag(reference: Reference, resolutions: Resolutions, *, exists: bool) -> Iterator[Option]:
    """What the tag beside the digest holds now: most often another build."""
    tagged = resolutions.get(replace(reference, digest=None)) if reference.tag else None
    if tagged and tagged.state is State.RESOLVED and tagged.digest and tagged.digest != reference.digest:
        what = f"what the tag {reference.tag} holds now"
        costs = ("other content: the tag was pushed again since; check that it is the image you mean",)
        new = replace(reference, digest=tagged.digest)
        yield Option(new, tagged, what, _OTHER_CONTENT, costs=costs, is_last_resort=exists)


def platforms_of(declared: Iterable[Platform | None], own: Platform) -> frozenset[Platform]:
    """The platforms for which a unit pulls something: those that the files ask for, else its own."""
    return frozenset(platform or own for platform in declared) or frozenset({LINUX_AMD64})
