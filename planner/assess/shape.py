"""Shapes: what of a resolution can change a verdict. Digests and names fall away: equal images are judged once."""

from collections.abc import Iterator
from dataclasses import dataclass

from planner.model import media_type as mt
from planner.model.manifest import EMPTY_DIGEST, Descriptor, Manifest
from planner.model.media_type import ConfigKind, LayerKind
from planner.model.platform import Platform
from planner.model.resolution import Resolution, State

# No engine limits manifests below this size, in bytes.
_ANY_LIMIT = 4_000_000
_ORDINARY = ((LayerKind.DOCKER, mt.SCHEMA2), (LayerKind.OCI, mt.OCI_MANIFEST), (LayerKind.DOCKER, mt.OCI_MANIFEST))
FOREIGN = frozenset({LayerKind.DOCKER_FOREIGN, LayerKind.OCI_FOREIGN})
# Kinds whose type says how the bytes are to be read; elsewhere zstd comes unannounced.
_ANNOUNCED = frozenset({LayerKind.DOCKER_ZSTD, LayerKind.OCI_ZSTD, LayerKind.ENCRYPTED, LayerKind.OTHER})
_ZSTD = frozenset({LayerKind.DOCKER_ZSTD, LayerKind.OCI_ZSTD})
# Compressions of layers, as LayerSeen has them.
_PLAIN = ("", "none")
_OTHERS = ("bzip2", "xz")
TEXT = "text/plain"
UNKNOWN_TYPE = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an index. `shape` is None unless the child was read; `state` says how reading it ended.

    `has_size`: the child is as long as the entry says, as far as is known.
    """

    platform: Platform | None
    media_type: str
    shape: "Shape | None" = None
    state: State = State.NOT_RECORDED
    has_size: bool = True
    is_sha256: bool = True


@dataclass(frozen=True, slots=True)
class LayersSeen:
    """What was seen of an image's layers, which media types do not tell; all False where nobody looked.

    A foreign layer is `foreign_absent` where neither its URLs nor the registry have it; `foreign_present` says that
    every foreign layer was looked at and is to be had. `absent`: the registry lacks a layer that is its own to serve.
    `zstd_unannounced`: zstd bytes under a type that names another compression, or none. `zstd_misnamed`: no layer of
    a zstd type has zstd bytes. `compressed_tar`: compressed bytes under OCI's type of a plain tar archive.
    `other_compression`: neither gzip nor zstd, under a type that names gzip. `packed`: every layer of an unknown
    type was looked at, and is compressed as archives are.
    """

    absent: bool = False
    foreign_absent: bool = False
    foreign_present: bool = False
    zstd_unannounced: bool = False
    zstd_misnamed: bool = False
    compressed_tar: bool = False
    other_compression: bool = False
    packed: bool = False


@dataclass(frozen=True, slots=True)
class ConfigSeen:
    """What was seen of an image's config; all False where nobody looked, or for what has no such config.

    `missing`: the registry has none. `without_rootfs`: it does not say which layers it is for; `miscounted`: it names
    another number of them than the manifest has; `missized`: it is not as long as its descriptor says.
    """

    missing: bool = False
    without_rootfs: bool = False
    miscounted: bool = False
    missized: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A document as an engine meets it.

    `served` is the type by which it is read: that of the Content-Type header where the resolver saw one, else
    the document's own; "text/plain" and "unknown" stand for headers that name no manifest type. `body` is the kind
    by content, `declared` its mediaType member. `size` is in bytes, 0 where no engine's limit is near. `platform` is
    that of a single image. `layer_types` are the media types of layers that are not plain or gzip, or OCI's in
    schema 2. `unsized`: its config or a layer has no size above 0. `other_digests`: which of "config" and "layer" have
    digests that are not SHA-256. `wrong_header`: the digest header that comes with it is that of another document.
    `has_tarsums`: schema 1 whose layers have digests of the kind before sha256.
    """

    served: str
    body: str
    declared: str | None = None
    content_type: str = ""
    size: int = 0
    members: frozenset[str] = frozenset()
    config: ConfigKind | None = None
    config_type: str = ""
    layers: frozenset[LayerKind] = frozenset()
    layer_types: frozenset[str] = frozenset()
    has_urls: bool = False
    has_tarsums: bool = False
    seen: LayersSeen = LayersSeen()
    config_seen: ConfigSeen = ConfigSeen()
    platform: Platform | None = None
    entries: tuple[Entry, ...] = ()
    wrong_header: bool = False
    unsized: bool = False
    other_digests: frozenset[str] = frozenset()


def shape_of(resolution: Resolution) -> Shape | None:
    """The shape of what was resolved, None if there is no manifest and no media type that tells its kind."""
    manifest = resolution.manifest
    if manifest is None:
        return _of_type(resolution)
    layers = frozenset(mt.layer_kind(layer.media_type) for layer in manifest.layers)
    return Shape(
        served=_served(manifest, resolution.content_type),
        body=manifest.media_type,
        declared=manifest.declared,
        content_type=mt.base_type(resolution.content_type or ""),
        size=manifest.size if manifest.size > _ANY_LIMIT else 0,
        members=manifest.members & {"manifests", "config", "layers", "fsLayers"},
        config=mt.config_kind(manifest.config.media_type) if manifest.config else None,
        config_type=manifest.config.media_type if manifest.config else "",
        layers=frozenset() if manifest.is_schema1 else layers,
        layer_types=frozenset(
            layer.media_type
            for layer in manifest.layers
            if (mt.layer_kind(layer.media_type), manifest.media_type) not in _ORDINARY
        ),
        has_urls=any(layer.has_urls for layer in manifest.layers),
        has_tarsums=manifest.is_schema1 and any(layer.digest.startswith("tarsum") for layer in manifest.layers),
        seen=_seen(manifest, resolution) if resolution.layers else LayersSeen(),
        config_seen=_config_seen(manifest, resolution),
        platform=_platform(manifest, resolution),
        unsized=not manifest.is_schema1 and any(blob.size <= 0 for blob in _blobs(manifest)),
        other_digests=frozenset(_other_digests(manifest)),
        entries=tuple(_entry(resolution, index) for index in range(len(manifest.entries))),
    )


def _of_type(resolution: Resolution) -> Shape | None:
    """A document of which the media type is all that is known. Unsigned schema 1 may turn out to be signed."""
    kind = resolution.media_type
    if kind not in mt.MANIFESTS or kind == mt.SCHEMA1:
        return None
    return Shape(served=kind, body=kind, declared=kind, content_type=kind)


def _blobs(manifest: Manifest) -> tuple[Descriptor, ...]:
    return (manifest.config, *manifest.layers) if manifest.config else manifest.layers


def _other_digests(manifest: Manifest) -> Iterator[str]:
    if manifest.config and not _is_sha256(manifest.config):
        yield "config"
    if not manifest.is_schema1 and not all(map(_is_sha256, manifest.layers)):
        yield "layer"


def _is_sha256(descriptor: Descriptor) -> bool:
    return descriptor.digest.startswith("sha256:")


def _config_seen(manifest: Manifest, resolution: Resolution) -> ConfigSeen:
    if resolution.config_missing:
        return ConfigSeen(missing=True)
    is_empty = manifest.config is not None and manifest.config.digest == EMPTY_DIGEST
    if manifest.is_schema1 or (resolution.config is None and not is_empty):
        return ConfigSeen()
    diff_ids = resolution.config.diff_ids if resolution.config else None
    stated, size = (
        (manifest.config.size if manifest.config else 0),
        (resolution.config.size if resolution.config else 0),
    )
    return ConfigSeen(
        without_rootfs=diff_ids is None,
        miscounted=(diff_ids or 0) != len(manifest.layers),
        missized=bool(size) and size != stated,
    )


def _seen(manifest: Manifest, resolution: Resolution) -> LayersSeen:
    blobs = {blob.digest: blob for blob in resolution.layers}
    looked = [(layer, blob) for layer in manifest.layers if (blob := blobs.get(layer.digest))]
    foreign = [layer for layer in manifest.layers if _is_foreign(layer)]
    found = {layer.digest for layer, blob in looked if blob.available}
    zstd = [blob for layer, blob in looked if mt.layer_kind(layer.media_type) in _ZSTD and blob.compression]
    unknown = [blob.compression for layer, blob in looked if mt.layer_kind(layer.media_type) is LayerKind.OTHER]
    typed = [] if manifest.is_schema1 else [(layer.media_type, blob.compression) for layer, blob in looked]
    return LayersSeen(
        absent=any(not blob.available and not _is_foreign(layer) for layer, blob in looked),
        foreign_absent=any(not blob.available and _is_foreign(layer) for layer, blob in looked),
        foreign_present=bool(foreign) and all(layer.digest in found for layer in foreign),
        zstd_unannounced=any(
            blob.compression == "zstd" and (manifest.is_schema1 or mt.layer_kind(layer.media_type) not in _ANNOUNCED)
            for layer, blob in looked
        ),
        zstd_misnamed=bool(zstd) and all(blob.compression != "zstd" for blob in zstd),
        compressed_tar=any(name == mt.OCI_TAR and compression not in _PLAIN for name, compression in typed),
        packed=bool(unknown) and all(compression not in _PLAIN for compression in unknown),
        other_compression=any(name in mt.GZIP_LAYERS and compression in _OTHERS for name, compression in typed),
    )


def _is_foreign(layer: Descriptor) -> bool:
    return layer.has_urls and mt.layer_kind(layer.media_type) in FOREIGN


def _served(manifest: Manifest, content_type: str | None) -> str:
    if content_type is None:
        return manifest.media_type
    header = mt.base_type(content_type)
    if header in mt.MANIFESTS:
        return header
    return TEXT if header == TEXT else UNKNOWN_TYPE


def _platform(manifest: Manifest, resolution: Resolution) -> Platform | None:
    if manifest.is_schema1 and manifest.architecture:
        return Platform("linux", manifest.architecture)
    return resolution.config.platform if resolution.config else None


def _entry(resolution: Resolution, index: int) -> Entry:
    assert resolution.manifest  # noqa: S101 - shape_of has checked it
    descriptor = resolution.manifest.entries[index]
    child = resolution.child(descriptor.digest)
    if child is None:
        return Entry(descriptor.platform, descriptor.media_type)
    has_size = child.manifest is None or child.manifest.size == descriptor.size
    kind, state = descriptor.media_type, child.state
    return Entry(descriptor.platform, kind, shape_of(child), state, has_size, _is_sha256(descriptor))
