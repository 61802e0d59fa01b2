"""The recorded registries of the folders `plan-*`, made as those of `cause-*` are.

    python -m tests.cases.record_plans          write every registry.jsonl anew

A new case is a line in PLANS and a folder with planner.toml and the files that pin its images.
"""

from tests.cases.record import (
    CASES_FOLDER,
    DOCKER_IMAGE,
    RECORDED_AT,
    REGISTRY,
    Answers,
    Recording,
    _lab_images,
    failed,
    failed_at,
    lab,
    lost,
    resolved,
    tagged,
)
from planner.model.reference import Reference
from planner.model.resolution import State
from planner.resolve.snapshot import manifest_key, snapshot_text
from tests.support.images import build_image


def leads_to(kind: str, tag: str, registry: str = REGISTRY) -> Recording:
    """An image of the oracle, and a tag of its repository that leads to it."""

    def recording() -> Answers:
        answers = lab(kind, registry=registry)()
        image = _lab_images()[kind]
        pinned = Reference(registry, image["repository"], digest=image["pulled_by_digest"])
        return {**answers, manifest_key(Reference(registry, image["repository"], tag)): answers[manifest_key(pinned)]}

    return recording


def rebuilt(repository: str, tag: str) -> Recording:
    """A repository whose tag leads to another build than the digest that is pinned, which is gone."""
    gone = Reference(REGISTRY, repository, digest=lost(REGISTRY, repository).digest)

    def recording() -> Answers:
        by_tag = manifest_key(Reference(REGISTRY, repository, tag))
        by_digest = Reference(REGISTRY, repository, digest=DOCKER_IMAGE.digest)
        found = resolved(DOCKER_IMAGE.body, DOCKER_IMAGE.media_type)
        missing = failed_at(gone, State.MISSING, 404, "manifest unknown")()
        return {**missing, by_tag: found, manifest_key(by_digest): found}

    return recording


PLANS: dict[str, tuple[Recording, ...]] = {
    "no-order": (lab("s1-signed", "s2-gzip"),),
    "bridge": (lab("s1-signed", "s2-gzip"),),
    "two-bridges": (lab("s1-signed"),),
    "split-pin": (lab("s1-signed"),),
    "registry-first": (lab("s1-signed"),),
    "registry-bridge": (lab("s1-signed"),),
    "zstd": (lab("oci-zstd", "oci-gzip"),),
    "oci-index": (lab("oci-index", "mlist"),),
    "platform-child": (leads_to("oci-index", "1.0"),),
    "dead-digest": (rebuilt("shop/web", "1.4"), rebuilt("shop/cron", "1.4")),
    "rings-bridge": (lab("s1-signed"),),
    "rings": (lab("s1-signed", "s2-gzip"),),
    "downgrade": (lab("oci-zstd", "oci-gzip", "s2-gzip"),),
    "no-targets": (lab("s1-signed", "oci-zstd", "s2-gzip"),),
    "unproven": (
        failed("down", State.UNREACHABLE, None, "connection refused"),
        failed("private", State.DENIED, 401, "authentication required"),
        lab("s1-signed"),
    ),
    "nothing-run": (lab("s1-signed", "s2-gzip"),),
    "unknown-target": (lab("s1-signed", "s2-gzip"),),
    "other-engine": (lab("s1-signed"),),
    "switch": (lab("s1-signed"),),
    "env-file": (lab("s1-signed"),),
    "retired-registry": (lab("s2-gzip", registry="k8s.gcr.io"), lab("s2-gzip", registry="registry.k8s.io")),
}


def recorded(plan: str) -> str:
    """The registry.jsonl of a case."""
    answers = {key: answer for recording in PLANS[plan] for key, answer in recording().items()}
    return snapshot_text(answers, RECORDED_AT)


def main() -> None:
    for plan in PLANS:
        folder = CASES_FOLDER / f"plan-{plan}"
        folder.mkdir(exist_ok=True)
        (folder / "registry.jsonl").write_text(recorded(plan), "utf-8")


if __name__ == "__main__":
    main()
