"""The versions at which engines change their mind, on both sides, for pulls by digest.

Every row: image kind of the oracle, engine, store or client, last version before, its verdict, first version after, its
verdict. The source of each is in planner/knowledge/engines/.
"""

import pytest

from planner.assess.compare import Image, Pull, compare
from planner.assess.delivery import RegistryView
from planner.assess.engine_view import view
from planner.assess.shape import shape_of
from planner.model.engine import parse_version
from planner.model.finding import Outcome
from planner.model.host import LINUX_AMD64
from planner.model.platform import Platform
from tests.oracle.images import load_images
from tests.support.knowledge import KNOWLEDGE

IMAGES = load_images()

BOUNDARIES = [
    # The seed table: schema 2 by digest needs 1.10, schema 1 pulls everywhere of that time.
    ("s2-gzip", "docker", "graphdriver", "1.9.1", "breaks", "1.10.0", "pulls"),
    ("s1-signed", "docker", "graphdriver", "1.6.0", "pulls", "1.9.1", "pulls"),
    ("s1-signed", "docker", "graphdriver", "1.9.1", "pulls", "1.10.0", "pulls"),
    ("mlist", "docker", "graphdriver", "1.9.1", "breaks", "1.10.0", "pulls"),
    # Schema 1: deprecated, switched off, removed.
    ("s1-signed", "docker", "graphdriver", "18.09.9", "pulls", "19.03.0", "at-risk"),
    ("s1-signed", "docker", "graphdriver", "25.0.17", "at-risk", "26.0.0", "breaks"),
    ("s1-signed", "docker", "graphdriver", "28.1.1", "breaks", "28.2.0", "breaks"),
    ("s1-signed", "docker", "graphdriver", "28.5.2", "breaks", "29.0.0", "breaks"),
    ("s1-signed", "docker", "containerd", "24.0.9", "breaks", "25.0.0", "at-risk"),
    ("s1-signed", "docker", "containerd", "25.0.17", "at-risk", "26.0.0", "breaks"),
    ("s1-signed", "containerd", "cri", "1.6.24", "pulls", "1.6.25", "at-risk"),
    ("s1-signed", "containerd", "cri", "1.7.8", "pulls", "1.7.9", "at-risk"),
    ("s1-signed", "containerd", "cri", "1.7.34", "at-risk", "2.0.0", "breaks"),
    ("s1-signed", "containerd", "ctr", "1.7.34", "at-risk", "2.0.0", "breaks"),
    ("s1-signed", "podman", "", "4.3.1", "pulls", "5.8.2", "pulls"),
    ("mlist-s1s2", "containerd", "cri", "1.0.0", "breaks", "1.7.0", "breaks"),
    ("mlist-s1s2", "docker", "graphdriver", "25.0.17", "at-risk", "26.0.0", "breaks"),
    # OCI: from 18.06, lost in 19.03.0, back in 19.03.5.
    ("oci-gzip", "docker", "graphdriver", "18.05.0-ce", "breaks", "18.06.0-ce", "pulls"),
    ("oci-gzip", "docker", "graphdriver", "18.09.9", "pulls", "19.03.0", "breaks"),
    ("oci-gzip", "docker", "graphdriver", "19.03.4", "breaks", "19.03.5", "pulls"),
    ("oci-index", "docker", "graphdriver", "18.05.0-ce", "breaks", "18.06.0-ce", "pulls"),
    ("oci-index", "docker", "graphdriver", "19.03.4", "breaks", "19.03.5", "pulls"),
    ("oci-index-s2child", "docker", "graphdriver", "19.03.0", "pulls", "19.03.4", "pulls"),
    ("oci-index-attest", "docker", "graphdriver", "18.05.0-ce", "breaks", "18.06.0-ce", "pulls"),
    ("oci-index", "podman", "", "1.6.2", "breaks", "1.6.3", "pulls"),
    # zstd.
    ("oci-zstd", "docker", "graphdriver", "20.10.27", "breaks", "23.0.0", "pulls"),
    ("oci-zstd", "containerd", "cri", "1.4.13", "breaks", "1.5.0", "pulls"),
    ("oci-zstd", "podman", "", "1.6.1", "breaks", "1.6.2", "pulls"),
    ("s2-zstd", "containerd", "cri", "1.7.34", "breaks", "2.0.0", "pulls"),
    ("s2-zstd", "podman", "", "5.6.2", "breaks", "5.7.0", "pulls"),
    ("s2-zstd", "docker", "containerd", "28.5.2", "breaks", "29.0.0", "pulls"),
    # Indexes: nesting, entries without platform, levels of amd64.
    ("oci-index-nested", "docker", "graphdriver", "20.10.27", "breaks", "23.0.0", "pulls"),
    ("oci-index-noplatform", "docker", "graphdriver", "20.10.27", "breaks", "23.0.0", "pulls"),
    ("oci-index-arm64only", "docker", "graphdriver", "20.10.24", "breaks", "29.0.0", "breaks"),
    ("oci-index-arm64only", "containerd", "cri", "1.7.0", "breaks", "2.1.0", "breaks"),
    # Artifacts and documents of two kinds.
    ("helm", "docker", "containerd", "24.0.9", "breaks", "25.0.0", "at-risk"),
    ("helm", "containerd", "cri", "1.6.24", "breaks", "1.6.25", "at-risk"),
    ("helm", "containerd", "cri", "1.7.6", "breaks", "1.7.7", "at-risk"),
    ("helm", "podman", "", "4.1.1", "at-risk", "4.2.0", "breaks"),
    ("cosign-sig", "containerd", "cri", "2.0.11", "breaks", "2.1.0", "at-risk"),
    ("ambiguous-ociman", "docker", "graphdriver", "20.10.10", "pulls", "20.10.11", "breaks"),
    ("ambiguous-ociman", "containerd", "cri", "1.5.7", "pulls", "1.5.8", "breaks"),
    ("ambiguous-ociman", "containerd", "cri", "1.4.11", "pulls", "1.4.12", "breaks"),
    ("ambiguous-ociman", "podman", "", "3.4.2", "pulls", "3.4.3", "breaks"),
    # A pull that gives nothing that runs is a risk.
    ("oci-arm64", "docker", "graphdriver", "20.10.24", "at-risk", "29.0.0", "at-risk"),
    ("s2-windows", "docker", "graphdriver", "17.03.2-ce", "at-risk", "17.04.0-ce", "breaks"),
]


def judged(kind: str, engine: str, where: str, version: str, platform: Platform = LINUX_AMD64) -> Outcome:
    known = KNOWLEDGE.engines[engine]
    store, client = (where, "") if where in known.stores else ("", where)
    found = view(known, parse_version(version), store, client, frozenset())
    resolution = IMAGES[kind].by_digest
    image = Image(shape_of(resolution), resolution.state, ("pull-by-digest",))
    return compare(image, Pull(found, RegistryView("any"), platform, "digest", KNOWLEDGE.cause_of))


@pytest.mark.parametrize(
    ("kind", "engine", "where", "before", "verdict_before", "after", "verdict_after"),
    BOUNDARIES,
    ids=[f"{row[0]}-{row[1]}-{row[2]}-{row[3]}" for row in BOUNDARIES],
)
def test_both_sides(  # noqa: PLR0913, PLR0917
    kind: str, engine: str, where: str, before: str, verdict_before: str, after: str, verdict_after: str
) -> None:
    found = (judged(kind, engine, where, before).verdict, judged(kind, engine, where, after).verdict)
    assert found == (verdict_before, verdict_after)


def test_pre_releases_are_judged_as_what_comes_before_their_release() -> None:
    assert judged("oci-zstd", "docker", "graphdriver", "23.0.0-beta.1").verdict == "breaks"


def test_levels_of_amd64_depend_on_engine_and_cpu() -> None:
    v1, v3 = Platform("linux", "amd64", "v1"), Platform("linux", "amd64", "v3")
    assert judged("oci-index-amd64v3", "docker", "graphdriver", "18.05.0-ce", v1).cause == "oci-index"
    assert judged("oci-index-amd64v3", "docker", "graphdriver", "20.10.24", v3).verdict == "breaks"
    assert judged("oci-index-amd64v3", "docker", "graphdriver", "23.0.0", v3).verdict == "pulls"
    assert judged("oci-index-amd64v3", "docker", "graphdriver", "23.0.0", v1).verdict == "breaks"
    assert judged("oci-index-amd64v3", "docker", "graphdriver", "23.0.0").cause == "amd64-level"
    assert judged("oci-index-amd64v3", "docker", "containerd", "29.5.3", v3).verdict == "breaks"
    assert judged("oci-index-amd64v3", "docker", "containerd", "29.6.0", v3).verdict == "pulls"


def test_the_seed_message_is_the_one_the_engine_prints() -> None:
    digest = judged("s2-gzip", "docker", "graphdriver", "1.9.1").message
    assert digest == 'unsupported schema version 2 for tag "{digest}"'
    assert judged("s2-gzip", "docker", "graphdriver", "1.8.2").message == "missing signature key"
    assert judged("s2-gzip", "docker", "graphdriver", "1.7.1").message.startswith(
        "pulling with digest reference failed"
    )
