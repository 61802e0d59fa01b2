"""Asks registries directly, over HTTP: fast, sparing, and it sees the headers and errors that skopeo hides.

It reads the same credentials as skopeo, but no registries.conf: mirrors and blocks of this machine are not applied.
"""

import asyncio
import concurrent.futures
import contextlib
import ssl
import threading
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from planner.model.host import is_loopback
from planner.model.media_type import MANIFESTS
from planner.model.reference import DIGEST_HEX_LENGTH, InvalidReferenceError, Reference, parse_reference
from planner.model.resolution import State
from planner.resolve.answer import BODY_LIMIT, Answer, ObstacleError, plain
from planner.resolve.certificates import ssl_context
from planner.resolve.credentials import Credentials
from planner.resolve.daemon_threads import DaemonThreads
from planner.resolve.http_status import answer_of
from planner.resolve.registry_session import RegistrySession, Request, api_host
from planner.resolve.transport import Transport

# All kinds by name. `*/*` makes distribution 2.x convert what is asked for by tag, and answer 404 for OCI digests.
ACCEPT = tuple(sorted(MANIFESTS))
_BLOB = ("*/*",)
# The largest manifest that an engine takes has 8 MiB.
MANIFEST_LIMIT = 8 * 1024 * 1024
# How a HEAD may end so that a GET would fare no better.
_SETTLED = frozenset(
    {State.DENIED, State.RATE_LIMITED, State.TLS, State.TIMEOUT, State.UNREACHABLE, State.NOT_ASKED, State.TOO_LARGE}
)
_INTERRUPTED = Answer(State.FAILED, detail="not asked: planner was interrupted", source="http")


class HttpResolver:
    """Asks over HTTP, for many threads at once, through one event loop in a thread of its own.

    `insecure` names registries that may be plain HTTP or have an unverified certificate, besides loopback. `timeout`
    is in seconds, for one question with its token, its redirects and its retries, besides the time of credential
    helpers. `count` is called before each request, and raises ObstacleError where no more may be sent: that for a
    token, each hop of a redirect and the attempt in TLS before plain HTTP count too. `types` asks for the media types
    of manifests alone, with HEAD, which counts for no rate limit of Docker Hub.
    """

    name = "http"

    def __init__(
        self,
        credentials: Credentials,
        insecure: frozenset[str] = frozenset(),
        timeout: float = 60.0,
        count: Callable[[], None] = lambda: None,
        types: bool = False,
    ) -> None:
        self._credentials = credentials
        self._insecure = insecure
        self._timeout = timeout
        self._count = count
        self._types = types
        self._sessions: dict[str, RegistrySession] = {}
        self._transports: list[Transport] = []
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(DaemonThreads())
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def manifest(self, reference: Reference) -> Answer:
        """The manifest as stored, with its Content-Type and Docker-Content-Digest; TYPE_ONLY if that is all to ask for.

        GET follows where HEAD does not tell: its failures have no words, registry 2.2.1 and older know no HEAD, and
        what names no digest, or another one, need not be a registry's answer.
        """
        methods = ("HEAD", "GET") if self._types else ("GET",)
        return self._ask(reference, "manifests", _name(reference), methods)

    def config(self, reference: Reference, digest: str) -> Answer:
        """The config blob. MISSING where the registry says that it does not have it."""
        return self._ask(reference, "blobs", digest)

    def at_hand(self, reference: Reference, config: str = "") -> Answer | None:  # noqa: ARG002  see Resolver
        """Nothing is."""
        return None

    def remaining(self, reference: Reference) -> int | None:
        """How many counted pulls the registry says are left; None if it does not say. HEAD is not counted.

        Source: https://docs.docker.com/docker-hub/usage/pulls
        """
        self._ask(reference, "manifests", _name(reference), ("HEAD",))
        session = self._sessions.get(reference.registry)
        return session.remaining if session else None

    def close(self) -> None:
        """End what is under way, from any thread; questions asked later fail."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self._credentials.close()
        if thread is None or not thread.is_alive():
            return
        with contextlib.suppress(RuntimeError):  # closed already
            self._loop.call_soon_threadsafe(self._loop.stop)
        thread.join()

    def _ask(self, reference: Reference, kind: str, name: str, methods: tuple[str, ...] = ("GET",)) -> Answer:
        try:
            # A Reference can be built from anything: only what parses may become part of a URL.
            parse_reference(reference.pinned)
        except InvalidReferenceError as error:
            detail = plain(f"not asked, for the reference is not one: {error}; correct it where it is written")
            return Answer(State.FAILED, detail=detail, source=self.name)
        accept, limit = (ACCEPT, MANIFEST_LIMIT) if kind == "manifests" else (_BLOB, BODY_LIMIT)
        # A helper that hangs takes time of its own: the registry is not to be blamed for it.
        try:
            login = self._credentials.lookup(reference.registry, reference.repository)
        except Exception as error:  # as in _question
            return _defect(error)
        request = Request(reference.repository, f"{kind}/{name}", accept, limit, login=login)
        return self._wait(self._question(reference, request, methods))

    def _wait(self, question: Coroutine[Any, Any, Answer]) -> Answer:
        with self._lock:
            if self._closed:
                question.close()
                return _INTERRUPTED
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="registry-api", daemon=True)
                self._thread.start()
            future = asyncio.run_coroutine_threadsafe(question, self._loop)
        try:
            return future.result()
        except (asyncio.CancelledError, concurrent.futures.CancelledError):
            return _INTERRUPTED

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            for transport in self._transports:
                self._loop.run_until_complete(transport.close())
            self._loop.close()

    async def _question(self, reference: Reference, request: Request, methods: tuple[str, ...]) -> Answer:
        """The answer by the first of `methods` that tells, all within one `timeout`."""
        deadline = self._loop.time() + self._timeout
        try:
            answers: list[Answer] = []
            for method in methods:
                answers.append(await self._answer(reference, replace(request, method=method), deadline))
                if method == "HEAD" and _settled(answers[-1], reference):
                    break
        except Exception as error:  # whatever one registry sends, the others are to be asked
            return _defect(error)
        # No time was left for the last one: how the registry failed before tells more.
        failed_before = answers[-1].state is State.TIMEOUT and answers[0].state is State.SERVER_ERROR
        return answers[0] if failed_before else answers[-1]

    async def _answer(self, reference: Reference, request: Request, deadline: float) -> Answer:
        """The answer to one request. What leaves here has no secret that was sent."""
        session = self._session(reference.registry)

        def hide(text: str) -> str:
            return self._credentials.hide(text, *session.secrets(reference.repository))

        kind, _, name = request.path.partition("/")
        try:
            response = await session.ask(request, deadline)
        except ObstacleError as obstacle:
            return Answer(obstacle.state, detail=plain(hide(str(obstacle))), source=self.name)
        except TimeoutError:
            why = f"{reference.registry} did not answer within {self._timeout:g} seconds"
            detail = f"{why}: it could not be checked; run again, or raise --timeout"
            return Answer(State.TIMEOUT, detail=detail, source=self.name)
        answer = answer_of(response, kind.removesuffix("s"), name, hide)
        head = request.method == "HEAD" and answer.state is State.RESOLVED
        return replace(answer, state=State.TYPE_ONLY, body=None) if head else answer

    def _session(self, registry: str) -> RegistrySession:
        if registry not in self._sessions:
            transport = Transport(partial(self._context, registry), self._count)
            self._transports.append(transport)
            self._sessions[registry] = RegistrySession(registry, transport, registry in self._insecure)
        return self._sessions[registry]

    def _context(self, registry: str, place: str) -> ssl.SSLContext:
        """TLS at a place to which a registry leads. Its certificates count there, but not that it is insecure."""
        name = registry if place == api_host(registry) else place
        return ssl_context(registry, insecure=name in self._insecure or is_loopback(name))


def _settled(answer: Answer, reference: Reference) -> bool:
    """Whether GET has nothing to add to HEAD: it would fare no better, or the type is that of what is asked for.

    A login page answers HEAD as well: only a registry says which digest it has.
    """
    if answer.state is not State.TYPE_ONLY:
        return answer.state in _SETTLED
    algorithm, _, value = answer.header_digest.partition(":")
    some = DIGEST_HEX_LENGTH.get(algorithm) == len(value)
    known = answer.header_digest == reference.digest if reference.digest else some
    return known and answer.content_type in ACCEPT


def _defect(error: Exception) -> Answer:
    """An answer in place of an exception, without its words: they may hold anything."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    why = f"{type(error).__name__} in {Path(where.filename).name}, line {where.lineno}"
    detail = f"a defect in planner: {why}; it could not be checked; please report it"
    return Answer(State.FAILED, detail=detail, source=HttpResolver.name)


def _name(reference: Reference) -> str:
    return reference.digest or reference.tag or "latest"
