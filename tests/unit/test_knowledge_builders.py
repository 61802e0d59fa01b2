"""BuildKit, kaniko and nerdctl on both sides of each bound, with real images: verdict, cause and the words printed.

The expected values are typed from what was read of each release, not from the knowledge files.
"""

import pytest

from planner.assess.compare import Image, Pull, compare
from planner.assess.delivery import RegistryView
from planner.assess.engine_view import EngineView, view, why_misplaced
from planner.assess.shape import shape_of
from planner.model import media_type as mt
from planner.model.engine import parse_software, parse_version
from planner.model.finding import Outcome
from planner.model.host import LINUX_AMD64
from planner.model.platform import Platform, parse_platform
from planner.model.resolution import State
from tests.oracle.images import load_images
from tests.support.knowledge import KNOWLEDGE

IMAGES = load_images()
SWITCH = "CONTAINERD_ENABLE_DEPRECATED_PULL_SCHEMA_1_IMAGE"
# image kind of the oracle, engine, last version before, its verdict, first version after, its verdict
BOUNDS = [
    ("s1-signed", "buildkit", "0.18.2", "pulls", "0.19.0", "breaks"),
    ("s1-signed", "buildkit", "0.22.0", "breaks", "0.23.0", "breaks"),
    ("oci-zstd", "buildkit", "0.8.3", "breaks", "0.9.0", "pulls"),
    ("s2-gziptype-zstddata", "buildkit", "0.8.3", "breaks", "0.9.0", "pulls"),
    ("s2-zstd", "buildkit", "0.18.2", "breaks", "0.19.0", "pulls"),
    ("ambiguous-ociman", "buildkit", "0.9.2", "pulls", "0.9.3", "breaks"),
    ("ambiguous-s2", "buildkit", "0.9.2", "pulls", "0.9.3", "breaks"),
    ("ambiguous-ociidx", "buildkit", "0.9.2", "pulls", "0.9.3", "breaks"),
    ("big-5mib", "buildkit", "0.6.4", "pulls", "0.7.0", "breaks"),
    ("x-digest-mismatch", "buildkit", "0.6.4", "unknown", "0.7.0", "breaks"),
    ("oci-index", "kaniko", "0.9.0", "breaks", "0.10.0", "pulls"),
    ("mlist", "kaniko", "0.9.0", "breaks", "0.10.0", "pulls"),
    ("oci-gzip", "kaniko", "0.9.0", "breaks", "0.10.0", "pulls"),
    ("s2-gzip", "kaniko", "0.9.0", "pulls", "0.10.0", "pulls"),
    ("oci-zstd", "kaniko", "1.9.1", "breaks", "1.9.2", "pulls"),
    ("oci-index-nested-plat", "kaniko", "0.10.0", "unknown", "0.11.0", "pulls"),
    ("s1-signed", "kaniko", "0.10.0", "breaks", "0.11.0", "breaks"),
    ("s1-signed", "nerdctl", "1.7.7", "pulls", "2.0.0", "breaks"),
    ("s1-signed", "nerdctl", "2.0.5", "breaks", "2.1.0", "breaks"),
    ("ambiguous-ociman", "nerdctl", "0.13.0", "pulls", "0.14.0", "breaks"),
    ("oci-zstd", "nerdctl", "0.6.1", "breaks", "0.7.0", "unknown"),
    ("cosign-sig", "nerdctl", "2.2.2", "breaks", "2.3.0", "unknown"),
]
# image kind, engine, version, part of what it prints
WORDS = [
    ("s1-signed", "buildkit", "0.19.0", "disabled by default since containerd v2.0"),
    ("s1-signed", "buildkit", "0.22.0", "disabled by default since containerd v2.0"),
    ("s1-signed", "buildkit", "0.23.0", "schema 1 has been removed. More information at"),
    (
        "helm",
        "buildkit",
        "0.3.0",
        "encountered unknown type application/vnd.cncf.helm.config.v1+json; children may not",
    ),
    (
        "s2-plugin",
        "buildkit",
        "0.32.2",
        "encountered unknown type application/vnd.docker.plugin.v1+json; children may not",
    ),
    ("big-5mib", "buildkit", "0.7.0", "byte manifest for"),
    ("mlist-s1s2", "buildkit", "0.18.2", "manifest.v1+prettyjws not supported"),
    ("oci-index-arm64only", "buildkit", "0.16.0", "no match for platform in manifest: not found"),
    (
        "s1-signed",
        "kaniko",
        "0.11.0",
        "unsupported MediaType: https://github.com/google/go-containerregistry/issues/377",
    ),
    ("s1-signed", "kaniko", "0.12.0", 'manifest.v1+prettyjws", see https://github.com/google/go-containerregistry'),
    ("oci-index-arm64only", "kaniko", "1.24.0", "no child with platform linux/amd64 in index {reference}"),
    ("oci-index-arm64only", "kaniko", "0.10.0", "no child with platform amd64/linux in index {reference}"),
    ("s1-signed", "nerdctl", "2.0.0", "disabled by default since containerd v2.0"),
    ("s1-signed", "nerdctl", "2.2.2", "is no longer supported since containerd v2.1, please rebuild the image"),
    ("s1-signed", "nerdctl", "2.3.0", "schema 1 image manifests are no longer supported: invalid argument | not impl"),
    ("helm", "nerdctl", "1.6.0", "mismatched image rootfs and manifest layers"),
    ("helm", "nerdctl", "1.6.1", 'unknown media type "application/vnd.cncf.helm.config.v1+json"'),
    ("cosign-sig", "nerdctl", "1.6.0", "no processor for media-type"),
    ("cosign-sig", "nerdctl", "1.6.1", "mismatched image rootfs and manifest layers"),
]


def at(engine: str, version: str, *switches: str) -> EngineView:
    return view(KNOWLEDGE.engines[engine], parse_version(version), "", "", frozenset(switches))


def outcome(kind: str, found: EngineView, needs: tuple[str, ...] = (), platform: Platform = LINUX_AMD64) -> Outcome:
    """What the engine does with an image of the oracle by digest, from a registry that sends what it stores."""
    resolution = IMAGES[kind].by_digest
    image = Image(shape_of(resolution), resolution.state, ("pull-by-digest", *needs))
    return compare(image, Pull(found, RegistryView("any"), platform, "digest", KNOWLEDGE.cause_of))


@pytest.mark.parametrize(("kind", "engine", "before", "old", "after", "new"), BOUNDS)
def test_both_sides(kind: str, engine: str, before: str, old: str, after: str, new: str) -> None:  # noqa: PLR0913, PLR0917
    assert (outcome(kind, at(engine, before)).verdict, outcome(kind, at(engine, after)).verdict) == (old, new)


@pytest.mark.parametrize(("kind", "engine", "version", "words"), WORDS)
def test_what_is_printed(kind: str, engine: str, version: str, words: str) -> None:
    assert words in outcome(kind, at(engine, version)).message


@pytest.mark.parametrize("engine", ["buildkit", "kaniko", "nerdctl"])
def test_plain_images_pull_with_the_newest_release(engine: str) -> None:
    newest = view(KNOWLEDGE.engines[engine], KNOWLEDGE.engines[engine].newest, "", "", frozenset())
    for kind in (
        "s2-gzip",
        "mlist",
        "oci-gzip",
        "oci-gzip-nomt",
        "oci-index",
        "oci-index-attest",
        "oci-index-nested-plat",
    ):
        assert outcome(kind, newest).verdict == "pulls", kind


def test_the_switch_of_buildkitd_is_dead_from_0_23_on() -> None:
    assert outcome("s1-signed", at("buildkit", "0.19.0", SWITCH)).verdict == "at-risk"
    assert outcome("s1-signed", at("buildkit", "0.22.0", SWITCH)).verdict == "at-risk"
    assert outcome("s1-signed", at("buildkit", "0.23.0", SWITCH)).verdict == "breaks"


def test_the_switch_of_nerdctl_is_dead_from_2_1_on() -> None:
    assert outcome("s1-signed", at("nerdctl", "2.0.5", SWITCH)).verdict == "at-risk"
    assert outcome("s1-signed", at("nerdctl", "2.1.0", SWITCH)).verdict == "breaks"


def test_kaniko_asks_for_schema_2_alone_until_0_10() -> None:
    assert at("kaniko", "0.9.0").accept == {mt.SCHEMA2}
    assert at("kaniko", "0.10.0").accept == {mt.SCHEMA2, mt.MANIFEST_LIST, mt.OCI_MANIFEST, mt.OCI_INDEX}


@pytest.mark.parametrize("engine", ["buildkit", "nerdctl"])
def test_what_is_built_on_containerd_takes_any_type(engine: str) -> None:
    known = KNOWLEDGE.engines[engine]
    assert "*/*" in view(known, known.first, "", "", frozenset()).accept


@pytest.mark.parametrize(
    ("engine", "version", "need", "verdict"),
    [
        ("kaniko", "0.9.0", "tag-and-digest", "breaks"),
        ("kaniko", "0.10.0", "tag-and-digest", "pulls"),
        ("kaniko", "1.24.0", "digest-not-sha256", "breaks"),
        ("buildkit", "0.31.2", "digest-not-sha256", "breaks"),
        ("buildkit", "0.32.0", "digest-not-sha256", "pulls"),
        ("nerdctl", "0.1.0", "tag-and-digest", "unknown"),
        ("nerdctl", "0.2.0", "tag-and-digest", "pulls"),
        ("nerdctl", "2.3.5", "digest-not-sha256", "unknown"),
    ],
)
def test_what_the_reference_needs(engine: str, version: str, need: str, verdict: str) -> None:
    assert outcome("s2-gzip", at(engine, version), (need,)).verdict == verdict


@pytest.mark.parametrize(
    ("kind", "version", "daemon", "verdict"),
    [
        ("oci-zstd", "0.7.0", "containerd-1.4", "breaks"),
        ("oci-zstd", "0.7.0", "containerd-1.5", "pulls"),
        ("oci-zstd", "2.3.5", "containerd-2.0", "pulls"),
        ("s2-zstd", "2.0.0", "containerd-1.5", "breaks"),
        ("s2-zstd", "1.7.7", "containerd-2.0", "unknown"),
        ("s2-zstd", "2.0.0", "containerd-2.0", "pulls"),
        ("cosign-sig", "2.3.0", "containerd-1.5", "breaks"),
        ("cosign-sig", "2.3.0", "containerd-2.3", "at-risk"),
    ],
)
def test_nerdctl_depends_on_the_containerd_that_is_declared(kind: str, version: str, daemon: str, verdict: str) -> None:
    assert outcome(kind, at("nerdctl", version, daemon)).verdict == verdict


def test_nerdctl_says_what_to_declare() -> None:
    found = outcome("oci-zstd", at("nerdctl", "2.2.0"))
    assert found.verdict == "unknown"
    assert 'switches = ["containerd-1.4"] (older than 1.5.0)' in "".join(found.evidence)


def test_nerdctl_as_a_client_is_told_to_be_declared_as_an_engine() -> None:
    daemon = KNOWLEDGE.engines["containerd"]
    assert 'declare engine = "nerdctl VERSION"' in why_misplaced(daemon, "", "nerdctl", KNOWLEDGE)
    assert "VERSION" not in why_misplaced(daemon, "", "crictl", KNOWLEDGE)
    assert not why_misplaced(daemon, "", "ctr", KNOWLEDGE)


def test_which_child_is_taken() -> None:
    """386 on amd64 with containerd's library from 1.5 on, until nerdctl asks for its own platform alone (0.13.0)."""
    levels = {
        ("buildkit", "0.8.3"): "none",
        ("buildkit", "0.9.0"): "386-and-arm",
        ("nerdctl", "0.12.1"): "386-and-arm",
        ("nerdctl", "0.13.0"): "none",
        ("kaniko", "1.24.0"): "none",
    }
    assert {key: at(*key).behaviour("compatible-architectures") for key in levels} == levels
    v3 = parse_platform("linux/amd64/v3")
    assert outcome("oci-index-amd64v3", at("kaniko", "1.24.0"), platform=v3).verdict == "pulls"
    assert outcome("oci-index-amd64v3", at("buildkit", "0.32.2"), platform=v3).cause == "no-matching-platform"
    assert outcome("oci-index-amd64v3", at("nerdctl", "2.3.5"), platform=v3).cause == "no-matching-platform"


def test_an_artifact_is_no_base_image() -> None:
    """kaniko takes any tar for a layer, so a chart becomes the base of a build; the others refuse."""
    assert outcome("helm", at("kaniko", "1.24.0")).hollow
    assert outcome("helm", at("buildkit", "0.32.2")).cause == "artifact"
    assert outcome("helm", at("nerdctl", "2.3.5")).cause == "artifact"


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("buildkitd github.com/moby/buildkit v0.12.5 bac3f2b", "buildkit", "0.12.5"),
        ("nerdctl version 2.0.3", "nerdctl", "2.0.3"),
        ("kaniko v1.23.2-debug", "kaniko", "1.23.2"),
    ],
)
def test_as_the_programs_print_themselves(text: str, name: str, version: str) -> None:
    software = parse_software(text)
    known = KNOWLEDGE.engine(software.name)
    assert known is KNOWLEDGE.engines[name]
    assert software.version == parse_version(version)


def test_nothing_is_said_of_what_is_not_there() -> None:
    image = Image(None, State.MISSING, ("pull-by-digest",))
    for name in ("buildkit", "kaniko", "nerdctl"):
        found = view(KNOWLEDGE.engines[name], KNOWLEDGE.engines[name].newest, "", "", frozenset())
        missing = compare(image, Pull(found, RegistryView("any"), LINUX_AMD64, "digest", KNOWLEDGE.cause_of))
        assert (missing.verdict, missing.cause) == ("breaks", "digest-missing")
