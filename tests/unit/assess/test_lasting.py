"""What threatens a pin whatever pulls it: closed registries by date and answer, and tags that have moved on."""

from dataclasses import replace
from datetime import date

import pytest

from planner.assess import assess
from planner.assess.delivery import RegistryView
from planner.assess.lasting import retired, untagged
from planner.model.engine import parse_software, parse_version
from planner.model.finding import Finding
from planner.model.host import Host, Registry
from planner.model.knowledge import VERSIONLESS
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference, parse_reference
from planner.model.resolution import Resolution, State
from planner.model.retirement import Ending, Retirement
from planner.plan.remedies import with_remedies
from tests.oracle.images import load_images
from tests.support.knowledge import KNOWLEDGE

IMAGES = load_images()
TODAY = date(2026, 11, 23)
DIGEST = "sha256:" + "a" * 64
CLOSED = Retirement(("r.example",), Ending.GONE, "shut down", ("https://r.example/end",), "2026-11-01", "2026-11-22")
HOST = Host("web", parse_software("docker 28.5.2"))

# What is retired, since when, what is said where it does not answer (404), and a part of what takes its place.
RETIRED = [
    ("k8s.gcr.io/pause", "2023-04-03", "at-risk", "registry.k8s.io"),
    ("gcr.io/some-project/app", "2025-03-18", "breaks", "LOCATION-docker.pkg.dev"),
    ("eu.gcr.io/some-project/app", "2025-03-18", "breaks", "LOCATION-docker.pkg.dev"),
    ("gcr.io/kubebuilder/kube-rbac-proxy", "2025-03-18", "breaks", "registry.k8s.io/kubebuilder"),
    ("gcr.io/kubernetes-helm/tiller", "2021-08", "breaks", "ghcr.io/helm/tiller"),
    ("gcr.io/cloud-provider-vsphere/csi", "2024-09", "breaks", ""),
    ("gcr.io/tekton-releases/x", "2025-07-10", "breaks", "ghcr.io/tektoncd"),
    ("gcr.io/cf-build-service-public/x", "2025-05", "at-risk", ""),
    ("docker.io/bitnami/redis", "2025-09-29", "breaks", "docker.io/bitnamilegacy"),
    ("bitnami/redis", "2025-09-29", "breaks", "docker.io/bitnamilegacy"),
    ("docker.io/bitnamilegacy/redis", "", "at-risk", "registry of your own"),
    ("docker.pkg.github.com/a/b/c", "2025-02-24", "breaks", "ghcr.io"),
    ("docker.bintray.io/x", "2021-05-01", "breaks", "releases-docker.jfrog.io"),
    ("acme-docker-registry.bintray.io/x", "2021-05-01", "breaks", "releases-docker.jfrog.io"),
    ("projects.registry.vmware.com/antrea/antrea", "2024-06-28", "breaks", "projects.packages.broadcom.com"),
    ("registry.centos.org/centos/centos", "2023-05", "breaks", "quay.io/centos"),
    ("gcr.azk8s.cn/google-containers/pause", "2020-04-02", "at-risk", "the registry that it mirrored"),
    ("registry.opensource.zalan.do/acid/spilo", "2026-05-07", "at-risk", "ghcr.io/zalando"),
    ("cgr.dev/chainguard/nginx", "2023-08-16", "at-risk", "a paid catalogue"),
    ("docker.io/appscode/kubed", "2024-02", "breaks", ""),
    ("ghcr.io/weaveworks/launcher", "2021-11", "breaks", "docker.io/weaveworks"),
    ("mcr.microsoft.com/k8s/core/pause", "2021-08-23", "at-risk", "mcr.microsoft.com/oss/kubernetes"),
    ("mcr.microsoft.com/azuredocs/aks-helloworld", "2023-04", "breaks", "mcr.microsoft.com/mcr/hello-world"),
]


@pytest.mark.parametrize(("name", "since", "verdict", "replacement"), RETIRED, ids=[row[0] for row in RETIRED])
def test_what_is_retired(name: str, since: str, verdict: str, replacement: str) -> None:
    found = KNOWLEDGE.retirement(parse_reference(f"{name}@{DIGEST}"))
    assert found
    outcome = retired(found, State.MISSING, TODAY)
    assert (outcome.verdict, outcome.cause) == (verdict, "retired-registry")
    assert retired(found, State.RESOLVED, TODAY).verdict == "at-risk", "never that it pulls"
    said = " ".join(outcome.evidence)
    assert (f"since {since}," in said) == bool(since)
    assert replacement in said
    assert all(source in said for source in found.source)
    assert f"last checked {found.checked}" in said


@pytest.mark.parametrize(
    "name",
    [
        *(
            "docker.io/library/redis",
            "docker.io/bitnamicharts/redis",
            "docker.io/appscode/other",
            "quay.io/coreos/etcd",
        ),
        *("registry.k8s.io/pause", "mcr.microsoft.com/dotnet/sdk", "ghcr.io/weaveworks/launcher-two", "cgr.dev/acme/x"),
        *("mirror.example/k8s.gcr.io/pause", "xbintray.io/x", "registry.gitlab.com/a/b"),
    ],
)
def test_what_is_not_retired(name: str) -> None:
    assert KNOWLEDGE.retirement(parse_reference(f"{name}@{DIGEST}")) is None


@pytest.mark.parametrize("host", ["K8S.gcr.io", "k8s.gcr.io:443"])
def test_a_host_is_the_same_however_it_is_written(host: str) -> None:
    assert KNOWLEDGE.retirement(parse_reference(f"{host}/pause@{DIGEST}"))
    assert KNOWLEDGE.registry_at("GHCR.io:443") is KNOWLEDGE.registry_at("ghcr.io") is KNOWLEDGE.registry("ghcr")
    assert KNOWLEDGE.registry_at("ghcr.io:5000") is None, "on another port anything may run"


@pytest.mark.parametrize(
    ("ending", "state", "verdict"),
    [
        (Ending.GONE, State.RESOLVED, "at-risk"),
        (Ending.GONE, State.MISMATCH, "at-risk"),
        (Ending.GONE, State.RATE_LIMITED, "at-risk"),
        (Ending.GONE, State.UNREACHABLE, "breaks"),
        (Ending.GONE, State.DENIED, "breaks"),
        (Ending.GONE, State.NOT_RECORDED, "breaks"),
        # Alive for some: that this machine cannot reach it says nothing.
        (Ending.PARTLY, State.UNREACHABLE, "at-risk"),
        (Ending.PARTLY, State.NOT_RECORDED, "at-risk"),
        (Ending.PARTLY, State.DENIED, "breaks"),
        (Ending.PARTLY, State.MISSING, "breaks"),
        (Ending.AT_RISK, State.MISSING, "at-risk"),
        (Ending.AT_RISK, State.DENIED, "at-risk"),
    ],
)
def test_the_answer_decides_what_a_retirement_means(ending: Ending, state: State, verdict: str) -> None:
    assert retired(replace(CLOSED, ending=ending), state, TODAY).verdict == verdict


@pytest.mark.parametrize(
    ("day", "verdict", "word"),
    [
        ("2026-11-22", "breaks", "since"),
        ("2026-11-23", "breaks", "since"),
        ("2026-11", "breaks", "since"),
        ("2026-11-24", "at-risk", "from"),
        ("2026-12", "at-risk", "from"),
        ("2027", "at-risk", "from"),
    ],
)
def test_an_end_to_come_is_a_risk_until_it_comes(day: str, verdict: str, word: str) -> None:
    outcome = retired(replace(CLOSED, date=day), State.MISSING, TODAY)
    assert outcome.verdict == verdict
    assert f"{word} {day}, r.example" in outcome.evidence[0]


def test_without_a_day_to_compare_with_every_end_is_past() -> None:
    assert retired(replace(CLOSED, date="2999"), State.MISSING, None).verdict == "breaks"


def found(
    text: str, answers: dict[str, Resolution], hosts: tuple[Host, ...] = (), registries: tuple[Registry, ...] = ()
) -> tuple[Finding, ...]:
    """The findings of one occurrence, where `answers` are what the references lead to."""
    reference = parse_reference(text)
    occurrence = Occurrence("compose.yml", 3, 12, "compose", "service", "app", text, reference)
    resolutions = {parse_reference(key): replace(a, reference=parse_reference(key)) for key, a in answers.items()}
    findings = assess([occurrence], resolutions, hosts, registries, KNOWLEDGE, today=TODAY).findings
    return with_remedies(findings, (), HOST.platform, KNOWLEDGE)


def test_a_pin_that_a_cache_answers_is_a_finding_with_hosts_and_without() -> None:
    image = replace(IMAGES["s2-gzip"].by_digest, source="cache")
    text = f"docker.pkg.github.com/lab/app@{image.reference.digest}"
    for hosts in ((), (HOST,)):
        (finding,) = found(text, {text: image}, hosts)
        assert (finding.verdict, finding.outcome.cause, finding.hosts) == ("at-risk", "retired-registry", ())
        assert finding.remedies[0].startswith("Take the image from ghcr.io: ")
        assert f"docker://{text} " in finding.remedies[1]


def test_a_closed_registry_breaks_every_host_and_is_not_merely_unchecked() -> None:
    text = f"registry.centos.org/app@{DIGEST}"
    gone = Resolution(parse_reference(text), State.UNREACHABLE, detail="no such host", source="skopeo")
    strange = Host("new", parse_software("docker 99.0.0"))
    (alone,) = found(text, {text: gone})
    assert (alone.verdict, alone.outcome.cause, alone.hosts) == ("breaks", "retired-registry", ())
    both = found(text, {text: gone}, (HOST, strange))
    assert [(f.verdict, f.outcome.cause, f.hosts) for f in both] == [
        ("breaks", "retired-registry", ("web",)),
        ("breaks", "retired-registry", ("new",)),
    ]
    assert {f.outcome.evidence[0] for f in both} == {"the registry's answer (skopeo): unreachable: no such host"}


def test_what_nothing_replaces_is_to_be_kept() -> None:
    text = f"docker.io/appscode/kubed@{DIGEST}"
    denied = Resolution(parse_reference(text), State.DENIED)
    (finding,) = found(text, {text: denied})
    assert "{replacement}" not in " ".join(finding.remedies)
    assert finding.remedies[0].startswith("While it still answers")


def view(name: str, version: str = "") -> RegistryView:
    return RegistryView("r.example", KNOWLEDGE.registry(name), parse_version(version) if version else VERSIONLESS)


@pytest.mark.parametrize(
    ("registry", "is_threat"),
    [
        (view("quay", "3.18.0"), True),
        (view("zot", "2.1.20"), True),
        (view("gitea"), True),
        (view("acr"), True),
        (view("distribution", "2.7.0"), True),
        (view("distribution", "2.6.2"), False),
        (view("docker-hub"), False),
        (view("ghcr"), False),
        (RegistryView("r.example"), False),
    ],
    ids=["quay", "zot", "gitea", "acr", "distribution 2.7", "distribution 2.6", "docker-hub", "ghcr", "unknown"],
)
def test_a_tag_that_has_moved_is_a_threat_where_untagged_digests_end(registry: RegistryView, is_threat: bool) -> None:
    reference = parse_reference(f"r.example/app:stable@{DIGEST}")
    elsewhere = Resolution(replace(reference, digest=None), State.RESOLVED, digest="sha256:" + "b" * 64)
    outcome = untagged(reference, elsewhere, registry)
    assert bool(outcome) is is_threat
    if outcome:
        assert (outcome.verdict, outcome.cause) == ("at-risk", "tag-moved")
        assert elsewhere.digest in outcome.evidence[0]
    gone = untagged(reference, replace(elsewhere, state=State.MISSING, digest=""), registry)
    assert bool(gone) is is_threat, "a tag that was removed has left the digest as well"
    if gone:
        assert gone.evidence[0] == "stable is not there any more"


def test_a_tag_is_not_said_to_have_moved_where_that_is_not_known() -> None:
    reference = parse_reference(f"r.example/app:stable@{DIGEST}")
    tag = Resolution(replace(reference, digest=None), State.RESOLVED, digest=DIGEST)
    assert untagged(reference, None, view("gitea")) is None
    assert untagged(reference, tag, view("gitea")) is None
    assert untagged(reference, replace(tag, state=State.DENIED, digest=""), view("gitea")) is None
    assert untagged(reference, replace(tag, digest=""), view("gitea")) is None
    longer = replace(reference, digest="sha512:" + "a" * 128)
    assert untagged(longer, tag, view("gitea")) is None, "the same bytes have a digest of each algorithm"


def test_nobody_is_asked_about_the_tag_so_only_an_answer_that_is_there_counts() -> None:
    image = IMAGES["s2-gzip"].by_digest
    other = replace(IMAGES["oci-gzip"].by_digest)
    digest = image.reference.digest
    text, by_digest = f"quay.io/lab/app:stable@{digest}", f"quay.io/lab/app@{digest}"
    assert not found(text, {by_digest: image}, (HOST,))
    moved = found(text, {by_digest: image, "quay.io/lab/app:stable": other}, (HOST,))
    assert [(f.verdict, f.outcome.cause) for f in moved] == [("at-risk", "tag-moved")]
    assert f"docker://quay.io/lab/app@{digest}" in moved[0].remedies[1]


def test_a_retirement_is_met_after_the_upgrade_of_its_registry_too() -> None:
    image = IMAGES["s2-gzip"].by_digest
    text = f"docker.pkg.github.com/app@{image.reference.digest}"
    registry = Registry(
        "docker.pkg.github.com", parse_software("distribution 2.8.3"), parse_software("distribution 3.0.0")
    )
    moments = [finding.moment for finding in found(text, {text: image}, (), (registry,))]
    assert moments == ["now", "after"]


def test_the_most_exact_retirement_holds() -> None:
    reference = Reference("gcr.io", "kubebuilder/x", digest=DIGEST)
    exact, wide = KNOWLEDGE.retirement(reference), KNOWLEDGE.retirement(replace(reference, repository="other/x"))
    assert exact
    assert wide
    assert (exact.match, wide.match[0]) == (("gcr.io/kubebuilder",), "gcr.io")
