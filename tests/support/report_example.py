"""A believable report, made by hand: every verdict, both moments, five classes of hosts, hostile names."""

from dataclasses import replace

from planner.model import media_type as mt
from planner.model.engine import Software, parse_software
from planner.model.finding import Finding, HostGroup, Outcome, Verdict
from planner.model.host import LINUX_AMD64, Host, Registry
from planner.model.manifest import Descriptor, Manifest
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform
from planner.model.reference import Reference, parse_reference
from planner.model.report import Cause, Provenance, Report, Window, asked
from planner.model.resolution import ImageConfig, Resolution, State
from planner.model.source import Problem

REGISTRY = "registry.acme.example:5000"
SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://evil.example","ok")'
ESCAPE = "nightly\x1b]0;owned\x07\x1b[31m\u202egnp.exe"


def _digest(seed: str) -> str:
    return "sha256:" + (seed * 64)[:64]


def _occurrence(place: str, format_: str, role: str, name: str, image: str) -> Occurrence:
    file, line, column = place.split(":")
    return Occurrence(file, int(line), int(column), format_, role, name, image, parse_reference(image))


LEGACY = f"{REGISTRY}/billing/ledger@{_digest('3f9c1a')}"
SHOP = f"{REGISTRY}/shop/web:2.4.1@{_digest('a71e04')}"
NGINX = f"nginx:1.27@{_digest('09d2bb')}"
INDEX = f"ghcr.io/acme/gateway@{_digest('c44f80')}"
ZSTD = f"{REGISTRY}/ml/scoring@{_digest('5e6d21')}"
GONE = f"{REGISTRY}/tools/migrate@{_digest('b0b0c3')}"
PRIVATE = f"quay.example/partner/feed@{_digest('77ab19')}"
ARM = f"{REGISTRY}/edge/collector@{_digest('e1f2d3')}"

OCCURRENCES = (
    _occurrence("ci/.gitlab-ci.yml:14:22", "gitlab-ci", "job", FORMULA, ZSTD),
    _occurrence("ci/nightly.yml:7:31", "github-actions", "container", ESCAPE, PRIVATE),
    _occurrence("deploy/billing/compose.yml:8:52", "compose", "service", "ledger", LEGACY),
    _occurrence("deploy/billing/compose.yml:21:52", "compose", "service", "ledger-worker", LEGACY),
    _occurrence("deploy/edge/compose.yml:5:55", "compose", "service", "collector", ARM),
    _occurrence("deploy/shop/compose.yml:6:54", "compose", "service", "web", SHOP),
    _occurrence("deploy/shop/compose.yml:19:28", "compose", "service", SCRIPT, NGINX),
    _occurrence("k8s/gateway/deployment.yaml:27:48", "kubernetes", "container", "gateway", INDEX),
    _occurrence("k8s/shop/migrate-job.yaml:18:52", "kubernetes", "init container", "migrate", GONE),
    _occurrence("k8s/shop/web.yaml:33:54", "kubernetes", "container", "web", SHOP),
)


def _names(pattern: str, count: int) -> tuple[str, ...]:
    return tuple(pattern.format(number) for number in range(1, count + 1))


def _group(engine: str, target: str, hosts: tuple[str, ...], store: str = "", client: str = "") -> HostGroup:
    after = parse_software(target) if target else None
    target_store = "containerd" if target.startswith("docker 29") else store
    return HostGroup(parse_software(engine), after, store, target_store, client, frozenset(), LINUX_AMD64, hosts)


GROUPS = (
    _group("docker 1.9.1", "docker 20.10.24", _names("bill-{:02}", 3), "graphdriver"),
    _group("docker 20.10.24", "docker 29.0.0", _names("web-{:02}", 12), "graphdriver"),
    _group("docker 28.1.1", "", ("ci-runner-a", "ci-runner-b"), "containerd"),
    _group("containerd 1.7.22", "containerd 2.1.4", _names("node-{:02}", 6), client="cri"),
    _group("containerd 2.1.4", "", ("edge-1", "edge-2"), client="cri"),
)

CAUSES = {
    cause.id: cause
    for cause in (
        Cause(
            "schema2-by-digest",
            "Schema 2 manifest pulled by digest by an engine that reads schema 1 only",
            "Pulled by tag, the registry would convert the image. By digest it must send the stored bytes, which "
            "Docker 1.9 and older do not understand.",
            ("Upgrade the engine to 1.10.0 or newer before the next pull.", "Pin a schema 1 copy for the old hosts."),
        ),
        Cause(
            "schema1-removed",
            "Schema 1 manifest, which the engine no longer reads",
            "Docker 28.2 and containerd 2.1 have removed the old format. The image must be stored in a newer one, "
            "which changes its digest.",
            (
                "Convert and pin the new digest first: `skopeo copy --format v2s2 docker://a docker://b`. It pulls.",
                "Stay on 28.1 with the re-enabling switch.",
            ),
        ),
        Cause(
            "schema1-deprecated",
            "Schema 1 manifest, still read with a warning",
            "The engine pulls it today and says that it will stop to.",
            ("Convert the image now, while every host still pulls both forms.",),
        ),
        Cause(
            "zstd-layer",
            "Layers compressed with zstd",
            "Engines before 24.0.6 (graphdriver store) cannot decompress them.",
            ("Push the image again with gzip layers and pin the new digest.",),
        ),
        Cause(
            "manifest-missing",
            "The registry has no such manifest",
            "Nothing answers to this digest; the image was deleted or never pushed. No engine can pull it.",
            ("Push the image again from a host that still has it.", "Pin a digest that exists."),
        ),
        Cause(
            "not-checked",
            "The registry did not let us look",
            "Private, deleted and never existed look alike from outside, so nothing is claimed.",
            ("Run again with credentials that may read the repository (--authfile).",),
        ),
        Cause(
            "platform-mismatch",
            "No image for the host's platform",
            "The index lists linux/arm64 only, and the hosts are linux/amd64.",
            ("Build and push a linux/amd64 image and pin the new index.",),
        ),
    )
}


def _outcome(verdict: Verdict, cause: str, message: str = "", *evidence: str) -> Outcome:
    return Outcome(verdict, cause, message, evidence)


def _findings(place: int, group: int | None, moments: str, outcome: Outcome) -> list[Finding]:
    """For each of the moments ("now", "after", "now after")."""
    owner = GROUPS[group] if group is not None else None
    remedies = CAUSES[outcome.cause].remedies
    hosts = owner.hosts if owner else ()
    return [Finding(OCCURRENCES[place], Moment(m), outcome, owner, hosts, remedies) for m in moments.split()]


_LIST = "manifest: application/vnd.docker.distribution.manifest.v2+json (schema 2 manifest), 1,574 bytes"
_OLD = "manifest: application/vnd.docker.distribution.manifest.v1+prettyjws (schema 1 manifest), 4,120 bytes"
_BREAKS, _RISK = Verdict.BREAKS, Verdict.AT_RISK
_SCHEMA2 = _outcome(
    _BREAKS,
    "schema2-by-digest",
    f'unsupported schema version 2 for tag "{_digest("a71e04")}"',
    _LIST,
    "docker 1.8.3 to 1.9.1 read schema 1 only (moby v1.9.1, distribution/pull_v2.go)",
)
_GONE_29 = _outcome(
    _BREAKS,
    "schema1-removed",
    f"unsupported manifest media type and no default available: {mt.SCHEMA1_SIGNED}",
    _OLD,
    "docker 29.0.0 and newer do not read it (moby docker-v29.0.0, distribution/pull_v2.go)",
)
_WARNED = _outcome(
    _RISK, "schema1-deprecated", "[DEPRECATION NOTICE] Docker Image Format v1 support will be removed", _OLD
)
_ZSTD = _outcome(_BREAKS, "zstd-layer", "unsupported compression: zstd", "layer 3 of 7: application/…layer.v1.tar+zstd")
_MISSING = _outcome(_BREAKS, "manifest-missing", "manifest unknown", "GET manifests: 404 MANIFEST_UNKNOWN")
_DENIED = _outcome(Verdict.UNKNOWN, "not-checked", "", f"quay.example: 401 unauthorized for {SCRIPT}")
_ARM = _outcome(_BREAKS, "platform-mismatch", "no matching manifest for linux/amd64 in the manifest list entries")

FINDINGS = (
    *_findings(0, 2, "now", replace(_ZSTD, verdict=_RISK)),
    *_findings(1, None, "now", _DENIED),
    *_findings(2, 1, "now", _WARNED),
    *_findings(2, 1, "after", _GONE_29),
    *_findings(3, 1, "now", _WARNED),
    *_findings(3, 1, "after", _GONE_29),
    *_findings(4, 4, "now", _ARM),
    *_findings(5, 0, "now", _SCHEMA2),
    *_findings(6, 0, "now", replace(_SCHEMA2, message=_SCHEMA2.message.replace(_digest("a71e04"), _digest("09d2bb")))),
    *_findings(8, 3, "now after", _MISSING),
)

RUNNERS = {
    OCCURRENCES[place].id: {group: GROUPS[group].hosts for group in groups}
    for place, groups in enumerate(((2,), (2,), (0, 1), (0, 1), (4,), (0, 1), (0, 1), (3,), (3,), (3,)))
}

WINDOWS = (
    Window(_digest("3f9c1a"), "docker", "graphdriver", (">=1.6.0,<28.2.0",)),
    Window(_digest("3f9c1a"), "containerd", "", ("<2.0.0",)),
    Window(_digest("3f9c1a"), "podman", "", (">=1.0.0",)),
    Window(_digest("a71e04"), "docker", "graphdriver", (">=1.10.0",)),
    Window(_digest("a71e04"), "containerd", "", ("*",)),
    Window(_digest("a71e04"), "podman", "", (">=1.0.0",)),
    Window(_digest("09d2bb"), "docker", "graphdriver", (">=1.10.0",)),
    Window(_digest("09d2bb"), "containerd", "", ("*",)),
    Window(_digest("09d2bb"), "podman", "", (">=1.0.0",)),
    Window(_digest("c44f80"), "docker", "graphdriver", (">=18.06.0,<19.03.0", ">=19.03.5")),
    Window(_digest("c44f80"), "containerd", "", ("*",)),
    Window(_digest("c44f80"), "podman", "", (">=1.6.3",)),
    Window(_digest("b0b0c3"), "docker", "graphdriver", ()),
    Window(_digest("b0b0c3"), "containerd", "", ()),
    Window(_digest("b0b0c3"), "podman", "", ()),
)

PROBLEMS = (
    Problem(
        "file",
        "deploy/old/compose.yml",
        "yaml-syntax",
        "This is not valid YAML (a tab where spaces must be), so nothing in it was checked. Mend line 3, run again.",
        3,
        1,
    ),
    Problem(
        "reference",
        f"quay.example/partner/feed@{_digest('77ab19')}",
        "denied",
        "The registry asked for credentials (401), so nothing is known of this image. Run again with --authfile.",
    ),
    Problem("host", f"edge-9{ESCAPE}", "unknown-version", "'latest' is no version, so its pulls were not checked."),
)


def _resolutions() -> dict[Reference, Resolution]:
    amd64, arm64 = Platform("linux", "amd64"), Platform("linux", "arm64")
    attestation = Platform("unknown", "unknown")

    def image(text: str, kind: str) -> Resolution:
        reference = asked(parse_reference(text))
        config = ImageConfig(amd64, 3)
        return Resolution(
            reference, State.RESOLVED, Manifest(kind, 1574), reference.digest or "", config=config, source="skopeo"
        )

    def index(text: str, *platforms: Platform) -> Resolution:
        entries = tuple(Descriptor(mt.OCI_MANIFEST, _digest(str(n)), 700, p) for n, p in enumerate(platforms))
        reference = asked(parse_reference(text))
        manifest = Manifest(mt.OCI_INDEX, 900, mt.OCI_INDEX, entries=entries)
        return Resolution(reference, State.RESOLVED, manifest, reference.digest or "", source="skopeo")

    missing = Resolution(asked(parse_reference(GONE)), State.MISSING, detail="manifest unknown", source="skopeo")
    denied = Resolution(asked(parse_reference(PRIVATE)), State.DENIED, detail="unauthorized", source="skopeo")
    known = [
        image(LEGACY, mt.SCHEMA1_SIGNED),
        image(SHOP, mt.SCHEMA2),
        image(NGINX, mt.SCHEMA2),
        image(ZSTD, mt.OCI_MANIFEST),
        index(INDEX, amd64, arm64, attestation),
        index(ARM, arm64),
        missing,
        denied,
    ]
    return {resolution.reference: resolution for resolution in known}


def _hosts() -> tuple[Host, ...]:
    return tuple(
        Host(name, group.engine, group.target, group.store, group.client, source="planner.toml")
        for group in GROUPS
        for name in group.hosts
    )


REPORT = Report(
    root="infra",
    occurrences=OCCURRENCES,
    resolutions=_resolutions(),
    hosts=_hosts(),
    groups=GROUPS,
    registries=(Registry(REGISTRY, Software("distribution", None, "distribution 2.8.3")),),
    findings=FINDINGS,
    windows=WINDOWS,
    problems=PROBLEMS,
    causes=CAUSES,
    provenance=Provenance(
        "0.1.0", "2026-03-02T09:14:00+01:00", "skopeo 1.22.2", 214, ("docker up to 29.7.2", "containerd up to 2.3.4")
    ),
    runners=RUNNERS,
)

WITHOUT_HOSTS = replace(
    REPORT,
    hosts=(),
    groups=(),
    findings=tuple(f for f in FINDINGS if f.outcome.cause == "not-checked"),
    runners={},
)
CLEAN = replace(REPORT, findings=(), problems=())
EMPTY = replace(
    REPORT, occurrences=(), resolutions={}, findings=(), problems=(), windows=(), runners={}, hosts=(), groups=()
)


def large(occurrences: int = 5000, hosts: int = 1000, groups: int = 40, images: int = 500) -> Report:
    """Everything breaks everywhere: the worst that a page must still be able to tell."""
    size = hosts // groups
    many = tuple(
        _group(f"docker 20.10.{n % 25}", "docker 29.0.0", tuple(f"h{n:03}-{i:03}" for i in range(size)), "graphdriver")
        for n in range(groups)
    )
    found = tuple(
        _occurrence(
            f"svc/{n // 50:03}/compose.yml:{n % 50 + 1}:40",
            "compose",
            "service",
            f"svc-{n}",
            f"{REGISTRY}/app-{n % images}@{_digest(f'{n % images:04x}')}",
        )
        for n in range(occurrences)
    )
    return replace(
        REPORT,
        occurrences=found,
        hosts=tuple(Host(name, group.engine, group.target) for group in many for name in group.hosts),
        groups=many,
        findings=tuple(
            Finding(o, Moment.AFTER, _GONE_29, group, group.hosts, CAUSES["schema1-removed"].remedies)
            for o in found
            for group in many
        ),
        runners={o.id: {n: group.hosts for n, group in enumerate(many)} for o in found},
    )
