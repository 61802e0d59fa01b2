"""Answers from the cache what it can, and keeps what another resolver finds."""

from collections.abc import Callable

from planner.model.manifest import NotAManifestError, parse_manifest
from planner.model.reference import Reference
from planner.model.resolution import State
from planner.resolve.answer import Answer, Resolver
from planner.resolve.cache import MISSING_SECONDS, Cache


def _stranger(_: Reference) -> str:
    return ""


class CachingResolver:
    """Puts a cache before `resolver`. `identity` is a mark of who asks: what one login lacks another may have."""

    def __init__(self, resolver: Resolver, cache: Cache, identity: Callable[[Reference], str] = _stranger) -> None:
        self.name = resolver.name
        self._resolver = resolver
        self._cache = cache
        self._identity = identity

    def manifest(self, reference: Reference) -> Answer:
        """The manifest, from the cache if it is asked for by digest."""
        if kept := self.at_hand(reference):
            return kept
        answer = self._resolver.manifest(reference)
        if reference.digest is None:
            return answer
        if _lasts(answer, reference.digest):
            return self._cache.put(reference, reference.digest, answer)
        if answer.state is State.MISSING:
            self._cache.put_missing(reference, reference.digest, self._identity(reference), answer.detail)
        return answer

    def config(self, reference: Reference, digest: str) -> Answer:
        """The config blob, from the cache if it is there."""
        if kept := self.at_hand(reference, digest):
            return kept
        return self._cache.put(reference, digest, self._resolver.config(reference, digest))

    def at_hand(self, reference: Reference, config: str = "") -> Answer | None:
        """What is kept; a manifest only by digest."""
        if config:
            return self._cache.get(reference, config)
        if reference.digest is None:
            return None
        return self._cache.get(reference, reference.digest) or self._missing(reference, reference.digest)

    def close(self) -> None:
        """End what is under way; the cache stays open for the answers that still come."""
        self._resolver.close()

    def _missing(self, reference: Reference, digest: str) -> Answer | None:
        known = self._cache.missing(reference, digest)
        if known is None or known[0] != self._identity(reference):
            return None
        _, words, moment = known
        detail = f"{words} (so it said less than {MISSING_SECONDS // 60} minutes ago; --no-cache asks again)"
        return Answer(State.MISSING, detail=detail, source="cache", fetched_at=moment)


def _lasts(answer: Answer, digest: str) -> bool:
    """Whether an answer is good for ever: a manifest with the headers that belong to it.

    No digest vouches for headers, and one that is wrong (engines refuse that) will be mended: it is asked for again.
    """
    if answer.body is None:
        return False
    try:
        manifest = parse_manifest(answer.body)
    except NotAManifestError:
        return False
    return answer.content_type in (None, manifest.media_type) and answer.header_digest in ("", digest)
