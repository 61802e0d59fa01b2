"""Which resolver a run uses: a recorded registry, or skopeo behind the cache."""

import logging
from dataclasses import dataclass
from pathlib import Path

from planner.errors import UsageError
from planner.model.source import Problem
from planner.resolve.answer import Resolver
from planner.resolve.cache import Cache, CachingResolver, cache_path
from planner.resolve.give_up import GivingUp
from planner.resolve.skopeo import SkopeoResolver
from planner.resolve.snapshot import SnapshotResolver, read_snapshot

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """How to ask. `offline` is a recorded registry: nothing else is asked then. `cache` keeps what was verified.

    `authfile` holds credentials for skopeo; `insecure` are registries with plain HTTP or an unverified certificate.
    """

    offline: Path | None = None
    authfile: Path | None = None
    cache: bool = True
    insecure: frozenset[str] = frozenset()


def open_resolver(how: Opening) -> tuple[Resolver, list[Problem]]:
    """The resolver, and what is already known to be wrong with it. Raises UsageError for an unreadable snapshot."""
    if how.offline:
        try:
            answers, wrong = read_snapshot(how.offline)
        except OSError as error:
            raise UsageError(f"cannot read the recorded registry {how.offline}: {error.strerror}") from error
        return SnapshotResolver(answers, str(how.offline)), list(wrong)
    skopeo = SkopeoResolver(how.authfile, how.insecure)
    why = skopeo.unusable()
    problems = [Problem("registry", "skopeo", "tool-failed", why)] if why else []
    asking = GivingUp(skopeo)
    if not how.cache:
        return asking, problems
    cache = Cache(cache_path())
    for notice in cache.notices:  # it costs time only: no result depends on the cache
        _LOG.warning("%s", notice)
    return CachingResolver(asking, cache), problems
