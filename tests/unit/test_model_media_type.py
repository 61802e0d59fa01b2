"""Media types: what they promise."""

import pytest

from planner.model import media_type as mt
from planner.model.media_type import ConfigKind, LayerKind, base_type, config_kind, layer_kind


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", LayerKind.DOCKER),
        ("application/vnd.docker.image.rootfs.diff.tar", LayerKind.DOCKER),
        ("application/vnd.docker.image.rootfs.diff.tar.zstd", LayerKind.DOCKER_ZSTD),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", LayerKind.DOCKER_FOREIGN),
        ("application/vnd.oci.image.layer.v1.tar", LayerKind.OCI),
        ("application/vnd.oci.image.layer.v1.tar+gzip", LayerKind.OCI),
        ("application/vnd.oci.image.layer.v1.tar+zstd", LayerKind.OCI_ZSTD),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", LayerKind.OCI_FOREIGN),
        ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", LayerKind.ENCRYPTED),
        ("application/vnd.oci.image.layer.v1.tar+zstd+encrypted", LayerKind.ENCRYPTED),
        ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", LayerKind.OTHER),
        ("application/vnd.in-toto+json", LayerKind.OTHER),
        ("", LayerKind.OTHER),
    ],
)
def test_layers(media_type: str, kind: LayerKind) -> None:
    assert layer_kind(media_type) is kind


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        (mt.DOCKER_CONFIG, ConfigKind.DOCKER),
        (mt.OCI_CONFIG, ConfigKind.OCI),
        ("application/vnd.docker.plugin.v1+json", ConfigKind.PLUGIN),
        ("application/vnd.docker.plugin.image.v0+json", ConfigKind.PLUGIN),
        ("application/octet-stream", ConfigKind.UNTYPED),
        ("", ConfigKind.UNTYPED),
        ("application/vnd.cncf.helm.config.v1+json", ConfigKind.OTHER),
        ("application/vnd.oci.empty.v1+json", ConfigKind.OTHER),
    ],
)
def test_configs(media_type: str, kind: ConfigKind) -> None:
    assert config_kind(media_type) is kind


@pytest.mark.parametrize(
    ("header", "media_type"),
    [(f"{mt.SCHEMA2}; charset=utf-8", mt.SCHEMA2), (f" {mt.OCI_INDEX.upper()} ", mt.OCI_INDEX), ("", ""), (";x", "")],
)
def test_parameters_and_case_of_a_header_do_not_count(header: str, media_type: str) -> None:
    assert base_type(header) == media_type


def test_every_manifest_type_has_a_title() -> None:
    assert set(mt.TITLES) == mt.MANIFESTS
