"""Gives up on a registry that is down, rather than waiting for it once per image."""

import threading
from collections.abc import Callable
from dataclasses import replace

from planner.model.reference import Reference
from planner.model.resolution import State
from planner.resolve.answer import Answer, Resolver, plain

# Failures of the registry or the way to it, not of one image. A rate limit stays used up for hours, and skopeo
# waits half a minute each time before it says so.
_OF_THE_HOST = frozenset({State.UNREACHABLE, State.TIMEOUT, State.TLS, State.TOOL_FAILED, State.RATE_LIMITED})
_CHANCES = 3


class GivingUp:
    """Answers for a registry that failed three times in a row, with its last failure, without asking it again.

    Manifests and configs are counted apart, for many registries keep configs elsewhere: those may be down alone.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.name = resolver.name
        self._resolver = resolver
        self._lock = threading.Lock()
        self._failures: dict[tuple[str, str], list[Answer]] = {}

    def manifest(self, reference: Reference) -> Answer:
        """The manifest, if its registry still has a chance."""
        return self._ask(reference.registry, "", lambda: self._resolver.manifest(reference))

    def config(self, reference: Reference, digest: str) -> Answer:
        """The config, if its registry still has a chance."""
        return self._ask(reference.registry, " over configs", lambda: self._resolver.config(reference, digest))

    def at_hand(self, reference: Reference, config: str = "") -> Answer | None:  # noqa: ARG002  see Resolver
        """Nothing is."""
        return None

    def close(self) -> None:
        """End what is under way."""
        self._resolver.close()

    def _ask(self, registry: str, over: str, question: Callable[[], Answer]) -> Answer:
        with self._lock:
            failures = self._failures.setdefault((registry, over), [])
            for what in ("", over):  # where no manifest is to be had, no config is either
                known = self._failures.get((registry, what), [])
                if len(known) >= _CHANCES:
                    again = f"not asked: {registry} failed {_CHANCES} times in a row{what}. {known[-1].detail}"
                    return replace(known[-1], detail=plain(again, 400))
        answer = question()
        with self._lock:
            if answer.state in _OF_THE_HOST:
                failures.append(answer)
            elif len(failures) < _CHANCES:
                failures.clear()
        return answer
