"""Small random fleets: hosts, registries and pins of real images, and the plan that planner makes for them."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from planner.assess.groups import group, runners
from planner.knowledge import load_knowledge
from planner.model.engine import Software, parse_software
from planner.model.host import LINUX_AMD64, Host, Registry
from planner.model.occurrence import Occurrence
from planner.model.plan import Plan
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution, State
from planner.plan.fleet import fleet, rings
from planner.plan.ground import Ground
from planner.plan.make import make_plan
from planner.resolve import resolve
from planner.resolve.opening import Opening, open_resolver
from planner.resolve.snapshot import snapshot_text
from tests.cases.record import RECORDED_AT, REGISTRY, failed, lab, tagged
from tests.cases.record_plans import leads_to
from tests.support.images import build_image
from tests.support.replay import Facts

# Images of which some engine and some registry makes a difference, by what they are in tests/oracle/images.jsonl.
_KINDS = (
    "s1-signed", "s1-unsigned", "x-s1-arm64", "s2-gzip", "s2-zstd", "s2-arm64", "mlist", "mlist-s1s2", "oci-gzip",
    "oci-zstd", "oci-index", "oci-index-attest", "helm",
)  # fmt: skip
# Versions on both sides of what changed most; any other release is drawn as often as one of these.
_VERSIONS = {
    "docker": ("1.9.1", "1.12.6", "17.06.2", "18.09.9", "19.03.3", "20.10.24", "24.0.9", "25.0.5", "27.5.1", "29.0.0"),
    "containerd": ("1.4.13", "1.7.20", "2.0.5", "2.1.4"),
    "podman": ("1.6.1", "4.1.1", "5.8.2"),
    "cri-o": ("1.18.6", "1.30.4"),
}
# assess draws its charts for every engine that it knows: of those that no host runs there is no need.
_ALL = load_knowledge()
KNOWLEDGE = replace(_ALL, engines={name: engine for name, engine in _ALL.engines.items() if name in _VERSIONS})
_REGISTRY_VERSIONS = ("2.2.1", "2.6.2", "2.8.3", "3.0.0")
_TAG = "stable"


class Planned:
    """A fleet, and what planner makes of it. No dataclass, of which hypothesis would print the recorded registry."""

    def __init__(self, facts: Facts, ground: Ground, plan: Plan) -> None:
        self.facts, self.ground, self.plan = facts, ground, plan

    def __repr__(self) -> str:
        """What a failing test has to show, without the recorded registry."""
        facts, plan = self.facts, self.plan
        hosts = (f"{h.name}: {h.engine} -> {h.target} {h.store} {h.platform} {h.runs} {h.ring}" for h in facts.hosts)
        registries = (f"{each.host}: {each.software} -> {each.target}" for each in facts.registries)
        pins = (f"{each.file}: {each.raw}" for each in facts.occurrences)
        steps = (f"{s.wave} {s.kind} {s.hosts}: {s.before} -> {s.after}" for s in plan.steps)
        blocked = (f"blocked {each.hosts} {each.held}: {each.why}" for each in plan.blocked)
        return "\n".join(("", *hosts, *registries, *pins, *steps, *blocked))


@st.composite
def fleets(draw: st.DrawFn, most: int = 3) -> Planned:
    """Up to `most` hosts and as many pins, each in a file of its own, and perhaps a registry that is upgraded."""
    hosts = [_host(draw, number, most) for number in range(draw(st.integers(1, most)))]
    pins = draw(st.lists(st.sampled_from(_contested()) | st.sampled_from(_pool()), min_size=1, max_size=most))
    return _fleet(hosts, pins, [_registry(draw)] if draw(st.booleans()) else [])


@st.composite
def contests(draw: st.DrawFn) -> Planned:
    """Two hosts that share all they pull, one of them at an old Docker: what serves both is scarce."""
    versions, files = _VERSIONS["docker"], ("0.yml", "1.yml")
    ways = [
        (draw(st.sampled_from(versions[:1] + versions[:5])), draw(st.none() | st.none() | st.sampled_from(versions))),
        (draw(st.sampled_from(versions[5:])), draw(st.sampled_from((*versions[-4:], *versions[-1:] * 3)))),
    ]
    hosts = [
        Host(f"h{n}", _docker(now), _docker(end) if end else None, runs=files) for n, (now, end) in enumerate(ways)
    ]
    first, *others = _contested()
    pins = draw(st.lists(st.just(first) | st.sampled_from(others), min_size=1, max_size=2))
    return _fleet(hosts, pins, [_registry(draw)] if draw(st.booleans()) else [])


def _docker(version: str) -> Software:
    return parse_software(f"docker {version}")


def _fleet(hosts: list[Host], pins: list[Reference], registries: list[Registry]) -> Planned:
    occurrences = [
        Occurrence(f"{n}.yml", 3, 12, "compose", "service", f"s{n}", str(reference), reference)
        for n, reference in enumerate(pins)
    ]
    return planned(Facts(occurrences, _recorded(), hosts, registries, KNOWLEDGE))


def planned(facts: Facts) -> Planned:
    """What `planner plan` does once everything is asked for."""
    groups = group(facts.hosts, KNOWLEDGE)
    who = fleet(facts.occurrences, groups, runners(facts.occurrences, facts.hosts, groups), rings(facts.hosts))
    ground = Ground(who, facts.registries, facts.resolutions, KNOWLEDGE)
    return Planned(facts, ground, make_plan(ground, facts.resolutions))


def _host(draw: st.DrawFn, number: int, most: int) -> Host:
    engine = draw(_software())
    same = _software(engine.name)
    target = draw(st.none() | same | same | _software())
    store = "containerd" if engine.name == "docker" and _is_new(engine) and draw(st.booleans()) else ""
    platform = draw(st.sampled_from((LINUX_AMD64, LINUX_AMD64, Platform("linux", "arm64"))))
    runs = draw(st.just(set(range(most))) | st.sets(st.integers(0, most - 1), min_size=1))
    ring = draw(st.none() | st.integers(0, 1))
    files = tuple(f"{n}.yml" for n in sorted(runs))
    return Host(f"h{number}", engine, target, store, platform=platform, runs=files, ring=ring)


def _is_new(software: Software) -> bool:
    return software.version is not None and software.version.release >= (25, 0, 0)


@st.composite
def _software(draw: st.DrawFn, name: str = "") -> Software:
    name = name or draw(st.sampled_from(("docker", "docker", "docker", *_VERSIONS)))
    known = KNOWLEDGE.engine(name)
    assert known is not None
    every = [release.version for release in known.releases]
    chosen = [version for version in every if str(version) in _VERSIONS[name]]
    version = draw(st.sampled_from(chosen) | st.sampled_from(every))
    return Software(name, version, f"{name} {version}")


def _registry(draw: st.DrawFn) -> Registry:
    known = KNOWLEDGE.registry("distribution")
    assert known is not None
    versions = [release.version for release in known.releases if str(release.version) in _REGISTRY_VERSIONS]
    now, then = draw(st.sampled_from(versions)), draw(st.sampled_from(versions))
    software = Software("distribution", now, f"distribution {now}")
    return Registry(REGISTRY, software, Software("distribution", then, f"distribution {then}"))


@cache
def _recorded() -> dict[Reference, Resolution]:
    recordings = [
        *(lab(kind) for kind in _KINDS),
        leads_to("oci-index", _TAG),
        tagged("s1-signed", _TAG, build_image({"hello": b"newer\n"}, kind="v2s2"), REGISTRY),
        failed("gone", State.MISSING, 404, "manifest unknown"),
        failed("down", State.UNREACHABLE, None, "connection refused"),
    ]
    answers = {key: answer for recording in recordings for key, answer in recording().items()}
    names = {key.name for key in answers if key.kind == "manifest"}
    with tempfile.TemporaryDirectory() as folder:
        snapshot = Path(folder) / "registry.jsonl"
        snapshot.write_text(snapshot_text(answers, RECORDED_AT), "utf-8")
        opened = open_resolver(Opening(offline=snapshot, cache=False))
        try:
            return resolve({asked(_parsed(name)) for name in names}, opened.resolver, None)
        finally:
            opened.resolver.close()


def _parsed(name: str) -> Reference:
    registry, _, rest = name.partition("/")
    repository, _, digest = rest.partition("@")
    repository, _, tag = repository.partition(":")
    return Reference(registry, repository, tag or None, digest or None)


@cache
def _contested() -> tuple[Reference, ...]:
    """What some of the versions pull and some do not."""
    kinds = ("s1-signed", "s2-gzip", "oci-gzip", "oci-zstd", "oci-index", "mlist")
    digests = {each.repository: each for each in _pool() if not each.tag}
    return tuple(digests[f"lab/{kind}"] for kind in kinds)


@cache
def _pool() -> tuple[Reference, ...]:
    """What may be pinned: every digest, and those beside a tag that was asked for."""
    pinned = sorted((each for each in _recorded() if each.digest), key=str)
    tagged_names = {each.name for each in _recorded() if each.tag}
    return (*pinned, *(replace(each, tag=_TAG) for each in pinned if each.name in tagged_names))
