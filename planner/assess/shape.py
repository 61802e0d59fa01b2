"""Shapes: what of a resolution can change a verdict. Digests and names fall away: equal images are judged once."""

from dataclasses import dataclass

from planner.model import media_type as mt
from planner.model.manifest import Manifest
from planner.model.media_type import ConfigKind, LayerKind
from planner.model.platform import Platform
from planner.model.resolution import Resolution, State

# No engine limits manifests below this size, in bytes.
_ANY_LIMIT = 4_000_000
_ORDINARY = (LayerKind.DOCKER, LayerKind.OCI)
TEXT = "text/plain"
UNKNOWN_TYPE = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an index. `shape` is None unless the child was read; `state` says how reading it ended."""

    platform: Platform | None
    media_type: str
    shape: "Shape | None" = None
    state: State = State.NOT_RECORDED


@dataclass(frozen=True, slots=True)
class Shape:
    """A document as an engine meets it.

    `served` is the type by which it is read: that of the Content-Type header where the resolver saw one, else
    the document's own; "text/plain" and "unknown" stand for headers that name no manifest type. `body` is the kind
    by content, `declared` its mediaType member. `size` is in bytes, 0 where no engine's limit is near. `platform` is
    that of a single image. `layer_types` are the media types of layers that are not plain or gzip.
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
    platform: Platform | None = None
    entries: tuple[Entry, ...] = ()


def shape_of(resolution: Resolution) -> Shape | None:
    """The shape of what was resolved, None if there is no manifest."""
    manifest = resolution.manifest
    if manifest is None:
        return None
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
            layer.media_type for layer in manifest.layers if mt.layer_kind(layer.media_type) not in _ORDINARY
        ),
        has_urls=any(layer.has_urls for layer in manifest.layers),
        platform=_platform(manifest, resolution),
        entries=tuple(_entry(resolution, index) for index in range(len(manifest.entries))),
    )


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
    return Entry(descriptor.platform, descriptor.media_type, shape_of(child), child.state)
