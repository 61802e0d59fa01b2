"""What a registry takes when it is pushed; bounds are in tests/bounds/registries.csv."""

from planner.assess.delivery import RegistryView
from planner.assess.storing import storable, why_refused
from planner.knowledge import load_knowledge
from planner.model import media_type as mt
from planner.model.engine import parse_version
from planner.model.knowledge import VERSIONLESS

KNOWLEDGE = load_knowledge()


def at(name: str, version: str) -> RegistryView:
    return RegistryView("r.example", KNOWLEDGE.registry(name), parse_version(version) if version else VERSIONLESS)


def test_software_that_nobody_declared_is_not_known() -> None:
    for view in (RegistryView("r.example"), RegistryView("r.example", KNOWLEDGE.registry("distribution"))):
        assert storable(view, mt.SCHEMA2) is None
        assert why_refused(view, mt.SCHEMA2) == ""


def test_a_version_beyond_the_known_ones_is_not_known() -> None:
    assert storable(at("distribution", "99.0.0"), mt.SCHEMA2) is None
    assert storable(at("distribution", "3.1.1"), mt.SCHEMA2) is True


def test_a_service_without_versions_has_an_answer() -> None:
    assert storable(at("docker-hub", ""), mt.SCHEMA1_SIGNED) is False
    assert storable(at("docker-hub", ""), mt.OCI_INDEX) is True
    assert storable(at("ghcr", ""), mt.SCHEMA1_SIGNED) is None


def test_a_refusal_is_told_with_its_source_and_the_setting_that_lifts_it() -> None:
    assert why_refused(at("distribution", "2.8.3"), mt.SCHEMA1_SIGNED) == (
        "CNCF Distribution 2.8.3 at r.example refuses to store a schema 1 manifest (500 unknown error), unless "
        "compatibility.schema1.enabled is set there: "
        "distribution/distribution@v2.7.0:configuration/configuration.go:201"
    )
    assert why_refused(at("docker-hub", ""), mt.SCHEMA1_SIGNED) == (
        "Docker Hub at r.example refuses to store a schema 1 manifest: https://docs.docker.com/registry/spec/api"
    )
    assert why_refused(at("distribution", "2.8.3"), mt.SCHEMA2) == ""
