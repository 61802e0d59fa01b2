"""The law of delivery: by digest a registry sends what it stores or nothing, whatever it is, whoever asks."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from planner.assess.delivery import Refused, RegistryView, Unsure, deliver
from planner.assess.shape import Entry, Shape
from planner.model import media_type as mt
from planner.model.engine import Version
from planner.model.media_type import ConfigKind, LayerKind
from planner.model.platform import Platform
from planner.model.resolution import State
from tests.support.knowledge import KNOWLEDGE

kinds = st.sampled_from(sorted(mt.MANIFESTS))
platforms = st.builds(Platform, st.sampled_from(["linux", "windows"]), st.sampled_from(["amd64", "arm64"]))
images = st.builds(
    Shape,
    served=kinds,
    body=kinds,
    declared=st.none() | kinds,
    config=st.none() | st.sampled_from(ConfigKind),
    layers=st.frozensets(st.sampled_from(LayerKind)),
    platform=st.none() | platforms,
)
entries = st.builds(Entry, st.none() | platforms, kinds, st.none() | images, st.sampled_from(State))
shapes = st.builds(
    Shape,
    served=kinds,
    body=kinds,
    declared=st.none() | kinds,
    platform=st.none() | platforms,
    entries=st.lists(entries, max_size=4).map(tuple),
)
accepts = st.frozensets(kinds | st.just("*/*"))


@st.composite
def registries(draw: st.DrawFn) -> RegistryView:
    """Any registry software that is known, at a version at or around which something changes; or an unknown one."""
    known = draw(st.sampled_from([None, *KNOWLEDGE.registries.values()]))
    if known is None:
        return RegistryView("r.example")
    bounds = {bound for rule in known.rules for bound in (rule.versions.low, rule.versions.high) if bound}
    major, minor, patch = draw(st.sampled_from(sorted({known.first, known.newest, *bounds}))).release
    return RegistryView("r.example", known, Version((major, minor, max(0, patch + draw(st.integers(-1, 1))))))


@given(shapes | images, registries(), accepts)
def test_by_digest_nothing_is_ever_converted(shape: Shape, registry: RegistryView, accept: frozenset[str]) -> None:
    delivered = deliver(shape, registry, "digest", accept)
    assert delivered is shape or isinstance(delivered, Refused | Unsure)


@given(shapes | images, registries(), accepts)
def test_by_tag_comes_the_image_a_schema_1_or_an_entry(
    shape: Shape, registry: RegistryView, accept: frozenset[str]
) -> None:
    match deliver(shape, registry, "tag", accept):
        case Refused(status=status):
            assert status == 0 or 400 <= status < 600
        case Unsure(why=why):
            assert why
        case delivered:
            sent = replace(delivered, wrong_header=False)
            children = [entry.shape for entry in shape.entries]
            assert sent in (shape, *children) or sent.body in (mt.SCHEMA1_SIGNED, mt.SCHEMA2)


@given(shapes | images, accepts, st.sampled_from(["tag", "digest"]))
def test_a_registry_of_unknown_software_is_not_accused(shape: Shape, accept: frozenset[str], ref: str) -> None:
    assert deliver(shape, RegistryView("r.example"), ref, accept) is shape
