"""Layers whose type is not at home in their manifest."""

import pytest

from planner.assess.needs import content_needs, named_type
from planner.assess.shape import Shape
from planner.model import media_type as mt
from planner.model.host import LINUX_AMD64
from planner.model.media_type import ConfigKind

OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


def schema2(layer: str) -> Shape:
    return Shape(
        mt.SCHEMA2,
        mt.SCHEMA2,
        declared=mt.SCHEMA2,
        config=ConfigKind.DOCKER,
        layers=frozenset({mt.layer_kind(layer)}),
        layer_types=frozenset({layer}),
    )


@pytest.mark.parametrize("layer", [OCI_LAYER, CHART])
def test_a_layer_in_schema2_that_is_none_of_docker_is_a_need(layer: str) -> None:
    """podman-schema2-layer-type-foreign: one layer of a type that is no Docker layer type refuses the image."""
    shape = schema2(layer)
    assert "schema2-oci-layers" in set(content_needs(shape, LINUX_AMD64))
    assert named_type("schema2-oci-layers", shape) == layer
