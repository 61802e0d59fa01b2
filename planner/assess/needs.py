"""Needs: the features that a document requires of whoever pulls it, in the order in which engines look.

`../knowledge/engines/*.toml` answer each of them per version; a name here without an answer there is a hole that a
test finds. Platform choice and delivery come in between, see compare.
"""

from collections.abc import Iterator

from planner.assess.shape import FOREIGN, TEXT, UNKNOWN_TYPE, Entry, Shape
from planner.model import media_type as mt
from planner.model.media_type import ConfigKind, LayerKind
from planner.model.platform import Platform
from planner.model.resolution import Resolution

_LAYER_NEEDS = {
    LayerKind.OCI_ZSTD: "layer-zstd",
    LayerKind.DOCKER_ZSTD: "layer-zstd-nonstandard",
    LayerKind.ENCRYPTED: "layer-encrypted",
}
IMAGE_PLATFORM_NEEDS = frozenset({"windows-on-linux", "other-os", "other-architecture"})
_CONFIG_NEEDS = frozenset(
    {
        "artifact",
        "artifact-tar",
        "artifact-without-layers",
        "config-unknown",
        "oci-config-untyped",
        "schema2-other-config",
        "schema2-oci-config",
        "plugin",
    }
)
_KNOWN_LAYERS = frozenset(LayerKind) - {LayerKind.OTHER}
# Layer types that are out of place in a schema 2 manifest.
_NOT_DOCKERS = frozenset({LayerKind.OCI, LayerKind.OCI_ZSTD, LayerKind.OTHER})


def answer_needs(resolution: Resolution) -> Iterator[str]:
    """What the registry's answer takes, whatever it holds: a header that names other bytes than those that came."""
    announced, received = resolution.header_digest, resolution.digest
    # A digest of another algorithm may well be that of the same bytes.
    if announced != received and announced.partition(":")[0] == received.partition(":")[0]:
        yield "header-digest-match"


def document_needs(shape: Shape, is_child: bool) -> Iterator[str]:
    """What reading the document itself takes: its type, whether header and body agree, whether it is one thing."""
    yield "manifest-size"
    is_schema1 = shape.body in mt.SCHEMA1_TYPES
    if shape.served in (TEXT, UNKNOWN_TYPE):
        kind = "text" if shape.served == TEXT else "unknown"
        yield f"schema1-under-{kind}-type" if is_schema1 else f"{kind}-type"
    if is_schema1:
        if mt.SCHEMA1 in (shape.served, shape.body):
            yield "schema1-unsigned"
        yield "schema1-in-index" if is_child else "schema1"
        if shape.has_tarsums:
            yield "schema1-tarsum"
        return
    match shape.served:
        case mt.SCHEMA1 | mt.SCHEMA1_SIGNED:
            yield "schema1-in-index" if is_child else "schema1"  # by the type, which is all that some look at
        case mt.SCHEMA2 | mt.OCI_MANIFEST:
            yield from _image_type_needs(shape)
        case mt.MANIFEST_LIST | mt.OCI_INDEX:
            yield from _index_type_needs(shape)
        case mt.OCI_ARTIFACT:
            yield "oci-artifact-manifest"


def _image_type_needs(shape: Shape) -> Iterator[str]:
    is_oci = shape.served == mt.OCI_MANIFEST
    if shape.body in mt.INDEXES:
        yield "index-as-manifest"
        return
    if "fsLayers" in shape.members:
        yield "schema1-members"
    if "manifests" in shape.members:
        yield "ambiguous-oci-manifest" if is_oci else "ambiguous-schema2"
    match shape.served, shape.declared:
        case mt.OCI_MANIFEST, mt.SCHEMA2:
            yield "schema2-as-oci-manifest"
        case mt.OCI_MANIFEST, _:
            yield "oci-manifest"
        case _, mt.OCI_MANIFEST:
            yield from ("schema2", "oci-manifest-as-schema2")
        case _, None:
            yield from ("schema2", "schema2-without-media-type")
        case _:
            yield "schema2"


def _index_type_needs(shape: Shape) -> Iterator[str]:
    if shape.body not in mt.INDEXES:
        yield "manifest-as-index"
        return
    yield "manifest-list" if shape.served == mt.MANIFEST_LIST else "oci-index"
    if "fsLayers" in shape.members:
        yield "schema1-members"
    if shape.members & {"config", "layers"}:
        yield "ambiguous-index"
    match shape.served, shape.declared:
        case mt.MANIFEST_LIST, mt.OCI_INDEX:
            yield "oci-index-as-manifest-list"
        case mt.MANIFEST_LIST, None:
            yield "manifest-list-without-media-type"
        case mt.OCI_INDEX, mt.MANIFEST_LIST:
            yield "manifest-list-as-oci-index"


def entry_needs(entry: Entry) -> Iterator[str]:
    """What the entry of an index takes besides the document that it leads to; nothing where that was not read."""
    child, kind = entry.shape, entry.media_type
    if child is None:
        return
    if not kind:
        yield "entry-type-present"
    elif kind not in mt.MANIFESTS:
        yield "entry-type-known"
    elif (kind in mt.INDEXES) != (child.body in mt.INDEXES):
        yield "entry-type-match"
    if not entry.has_size:
        yield "child-size"
    if not entry.is_sha256:
        yield "child-digest-not-sha256"


def content_needs(shape: Shape, host: Platform) -> Iterator[str]:
    """What an image takes beyond its manifest: config, platform, layers."""
    yield from _config_needs(shape)
    yield from _config_content_needs(shape)
    yield from _layer_type_needs(shape)
    yield from _platform_needs(shape.platform, host)
    yield from _layer_needs(shape)


def _config_needs(shape: Shape) -> Iterator[str]:
    is_schema2 = shape.served == mt.SCHEMA2
    is_rewritten = shape.body in mt.SCHEMA1_TYPES  # which has no config: it is that of what the registry holds
    match shape.config:
        case ConfigKind.PLUGIN:
            yield "plugin"
        case ConfigKind.OCI if is_schema2 and shape.declared != mt.OCI_MANIFEST:
            yield "schema2-oci-config"
        case ConfigKind.DOCKER if shape.served == mt.OCI_MANIFEST and shape.declared != mt.SCHEMA2:
            yield "oci-manifest-schema2-config"
        case ConfigKind.OTHER if is_schema2 or is_rewritten:
            yield "schema2-other-config"
        case ConfigKind.UNTYPED if shape.served == mt.OCI_MANIFEST:
            yield "oci-config-untyped"
        case ConfigKind.OTHER if shape.layers & _KNOWN_LAYERS:
            yield "config-unknown"
        case ConfigKind.OTHER if not shape.layers:
            yield "artifact-without-layers"
        case ConfigKind.OTHER:
            yield "artifact-tar" if _all_tar(shape) else "artifact"


def _config_content_needs(shape: Shape) -> Iterator[str]:
    """What the config itself asks for; how many layers of unknown types engines count is another matter."""
    if shape.config_seen.missing:
        yield "config-present"
    if shape.config_seen.missized:
        yield "config-size"
    if "config" in shape.other_digests:
        yield "config-digest-not-sha256"
    if "layer" in shape.other_digests:
        yield "layer-digest-not-sha256"
    if shape.unsized:
        yield "size-stated"
    if LayerKind.OTHER in shape.layers or shape.config in (ConfigKind.PLUGIN, None):
        return
    if shape.config_seen.without_rootfs and shape.config is not ConfigKind.OTHER:
        yield "config-rootfs"
    if shape.config_seen.miscounted:
        yield "layers-match-config"


def _platform_needs(found: Platform | None, host: Platform) -> Iterator[str]:
    if found is None or (not found.os and not found.architecture):
        return
    if found.os and found.os != host.os:
        yield "windows-on-linux" if (found.os, host.os) == ("windows", "linux") else "other-os"
    elif found.architecture and found.architecture != host.architecture:
        yield "other-architecture"


def _layer_needs(shape: Shape) -> Iterator[str]:
    for kind, need in _LAYER_NEEDS.items():
        if kind in shape.layers:
            yield _zstd_need(need, shape)
    if shape.layers & FOREIGN:
        yield from _foreign_needs(shape)
    if shape.seen.absent:
        yield "layer-present"
    if shape.seen.zstd_unannounced:
        yield "layer-zstd-unannounced"
    if shape.seen.compressed_tar:
        yield "layer-plain-type-compressed"
    if shape.seen.other_compression:
        yield "layer-other-compression"


def _zstd_need(need: str, shape: Shape) -> str:
    """The need of a kind of layer, where the rest of the image changes what engines make of a zstd type."""
    match need:
        case "layer-zstd" if shape.seen.zstd_misnamed:
            return "layer-zstd-misnamed"
        case "layer-zstd-nonstandard" if shape.served == mt.OCI_MANIFEST:
            return "oci-manifest-docker-zstd"
        case _:
            return need


def _foreign_needs(shape: Shape) -> Iterator[str]:
    """A layer that the registry need not have: whether its URL answers is known only to who looked."""
    if not shape.has_urls:
        yield "layer-nondistributable"
    elif shape.seen.foreign_absent:
        yield "layer-foreign-absent"
    else:
        yield "layer-foreign-present" if shape.seen.foreign_present else "layer-foreign"


def _layer_type_needs(shape: Shape) -> Iterator[str]:
    """What the types of an image's layers ask for before any layer is fetched."""
    if shape.config not in (ConfigKind.DOCKER, ConfigKind.OCI):
        return
    if LayerKind.OTHER in shape.layers:
        if all(_is_near(name, shape) for name in _unknown(shape)):
            yield "layer-type-near"
        elif shape.layers & _KNOWN_LAYERS:
            yield "layer-mixed-tar" if _all_tar(shape) or shape.seen.packed else "layer-mixed"
        else:
            yield "layer-unknown-tar" if _all_tar(shape) or shape.seen.packed else "layer-unknown"
    if shape.served == mt.SCHEMA2 and shape.layers & _NOT_DOCKERS:
        yield "schema2-oci-layers"


def _all_tar(shape: Shape) -> bool:
    """Whether every layer claims to be a tar archive, as Helm charts do."""
    unknown = _unknown(shape)
    return bool(unknown) and all("tar" in name.split(".")[-1].lower() for name in unknown)


def _is_near(name: str, shape: Shape) -> bool:
    """Whether a layer's type is one of early clients or, but for its case and ending, one of the families' own."""
    is_archive = "tar" in name.lower() or shape.seen.packed
    return mt.config_kind(name) is ConfigKind.UNTYPED or (name.lower().startswith(mt.FAMILIES) and is_archive)


def _unknown(shape: Shape) -> list[str]:
    """Types of layers that no specification has."""
    return [name for name in shape.layer_types if mt.layer_kind(name) is LayerKind.OTHER]


def named_type(need: str, shape: Shape | None) -> str:
    """The media type that an engine names when it refuses `need`."""
    if shape is None:
        return ""
    if need in _CONFIG_NEEDS:
        return shape.config_type
    if need == "schema2-oci-layers":
        return min((name for name in shape.layer_types if mt.layer_kind(name) in _NOT_DOCKERS), default="")
    if need in ("layer-zstd-misnamed", "oci-manifest-docker-zstd"):
        return min((name for name in shape.layer_types if name.endswith("zstd")), default="")
    if need.startswith("layer-"):
        kinds = [kind for kind, known in _LAYER_NEEDS.items() if known == need] or [*FOREIGN, LayerKind.OTHER]
        return min((name for name in shape.layer_types if mt.layer_kind(name) in kinds), default="")
    return shape.content_type or shape.declared or shape.body
