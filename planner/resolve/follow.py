"""From answers to resolutions: check the bytes, follow an index to the platforms that matter, build the tree."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from planner.model.manifest import (
    Descriptor,
    NotAManifestError,
    digest_of,
    matches_digest,
    parse_manifest,
    platform_of,
)
from planner.model.media_type import IMAGES, INDEXES, ConfigKind, config_kind
from planner.model.platform import ALSO_RUNS, Platform
from planner.model.reference import InvalidReferenceError, Reference, parse_digest
from planner.model.resolution import ImageConfig, Resolution, State
from planner.resolve.answer import Answer, plain

# How many entries of an index are followed, by depth: real ones have about ten platforms, and an index inside
# an index one level. More would let one hostile index cost thousands of requests.
_FOLLOWED = (16, 4, 4, 4)
_IMAGE_CONFIGS = frozenset({ConfigKind.DOCKER, ConfigKind.OCI, ConfigKind.UNTYPED})


# The platforms of the hosts; None: every entry counts, whatever it is for.
Platforms = frozenset[Platform] | None


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask: the manifest of `reference` or, if `config` is a digest, that config of its image."""

    reference: Reference
    config: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """The answer to a question for a config; without `config`, `detail` says why.

    `missing`: the registry says that it does not have it.
    """

    config: ImageConfig | None
    detail: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of an index that is to be asked for, unless `obstacle` says why not.

    `unplaced`: the index names no platform for it, so that only the image's config can tell.
    """

    reference: Reference
    unplaced: bool
    obstacle: Resolution | None = None


def read_manifest(reference: Reference, answer: Answer) -> Resolution:
    """The resolution of one reference without what is below it; believes no bytes that the digest does not name."""
    resolution = Resolution(
        reference, answer.state, detail=answer.detail, source=answer.source, fetched_at=answer.fetched_at
    )
    if answer.state is State.TYPE_ONLY:
        return replace(resolution, content_type=answer.content_type, header_digest=answer.header_digest)
    if answer.state is not State.RESOLVED or answer.body is None:
        return resolution
    algorithm = reference.digest.partition(":")[0] if reference.digest else "sha256"
    digest = digest_of(answer.body, algorithm)
    resolution = replace(
        resolution, digest=digest, content_type=answer.content_type, header_digest=answer.header_digest
    )
    try:
        manifest = parse_manifest(answer.body)
    except NotAManifestError as error:
        detail = f"What came is no manifest: {error}. It could not be checked; see what answers there"
        return replace(resolution, state=State.NOT_A_MANIFEST, detail=plain(detail))
    if reference.digest and not matches_digest(answer.body, reference.digest):
        detail = f"What came has the digest {digest}: engines refuse it; push the image again, or re-pin"
        return replace(resolution, state=State.MISMATCH, detail=detail)
    layers = dict.fromkeys(layer.digest for layer in manifest.layers)
    seen = tuple(answer.layers[layer] for layer in layers if layer in answer.layers)
    return replace(resolution, manifest=manifest, layers=seen)


def read_config(digest: str, answer: Answer) -> Config:
    """What an image's config says; a failure leaves the image resolved, of unknown platform."""
    # skopeo asks for the manifest again, which may be what it misses: a server that lies about digests has it by tag.
    if answer.state is State.MISSING and "blob" in answer.detail:
        return Config(None, missing=True)  # an answer, of which every engine makes a finding
    if answer.state is not State.RESOLVED or answer.body is None:
        return Config(None, plain(f"its config could not be read: {answer.detail}"))
    if not matches_digest(answer.body, digest):
        return Config(None, f"its config could not be read: other bytes came than {digest}")
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return Config(None, "its config is no JSON object: its platform is unknown")
    rootfs = document.get("rootfs")
    diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    count = len(diff_ids) if isinstance(diff_ids, list) else 0
    return Config(ImageConfig(platform_of(document), count if isinstance(rootfs, dict) else None, len(answer.body)))


def config_question(resolution: Resolution) -> Question | None:
    """The question for the config of a single image; None for an index, schema 1 and artifacts, which have no such."""
    manifest = resolution.manifest
    if not manifest or not manifest.config or manifest.media_type not in IMAGES:
        return None
    if config_kind(manifest.config.media_type) not in _IMAGE_CONFIGS or not _is_digest(manifest.config.digest):
        return None
    # A tag may move between two questions; the digest of what came does not.
    reference = replace(resolution.reference, tag=None, digest=resolution.reference.digest or resolution.digest)
    return Question(reference, manifest.config.digest)


def steps(resolution: Resolution, platforms: Platforms, depth: int) -> list[Step]:
    """The entries of an index that concern `platforms`, in the index's order; none for anything else."""
    if not resolution.manifest or not resolution.manifest.is_index:
        return []
    wanted = _pairs(platforms)
    entries = {entry.digest: entry for entry in reversed(resolution.manifest.entries) if _concerns(entry, wanted)}
    limit = _FOLLOWED[depth] if depth < len(_FOLLOWED) else 0
    return [
        _step(resolution.reference, entry, within=position < limit)
        for position, entry in enumerate(reversed(entries.values()))
    ]


def _pairs(platforms: Platforms) -> set[tuple[str, str]] | None:
    """Operating systems and architectures of the platforms, with those that they run besides."""
    if platforms is None:
        return None
    own = {(platform.os, platform.architecture) for platform in platforms}
    return own | {(os, ALSO_RUNS[architecture]) for os, architecture in own if architecture in ALSO_RUNS}


def _step(parent: Reference, entry: Descriptor, within: bool) -> Step:
    reference = replace(parent, tag=None, digest=entry.digest)
    obstacle = None
    if not _is_digest(entry.digest):
        detail = "not asked: the index entry has no valid digest, so no engine can pull it; build the index again"
        obstacle = Resolution(reference, State.FAILED, detail=detail)
    elif not within:
        obstacle = _too_large(reference)
    return Step(reference, _unplaced(entry), obstacle)


def _concerns(entry: Descriptor, wanted: set[tuple[str, str]] | None) -> bool:
    if wanted is None or entry.platform is None or _unplaced(entry):
        return True
    if entry.platform.os == "unknown":  # attestations
        return False
    return entry.media_type in INDEXES or (entry.platform.os, entry.platform.architecture) in wanted


def _unplaced(entry: Descriptor) -> bool:
    return entry.platform is None or not (entry.platform.os or entry.platform.architecture)


def _too_large(reference: Reference) -> Resolution:
    detail = "not asked: the index is too large or too deep; pin this entry itself to have it checked"
    return Resolution(reference, State.TOO_LARGE, detail=detail)


def _is_digest(text: str) -> bool:
    try:
        parse_digest(text)
    except InvalidReferenceError:
        return False
    return True


def tree(
    resolution: Resolution,
    manifests: Mapping[Reference, Resolution],
    configs: Mapping[Question, Config],
    platforms: Platforms,
    depth: int = 0,
) -> Resolution:
    """Put together what was answered: the resolution with its config and, for an index, its children."""
    question = config_question(resolution)
    if question and (config := configs.get(question)):
        detail = config.detail or resolution.detail
        resolution = replace(resolution, config=config.config, config_missing=config.missing, detail=detail)
    children = []
    for step in steps(resolution, platforms, depth):
        known = manifests.get(step.reference)
        if step.obstacle or not known:
            children.append(step.obstacle or _too_large(step.reference))
        else:
            children.append(tree(known, manifests, configs, platforms, depth + 1))
    return replace(resolution, children=tuple(children))
