"""The recorded registries of the folders `plan-*`, made as those of `cause-*` are.

    python -m tests.cases.record_plans          write every registry.jsonl anew

A new case is a line in PLANS and a folder with planner.toml and the files that pin its images.
"""

from dataclasses import replace

from planner.model.reference import Reference
from planner.model.resolution import State
from planner.resolve.snapshot import manifest_key, snapshot_text
from tests.cases.record import (
    CASES_FOLDER,
    DOCKER_IMAGE,
    RECORDED_AT,
    REGISTRY,
    Answers,
    Recording,
    _lab_images,
    built,
    failed,
    failed_at,
    lab,
    lost,
)


def leads_to(kind: str, tag: str, registry: str = REGISTRY) -> Recording:
    """An image of the oracle, and a tag of its repository that leads to it."""

    def recording() -> Answers:
        answers = lab(kind, registry=registry)()
        image = _lab_images()[kind]
        pinned = Reference(registry, image["repository"], digest=image["pulled_by_digest"])
        return {**answers, manifest_key(Reference(registry, image["repository"], tag)): answers[manifest_key(pinned)]}

    return recording


def rebuilt(repository: str, tag: str, now: Recording) -> Recording:
    """A digest that is gone from a repository whose tag leads to another build, the only manifest of `now`."""
    gone = Reference(REGISTRY, repository, digest=lost(REGISTRY, repository).digest)

    def recording() -> Answers:
        (built,) = (answer for key, answer in now().items() if key.kind == "manifest")
        return {
            **failed_at(gone, State.MISSING, 404, "manifest unknown")(),
            **now(),
            manifest_key(Reference(REGISTRY, repository, tag)): built,
        }

    return recording


# Pins at registries that are retired, by what became of the image: planner/knowledge/retired.toml.
RETIRED = {
    "moved": Reference("docker.io", "bitnami/s2-gzip", digest=_lab_images()["s2-gzip"]["pulled_by_digest"]),
    "lost": lost("registry.centos.org", "app"),
    "cached": Reference("k8s.gcr.io", "lab/s2-gzip", digest=_lab_images()["s2-gzip"]["pulled_by_digest"]),
}


def at(place: Reference, kind: str) -> Recording:
    """An image of the oracle as another repository has it."""

    def recording() -> Answers:
        repository = f"{REGISTRY}/{_lab_images()[kind]['repository']}"
        return {replace(key, name=key.name.replace(repository, place.name)): a for key, a in lab(kind)().items()}

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
    "dead-digest": (
        rebuilt("shop/web", "1.4", built("web", DOCKER_IMAGE)),
        rebuilt("lab/oci-zstd", "1.4", lab("oci-zstd")),
    ),
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
    "retired-registry": (
        failed_at(RETIRED["moved"], State.DENIED, 401, "authentication required"),
        at(Reference("docker.io", "bitnamilegacy/s2-gzip"), "s2-gzip"),
        failed_at(RETIRED["lost"], State.UNREACHABLE, None, "no such host"),
        lab("s2-gzip", registry="k8s.gcr.io"),
        lab("s2-gzip", registry="registry.k8s.io"),
    ),
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
