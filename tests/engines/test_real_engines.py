"""What planner says of the engines on this machine, held against what they do with real images of a real registry."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from planner.model.engine import parse_version
from tests.support.command import run, write_compose
from tests.support.engines import ENGINES, Engine, architecture, running_engine
from tests.support.images import Image, build_artifact, build_attestation, build_image, build_index
from tests.support.knowledge import KNOWLEDGE
from tests.support.registry import Registry, running_registry
from tests.support.tools import require_tool

OTHER = "linux/s390x"
KINDS = (
    "schema1",
    "schema2",
    "schema2-zstd",
    "manifest-list",
    "oci",
    "oci-zstd",
    "oci-index",
    "index-with-attestation",
    "index-with-zstd",
    "index-of-schema2",
    "index-without-platform",
    "index-for-another",
    "nested-index",
    "single-for-another",
    "artifact",
    "tag-and-digest",
    "child-deleted",
    "never-pushed",
)


@dataclass(frozen=True)
class Bench:
    """A running engine, the reference of each kind, and what planner predicts for this engine: finding by kind."""

    engine: Engine
    references: Mapping[str, str]
    predicted: Mapping[str, Any]


def _images() -> dict[str, Image]:
    """By kind. No two kinds share a layer: what one pull brought must not help another."""
    here = f"linux/{architecture()}"

    def one(content: str, platform: str = here, **how: Any) -> Image:
        return build_image({"hello": content.encode()}, platform, **how)

    attested = one("attested")
    list_entries = [(one("list", OTHER, kind="v2s2"), OTHER), (one("list", kind="v2s2"), here)]
    index_entries = [(one("index", OTHER), OTHER), (one("index"), here)]
    return {
        "schema1": one("schema1"),
        "schema2": one("schema2", kind="v2s2"),
        "schema2-zstd": one("schema2-zstd", kind="v2s2", compression="zstd"),
        "manifest-list": build_index(list_entries, "v2s2"),
        "oci": one("oci"),
        "oci-zstd": one("oci-zstd", compression="zstd"),
        "oci-index": build_index(index_entries),
        "index-with-attestation": build_index([(attested, here), (build_attestation(attested), "unknown/unknown")]),
        "index-with-zstd": build_index([(one("index-with-zstd", compression="zstd"), here)]),
        "index-of-schema2": build_index([(one("index-of-schema2", kind="v2s2"), here)]),
        "index-without-platform": build_index([(one("index-without-platform"), None)]),
        "index-for-another": build_index([(one("index-for-another", OTHER), OTHER)]),
        "nested-index": build_index([(build_index([(one("nested-index"), here)]), here)]),
        "single-for-another": one("single-for-another", OTHER),
        "artifact": build_artifact(),
        "tag-and-digest": one("tag-and-digest"),
        "child-deleted": build_index([(one("child-deleted"), here)]),
        "never-pushed": one("never-pushed"),
    }


def _push(registry: Registry, kind: str, image: Image) -> str:
    """Push one kind; the reference to pull."""
    name = f"engines/{kind}"
    match kind:
        case "schema1":
            return f"{registry.host}/{name}@{registry.push_as(image, name, 'v2s1')}"
        case "never-pushed":
            return f"{registry.host}/{name}@{image.digest}"
        case "tag-and-digest":
            return f"{registry.host}/{name}:v1@{registry.push(image, name, 'v1')}"
        case "child-deleted":
            registry.push(image, name)
            registry.delete(name, image.children[0].digest)
            return f"{registry.host}/{name}@{image.digest}"
        case _:
            return f"{registry.host}/{name}@{registry.push(image, name)}"


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What to pull, by kind, from a registry that runs as long as this module's tests."""
    require_tool("skopeo")
    with running_registry(tmp_path_factory.mktemp("registry"), require_tool("docker-registry")) as registry:
        images = _images()
        yield {kind: _push(registry, kind, images[kind]) for kind in KINDS}


@pytest.fixture(scope="module", params=ENGINES)
def bench(
    request: pytest.FixtureRequest, references: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    # The path of a socket holds 108 bytes at most, so none of pytest's own folders.
    with (
        tempfile.TemporaryDirectory(prefix="planner-") as folder,
        running_engine(request.param, Path(folder)) as engine,
    ):
        newest = KNOWLEDGE.engines[engine.name].newest
        if parse_version(engine.version) > newest:
            pytest.skip(f"{engine.name} {engine.version} is installed, and planner knows releases up to {newest}")
        yield Bench(engine, references, _predict(engine, references, tmp_path_factory.mktemp("home")))


def _predict(engine: Engine, references: Mapping[str, str], home: Path) -> dict[str, Any]:
    """The finding of each kind, from a scan of a compose file by the command."""
    inventory = write_compose(home / "infra", *references.values())
    host = {
        "name": "this",
        "engine": f"{engine.name} {engine.version}",
        "store": engine.store,
        "client": engine.client,
        "platform": f"linux/{architecture()}",
    }
    lines = [f"{word} = {json.dumps(value)}\n" for word, value in host.items() if value]
    (inventory / "planner.toml").write_text("[[hosts]]\n" + "".join(lines))
    report = run("scan", inventory, "--all", "--format", "json", home=home).json
    # That one is why the platform of schema2-zstd is not known: skopeo does not read its config.
    assert [p for p in report["problems"] if "engines/schema2-zstd@" not in p.get("reference", "")] == []
    kinds = {o["id"]: o["repository"].removeprefix("engines/") for o in report["occurrences"]}
    assert len(report["findings"]) == len(references)
    return {kinds[finding["occurrence"]]: finding for finding in report["findings"]}


@pytest.mark.parametrize("kind", KINDS)
def test_the_engine_does_what_planner_says(bench: Bench, kind: str) -> None:
    engine, finding = bench.engine, bench.predicted[kind]
    verdict, message = finding["verdict"], finding["message"]
    pulled = engine.pull(bench.references[kind])
    told = f"{verdict} {finding['cause'] or ''} {message!r} {finding['evidence']}"
    story = f"{engine.name} {engine.version}: {told}\n{pulled.said}"
    print(story)
    assert verdict != "unknown", story
    assert pulled.worked == (verdict != "breaks"), story
    if not pulled.worked:
        unsaid = _unsaid(message, pulled.said)
        assert not unsaid, f"nothing was said of {unsaid}\n{story}"


def _unsaid(message: str, said: str) -> list[str]:
    """The words of the expected message that the engine did not say; of alternatives, of the one that fits best.

    A word with an ellipsis stands for a digest that planner cannot name.
    """
    printed = said.replace("\\", "")
    alternatives = ([word for word in words.split() if "…" not in word] for words in message.split(" | "))
    return min(([word for word in words if word not in printed] for words in alternatives), key=len)
