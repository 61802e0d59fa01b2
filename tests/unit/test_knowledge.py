"""The knowledge files: they load, they refuse mistakes, they have no holes, and their facts are reachable."""

import re
from collections.abc import Iterator
from itertools import chain, combinations, product
from pathlib import Path

import pytest

from planner.assess.engine_view import EngineView, view
from planner.assess.needs import content_needs, document_needs, entry_needs
from planner.assess.shape import TEXT, UNKNOWN_TYPE, ConfigSeen, Entry, LayersSeen, Shape
from planner.assess.windows import boundaries
from planner.model import media_type as mt
from planner.model.engine import Version
from planner.model.host import LINUX_AMD64
from planner.model.knowledge import CHOICES, Capability, EngineKnowledge
from planner.model.media_type import ConfigKind, LayerKind
from planner.model.platform import Platform
from tests.support.knowledge import KNOWLEDGE

ENGINES = sorted(KNOWLEDGE.engines.values(), key=lambda engine: engine.name)
PLANNER = Path(__file__).resolve().parents[2] / "planner"
# What compare and judge ask for by themselves.
ASKED_ELSEWHERE = {
    "manifest-present",
    "digest-match",
    "header-digest-match",
    "matching-platform",
    "child-present",
    "child-is-manifest",
    "other-children-present",
    "nested-index",
    "pull-by-digest",
    "tag-and-digest",
    "digest-not-sha256",
}
# Where a need can stand; the others both as the document that the reference names and as an entry of an index.
ONLY_ROOT = {
    "digest-not-sha256",
    "header-digest-match",
    "manifest-present",
    "pull-by-digest",
    "schema1",
    "tag-and-digest",
}
ONLY_CHILD = {"schema1-in-index", "nested-index"}
LARGE = 200_000_000
OTHER_LAYER_TYPES = ("application/x.tar+gzip", "application/x+json", mt.OCI_TAR.upper())


def each_engine() -> list[object]:
    """The engines as parameters."""
    return [pytest.param(engine, id=engine.name) for engine in ENGINES]


def emitted() -> set[str]:
    """Every need that any document can have: the functions are asked about every combination that they tell apart."""
    return {*_of_documents(), *_of_contents()}


def _of_documents() -> Iterator[str]:
    served = (*mt.MANIFESTS, TEXT, UNKNOWN_TYPE)
    members = [
        *map(frozenset, chain.from_iterable(combinations(("manifests", "config", "fsLayers"), n) for n in range(4)))
    ]
    for kind, body, declared, present in product(served, mt.MANIFESTS, (None, *mt.MANIFESTS), members):
        for is_child in (True, False):
            yield from document_needs(Shape(kind, body, declared, members=present), is_child)


def _of_contents() -> Iterator[str]:
    layers = [frozenset(kinds) for n in range(3) for kinds in combinations(LayerKind, n)]
    for kind, declared, config, found in product(mt.IMAGES, (None, *mt.IMAGES), (None, *ConfigKind), layers):
        for has_urls, layer_type in product((True, False), OTHER_LAYER_TYPES):
            types = frozenset({layer_type}) if LayerKind.OTHER in found else frozenset[str]()
            shape = Shape(kind, kind, declared, config=config, layers=found, layer_types=types, has_urls=has_urls)
            yield from content_needs(shape, LINUX_AMD64)
    for seen in (LayersSeen(absent=True), LayersSeen(foreign_absent=True), LayersSeen(foreign_present=True)):
        foreign = frozenset({LayerKind.DOCKER_FOREIGN})
        yield from content_needs(Shape(mt.SCHEMA2, mt.SCHEMA2, layers=foreign, has_urls=True, seen=seen), LINUX_AMD64)
    odd = Shape(mt.SCHEMA2, mt.SCHEMA2, unsized=True, other_digests=frozenset({"config", "layer"}))
    yield from content_needs(odd, LINUX_AMD64)
    for kind in ("", "application/x", mt.OCI_INDEX):
        yield from entry_needs(Entry(None, kind, odd, has_size=False, is_sha256=False))
    yield from document_needs(Shape(mt.SCHEMA1, mt.SCHEMA1, has_tarsums=True), is_child=False)
    for seen in (
        LayersSeen(zstd_unannounced=True),
        LayersSeen(zstd_misnamed=True),
        LayersSeen(compressed_tar=True),
        LayersSeen(other_compression=True),
    ):
        zstd = frozenset({LayerKind.OCI_ZSTD})
        yield from content_needs(Shape(mt.OCI_MANIFEST, mt.OCI_MANIFEST, layers=zstd, seen=seen), LINUX_AMD64)
    for config in (
        ConfigSeen(missing=True),
        ConfigSeen(without_rootfs=True),
        ConfigSeen(miscounted=True),
        ConfigSeen(missized=True),
    ):
        docker = Shape(mt.SCHEMA2, mt.SCHEMA2, config=ConfigKind.DOCKER, config_seen=config)
        yield from content_needs(docker, LINUX_AMD64)
    for platform in (Platform("windows", "amd64"), Platform("plan9", "amd64"), Platform("linux", "s390x")):
        yield from content_needs(Shape(mt.SCHEMA2, mt.SCHEMA2, platform=platform), LINUX_AMD64)


NEEDS = emitted() | ASKED_ELSEWHERE
# The rules that every version of every engine has an answer to.
CHOSEN = {
    rule: values for rule, values in CHOICES.items() if values and rule not in ("upgrade-keeps-store", "os-version")
}


def entries(engine: EngineKnowledge) -> Iterator[Capability]:
    return chain.from_iterable(engine.capabilities.values())


def views(engine: EngineKnowledge) -> Iterator[EngineView]:
    """The engine at every version where something changes, in every store and for every client that it has there."""
    for store, client in product(engine.stores or ("",), engine.clients or ("",)):
        begins = began(engine, store)
        for version in sorted({begins, *(v for v in boundaries(engine) if v > begins), engine.newest}):
            yield view(engine, version, store, client, frozenset())


def began(engine: EngineKnowledge, store: str) -> Version:
    """The first version with a store: the one from which it asks registries for anything."""
    lows = [accept.versions.low for accept in engine.accepts if accept.store in ("", store)]
    return min((low for low in lows if low), default=engine.first)


def test_every_need_has_a_cause() -> None:
    assert set(KNOWLEDGE.cause_of) >= NEEDS


def test_causes_name_needs_that_exist() -> None:
    assert set(KNOWLEDGE.cause_of) <= NEEDS


def test_the_needs_asked_elsewhere_are_asked_there() -> None:
    code = "".join((PLANNER / "assess" / name).read_text("utf-8") for name in ("compare.py", "judge.py", "needs.py"))
    assert all(f'"{need}"' in code for need in ASKED_ELSEWHERE)


@pytest.mark.parametrize("engine", each_engine())
def test_engines_answer_needs_that_exist(engine: EngineKnowledge) -> None:
    assert set(engine.capabilities) - NEEDS == set(), "a spelling that no document ever has hides a fact"
    assert set(engine.capabilities) <= set(KNOWLEDGE.cause_of), "a refusal without a cause"


@pytest.mark.parametrize("engine", each_engine())
def test_no_hole_in_any_version(engine: EngineKnowledge) -> None:
    holes = [
        f"{found.label}: {need} by {ref} as {scope}, {size} bytes"
        for found in views(engine)
        for need, ref, scope, size in product(sorted(NEEDS), ("tag", "digest"), ("root", "child"), (1000, LARGE))
        if not (scope == "child" and (need in ONLY_ROOT or ref == "tag"))
        and not (scope == "root" and need in ONLY_CHILD)
        and not (ref == "tag" and need in ("pull-by-digest", "tag-and-digest", "digest-not-sha256"))
        and found.capability(need, ref, scope, size) is None
    ]
    assert not holes, "\n".join(holes)


@pytest.mark.parametrize("engine", each_engine())
def test_every_choice_has_a_rule(engine: EngineKnowledge) -> None:
    for found in views(engine):
        for rule, values in CHOSEN.items():
            assert found.behaviour(rule) in values, f"{found.label}: {rule}"
        assert not engine.stores or found.behaviour("default-store") in engine.stores
        assert not engine.clients or found.behaviour("default-client") in engine.clients


@pytest.mark.parametrize("engine", each_engine())
def test_every_entry_is_the_answer_to_something(engine: EngineKnowledge) -> None:
    """An entry that an earlier one always hides is a fact that nobody is told."""
    told = set[int]()
    for switches in {frozenset[str](), *(entry.when for entry in entries(engine))}:
        for plain in (view(engine, engine.first, "", "", frozenset()), *views(engine)):
            found = view(engine, plain.version, plain.store, plain.client, switches)
            for need, ref, scope, size in product(
                engine.capabilities, ("tag", "digest"), ("root", "child"), (1000, LARGE)
            ):
                told.add(id(found.capability(need, ref, scope, size)))
    hidden = [f"{e.need} {e.versions} {e.store}{e.client} {e.state}" for e in entries(engine) if id(e) not in told]
    assert not hidden, "\n".join(hidden)


def test_every_entry_has_a_source() -> None:
    for engine in ENGINES:
        sources = [engine.source, *(e.source for e in entries(engine)), *(a.source for a in engine.accepts)]
        sources += [b.source for rules in engine.behaviours.values() for b in rules]
        sources += [gap.source for gap in engine.gaps]
        assert all(source and all(text.strip() for text in source) for source in sources), engine.name
    for registry in KNOWLEDGE.registries.values():
        sources = [registry.source, *(rule.source for rule in registry.rules)]
        assert all(source and all(text.strip() for text in source) for source in sources), registry.name


def test_registries_refuse_for_a_cause_that_is_explained() -> None:
    causes = {rule.cause for registry in KNOWLEDGE.registries.values() for rule in registry.rules if rule.cause}
    assert causes
    assert causes <= set(KNOWLEDGE.causes)


def test_causes_say_what_to_do() -> None:
    for cause in KNOWLEDGE.causes.values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cause.id)
        assert cause.title
        assert cause.explanation.endswith(".")
        assert cause.remedies
        assert all(
            not set(re.findall(r"\{(\w+)\}", text)) - {"name", "digest", "reference", "versions", "replacement"}
            for text in cause.remedies
        ), cause.id


@pytest.mark.parametrize("stage", ["assess", "plan"])
def test_no_product_is_named_in_code_comments_or_docstrings(stage: str) -> None:
    # "registry" is an alias of one software, and the word for all of them; skopeo carries remedies out.
    names = {
        name
        for known in (KNOWLEDGE.engines, KNOWLEDGE.registries)
        for each in known.values()
        for name in (each.name, each.name.capitalize(), each.title, *each.aliases)
        if name not in ("registry", "skopeo")
    }
    words = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, names))})(?![\w-])")
    modules = sorted((PLANNER / stage).glob("**/*.py"))
    assert modules
    for module in modules:
        for number, line in enumerate(module.read_text("utf-8").splitlines(), 1):
            assert not words.search(line), f"{module.name}:{number}: {line.strip()}"


def test_names_and_aliases_find_one_thing_each() -> None:
    for known in (KNOWLEDGE.engines, KNOWLEDGE.registries):
        names = [name for each in known.values() for name in (each.name, *each.aliases)]
        assert len(names) == len(set(names))
    for engine in ENGINES:
        assert all(KNOWLEDGE.engine(alias) is engine for alias in (engine.name, *engine.aliases))
    assert KNOWLEDGE.engine("no such engine") is None
