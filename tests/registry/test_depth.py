"""`--depth type`: what media types alone say is certain, and the rest is not called fine."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Done, run, write_compose
from tests.support.faults import BAD
from tests.support.oracle_images import read_images
from tests.support.raw_server import Peer, healthy, serving, shelf
from tests.support.static_registry import StaticRegistry, static_registry

IMAGES = Path(__file__).parents[1] / "oracle" / "images.jsonl"
HOSTS = {
    "old": "docker 1.9.1",
    "d18": "docker 18.03.1",
    "d20": "docker 20.10.24",
    "d29": "docker 29.0.0",
    "c1": "containerd 1.6.20",
    "c2": "containerd 2.1.4",
    "p": "podman 4.3.1",
}
HTTP = ("--resolver", "http")


@pytest.fixture(scope="module")
def registry() -> Iterator[StaticRegistry]:
    with static_registry() as served:
        served.add(read_images(IMAGES, served.host))
        yield served


@pytest.fixture(scope="module")
def infra(registry: StaticRegistry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    images = [f"{registry.host}/{image.name('digest')}" for image in read_images(IMAGES, registry.host)]
    folder = write_compose(tmp_path_factory.mktemp("depth") / "infra", *images)
    hosts = (f'[[hosts]]\nname = "{name}"\nengine = "{engine}"\n' for name, engine in HOSTS.items())
    (folder / "planner.toml").write_text("".join(hosts))
    return folder


def _verdicts(report: Any) -> dict[tuple[str, str], str]:
    names = {each["id"]: each["raw"] for each in report["occurrences"]}
    return {(names[f["occurrence"]], host): f["verdict"] for f in report["findings"] for host in f["hosts"]}


def test_what_breaks_by_its_type_breaks_and_the_rest_is_not_checked(
    infra: Path, registry: StaticRegistry, tmp_path: Path
) -> None:
    whole = _verdicts(run("scan", infra, *HTTP, "--no-cache", "--format", "json", home=tmp_path).json)
    registry.asked.clear()
    done = run("scan", infra, *HTTP, "--no-cache", "--depth", "type", "--format", "json", home=tmp_path)
    by_type = _verdicts(done.json)
    certain = {key for key, verdict in by_type.items() if verdict == "breaks"}
    # What is too large to be read whole is unknown there.
    assert [key for key in certain if whole.get(key) not in ("breaks", "unknown")] == []
    assert len(certain) > 50
    typed = {each["reference"] for each in done.json["resolutions"] if each["state"] == "type-only"}
    verdicts = {(raw, host): by_type.get((raw, host), "pulls") for raw in typed for host in HOSTS}
    assert set(verdicts.values()) == {"breaks", "unknown"}, "nothing is called fine"
    references = {each["raw"] for each in done.json["occurrences"]}
    assert 50 < len(typed) < len(references)
    heads = [line for line in registry.asked if line.startswith("HEAD ")]
    assert len(heads) == len(references)
    assert done.code == 1


def test_known_types_cost_no_pull(registry: StaticRegistry, tmp_path: Path) -> None:
    image = next(image for image in read_images(IMAGES, registry.host) if image.kind.startswith("s2-"))
    folder = write_compose(tmp_path / "infra", f"{registry.host}/{image.name('digest')}")
    registry.asked.clear()
    done = _scan(folder, tmp_path)
    assert [line.split()[0] for line in registry.asked] == ["HEAD"]
    assert done.code == 3
    assert done.json["resolutions"][0]["state"] == "type-only"
    assert done.json["windows"] == []
    finding = done.json["findings"][0]
    assert (finding["verdict"], finding["cause"]) == ("unknown", "not-checked")
    assert "--depth full" in finding["evidence"][1]


def test_where_head_tells_nothing_get_does(registry: StaticRegistry, tmp_path: Path) -> None:
    folder = write_compose(tmp_path / "infra", f"{registry.host}/none@sha256:{'1' * 64}")
    registry.asked.clear()
    done = _scan(folder, tmp_path)
    assert [line.split()[0] for line in registry.asked] == ["HEAD", "GET"]
    assert done.json["resolutions"][0]["state"] == "missing"


LIES = "application/vnd.docker.distribution.manifest.v1+prettyjws"  # which Docker 29 refuses


@pytest.mark.parametrize("digest", ["", f"sha256:{'0' * 64}", "nonsense"])
@pytest.mark.parametrize("name", ["digest", "tag"])
def test_what_names_no_digest_or_another_is_not_believed(tmp_path: Path, digest: str, name: str) -> None:
    """A login page, or a proxy, that answers HEAD as well."""
    kept = shelf("a", BAD, tag="v1")

    def lying(peer: Peer) -> None:
        if peer.command == "HEAD":
            peer.answer(200, b"", ("Content-Type", LIES), *([("Docker-Content-Digest", digest)] if digest else []))
        else:
            healthy(kept)(peer)

    with serving(lying) as server:
        folder = write_compose(tmp_path / "infra", f"{server.host}/a" + (":v1" if name == "tag" else f"@{BAD.digest}"))
        done = run("scan", folder, *HTTP, "--include-tags", "--depth", "type", "--format", "json", home=tmp_path)
    believed = name == "tag" and digest.startswith("sha256:")  # by tag any digest may be right
    assert done.json["resolutions"][0]["state"] == ("type-only" if believed else "resolved")


def test_head_and_get_share_one_timeout(tmp_path: Path) -> None:
    asked: list[float] = []

    def slow(peer: Peer) -> None:
        asked.append(time.monotonic())
        peer.wait(2)
        peer.answer(500, b"{}")

    with serving(slow) as server:
        folder = write_compose(tmp_path / "infra", f"{server.host}/a@{BAD.digest}")
        flags = ("--depth", "type", "--timeout", "3", "--format", "json")
        done = run("scan", folder, *HTTP, *flags, home=tmp_path)
        assert time.monotonic() - asked[0] < 5.9
    assert done.json["resolutions"][0]["state"] == "server-error"


def test_skopeo_knows_no_head(tmp_path: Path) -> None:
    folder = write_compose(tmp_path / "infra", f"127.0.0.1:1/x@sha256:{'1' * 64}")
    done = run("scan", folder, "--depth", "type", home=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "add --resolver http" in done.said


def _scan(folder: Path, home: Path) -> Done:
    return run("scan", folder, *HTTP, "--depth", "type", "--format", "json", home=home)
