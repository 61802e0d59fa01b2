"""What distribution hands out: the negotiation matrix of 17 builds that were run, cell by cell.

Rows are what is stored and how it is asked for, columns are the eras: 2.2.1, 2.3.0, 2.6.2, 2.7.0, 2.8.3, 3.0.0, 3.1.1.
"""

from dataclasses import replace

import pytest

from planner.assess.delivery import Refused, RegistryView, Unsure, deliver
from planner.assess.engine_view import ANYTHING
from planner.assess.shape import Entry, Shape
from planner.model import media_type as mt
from planner.model.engine import parse_version
from planner.model.media_type import ConfigKind, LayerKind
from planner.model.platform import Platform
from planner.model.resolution import State
from tests.support.knowledge import KNOWLEDGE

ERAS = ("2.2.1", "2.3.0", "2.6.2", "2.7.0", "2.8.3", "3.0.0", "3.1.1")
AMD64, ARM64, WINDOWS = Platform("linux", "amd64"), Platform("linux", "arm64"), Platform("windows", "amd64")

SCHEMA1 = Shape(mt.SCHEMA1_SIGNED, mt.SCHEMA1_SIGNED)
SCHEMA2 = Shape(mt.SCHEMA2, mt.SCHEMA2, mt.SCHEMA2, config=ConfigKind.DOCKER, layers=frozenset({LayerKind.DOCKER}))
OCI = Shape(mt.OCI_MANIFEST, mt.OCI_MANIFEST, mt.OCI_MANIFEST, config=ConfigKind.OCI)
INDEX = Shape(mt.OCI_INDEX, mt.OCI_INDEX, mt.OCI_INDEX)
BARE_INDEX = Shape(mt.OCI_INDEX, mt.OCI_INDEX)


def listing(*entries: tuple[Platform, Shape | None]) -> Shape:
    found = tuple(
        Entry(platform, mt.SCHEMA2, shape, State.RESOLVED if shape else State.MISSING) for platform, shape in entries
    )
    return Shape(mt.MANIFEST_LIST, mt.MANIFEST_LIST, mt.MANIFEST_LIST, entries=found)


LIST = listing((ARM64, SCHEMA1), (AMD64, SCHEMA2))
WITHOUT_AMD64 = listing((ARM64, SCHEMA2), (WINDOWS, SCHEMA2))
STORED = {
    "schema1": SCHEMA1,
    "schema2": SCHEMA2,
    "list": LIST,
    "list without amd64": WITHOUT_AMD64,
    "oci": OCI,
    "index": INDEX,
    "bare index": BARE_INDEX,
}
ACCEPTS = {"nothing": "", "s2": mt.SCHEMA2, "list": mt.MANIFEST_LIST, "oci-m": mt.OCI_MANIFEST, "oci-i": mt.OCI_INDEX}

# "=": as stored, "s1": rewritten to schema 1, "s2": the child for linux/amd64, a number: that error,
# "-": cannot be stored.
MATRIX = [
    ("schema1", "tag", "nothing", "= = = = = 500 500"),
    ("schema1", "digest", "nothing", "= = = = = 500 500"),
    ("schema1", "digest", "s2 list oci-m oci-i", "= = = = = 500 500"),
    ("schema2", "tag", "nothing", "- s1 s1 s1 s1 = ="),
    ("schema2", "tag", "list oci-m", "- s1 s1 s1 s1 = ="),
    ("schema2", "tag", "s2", "- = = = = = ="),
    ("schema2", "digest", "nothing", "- = = = = = ="),
    ("list", "tag", "list", "- = = = = = ="),
    ("list", "tag", "s2", "- s2 s2 s2 s2 s2 s2"),
    ("list", "tag", "nothing", "- s1 s1 s1 s1 400 400"),
    ("list without amd64", "tag", "s2", "- 404 404 404 404 404 404"),
    ("list without amd64", "tag", "list", "- = = = = = ="),
    ("list", "digest", "nothing", "- = = = = = ="),
    ("oci", "tag", "oci-m", "- 404 404 = = = ="),
    ("oci", "digest", "oci-m", "- 404 404 = = = ="),
    ("oci", "tag", "s2 list oci-i", "- 404 404 404 404 404 404"),
    ("oci", "digest", "s2 list oci-i", "- 404 404 404 404 404 404"),
    ("index", "tag", "oci-i", "- 404 404 = = = ="),
    ("index", "digest", "oci-i", "- 404 404 = = = ="),
    ("index", "tag", "s2 list oci-m", "- 404 404 404 404 = ="),
    ("index", "digest", "s2 list oci-m", "- 404 404 404 404 = ="),
    ("bare index", "digest", "s2", "- 404 404 = = = ="),
]
CELLS = [
    pytest.param(
        *(stored, ref, accept, era, cell),
        id=f"{era}: {stored} by {ref}, accepts {accept}",
    )
    for stored, ref, accept, row in MATRIX
    for era, cell in zip(ERAS, row.split(), strict=True)
    if cell != "-"
]


def distribution(version: str) -> RegistryView:
    return RegistryView("registry.example", KNOWLEDGE.registry("distribution"), parse_version(version))


def accepting(*types: str) -> frozenset[str]:
    return frozenset(types) - {""}


@pytest.mark.parametrize(("stored", "ref", "accept", "era", "cell"), CELLS)
def test_the_negotiation_matrix(stored: str, ref: str, accept: str, era: str, cell: str) -> None:
    types = accepting(*(ACCEPTS[word] for word in accept.split()))
    answer = deliver(STORED[stored], distribution(era), ref, types)
    match cell:
        case "=":
            assert answer == STORED[stored]
        case "s1":
            assert isinstance(answer, Shape)
            assert (answer.served, answer.body) == (mt.SCHEMA1_SIGNED, mt.SCHEMA1_SIGNED)
        case "s2":
            assert isinstance(answer, Shape)
            assert replace(answer, wrong_header=False) == SCHEMA2
        case _:
            assert isinstance(answer, Refused), answer
            assert answer.status == int(cell)
            assert answer.source


def test_a_registry_that_nobody_declared_sends_what_it_stores() -> None:
    for stored in STORED.values():
        assert deliver(stored, RegistryView("registry.example"), "tag", accepting()) == stored


@pytest.mark.parametrize(("stored", "era"), [("oci", "2.8.3"), ("index", "2.8.3"), ("schema2", "2.3.0")])
def test_who_accepts_anything_is_given_what_is_stored(stored: str, era: str) -> None:
    for ref in ("tag", "digest"):
        assert deliver(STORED[stored], distribution(era), ref, accepting(ANYTHING)) == STORED[stored]


def test_what_no_client_can_have_is_the_registrys_defect_and_a_lack_of_accept_is_not() -> None:
    gone = deliver(SCHEMA1, distribution("3.0.0"), "digest", accepting(*mt.MANIFESTS))
    left_behind = deliver(OCI, distribution("2.6.2"), "digest", accepting(*mt.MANIFESTS))
    gated = deliver(OCI, distribution("2.8.3"), "digest", accepting())
    assert [answer.cause for answer in (gone, left_behind, gated) if isinstance(answer, Refused)] == [
        "registry-cannot-serve",
        "registry-cannot-serve",
        "",
    ]


def test_a_rewritten_image_keeps_its_layers_and_loses_its_config() -> None:
    stored = Shape(
        mt.SCHEMA2,
        mt.SCHEMA2,
        mt.SCHEMA2,
        config=ConfigKind.DOCKER,
        layers=frozenset({LayerKind.DOCKER_ZSTD}),
        has_urls=True,
        platform=Platform("windows", "arm", "v7"),
    )
    answer = deliver(stored, distribution("2.8.3"), "tag", accepting())
    assert isinstance(answer, Shape)
    assert (answer.config, answer.declared) == (None, None)
    assert (answer.layers, answer.has_urls) == (stored.layers, True)
    # schema 1 names no os, so engines take it for linux, but what is in the layers runs where it did.
    assert answer.platform == Platform("windows", "arm")


def test_a_rewritten_plugin_is_still_none_that_runs() -> None:
    stored = Shape(mt.SCHEMA2, mt.SCHEMA2, mt.SCHEMA2, config=ConfigKind.PLUGIN, config_type="application/x")
    answer = deliver(stored, distribution("2.8.3"), "tag", accepting())
    assert isinstance(answer, Shape)
    assert (answer.served, answer.config, answer.config_type) == (mt.SCHEMA1_SIGNED, ConfigKind.PLUGIN, "application/x")


def test_a_list_whose_child_for_amd64_is_lost_is_not_found() -> None:
    answer = deliver(listing((AMD64, None)), distribution("2.8.3"), "tag", accepting(mt.SCHEMA2))
    assert isinstance(answer, Refused)
    assert answer.status == 404


@pytest.mark.parametrize("accepted", [mt.SCHEMA2, ""])
def test_what_comes_of_a_child_that_was_not_read_is_not_known(accepted: str) -> None:
    unread = replace(listing((AMD64, None)).entries[0], state=State.NOT_RECORDED)
    stored = replace(LIST, entries=(unread,))
    answer = deliver(stored, distribution("2.8.3"), "tag", accepting(accepted))
    assert isinstance(answer, Unsure), "hosts of other platforms alone do not have it read"
    assert "was not read" in answer.why
    assert answer.source


def test_an_oci_child_of_a_list_comes_without_a_look_at_accept() -> None:
    answer = deliver(listing((AMD64, OCI)), distribution("2.8.3"), "tag", accepting(mt.SCHEMA2))
    assert answer == OCI
