"""Hosts as classes: who shares a verdict, which store an upgrade leaves, and who runs which file."""

from dataclasses import replace

import pytest

from planner.assess.groups import group, runners
from planner.model.engine import parse_software
from planner.model.host import Host
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.platform import parse_platform
from planner.model.reference import parse_reference
from tests.support.knowledge import KNOWLEDGE

DIGEST = "sha256:" + "a" * 64


def host(name: str, engine: str = "docker 20.10.24", target: str = "", **rest: object) -> Host:
    bare = Host(name, parse_software(engine), parse_software(target) if target else None)
    return replace(bare, **rest)  # type: ignore[arg-type] # each test names members of Host


def occurrence(file: str, used_in: str | None = None) -> Occurrence:
    reference = parse_reference(f"web@{DIGEST}")
    return Occurrence(file, 1, 1, "compose", "service", "web", f"web@{DIGEST}", reference, used_in=used_in)


def test_hosts_that_share_everything_are_one_group_in_the_order_of_declaration() -> None:
    hosts = [host("b"), host("x", "podman 5.8.2"), host("a", runs=("web/**",)), host("y", "podman 5.8.2")]
    assert [found.hosts for found in group(hosts, KNOWLEDGE)] == [("b", "a"), ("x", "y")]


@pytest.mark.parametrize(
    "other",
    [
        host("b", "docker 20.10.23"),
        host("b", "docker 20.10.24", "docker 29.0.0"),
        host("b", store="containerd"),
        host("b", switches=frozenset({"SWITCH"})),
        host("b", platform=parse_platform("linux/arm64")),
        host("b", "containerd 2.0.0", client="ctr"),
    ],
    ids=str,
)
def test_whatever_changes_a_verdict_parts_hosts(other: Host) -> None:
    assert len(group([host("a"), other], KNOWLEDGE)) == 2


def test_no_hosts_no_groups() -> None:
    assert group([], KNOWLEDGE) == ()


@pytest.mark.parametrize(
    ("declared", "now", "after"),
    [
        (host("a", "docker 28.5.2"), "graphdriver", "graphdriver"),
        (host("a", "docker 29.0.0"), "containerd", "containerd"),
        # Docker 29 uses the containerd store where it is installed afresh; an upgraded host keeps its own.
        (host("a", "docker 28.5.2", "docker 29.0.0"), "graphdriver", "graphdriver"),
        (host("a", "docker 28.5.2", "docker 29.0.0", store="containerd"), "containerd", "containerd"),
        (host("a", "docker 29.0.0", "docker 28.5.2"), "containerd", "containerd"),
        (host("a", "podman 5.8.2", "docker 29.0.0"), "", "containerd"),
        (host("a", "docker 28.5.2", "podman 5.8.2", store="graphdriver"), "graphdriver", ""),
        (host("a", "docker 28"), "", ""),
        (host("a", "no-such-engine 1.0.0"), "", ""),
    ],
    ids=str,
)
def test_the_store_now_and_after(declared: Host, now: str, after: str) -> None:
    (found,) = group([declared], KNOWLEDGE)
    assert (found.store, found.target_store) == (now, after)


def test_an_upgraded_host_keeps_its_store_under_whatever_name_the_engine_has() -> None:
    (found,) = group([host("a", "docker-ce 28.5.2", "docker 29.0.0")], KNOWLEDGE)
    assert found.target_store == "graphdriver"


def test_the_client_is_declared_or_the_engines_own() -> None:
    hosts = [host("a", "containerd 2.0.0"), host("b", "containerd 2.0.0", client="ctr"), host("c")]
    assert [found.client for found in group(hosts, KNOWLEDGE)] == ["cri", "ctr", ""]


def test_a_group_at_a_moment() -> None:
    (planned,) = group([host("a", "docker 28.5.2", "docker 29.0.0")], KNOWLEDGE)
    (stays,) = group([host("a", "docker 28.5.2")], KNOWLEDGE)
    assert str(planned.at(Moment.NOW)[0]) == "docker 28.5.2"
    assert str(planned.at(Moment.AFTER)[0]) == "docker 29.0.0"
    assert stays.at(Moment.NOW) == stays.at(Moment.AFTER)


@pytest.mark.parametrize(
    ("runs", "file", "matches"),
    [
        ((), "anywhere/compose.yml", True),
        (("web/**",), "web/a/compose.yml", True),
        (("web/**",), "other/web/compose.yml", False),
        (("web/*.yml",), "web/compose.yml", True),
        (("web/*.yml",), "web/a/compose.yml", False),
        (("compose.yml",), "any/depth/compose.yml", True),
        (("/compose.yml",), "any/compose.yml", False),
        (("web/**", "shared/compose.yml"), "shared/compose.yml", True),
        (("web/**", "!web/old/**"), "web/old/compose.yml", False),
        (("no-such-folder/**",), "web/compose.yml", False),
    ],
)
def test_a_host_runs_the_files_that_its_globs_name(runs: tuple[str, ...], file: str, matches: bool) -> None:
    hosts = [host("a", runs=runs)]
    found = occurrence(file)
    running = runners([found], hosts, group(hosts, KNOWLEDGE))
    assert running[found.id] == ({0: ("a",)} if matches else {})


def test_hosts_of_one_group_may_run_different_files() -> None:
    hosts = [host("a", runs=("a/**",)), host("b", runs=("b/**",)), host("c"), host("x", "podman 5.8.2", runs=("b/**",))]
    in_a, in_b = occurrence("a/compose.yml"), occurrence("b/compose.yml")
    running = runners([in_a, in_b], hosts, group(hosts, KNOWLEDGE))
    assert running == {in_a.id: {0: ("a", "c")}, in_b.id: {0: ("b", "c"), 1: ("x",)}}


def test_a_file_that_uses_a_digest_of_another_one_counts_too() -> None:
    hosts = [host("a", runs=("web/compose.yml",))]
    found = occurrence("web/.env", used_in="web/compose.yml")
    assert runners([found], hosts, group(hosts, KNOWLEDGE))[found.id] == {0: ("a",)}


def test_without_hosts_nobody_runs_anything() -> None:
    found = occurrence("compose.yml")
    assert runners([found], [], ())[found.id] == {}
