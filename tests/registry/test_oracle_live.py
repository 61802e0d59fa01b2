"""The oracle's images on a server, asked for through the real skopeo: what it sees and what it cannot fetch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner.model.finding import Verdict
from tests.support.command import Done, run
from tests.support.oracle_images import StoredImage
from tests.support.oracle_scan import Registries, load, said, write_inventory
from tests.support.static_registry import static_registry
from tests.support.tools import require_tool

# What only layers and the digest header tell, and skopeo shows neither: see LIMITS of tests/oracle/test_oracle.py.
# Told by layers' bytes or absence.
_BY_LAYERS = (
    "s2-gziptype-zstddata",
    "y-layer-missing",
    "y-layer-type-octet",
    "y-tartype-gzipdata",
    "y-zstdtype-gzipdata",
)
NOT_SEEN = {("x-digest-mismatch", "tag"), *((kind, ref) for kind in _BY_LAYERS for ref in ("tag", "digest"))}
# Larger than skopeo reads, or known only by layers.
OPEN = {"big-5mib", "big-9mib", "s2-foreign", "s2-foreign-absent"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[StoredImage], Registries]]:
    """An inventory of all images on two servers: they differ in what is declared of them."""
    require_tool("skopeo")
    with static_registry() as distribution, static_registry() as static:
        images = load(distribution.host)
        distribution.add(images)
        static.add(images)
        registries = Registries(distribution.host, static.host)
        yield write_inventory(tmp_path_factory.mktemp("served") / "infra", images, registries), images, registries


@pytest.fixture(scope="module")
def scanned(served: tuple[Path, list[StoredImage], Registries], tmp_path_factory: pytest.TempPathFactory) -> Done:
    return run("scan", served[0], "--format", "json", home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def report(scanned: Done) -> Any:
    assert scanned.code == 1
    return scanned.json


def test_real_engines_are_not_contradicted(report: Any, served: tuple[Path, list[StoredImage], Registries]) -> None:
    rows = [each for each in said(report, served[1]) if (each.row.image_kind, each.row.ref_kind) not in NOT_SEEN]
    assert [str(each) for each in rows if each.is_wrong] == []
    vague = [each for each in rows if each.verdict is Verdict.UNKNOWN and each.row.image_kind not in OPEN]
    assert [str(each) for each in vague] == []
    print(f"\n{len(rows)} rows agree with what skopeo sees")
    assert len(rows) > 1000


def test_every_image_ends_in_a_state(report: Any) -> None:
    states = {entry["reference"].rpartition("/")[2]: entry["state"] for entry in report["resolutions"]}
    odd = {name.partition("@")[0].partition(":")[0] for name, state in states.items() if state != "resolved"}
    assert odd == {"big-5mib", "big-9mib", "x-digest-mismatch", "s2-gzip"}
    assert {state for name, state in states.items() if name.startswith("big-")} == {"resolved", "too-large"}


def test_the_type_in_the_header_is_seen(report: Any, served: tuple[Path, list[StoredImage], Registries]) -> None:
    seen = {entry["reference"]: entry["content_type"] for entry in report["resolutions"] if entry["media_type"]}
    wanted = {
        f"{host}/{image.name('tag')}": image.manifests[image.tag].content_type.partition(";")[0]
        for image in served[1]
        for host in (served[2].distribution if image.in_registry else served[2].static,)
    }
    assert {name: kind for name, kind in seen.items() if name.endswith(":t")} == {
        name: kind for name, kind in wanted.items() if name in seen
    }
    assert set(seen.values()) >= {"application/octet-stream", "application/json", "text/plain"}


def test_a_recording_says_the_same(
    report: Any, served: tuple[Path, list[StoredImage], Registries], tmp_path: Path
) -> None:
    """Tags are in it as well, and so are the types."""
    recorded = tmp_path / "registry.jsonl"
    assert run("snapshot", served[0], "-o", recorded, home=tmp_path).code == 3
    done = run("scan", served[0], "--offline", recorded, "--format", "json", home=tmp_path, PATH=str(tmp_path))
    keys = ("id", "verdict", "cause", "message", "hosts")
    assert [[each[key] for key in keys] for each in done.json["findings"]] == [
        [each[key] for key in keys] for each in report["findings"]
    ]


def test_tags_are_asked_for_again_and_digests_are_not(
    served: tuple[Path, list[StoredImage], Registries], tmp_path: Path
) -> None:
    for _ in range(2):
        second = run("scan", served[0], "--format", "json", home=tmp_path).json
    sources = {entry["reference"]: entry["source"] for entry in second["resolutions"] if entry["state"] == "resolved"}
    assert {source for name, source in sources.items() if "@" not in name} == {"skopeo"}
    # A wrong Content-Type is looked at again: it decides as well, and may have been mended.
    pinned = [entry for entry in second["resolutions"] if entry["reference"] in sources and "@" in entry["reference"]]
    odd = {entry["content_type"]: entry["source"] for entry in pinned if entry["content_type"] != entry["media_type"]}
    assert odd.keys() >= {"application/octet-stream", "application/json", "text/plain"}
    assert set(odd.values()) == {"skopeo"}
    assert {entry["source"] for entry in pinned if entry["content_type"] == entry["media_type"]} == {"cache"}
