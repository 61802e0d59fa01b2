"""Which resolver a run uses: a recorded registry, or skopeo or HTTP behind the cache."""

import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import UsageError
from planner.model.source import Problem
from planner.resolve.allowance import Allowance
from planner.resolve.answer import Resolver
from planner.resolve.cache import Cache, cache_path
from planner.resolve.caching import CachingResolver
from planner.resolve.credential_helpers import HELPER_SECONDS
from planner.resolve.credentials import Credentials
from planner.resolve.give_up import GivingUp
from planner.resolve.machine_routes import fingerprint
from planner.resolve.skopeo import SkopeoResolver
from planner.resolve.snapshot import SnapshotResolver, read_snapshot

if TYPE_CHECKING:
    from planner.resolve.registry_api import HttpResolver

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """How to ask. `offline` is a recorded registry: nothing else is asked then. `cache` keeps what was verified.

    `authfile` holds credentials; `insecure` are registries with plain HTTP or an unverified certificate. `http` asks
    directly, without skopeo, and `types` then asks for no more than media types. `timeout` is in seconds, for one
    question; `jobs` questions are open at a time (None: as many as suit the resolver), `per_registry` of them to one
    registry, and `max_requests` are sent in all.
    """

    offline: Path | None = None
    authfile: Path | None = None
    cache: bool = True
    insecure: frozenset[str] = frozenset()
    http: bool = False
    types: bool = False
    timeout: float = 60.0
    jobs: int | None = None
    per_registry: int = 8
    max_requests: int | None = None

    @property
    def at_a_time(self) -> int:
        """How many questions are open: a process each for skopeo, which more than a few processors do not hold."""
        return self.jobs or (32 if self.http else 8)


@dataclass(frozen=True, slots=True)
class Opened:
    """A resolver ready to be asked, what is wrong with it, and those of its parts that others look at."""

    resolver: Resolver
    problems: tuple[Problem, ...] = ()
    cache: Cache | None = None
    http: "HttpResolver | None" = None
    accept: tuple[str, ...] = ()
    types: bool = False
    credentials: Credentials | None = None


def open_resolver(how: Opening) -> Opened:
    """The resolver, and what is wrong with it. Raises UsageError if the recorded registry cannot be read."""
    if how.types and not how.http:
        raise UsageError("--depth type asks with HEAD, which skopeo does not do: add --resolver http")
    if how.offline:
        try:
            answers, wrong = read_snapshot(how.offline)
        except OSError as error:
            raise UsageError(f"cannot read the recorded registry {how.offline}: {error.strerror}") from error
        if wrong and not answers:
            raise UsageError(f"{how.offline} is no recorded registry, line {wrong[0].line}: {wrong[0].text}")
        return Opened(SnapshotResolver(answers, str(how.offline)), wrong)
    credentials = Credentials(how.authfile, helper_seconds=min(HELPER_SECONDS, how.timeout))
    opened = _http(how, credentials) if how.http else _skopeo(how, credentials)
    if not how.cache:
        return opened
    # HTTP asks the registry that a reference names; skopeo obeys this machine's registries.conf.
    cache = Cache(cache_path(), via="" if how.http else fingerprint(os.environ))
    for notice in cache.take_notices():  # it costs time only: no result depends on the cache
        _LOG.warning("%s", notice)
    resolver = CachingResolver(opened.resolver, cache, lambda of: credentials.identity(of.registry, of.repository))
    return replace(opened, resolver=resolver, cache=cache)


def _http(how: Opening, credentials: Credentials) -> Opened:
    from planner.resolve.registry_api import ACCEPT, HttpResolver

    http = HttpResolver(credentials, how.insecure, how.timeout, Allowance(how.max_requests).take, how.types)
    return Opened(GivingUp(http), credentials=credentials, http=http, accept=ACCEPT, types=how.types)


def _skopeo(how: Opening, credentials: Credentials) -> Opened:
    skopeo = SkopeoResolver(credentials, how.insecure, how.timeout, Allowance(how.max_requests).take)
    why = skopeo.unusable()
    problems = (Problem("registry", "skopeo", "tool-failed", why),) if why else ()
    return Opened(GivingUp(skopeo), problems, credentials=credentials, accept=skopeo.accept)
