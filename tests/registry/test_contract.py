"""Every way to ask gives the same resolutions: skopeo, HTTP, a recorded registry, and the cache before either."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from planner.model import media_type as mt
from planner.model.platform import Platform
from planner.model.reference import Reference, parse_reference
from planner.model.resolution import ImageConfig, Resolution, State
from planner.resolve import Resolver, resolve
from planner.resolve.cache import Cache
from planner.resolve.caching import CachingResolver
from planner.resolve.credentials import Credentials
from planner.resolve.registry_api import HttpResolver
from planner.resolve.skopeo import SkopeoResolver
from planner.resolve.snapshot import RecordingResolver, SnapshotResolver, read_snapshot, write_snapshot
from tests.support.images import (
    Image,
    build_artifact,
    build_attestation,
    build_image,
    build_index,
    from_parts,
)
from tests.support.registry import Registry

Trees = dict[str, Resolution]

LINUX = Platform("linux", "amd64")
HELLO = build_image({"hello": b"hello\n"}, kind="v2s2", layers=2)
OCI = build_image({"hello": b"hello\n"})
ARM = build_image({"hello": b"arm\n"}, "linux/arm64/v8")
ZSTD = build_image({"hello": b"hello\n"}, compression="zstd")
GONE = build_image({"gone": b""})
ATTESTATION = build_attestation(OCI)
PLUGIN = from_parts(b"{}", [], config_type="application/vnd.docker.plugin.v1+json", kind="v2s2")
LIST = build_index([(HELLO, "linux/amd64"), (PLUGIN, "linux/s390x")], "v2s2")
INDEX = build_index([(OCI, "linux/amd64"), (ARM, "linux/arm64/v8"), (ATTESTATION, "unknown/unknown")])
UNPLACED = build_index([(OCI, None), (ZSTD, None)])
WITH_HOLE = build_index([(GONE, "linux/amd64"), (ARM, "linux/arm64/v8")])
CONFIG = ImageConfig(LINUX, 1)
NO_PLATFORM = ImageConfig(Platform("unknown", "unknown"), 1)
NOWHERE = f"sha256:{7:064x}"


@dataclass(frozen=True)
class Kind:
    """One kind of image: how it comes into a repository, and what every way to ask must find.

    `put` returns what follows the repository in the reference. `children` are the states of the entries followed.
    """

    put: Callable[[Registry, str], str]
    state: State = State.RESOLVED
    media_type: str = ""
    config: ImageConfig | None = None
    children: tuple[State, ...] = ()
    config_missing: bool = False


def _pushed(image: Image) -> Callable[[Registry, str], str]:
    return lambda registry, name: "@" + registry.push(image, name)


def _tagged(image: Image) -> Callable[[Registry, str], str]:
    return lambda registry, name: registry.push(image, name, "v1") and ":v1"


def _schema1(registry: Registry, name: str) -> str:
    return "@" + registry.push_as(build_image({"old": b"old\n"}), name, "v2s1")


def _schema1_by_tag(registry: Registry, name: str) -> str:
    registry.push_as(build_image({"old": b"old\n"}), name, "v2s1", tag="v1")
    return ":v1"


def _deleted(registry: Registry, name: str) -> str:
    registry.delete(name, registry.push(HELLO, name))
    return f"@{HELLO.digest}"


def _without_child(registry: Registry, name: str) -> str:
    registry.push(WITH_HOLE, name)
    registry.delete(name, GONE.digest)
    return f"@{WITH_HOLE.digest}"


def _without_config(registry: Registry, name: str) -> str:
    registry.push(HELLO, name)
    registry.delete_blob(name, HELLO.blob_digests[0])
    return f"@{HELLO.digest}"


_FOUND = State.RESOLVED
KINDS = {
    "schema1": Kind(_schema1, media_type=mt.SCHEMA1_SIGNED),
    "schema1-by-tag": Kind(_schema1_by_tag, media_type=mt.SCHEMA1_SIGNED),
    "schema2": Kind(_pushed(HELLO), media_type=mt.SCHEMA2, config=ImageConfig(LINUX, 2)),
    "schema2-by-tag": Kind(_tagged(HELLO), media_type=mt.SCHEMA2, config=ImageConfig(LINUX, 2)),
    "oci": Kind(_pushed(OCI), media_type=mt.OCI_MANIFEST, config=CONFIG),
    "oci-by-tag": Kind(_tagged(OCI), media_type=mt.OCI_MANIFEST, config=CONFIG),
    "zstd": Kind(_pushed(ZSTD), media_type=mt.OCI_MANIFEST, config=CONFIG),
    "list": Kind(_pushed(LIST), media_type=mt.MANIFEST_LIST, children=(_FOUND,)),
    "list-by-tag": Kind(_tagged(LIST), media_type=mt.MANIFEST_LIST, children=(_FOUND,)),
    "index": Kind(_pushed(INDEX), media_type=mt.OCI_INDEX, children=(_FOUND,)),
    "index-by-tag": Kind(_tagged(INDEX), media_type=mt.OCI_INDEX, children=(_FOUND,)),
    "unplaced": Kind(_pushed(UNPLACED), media_type=mt.OCI_INDEX, children=(_FOUND, _FOUND)),
    "nested": Kind(_pushed(build_index([(INDEX, None)])), media_type=mt.OCI_INDEX, children=(_FOUND,)),
    "artifact": Kind(_pushed(build_artifact()), media_type=mt.OCI_MANIFEST),
    "plugin": Kind(_pushed(PLUGIN), media_type=mt.SCHEMA2),
    "attestation": Kind(
        _pushed(ATTESTATION),
        media_type=mt.OCI_MANIFEST,
        config=NO_PLATFORM,
    ),
    "deleted": Kind(_deleted, State.MISSING),
    "never-pushed": Kind(lambda registry, name: f"@{NOWHERE}", State.MISSING),
    "no-such-tag": Kind(lambda registry, name: _tagged(OCI)(registry, name) and ":v2", State.MISSING),
    "index-with-a-hole": Kind(_without_child, media_type=mt.OCI_INDEX, children=(State.MISSING,)),
    "without-config": Kind(_without_config, media_type=mt.SCHEMA2, config_missing=True),
}
KEPT = [name for name in KINDS if not name.endswith("tag")]  # a cache keeps no tags


@pytest.fixture(scope="module")
def references(registry: Registry) -> dict[str, Reference]:
    """One reference of each kind, in a repository of its own."""
    return {
        name: parse_reference(f"{registry.host}/contract/{name}{kind.put(registry, f'contract/{name}')}")
        for name, kind in KINDS.items()
    }


Asked = Callable[[Resolver], Trees]


@pytest.fixture(scope="module")
def ask(references: dict[str, Reference]) -> Asked:
    """Asks a resolver for all of them."""

    def asked(resolver: Resolver) -> Trees:
        try:
            answers = resolve(references.values(), resolver, frozenset({LINUX}))
        finally:
            resolver.close()
        return {name: answers[reference] for name, reference in references.items()}

    return asked


@pytest.fixture(scope="module")
def of_skopeo(ask: Asked) -> Trees:
    return ask(SkopeoResolver())


@pytest.fixture(scope="module")
def of_http(ask: Asked) -> Trees:
    return ask(_http())


@pytest.fixture(scope="module", params=["skopeo", "http", "snapshot", "cache before skopeo", "cache before http"])
def way(
    request: pytest.FixtureRequest,
    ask: Asked,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Trees]]:
    """A way to ask, and what it gives. A cache is asked when it has seen everything once."""
    folder = tmp_path_factory.mktemp("way")
    match request.param.split():
        case ["skopeo"]:
            yield "skopeo", request.getfixturevalue("of_skopeo")
        case ["http"]:
            yield "http", request.getfixturevalue("of_http")
        case ["snapshot"]:
            recorder = RecordingResolver(_http())
            ask(recorder)
            write_snapshot(folder / "registry.jsonl", recorder.answers, "2026-01-01T00:00:00Z")
            answers, problems = read_snapshot(folder / "registry.jsonl")
            assert not problems
            yield "snapshot", ask(SnapshotResolver(answers, "registry.jsonl"))
        case ["cache", "before", name]:
            behind = SkopeoResolver if name == "skopeo" else _http
            cache = Cache(folder / "cache.sqlite3")
            ask(CachingResolver(behind(), cache))
            yield "cache", ask(CachingResolver(behind(), cache))


class TestContract:
    """What holds for each way."""

    @pytest.mark.parametrize("name", KINDS)
    def test_it_finds_what_is_there(self, way: tuple[str, Trees], references: dict[str, Reference], name: str) -> None:
        found, kind = way[1][name], KINDS[name]
        assert (found.reference, found.state) == (references[name], kind.state)
        assert (found.manifest.media_type if found.manifest else "") == kind.media_type
        assert (found.config, found.config_missing) == (kind.config, kind.config_missing)
        assert tuple(child.state for child in found.children) == kind.children
        if found.manifest and found.reference.digest:
            assert found.digest == found.reference.digest
        if found.state is State.RESOLVED and not found.config_missing:
            assert not found.detail
        if found.manifest:
            assert found.content_type == found.manifest.media_type

    def test_it_says_the_same_as_skopeo(self, way: tuple[str, Trees], of_skopeo: Trees) -> None:
        assert {name: _bare(tree) for name, tree in way[1].items()} == {
            name: _bare(tree) for name, tree in of_skopeo.items()
        }

    def test_it_says_who_answered(self, way: tuple[str, Trees]) -> None:
        names = KEPT if way[0] == "cache" else list(KINDS)
        parts = itertools.chain.from_iterable(way[1][name].tree() for name in names)
        assert {part.source for part in parts} == {way[0]}

    def test_what_is_missing_has_words_for_a_report(self, way: tuple[str, Trees]) -> None:
        for name, kind in KINDS.items():
            if kind.state is State.MISSING:
                assert "no such manifest" in way[1][name].detail


def _http() -> HttpResolver:
    return HttpResolver(Credentials(environment={"HOME": "/nonexistent"}))


@pytest.mark.parametrize("make", [SkopeoResolver, _http], ids=["skopeo", "http"])
class TestThoseThatAskRegistries:
    """What holds for the two that meet a registry."""

    @pytest.mark.parametrize("repository", ["--help", "a/../b", "a b", "a\nb", "A", ""])
    def test_what_is_no_reference_is_not_asked(
        self, registry: Registry, make: Callable[[], Resolver], repository: str
    ) -> None:
        resolver = make()
        answer = resolver.manifest(Reference(registry.host, repository, digest=NOWHERE))
        resolver.close()
        assert answer.state is State.FAILED
        assert "not asked" in answer.detail

    def test_nothing_is_asked_after_the_end(
        self, references: dict[str, Reference], make: Callable[[], Resolver]
    ) -> None:
        resolver = make()
        resolver.close()
        answer = resolver.manifest(references["oci"])
        assert (answer.state, answer.body) != (State.RESOLVED, OCI.body)
        assert "interrupted" in answer.detail


def test_both_follow_every_entry_alike(references: dict[str, Reference]) -> None:
    """As for engines that fetch all of an index, whatever it is for."""
    trees = []
    for resolver in (SkopeoResolver(), _http()):
        answers = resolve(references.values(), resolver, None)
        trees.append({name: _bare(answers[reference]) for name, reference in references.items()})
        resolver.close()
    assert trees[0] == trees[1]
    assert [child.digest for child in trees[0]["index"].children] == [child.digest for child in INDEX.children]


def test_only_http_sees_what_the_header_says_of_the_digest(of_skopeo: Trees, of_http: Trees) -> None:
    """The first known difference: skopeo shows no Docker-Content-Digest."""
    for name, kind in KINDS.items():
        if kind.state is State.RESOLVED:
            assert (of_skopeo[name].header_digest, of_http[name].header_digest) == ("", of_http[name].digest)


def test_only_http_reads_a_large_config(registry: Registry) -> None:
    """The second: engines bound no config, skopeo takes 4 MiB and says so."""
    image = from_parts(b'{"a": "' + b"a" * 4_200_000 + b'"}', [])
    reference = parse_reference(f"{registry.host}/contract/large@{registry.push(image, 'contract/large')}")
    trees = []
    for resolver in (SkopeoResolver(), _http()):
        trees.append(resolve([reference], resolver, frozenset({LINUX}))[reference])
        resolver.close()
    of_skopeo, of_http = trees
    assert (of_http.config, of_http.detail) == (ImageConfig(Platform("", ""), None), "")
    assert (of_skopeo.manifest, of_skopeo.config) == (of_http.manifest, None)
    assert "config could not be read" in of_skopeo.detail


def _bare(tree: Resolution) -> Resolution:
    """Without what the ways may differ in."""
    children = tuple(map(_bare, tree.children))
    return replace(tree, source="", detail="", header_digest="", children=children)
