"""Media types of manifests, configs and layers, from the Docker image specs and the OCI image spec (media-types.md)."""

from enum import StrEnum

SCHEMA1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"
SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json"
SCHEMA2 = "application/vnd.docker.distribution.manifest.v2+json"
MANIFEST_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json"

DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"

FAMILIES = ("application/vnd.docker.", "application/vnd.oci.image.")
OCI_TAR = "application/vnd.oci.image.layer.v1.tar"
PLAIN_LAYERS = frozenset({"application/vnd.docker.image.rootfs.diff.tar", OCI_TAR})
GZIP_LAYERS = frozenset({"application/vnd.docker.image.rootfs.diff.tar.gzip", f"{OCI_TAR}+gzip"})

INDEXES = frozenset({MANIFEST_LIST, OCI_INDEX})
IMAGES = frozenset({SCHEMA2, OCI_MANIFEST})
SCHEMA1_TYPES = frozenset({SCHEMA1_SIGNED, SCHEMA1})
MANIFESTS = frozenset({*SCHEMA1_TYPES, *IMAGES, *INDEXES, OCI_ARTIFACT})

TITLES = {
    SCHEMA1_SIGNED: "schema 1 manifest",
    SCHEMA1: "schema 1 manifest, unsigned",
    SCHEMA2: "schema 2 manifest",
    MANIFEST_LIST: "manifest list",
    OCI_MANIFEST: "OCI manifest",
    OCI_INDEX: "OCI index",
    OCI_ARTIFACT: "OCI artifact manifest",
}


class ConfigKind(StrEnum):
    """What the config descriptor of a manifest announces."""

    DOCKER = "docker"
    OCI = "oci"
    PLUGIN = "plugin"
    UNTYPED = "untyped"  # empty, octet-stream, json or html: written by early clients, read as an image config
    OTHER = "other"  # Helm, ORAS, cosign's own ...: an artifact


class LayerKind(StrEnum):
    """What the media type of a layer promises; bytes may still differ (zstd labelled gzip)."""

    DOCKER = "docker"
    OCI = "oci"
    DOCKER_ZSTD = "docker-zstd"
    OCI_ZSTD = "oci-zstd"
    DOCKER_FOREIGN = "docker-foreign"
    OCI_FOREIGN = "oci-foreign"
    ENCRYPTED = "encrypted"
    OTHER = "other"


def config_kind(media_type: str) -> ConfigKind:
    """Classify a config's media type."""
    if media_type == DOCKER_CONFIG:
        return ConfigKind.DOCKER
    if media_type == OCI_CONFIG:
        return ConfigKind.OCI
    if media_type.startswith("application/vnd.docker.plugin"):
        return ConfigKind.PLUGIN
    if media_type in ("", "application/octet-stream", "application/json", "text/html"):
        return ConfigKind.UNTYPED
    return ConfigKind.OTHER


def layer_kind(media_type: str) -> LayerKind:
    """Classify a layer's media type."""
    if media_type.endswith("+encrypted"):
        return LayerKind.ENCRYPTED
    if media_type.startswith("application/vnd.docker.image.rootfs.foreign.diff.tar"):
        return LayerKind.DOCKER_FOREIGN
    if media_type.startswith("application/vnd.docker.image.rootfs.diff.tar"):
        return LayerKind.DOCKER_ZSTD if media_type.endswith(".zstd") else LayerKind.DOCKER
    if media_type.startswith("application/vnd.oci.image.layer.nondistributable."):
        return LayerKind.OCI_FOREIGN
    if media_type.startswith("application/vnd.oci.image.layer."):
        return LayerKind.OCI_ZSTD if media_type.endswith("+zstd") else LayerKind.OCI
    return LayerKind.OTHER


def base_type(content_type: str) -> str:
    """A Content-Type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()
