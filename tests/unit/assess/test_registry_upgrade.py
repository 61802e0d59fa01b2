"""Registries with versions and targets, through the whole stage: what an upgrade ends, and for whom."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from planner.assess import assess
from planner.model.engine import parse_software
from planner.model.host import Host, Registry
from planner.model.occurrence import Occurrence
from planner.model.reference import parse_reference
from planner.model.report import asked
from tests.oracle.images import load_images
from tests.support.command import run, write_compose
from tests.support.knowledge import KNOWLEDGE

IMAGES = load_images()
HOST = "registry.example"


def verdicts(
    kind: str, ref: str, registry: str, *engines: str, target: str = "", host: str = HOST
) -> dict[tuple[str, str], tuple[str, str]]:
    """Verdict and cause by host (empty: whatever the engine) and moment, for an image of the oracle."""
    image = IMAGES[kind].by_tag if ref == "tag" else IMAGES[kind].by_digest
    tail = ":t" if ref == "tag" else f"@{image.reference.digest}"
    reference = parse_reference(f"{host}/lab/app{tail}")
    occurrence = Occurrence("compose.yml", 3, 12, "compose", "service", "app", str(reference), reference)
    resolutions = {asked(reference): replace(image, reference=asked(reference))}
    hosts = [Host(engine, parse_software(engine)) for engine in engines]
    declared = Registry(host, parse_software(registry), parse_software(target) if target else None)
    found = assess([occurrence], resolutions, hosts, [declared] if registry else [], KNOWLEDGE)
    return {
        (name, finding.moment): (finding.verdict, finding.outcome.cause)
        for finding in found.findings
        for name in finding.hosts or ("",)
    }


ENGINES = ("docker 1.9.1", "docker 18.09.9", "docker 24.0.9", "containerd 1.7.27", "docker 28.5.2", "podman 5.2.0")


def test_the_upgrade_to_3_ends_schema_1_for_hosts_that_pull_it() -> None:
    found = verdicts("s1-signed", "digest", "distribution 2.8.3", *ENGINES, target="distribution 3.0.0")
    now = {engine: found.get((engine, "now"), ("pulls", ""))[0] for engine in ENGINES}
    assert now == dict(zip(ENGINES, ("pulls", "pulls", "at-risk", "at-risk", "breaks", "pulls"), strict=True))
    after = {engine: found[engine, "after"] for engine in ENGINES}
    assert after == dict.fromkeys(ENGINES, ("breaks", "registry-cannot-serve"))


def test_without_hosts_the_upgrade_to_3_is_a_finding_too() -> None:
    found = verdicts("s1-signed", "digest", "distribution 2.8.3", target="distribution 3.0.0")
    assert found == {("", "after"): ("breaks", "registry-cannot-serve")}
    assert verdicts("s2-gzip", "digest", "distribution 2.8.3", target="distribution 3.0.0") == {}
    assert verdicts("s1-signed", "digest", "distribution 2.8.2", target="distribution 2.8.3") == {}


def test_the_upgrade_to_3_ends_conversions_and_the_gate_of_indexes() -> None:
    by_tag = verdicts("s2-gzip", "tag", "distribution 2.8.3", "docker 1.9.1", target="distribution 3.0.0")
    assert by_tag == {("docker 1.9.1", "after"): ("breaks", "schema2-manifest")}
    index = verdicts("oci-index", "digest", "distribution 2.8.3", "docker 18.03.1", target="distribution 3.0.0")
    assert set(index.values()) == {("breaks", "oci-index")}


@pytest.mark.parametrize(
    ("engine", "registry", "pulls"),
    [
        ("docker 1.6.2", "distribution 2.3.0", False),
        ("docker 1.7.1", "distribution 2.3.0", False),
        ("docker 1.8.0", "distribution 2.3.0", True),
        ("docker 1.9.1", "distribution 2.3.0", True),
        ("docker 1.6.2", "distribution 2.3.1", True),
        ("docker 1.7.1", "distribution 2.3.1", True),
        ("docker 1.6.2", "distribution 2.8.3", True),
        ("docker 1.9.1", "distribution 2.8.3", True),
        ("docker 1.9.1", "distribution 3.0.0", False),
        ("docker 1.9.1", "harbor 1.10.0", True),
        ("docker 1.9.1", "harbor 2.0.0", False),
        ("docker 1.9.1", "quay 3.18.0", True),
        ("docker 1.9.1", "ecr", True),
        ("docker 1.9.1", "zot 2.1.20", False),
    ],
)
def test_a_tag_is_converted_for_old_engines_by_some(engine: str, registry: str, pulls: bool) -> None:
    assert (verdicts("s2-gzip", "tag", registry, engine) == {}) is pulls
    assert verdicts("s2-gzip", "digest", registry, engine)[engine, "now"] == ("breaks", "schema2-manifest")


@pytest.mark.parametrize(
    ("engine", "registry", "pulls"),
    [
        ("docker 1.10.0", "distribution 2.3.0", True),  # a line for each type
        ("docker 28.5.2", "distribution 2.4.1", True),
        ("podman 5.2.0", "distribution 2.4.1", True),
        ("containerd 1.7.27", "distribution 2.2.1", None),
        ("containerd 1.7.27", "distribution 2.3.0", False),
        ("containerd 1.7.27", "distribution 2.4.1", False),
        ("containerd 1.7.27", "distribution 2.5.0", True),
        ("docker 29.0.0", "distribution 2.4.1", False),
        ("docker 29.0.0", "distribution 2.5.0", True),
        ("buildkit 0.20.0", "distribution 2.4.1", False),
    ],
)
def test_types_in_one_line_are_not_heard_by_the_first_that_convert(
    engine: str, registry: str, pulls: bool | None
) -> None:
    for kind in ("s2-gzip", "mlist"):
        found = verdicts(kind, "tag", registry, engine)
        expected = {None: "unknown", True: "pulls", False: "breaks"}[pulls]
        assert found.get((engine, "now"), ("pulls", ""))[0] == expected, found
        if pulls is not None:
            assert verdicts(kind, "digest", registry, engine) == {}, "by digest nothing changes"


def test_what_no_source_says_is_unknown_and_never_pulls() -> None:
    for host in ("docker.io", "ghcr.io", "mcr.microsoft.com"):
        found = verdicts("s2-gzip", "tag", "", "docker 1.9.1", host=host)
        assert found == {("docker 1.9.1", "now"): ("unknown", "registry-unknown")}


def test_a_host_that_its_name_tells_needs_no_declaration() -> None:
    assert verdicts("s2-gzip", "tag", "", "docker 1.9.1", host="quay.io") == {}
    refused = verdicts("s1-signed", "digest", "", "docker 18.09.9", host="registry.redhat.io")
    assert refused == {("docker 18.09.9", "now"): ("breaks", "registry-cannot-serve")}
    assert verdicts("s1-signed", "digest", "", host="registry.gitlab.com") == {
        ("", "now"): ("breaks", "registry-cannot-serve")
    }


def test_moving_to_another_registry_is_audited_like_an_upgrade() -> None:
    for target in ("zot 2.1.20", "forgejo 12.0.0", "gitlab 17.0.0"):
        found = verdicts("s1-signed", "digest", "distribution 2.8.3", "docker 18.09.9", target=target)
        assert found == {("docker 18.09.9", "after"): ("breaks", "registry-cannot-serve")}, target
    assert not verdicts("s1-signed", "digest", "distribution 2.8.3", "docker 18.09.9", target="harbor 2.15.2")


@pytest.mark.parametrize("hosts", ["", '[[hosts]]\nname = "old"\nengine = "docker 18.09.9"\n'], ids=["alone", "hosts"])
def test_planner_scan_audits_a_registry_upgrade(tmp_path: Path, hosts: str) -> None:
    """End to end, from files to exit code and report."""
    case = Path(__file__).parents[2] / "cases" / "cause-registry-cannot-serve"
    digest = IMAGES["s1-signed"].by_digest.reference.digest
    folder = write_compose(tmp_path / "infra", f"upgraded.example/lab/s1-signed@{digest}")
    registry = '[[registries]]\nhost = "upgraded.example"\nsoftware = "distribution 2.8.3"\n'
    outcomes = []
    for target in ("", 'target = "distribution 3.0.0"\n'):
        (folder / "planner.toml").write_text(hosts + registry + target)
        done = run("scan", folder, "--offline", case / "registry.jsonl", "--format", "json", home=tmp_path)
        found = [(f["moment"], f["verdict"], f["cause"], f["hosts"]) for f in json.loads(done.out)["findings"]]
        outcomes.append((done.code, found))
    names = ["old"] if hosts else []
    assert outcomes == [(0, []), (1, [("after", "breaks", "registry-cannot-serve", names)])]
