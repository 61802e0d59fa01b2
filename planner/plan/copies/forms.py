"""What becomes of one image that is copied in another form.

It is what skopeo was seen to do with every kind of image (`tests/registry/test_conversions.py`); read besides:
containers/image@v5.22.0:internal/image/oci.go, docker_schema2.go, docker_schema1.go, copy/compression.go.
"""

from dataclasses import replace

from planner.model import media_type as mt
from planner.model.manifest import Descriptor, Manifest
from planner.model.media_type import ConfigKind, LayerKind
from planner.model.platform import Platform
from planner.model.resolution import ImageConfig, Resolution, State

_CONFIGS = {mt.SCHEMA2: mt.DOCKER_CONFIG, mt.OCI_MANIFEST: mt.OCI_CONFIG}
_IMAGE_CONFIGS = (ConfigKind.DOCKER, ConfigKind.OCI, ConfigKind.UNTYPED)
_DOCKER_TAR = "application/vnd.docker.image.rootfs.diff.tar"
_DOCKER_FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar"
_OCI_FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar"
# What skopeo has a word for in schema 2 and in OCI; plain archives are compressed on their way to a registry.
_TO_OCI = {
    _DOCKER_TAR: f"{mt.OCI_TAR}+gzip",
    f"{_DOCKER_TAR}.gzip": f"{mt.OCI_TAR}+gzip",
    _DOCKER_FOREIGN: _OCI_FOREIGN,
    f"{_DOCKER_FOREIGN}.gzip": f"{_OCI_FOREIGN}+gzip",
}
_TO_DOCKER = {
    mt.OCI_TAR: f"{_DOCKER_TAR}.gzip",
    f"{mt.OCI_TAR}+gzip": f"{_DOCKER_TAR}.gzip",
    _OCI_FOREIGN: _DOCKER_FOREIGN,
    f"{_OCI_FOREIGN}+gzip": f"{_DOCKER_FOREIGN}.gzip",
}
_GZIPPED = {
    mt.OCI_TAR: f"{mt.OCI_TAR}+gzip",
    f"{mt.OCI_TAR}+zstd": f"{mt.OCI_TAR}+gzip",
    _DOCKER_TAR: f"{_DOCKER_TAR}.gzip",
}
_FOREIGN = frozenset({LayerKind.DOCKER_FOREIGN, LayerKind.OCI_FOREIGN})
# Members that make a document of a kind ambiguous: skopeo refuses it (containers/image@v5.22.0:manifest/manifest.go).
_OTHERS = {
    mt.SCHEMA2: {"fsLayers", "history", "manifests"},
    mt.OCI_MANIFEST: {"fsLayers", "history", "manifests"},
    mt.MANIFEST_LIST: {"config", "fsLayers", "history", "layers"},
    mt.OCI_INDEX: {"config", "fsLayers", "history", "layers"},
    mt.SCHEMA1: {"config", "layers", "manifests"},
    mt.SCHEMA1_SIGNED: {"config", "layers", "manifests"},
}


def in_form(resolution: Resolution, manifest: Manifest, target: str, gzip: bool) -> Resolution | None:
    """An image (no index) in the form of the media type `target`; None where it cannot be made.

    Digests of what is compressed anew are cut off behind the algorithm, and sizes that nobody knows yet are 1.
    """
    if gzip and any(layer.has_urls for layer in manifest.layers):
        return None  # foreign layers would have to come from wherever their URLs lead
    made = _same(manifest, gzip) if manifest.media_type == target else _image(resolution, manifest, target, gzip)
    if made is None or resolution.state is not State.RESOLVED or _lacks(resolution, manifest):
        return None
    config = _config(resolution, manifest, made)
    return replace(
        resolution, manifest=made, content_type=target, config=config, layers=() if gzip else resolution.layers
    )


def readable(manifest: Manifest, content_type: str | None) -> bool:
    """Whether skopeo takes a document for what it is: by its header, and for one thing only."""
    header = mt.base_type(content_type or "")
    if manifest.members & _OTHERS.get(manifest.media_type, set()) or manifest.media_type not in _OTHERS:
        return False
    if manifest.is_schema1:
        return header not in mt.MANIFESTS - mt.SCHEMA1_TYPES
    return content_type is None or header == manifest.media_type


def _lacks(resolution: Resolution, manifest: Manifest) -> bool:
    """Whether a part cannot be copied: it is known to be missing or other than stated, or its digest is no SHA-256."""
    config, stated = resolution.config, manifest.config
    away = {blob.digest for blob in resolution.layers if not blob.available}
    blobs = (*manifest.layers, stated) if stated else manifest.layers
    return (
        resolution.config_missing
        or any(layer.digest in away and not layer.has_urls for layer in manifest.layers)
        or not all(blob.digest.startswith("sha256:") for blob in blobs)
        or bool(config and stated and config.size and config.size != stated.size)
    )


def _same(manifest: Manifest, gzip: bool) -> Manifest | None:
    """The form is kept, and so are its words; layers may be compressed anew."""
    if manifest.media_type == mt.SCHEMA2 and not {layer.media_type for layer in manifest.layers} <= set(_TO_OCI):
        return None
    if not gzip:
        return manifest
    return replace(manifest, layers=tuple(_gzipped(layer) for layer in manifest.layers))


def _gzipped(layer: Descriptor) -> Descriptor:
    kind = _GZIPPED.get(layer.media_type)
    return replace(layer, media_type=kind, digest="sha256:", size=1) if kind else layer


def _image(resolution: Resolution, manifest: Manifest, target: str, gzip: bool) -> Manifest | None:
    """The manifest in another form; None for what is no image, and for layers that the form has no word for."""
    if manifest.config and mt.config_kind(manifest.config.media_type) not in _IMAGE_CONFIGS:
        return None
    if manifest.media_type == mt.OCI_MANIFEST and (
        manifest.config is None or manifest.config.media_type != mt.OCI_CONFIG
    ):
        return None
    layers = _layers(manifest, target, gzip)
    if layers is None:
        return None
    if target == mt.SCHEMA1_SIGNED:
        return _schema1(resolution, manifest, layers)
    stated = manifest.config or Descriptor("", "sha256:", 1)
    return Manifest(
        media_type=target,
        size=manifest.size,
        declared=target,
        members=frozenset({"schemaVersion", "mediaType", "config", "layers"}),
        config=replace(stated, media_type=_CONFIGS[target]),
        layers=layers,
    )


def _schema1(resolution: Resolution, manifest: Manifest, layers: tuple[Descriptor, ...]) -> Manifest | None:
    platform = resolution.config.platform if resolution.config else None
    if platform is None or platform.os != "linux" or not platform.architecture:
        return None
    members = {"schemaVersion", "name", "tag", "architecture", "fsLayers", "history", "signatures"}
    return Manifest(
        media_type=mt.SCHEMA1_SIGNED,
        size=manifest.size,
        members=frozenset(members),
        layers=layers,
        architecture=platform.architecture,
    )


def _layers(manifest: Manifest, target: str, gzip: bool) -> tuple[Descriptor, ...] | None:
    made = [_layer(layer, manifest, target, gzip) for layer in manifest.layers]
    return None if None in made else tuple(layer for layer in made if layer)


def _layer(layer: Descriptor, manifest: Manifest, target: str, gzip: bool) -> Descriptor | None:
    if manifest.is_schema1:
        kind = f"{mt.OCI_TAR}+gzip" if target == mt.OCI_MANIFEST else f"{_DOCKER_TAR}.gzip"
        return replace(layer, media_type=kind, size=1)
    before = _gzipped(layer) if gzip else layer
    known = _TO_OCI if manifest.media_type == mt.SCHEMA2 else _TO_DOCKER
    kind = known.get(before.media_type, "")
    is_foreign = mt.layer_kind(layer.media_type) in _FOREIGN
    # Schema 1 has no URLs, and registries take no layer as foreign that has none.
    if not kind or (is_foreign and layer.has_urls == (target == mt.SCHEMA1_SIGNED) and target != mt.OCI_MANIFEST):
        return None
    if target == mt.SCHEMA1_SIGNED:
        return Descriptor("", layer.digest)
    return replace(before, media_type=kind)


def _config(resolution: Resolution, before: Manifest, after: Manifest) -> ImageConfig | None:
    if after.is_schema1:
        return None
    if before.is_schema1:
        return ImageConfig(Platform("linux", before.architecture), len(after.layers)) if before.architecture else None
    return resolution.config
