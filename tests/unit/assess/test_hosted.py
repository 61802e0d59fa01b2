"""Registries other than distribution: which host runs which, what they hand out, and what ends a digest there.

Expected values are typed from what was read about each service, not from the knowledge files.
"""

from dataclasses import replace

import pytest

from planner.assess.delivery import Refused, RegistryView, Unsure, deliver
from planner.assess.judge import Judge, with_reasons
from planner.assess.shape import Entry, Shape
from planner.model import media_type as mt
from planner.model.engine import parse_software, parse_version
from planner.model.finding import Outcome, Verdict
from planner.model.host import Registry
from planner.model.knowledge import VERSIONLESS
from planner.model.media_type import ConfigKind, LayerKind
from planner.model.moment import Moment
from planner.model.platform import Platform
from planner.model.resolution import State
from tests.support.knowledge import KNOWLEDGE

SCHEMA1 = Shape(mt.SCHEMA1_SIGNED, mt.SCHEMA1_SIGNED)
SCHEMA2 = Shape(mt.SCHEMA2, mt.SCHEMA2, mt.SCHEMA2, config=ConfigKind.DOCKER, layers=frozenset({LayerKind.DOCKER}))
OCI = Shape(mt.OCI_MANIFEST, mt.OCI_MANIFEST, mt.OCI_MANIFEST, config=ConfigKind.OCI, layers=frozenset({LayerKind.OCI}))
AMD64 = Entry(Platform("linux", "amd64"), mt.OCI_MANIFEST, OCI, State.RESOLVED)
INDEX = Shape(mt.OCI_INDEX, mt.OCI_INDEX, mt.OCI_INDEX, entries=(AMD64,))
LIST = Shape(
    mt.MANIFEST_LIST,
    mt.MANIFEST_LIST,
    mt.MANIFEST_LIST,
    entries=(replace(AMD64, media_type=mt.SCHEMA2, shape=SCHEMA2),),
)
STORED = {"s1": SCHEMA1, "s2": SCHEMA2, "list": LIST, "oci": OCI, "index": INDEX}
# Docker to 1.9, to 18.05, and since.
CLIENTS = {
    "nothing": frozenset[str](),
    "docker types": frozenset({mt.SCHEMA1_SIGNED, mt.SCHEMA2, mt.MANIFEST_LIST}),
    "all": mt.MANIFESTS,
}

# By tag, then by digest; what is stored: s1, s2, list, oci, index. "=": as stored, "s1", "s2": rewritten so,
# a number: that error (0: unknown which), "?": no source says.
MATRIX = [
    ("docker-hub", "", "nothing", "= ? ? = =", "= = = = ="),
    ("ghcr", "", "nothing", "= ? ? 404 404", "= = = 404 404"),
    ("ghcr", "", "docker types", "= = = 404 404", "= = = 404 404"),
    ("quay", "3.18.0", "nothing", "= s1 s1 s1 s1", "= = = = ="),
    ("quay", "3.18.0", "docker types", "= = = s1 s1", "= = = = ="),
    ("ecr", "", "nothing", "= s1 ? 0 ?", "= = = = ="),
    ("ecr", "", "docker types", "= = = s2 ?", "= = = = ="),
    ("artifact-registry", "", "nothing", "= 404 404 404 404", "= = = = ="),
    ("artifact-registry", "", "docker types", "= = = 404 404", "= = = = ="),
    ("acr", "", "nothing", "= ? ? 404 ?", "= = = 404 ="),
    ("mcr", "", "nothing", "= ? ? = =", "= = = = ="),
    ("gitlab", "13.8.8", "nothing", "= s1 s1 404 404", "= = = 404 404"),
    ("gitlab", "13.9.0", "nothing", "0 = ? 404 404", "0 = = 404 404"),
    ("harbor", "1.10.19", "nothing", "= s1 s1 404 404", "= = = 404 404"),
    ("harbor", "2.0.0", "nothing", "= = = 404 404", "= = = 404 404"),
    ("harbor", "2.15.2", "docker types", "= = = 404 404", "= = = 404 404"),
    ("zot", "2.1.1", "nothing", "404 404 404 = =", "404 404 404 = ="),
    ("zot", "2.1.2", "nothing", "404 = = = =", "404 = = = ="),
    ("gitea", "", "nothing", "404 = = = =", "404 = = = ="),
    ("forgejo", "", "nothing", "404 = = = =", "404 = = = ="),
    ("nexus", "", "nothing", "= ? ? = =", "= = = = ="),
    ("artifactory", "", "nothing", "= ? ? = =", "= = = = ="),
    ("red-hat", "", "nothing", "= s1 s1 s1 s1", "404 = = = ="),
    ("openshift3", "", "nothing", "= s1 ? ? ?", "= = = = ="),
    ("oracle", "", "nothing", "= ? ? 404 404", "= = = 404 404"),
]
CELLS = [
    pytest.param((name, version), client, ref, kind, cell, id=f"{name} {version}: {kind} by {ref}, accepts {client}")
    for name, version, client, by_tag, by_digest in MATRIX
    for ref, row in (("tag", by_tag), ("digest", by_digest))
    for kind, cell in zip(STORED, row.split(), strict=True)
]


def registry(name: str, version: str = "") -> RegistryView:
    known = KNOWLEDGE.registry(name)
    assert known, name
    return RegistryView("r.example", known, parse_version(version) if version else VERSIONLESS)


@pytest.mark.parametrize(("software", "client", "ref", "kind", "cell"), CELLS)
def test_what_a_registry_hands_out(software: tuple[str, str], client: str, ref: str, kind: str, cell: str) -> None:
    answer = deliver(STORED[kind], registry(*software), ref, CLIENTS[client])
    match cell:
        case "=":
            assert answer == STORED[kind]
        case "?":
            assert isinstance(answer, Unsure)
        case "s1" | "s2":
            assert isinstance(answer, Shape)
            assert answer.body == {"s1": mt.SCHEMA1_SIGNED, "s2": mt.SCHEMA2}[cell]
        case _:
            assert isinstance(answer, Refused)
            assert answer.status == int(cell)


@pytest.mark.parametrize("known", KNOWLEDGE.registries.values(), ids=lambda known: str(known.name))
def test_who_asks_for_everything_gets_what_is_stored_or_the_registry_is_to_blame(known: object) -> None:
    view = RegistryView("r.example", known, known.newest)  # type: ignore[attr-defined,arg-type]
    for shape in STORED.values():
        for ref in ("tag", "digest"):
            answer = deliver(shape, view, ref, CLIENTS["all"] | {"*/*"})
            assert answer == shape or (isinstance(answer, Refused) and answer.cause == "registry-cannot-serve")


def test_what_cannot_be_said_in_schema_1_is_not_found() -> None:
    foreign = replace(SCHEMA2, layers=frozenset({LayerKind.DOCKER_FOREIGN}))
    artifact = replace(OCI, config=ConfigKind.OTHER)
    bare = replace(INDEX, entries=(replace(AMD64, platform=Platform("linux", "arm64")),))
    for shape in (foreign, artifact, bare):
        answer = deliver(shape, registry("quay", "3.18.0"), "tag", CLIENTS["nothing"])
        assert isinstance(answer, Refused), shape
        assert (answer.status, answer.cause) == (404, "")


def test_a_rewrite_as_schema_2_has_the_same_layers_under_other_types() -> None:
    sent = deliver(OCI, registry("ecr"), "tag", CLIENTS["docker types"])
    assert isinstance(sent, Shape)
    assert (sent.served, sent.declared, sent.config) == (mt.SCHEMA2, mt.SCHEMA2, ConfigKind.DOCKER)
    assert sent.layers == {LayerKind.DOCKER}
    zstd = replace(OCI, layers=frozenset({LayerKind.OCI_ZSTD}))
    assert isinstance(deliver(zstd, registry("ecr"), "tag", CLIENTS["docker types"]), Unsure)


def test_the_words_of_refusals() -> None:
    ghcr = deliver(INDEX, registry("ghcr"), "digest", CLIENTS["docker types"])
    google = deliver(OCI, registry("gcr"), "tag", frozenset({mt.SCHEMA2}))
    red_hat = deliver(SCHEMA1, registry("red-hat"), "digest", CLIENTS["all"])
    words = [answer.message for answer in (ghcr, google, red_hat) if isinstance(answer, Refused)]
    assert words[0] == "manifest unknown: OCI index found, but Accept header does not support OCI indexes"
    assert f"has media type '{mt.OCI_MANIFEST}', but client accepts '{mt.SCHEMA2}'." in words[1]
    assert "V2 schema 1 manifest digests are no longer supported for image pulls." in words[2]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("docker.io", "docker-hub"),
        ("ghcr.io", "ghcr"),
        ("quay.io", "quay"),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "ecr"),
        ("public.ecr.aws", "ecr"),
        ("gcr.io", "artifact-registry"),
        ("eu.gcr.io", "artifact-registry"),
        ("k8s.gcr.io", "artifact-registry"),
        ("europe-west1-docker.pkg.dev", "artifact-registry"),
        ("registry.k8s.io", "artifact-registry"),
        ("acme.azurecr.io", "acr"),
        ("mcr.microsoft.com", "mcr"),
        ("registry.gitlab.com", "gitlab"),
        ("registry.redhat.io", "red-hat"),
        ("registry.access.redhat.com", "red-hat"),
        ("container-registry.oracle.com", "oracle"),
        ("cgr.dev", ""),
        ("registry.corp.example:5000", ""),
        ("evil-gcr.io", ""),
        ("azurecr.io.example", ""),
        ("ghcr.io:8443", ""),
    ],
)
def test_the_host_names_that_tell(host: str, name: str) -> None:
    known = KNOWLEDGE.registry_at(host)
    assert (known.name if known else "") == name


def test_a_hosts_name_tells_and_a_declaration_wins() -> None:
    plain = Judge(KNOWLEDGE, (), ())
    view, why = plain.registry("ghcr.io", Moment.NOW)
    assert (view.knowledge and view.knowledge.name, view.version, why) == ("ghcr", VERSIONLESS, "")
    hosted, _ = plain.registry("quay.io", Moment.NOW)
    assert str(hosted.version) == "3.18.0"
    declared = Registry("ghcr.io", parse_software("harbor 2.10.0"))
    insecure = Registry("quay.io", insecure=True)
    judge = Judge(KNOWLEDGE, (), (declared, insecure))
    assert judge.registry("ghcr.io", Moment.NOW)[0].knowledge is KNOWLEDGE.registry("harbor")
    assert judge.registry("quay.io", Moment.NOW)[0].knowledge is KNOWLEDGE.registry("quay")


@pytest.mark.parametrize("text", ["nexus", "nexus 3.80.0-06", "forgejo 12.0.1", "ghcr"])
def test_what_has_no_version_that_matters_is_declared_with_or_without_one(text: str) -> None:
    judge = Judge(KNOWLEDGE, (), (Registry("r.example", parse_software(text)),))
    view, why = judge.registry("r.example", Moment.NOW)
    assert (view.version, why) == (VERSIONLESS, "")
    assert not list(judge.problems())


def test_software_that_users_run_needs_its_version() -> None:
    judge = Judge(KNOWLEDGE, (), (Registry("r.example", parse_software("harbor")),))
    assert judge.registry("r.example", Moment.NOW)[1]
    assert [problem.kind for problem in judge.problems()] == ["registry-unknown"]


@pytest.mark.parametrize(
    ("name", "version", "cause", "word"),
    [
        ("distribution", "2.7.0", "child-missing", "garbage-collect --delete-untagged"),
        ("distribution", "2.8.3", "child-missing", "garbage-collect --delete-untagged"),
        ("distribution", "2.6.2", "child-missing", ""),
        ("distribution", "3.0.0-beta.1", "child-missing", ""),
        ("distribution", "2.2.1", "digest-missing", ""),
        ("distribution", "2.3.0", "digest-missing", "handed a conversion"),
        ("distribution", "2.8.3", "digest-missing", "handed a conversion"),
        ("distribution", "2.7.0", "digest-missing", "--delete-untagged"),
        ("distribution", "3.1.1", "digest-missing", "--delete-untagged"),
        ("quay", "3.18.0", "digest-missing", "live tag"),
        ("zot", "2.1.20", "digest-missing", "an hour after"),
        ("gitea", "", "digest-missing", "pushing a tag again"),
        ("acr", "", "digest-missing", "retention policy"),
        ("docker-hub", "", "digest-missing", "leaves its digest pullable"),
        ("docker-hub", "", "not-checked", "401"),
        ("quay", "3.18.0", "schema2-manifest", ""),
    ],
)
def test_what_may_have_ended_a_digest(name: str, version: str, cause: str, word: str) -> None:
    outcome = with_reasons(Outcome(Verdict.BREAKS, cause), State.DENIED, registry(name, version))
    assert bool(outcome.evidence) == bool(word)
    assert word in " ".join(outcome.evidence)


def test_nothing_is_made_up_for_a_registry_of_which_nothing_is_known() -> None:
    outcome = Outcome(Verdict.BREAKS, "digest-missing")
    assert with_reasons(outcome, State.MISSING, RegistryView("r.example")) is outcome


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", ["docker-hub", "ghcr", "artifact-registry"])
def test_what_a_denial_may_mean_is_said_where_the_registry_denied(name: str, state: State) -> None:
    outcome = with_reasons(Outcome(Verdict.UNKNOWN, "not-checked"), state, registry(name))
    assert bool(outcome.evidence) == (state is State.DENIED)


def test_what_a_newer_release_wrote_is_in_doubt_after_a_downgrade() -> None:
    declared = Registry("r.example", parse_software("distribution 2.8.3"), parse_software("distribution 2.4.1"))
    judge = Judge(KNOWLEDGE, (), (declared,))
    for moment, kind in ((Moment.NOW, Shape), (Moment.AFTER, Unsure)):
        assert isinstance(deliver(SCHEMA1, judge.registry("r.example", moment)[0], "digest", CLIENTS["all"]), kind)
    stays = Judge(KNOWLEDGE, (), (replace(declared, software=parse_software("distribution 2.4.0")),))
    assert deliver(SCHEMA1, stays.registry("r.example", Moment.AFTER)[0], "digest", CLIENTS["all"]) == SCHEMA1


def test_the_header_of_a_conversion_names_what_is_stored_in_2_3_0_only() -> None:
    for version, stored, accept, wrong in (
        ("2.3.0", SCHEMA2, "nothing", True),
        ("2.3.1", SCHEMA2, "nothing", False),
        ("2.3.0", LIST, "nothing", True),
        ("2.3.1", LIST, "nothing", False),
    ):
        sent = deliver(stored, registry("distribution", version), "tag", CLIENTS[accept])
        assert isinstance(sent, Shape)
        assert sent.wrong_header is wrong, (version, stored)
    for version, wrong in (("2.3.0", True), ("2.6.2", True), ("2.7.0", False)):
        sent = deliver(LIST, registry("distribution", version), "tag", frozenset({mt.SCHEMA2}))
        assert isinstance(sent, Shape)
        assert sent.wrong_header is wrong, version


@pytest.mark.parametrize(("version", "status"), [("2.8.3", 0), ("3.0.0-alpha.1", 500), ("3.0.0", 500), ("3.1.1", 500)])
def test_schema_1_went_with_the_first_alpha_of_3(version: str, status: int) -> None:
    answer = deliver(SCHEMA1, registry("distribution", version), "digest", CLIENTS["all"])
    assert (answer.status if isinstance(answer, Refused) else 0) == status
