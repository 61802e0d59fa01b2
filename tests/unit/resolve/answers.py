"""Registries for the tests of this folder: the real snapshot resolver, answering from images made here."""

from collections.abc import Callable

from planner.model.manifest import digest_of
from planner.model.reference import Reference, parse_reference
from planner.model.resolution import State
from planner.resolve.answer import Answer
from planner.resolve.snapshot import Key, SnapshotResolver, config_key, manifest_key
from tests.support.images import Image

NAME = "registry.example/team/app"


def reference(digest: str, name: str = NAME) -> Reference:
    return parse_reference(f"{name}@{digest}")


def recorded(*images: Image, name: str = NAME) -> dict[Key, Answer]:
    """What a registry that has all `images`, with their children, answers."""
    answers: dict[Key, Answer] = {}
    for image in images:
        answers[manifest_key(reference(image.digest, name))] = Answer(State.RESOLVED, image.body)
        if image.blobs:
            key = config_key(reference(image.digest, name), digest_of(image.config))
            answers[key] = Answer(State.RESOLVED, image.config)
        answers |= recorded(*image.children, name=name)
    return answers


class Counting:
    """Passes questions on and notes them; `before` may act first, for instance raise or wait."""

    name = "counting"

    def __init__(self, answers: dict[Key, Answer], before: Callable[[Reference], None] = lambda _: None) -> None:
        self.resolver = SnapshotResolver(answers, "test")
        self.before = before
        self.questions: list[Key] = []
        self.closed = False

    def manifest(self, reference: Reference) -> Answer:
        self.questions.append(manifest_key(reference))
        self.before(reference)
        return self.resolver.manifest(reference)

    def config(self, reference: Reference, digest: str) -> Answer:
        self.questions.append(config_key(reference, digest))
        return self.resolver.config(reference, digest)

    def at_hand(self, reference: Reference, config: str = "") -> Answer | None:
        return None

    def close(self) -> None:
        self.closed = True
