"""Where copies may go without being told, and what is said where nobody knows whether they are stored."""

import pytest

from planner.assess.groups import group
from planner.knowledge import load_knowledge
from planner.model.engine import parse_software
from planner.model.host import LINUX_AMD64, Host, Registry
from planner.model.reference import Reference, parse_reference
from planner.model.resolution import Resolution
from planner.plan.options import Known, Option, options
from planner.plan.trial import Trials, doubt_of_copy
from tests.unit.plan.copies.test_conversion import DIGEST, image

KNOWLEDGE = load_knowledge()
(GROUP,) = group([Host("web", parse_software("docker 24.0.9"))], KNOWLEDGE)


def resolved(name: str) -> dict[Reference, Resolution]:
    reference = parse_reference(f"{name}@{DIGEST}")
    return {reference: image()}


def copies(name: str, to: str = "") -> dict[str, Option]:
    """The copies of an OCI image, by their form."""
    found = resolved(name)
    (reference,) = found
    every = options(reference, Known(found, {}, KNOWLEDGE), [LINUX_AMD64], to)
    return {option.conversion.format: option for option in every if option.conversion}


@pytest.mark.parametrize(
    "name",
    ["nginx", "registry.k8s.io/pause", "mcr.microsoft.com/dotnet/sdk", "registry.access.redhat.com/ubi8/ubi",
     "k8s.gcr.io/pause"],
)  # fmt: skip
def test_no_copy_goes_where_nobody_but_the_owner_pushes(name: str) -> None:
    assert not copies(name)
    assert set(copies(name, "r.example/kept")) == {"v2s2", "v2s1"}


@pytest.mark.parametrize("name", ["docker.io/acme/web", "registry.example/library/nginx"])
def test_a_copy_goes_beside_what_is_ours(name: str) -> None:
    assert set(copies(name)) == {"v2s2", "v2s1"}


@pytest.mark.parametrize(
    ("host", "form", "software", "doubt"),
    [
        ("ghcr.io", "v2s1", "", "nobody knows whether ghcr.io stores a schema 1 manifest"),
        ("ghcr.io", "v2s2", "", ""),
        ("r.example", "v2s1", "", "nobody knows whether r.example stores a schema 1 manifest"),
        ("r.example", "v2s1", "distribution 2.8.3", ""),
    ],
)
def test_what_a_registry_may_not_store_is_said(host: str, form: str, software: str, doubt: str) -> None:
    stops = {host: (Registry(host, parse_software(software)),)} if software else {}
    trials = Trials(KNOWLEDGE, [GROUP], stops, resolved(f"{host}/acme/app"))
    found = doubt_of_copy(copies(f"{host}/acme/app")[form], trials, ())
    assert found.startswith(doubt) if doubt else not found
