"""Hosts declared by their platform: the engine it ships where a source says so, else unknown with what to declare."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.hosts.shipped import as_shipped
from planner.knowledge.platforms import load_platforms
from planner.model.engine import parse_software, parse_version
from planner.model.host import Host
from planner.model.shipment import PlatformKnowledge, Shipment
from tests.support.knowledge import KNOWLEDGE

PLATFORMS = load_platforms()


def ships(
    releases: str, version: str = "", package: str = "", engine: str = "docker", last: str = "", **rest: object
) -> Shipment:
    low, high = (parse_version(text) if text else None for text in (version, last or version))
    plain = Shipment(
        tuple(releases.split()), package, engine, low, high, (), "", "read", "2026-11-23", (f"notes of {releases}",)
    )
    return replace(plain, **rest)  # type: ignore[arg-type] # each test names members of Shipment


def platform(*shipments: Shipment, note: str = "") -> dict[str, PlatformKnowledge]:
    return {"acme-os": PlatformKnowledge("acme-os", "Acme OS", ("aos",), "ask the host", note, shipments, ("notes",))}


def shipped(engine: str, platforms: dict[str, PlatformKnowledge], target: str = "", store: str = "") -> Host:
    host = Host("a", parse_software(engine), parse_software(target) if target else None, store)
    (found,) = as_shipped([host], platforms, KNOWLEDGE)
    return found


def why(engine: str, *shipments: Shipment, note: str = "", store: str = "") -> str:
    host = shipped(engine, platform(*shipments, note=note), store=store)
    assert (host.engine.version, host.engine_origin) == (None, "")
    assert host.engine.text == engine
    return host.engine.why


@pytest.mark.parametrize(
    ("declared", "engine"),
    [
        ("debian 12 podman", "podman 4.3.1"),
        ("Debian 12.5 podman", "podman 4.3.1"),
        ("debian bookworm docker.io", "docker 20.10.24"),
        ("debian 12 docker", "docker 20.10.24"),
        ("debian 13 docker.io", "docker 26.1.5"),
        ("ubuntu 24.04 podman", "podman 4.9.3"),
        ("alpine 3.19.1", "podman 4.8.3"),
        ("docker-desktop 4.30.0", "docker 26.1.1"),
        ("Docker Desktop 4.30.0 (149282)", "docker 26.1.1"),
        ("k3s 1.30.14", "containerd 1.7.27"),
        ("k3s v1.30.14+k3s1", "containerd 1.7.27"),
        ("k3s 1.31.5", "containerd 1.7.23"),
        ("k3s 1.31.6", "containerd 2.0.2"),
        ("rke2 v1.32.3+rke2r1", "containerd 2.0.4"),
        ("gke v1.33.2-gke.1240000", "containerd 2.0.0 to 2.0.11"),
        ("gke 1.32", "containerd 1.7.0 to 1.7.34"),
        ("ubuntu 22.04 docker.io", "docker 20.10.12 to 29.1.3"),
    ],
)
def test_what_platforms_ship(declared: str, engine: str) -> None:
    (host,) = as_shipped([Host("a", parse_software(declared))], PLATFORMS, KNOWLEDGE)
    assert str(host.engine) == engine
    assert host.declared == declared
    assert engine in host.engine_origin
    assert "checked 2026-" in host.engine_origin


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("eks 1.33", "built before 2025-11-03 have containerd 1.7, later ones 2.x; declare what `kubectl get nodes -o"),
        ("aks 1.32", "since the node image decides: Ubuntu 24.04 pools"),
        ("kubernetes 1.33", "whoever installs a node chooses its engine"),
        ("docker-desktop 4.40.0", 'either image store: add store = "containerd" or store = "graphdriver"'),
        ("rhel 9.4 podman", "does not know what RHEL 9.4 ships, since each minor release brings another Podman"),
        ("debian 9 docker.io", "does not know what Debian 9 ships; it knows 13, trixie, 12, bookworm, 11, bullseye;"),
        ("k3s 1.30.99", "it knows 1.30.8+k3s1, 1.30.7+k3s1"),
        ("debian 12", "ships several engines: write debian 12 and one of docker.io, podman, containerd"),
        ("debian 12 cri-o", "no 'cri-o' that Debian 12 ships; it knows docker.io, podman, containerd"),
        ("debian", "Debian is declared without its release"),
        ("fedora 40 podman", "knows no engine 'fedora'; it knows buildah"),
        ("dokcer 20.10", "knows no engine 'dokcer' (did you mean `docker`?); it knows buildah"),
        ("debain 12", "knows no engine 'debain' (did you mean `debian`?); it knows buildah"),
        ("fedora 40 podman", "what these platforms ship: ack, aks, alpine, debian, docker-desktop, eks, gke, k3s"),
    ],
)
def test_what_is_not_known_stays_unknown_and_says_what_to_declare(declared: str, words: str) -> None:
    (host,) = as_shipped([Host("a", parse_software(declared))], PLATFORMS, KNOWLEDGE)
    assert (host.engine.version, host.engine.text, host.engine_origin) == (None, declared, "")
    assert words in host.engine.why


@pytest.mark.parametrize(
    "declared", ["docker 20.10.24", "containerd://1.7.2", "docker://20.10.7", "docker 99.0", "moby"]
)
def test_an_engine_is_left_as_it_was_declared(declared: str) -> None:
    host = Host("a", parse_software(declared), parse_software("podman 5.0.0"))
    assert as_shipped([host], PLATFORMS, KNOWLEDGE) == [host]


def test_target_and_today_each_have_their_origin() -> None:
    host = shipped("k3s 1.31.5", dict(PLATFORMS), "k3s 1.31.6")
    assert (str(host.engine), str(host.target)) == ("containerd 1.7.23", "containerd 2.0.2")
    assert "as k3s 1.31.5 ships" in host.engine_origin
    assert "as k3s 1.31.6 ships" in host.target_origin
    half = shipped("docker 20.10.24", dict(PLATFORMS), "debian 13 docker.io")
    assert (half.engine_origin, half.declared, half.declared_target) == ("", "", "debian 13 docker.io")
    assert str(half.target) == "docker 26.1.5"


def test_a_release_of_more_detail_and_one_without_its_build() -> None:
    known = platform(ships("4.1 four", "20.10.24"), ships("5.0.0+a1", "24.0.7"), ships("5.0.0+a2", "24.0.7"))
    for text in ("4.1", "4.1.7", "v4.1", "4.1-rc", "four", "FOUR"):
        assert str(shipped(f"acme-os {text}", known).engine) == "docker 20.10.24"
    assert str(shipped("acme os 5.0.0", known).engine) == "docker 24.0.7"
    assert str(shipped("aos 5.0.0+a2", known).engine) == "docker 24.0.7"
    for text in ("4.10", "4", "5.0.0+a3", "5.0"):
        assert "does not know what" in shipped(f"acme-os {text}", known).engine.why


def test_a_range_is_its_newest_version_and_says_from_where_on() -> None:
    host = shipped("acme-os 1", platform(ships("1", "20.10.12", last="29.1.3")))
    assert (str(host.engine), host.engine.text) == ("docker 20.10.12 to 29.1.3", "docker 20.10.12 to 29.1.3")
    assert (host.engine.version, host.engine_since) == (parse_version("29.1.3"), parse_version("20.10.12"))
    assert host.target_since is None


def test_builds_that_differ_are_a_range() -> None:
    host = shipped("acme-os 1.0", platform(ships("1.0+b1", "1.9.1"), ships("1.0+b2", "1.10.0")))
    assert (str(host.engine), host.engine_since) == ("docker 1.9.1 to 1.10.0", parse_version("1.9.1"))


def test_an_engine_that_nobody_knows_keeps_its_name_and_version() -> None:
    host = shipped("acme-os 1", platform(ships("1", "1.2.3", engine="rocket")))
    assert (str(host.engine), host.engine.why) == ("rocket 1.2.3", "")


def test_the_store_is_that_of_the_platform_or_must_be_declared() -> None:
    both = ships("2", "27.0.3", stores=("containerd", "graphdriver"))
    known = platform(ships("1", "26.1.1", stores=("graphdriver",)), both)
    assert shipped("acme-os 1", known).store == "graphdriver"
    assert shipped("acme-os 1", known, store="containerd").store == "containerd"
    assert "either image store" in why("acme-os 2", both)
    assert "either image store" in why("acme-os 2", both, store="overlay2")
    assert (host := shipped("acme-os 2", known, store="containerd")).store == "containerd"
    assert host.engine_origin
    # An upgraded installation keeps its store, so nothing has to be asked.
    assert str(shipped("acme-os 1", known, "acme-os 2").target) == "docker 27.0.3"


def test_the_weakest_evidence_is_the_one_that_is_told() -> None:
    known = platform(ships("1+a", "26.1.1"), ships("1+b", "26.1.1", verified="inferred"))
    assert "; inferred, checked" in shipped("acme-os 1", known).engine_origin
    assert "notes of 1+a; notes of 1+b" in shipped("acme-os 1", known).engine_origin


def test_an_engine_of_the_users_own_goes_before_a_platform_of_one_word() -> None:
    engine = replace(KNOWLEDGE.engines["docker"], name="k3s", aliases=())
    own = replace(KNOWLEDGE, engines={**KNOWLEDGE.engines, "k3s": engine})
    host = Host("a", parse_software("k3s 1.30.14"))
    assert as_shipped([host], PLATFORMS, own) == [host]


WORDS = ("k3s", "docker", "desktop", "debian", "eks", "v", "12", "1.30.14+k3s1", "4.43.1", "(1)", "podman", "+", "é")


@given(st.lists(st.sampled_from(WORDS)))
def test_whatever_words_are_put_together_have_a_version_or_a_reason(words: list[str]) -> None:
    declared = Host("a", parse_software(" ".join(words)), parse_software(" ".join(reversed(words))))
    (host,) = as_shipped([declared], PLATFORMS, KNOWLEDGE)
    for software in (host.engine, host.target):
        assert software
        assert software.version or software.why
