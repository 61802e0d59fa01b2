"""One registry as the direct client meets it: scheme and challenge are learnt once, tokens are kept per repository."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import stamina
from yarl import URL

from planner.model.host import is_loopback
from planner.model.resolution import State
from planner.resolve.answer import ObstacleError
from planner.resolve.auth_files import Login
from planner.resolve.credentials import Credentials
from planner.resolve.http_status import may_pass
from planner.resolve.retry_after import retry_after
from planner.resolve.tokens import Challenge, Token, basic, challenge, fetch_token
from planner.resolve.transport import NotConnectedError, Response, Transport

# Docker Hub's API has a host of its own: distribution/reference and every engine know that.
_API_HOSTS = {"docker.io": "registry-1.docker.io"}
_ATTEMPTS = 4
# After so many questions in vain the rest are put once: ten thousand would otherwise take hours to fail.
_IN_VAIN = 5
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0  # seconds
_Authorization = str | None


def api_host(registry: str) -> str:
    """Where the API of a registry is."""
    return _API_HOSTS.get(registry, registry)


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a registry: `path` is below the repository, `limit` in bytes, for the answer's body."""

    repository: str
    path: str
    accept: tuple[str, ...]
    limit: int
    method: str = "GET"


class _AgainError(Exception):
    """An attempt failed and another may not: `wait` are the seconds that the registry asks for, if it does."""

    def __init__(self, outcome: Response | ObstacleError, wait: float | None = None) -> None:
        super().__init__()
        self.outcome = outcome
        self.wait = wait


class RegistrySession:
    """Asks one registry. `count` is called before every request that is sent; it raises ObstacleError to stop it."""

    def __init__(
        self, registry: str, transport: Transport, credentials: Credentials, insecure: bool, count: Callable[[], None]
    ) -> None:
        self.remaining: int | None = None
        self._host = api_host(registry)
        self._registry = registry
        self._transport = transport
        self._credentials = credentials
        self._insecure = insecure or is_loopback(registry)
        self._count = count
        self._scheme = "https"
        self._challenge: Challenge | None = None
        self._challenged: set[str] = set()  # the repositories that asked for a login themselves
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._met = False
        self._in_vain = 0  # how many questions in a row got no answer, however often they were put
        self._not_before = 0.0  # loop time: until then the registry wants no more requests

    async def ask(self, request: Request, deadline: float) -> Response:
        """Ask `/v2/REPOSITORY/PATH`, again where that may help and ends before `deadline` (loop time, seconds).

        Raises ObstacleError, and TimeoutError where no attempt came to an end. A response of any status is an answer.
        """
        loop = asyncio.get_running_loop()
        failures: list[_AgainError] = []

        def patience(error: Exception) -> bool | float:
            """Whether and after how long to try again; False where the wait would outlast the deadline."""
            if not isinstance(error, _AgainError):
                return False
            failures.append(error)
            if self._in_vain >= _IN_VAIN:
                return False
            return True if error.wait is None else error.wait < deadline - loop.time() and error.wait

        try:
            async with asyncio.timeout_at(deadline):
                async for attempt in stamina.retry_context(
                    on=patience, attempts=_ATTEMPTS, timeout=None, wait_initial=_FIRST_WAIT, wait_max=_LONGEST_WAIT
                ):
                    with attempt:
                        response = await self._attempt(request, deadline)
                        self._in_vain = 0
                        return response
        except (_AgainError, TimeoutError):
            if not failures:
                raise
        self._in_vain += 1
        # How an attempt failed tells more than that there was no time for the next one.
        outcome = failures[-1].outcome
        if isinstance(outcome, Response):
            return outcome
        raise outcome

    async def _attempt(self, request: Request, deadline: float) -> Response:
        try:
            response = await self._authorized(request, deadline)
        except ObstacleError as obstacle:
            if obstacle.again:
                raise _AgainError(obstacle) from None
            raise
        self._note_limit(response)
        if may_pass(response):
            wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            if wait and response.status == 429:
                self._not_before = max(self._not_before, asyncio.get_running_loop().time() + wait)
            raise _AgainError(response, wait or None)  # "at once" is no reason to hammer
        return response

    async def _until_welcome(self, deadline: float) -> None:
        """Wait as long as the registry told another question to. Raises ObstacleError where that is too long."""
        loop = asyncio.get_running_loop()
        wait = self._not_before - loop.time()
        if wait <= 0:
            return
        if self._not_before >= deadline:
            detail = f"not asked: {self._registry} wants no requests for {_length(wait)}; run again then"
            raise ObstacleError(State.RATE_LIMITED, detail)
        await asyncio.sleep(wait)

    async def _authorized(self, request: Request, deadline: float) -> Response:
        """Send a request with what the registry wants to see; after a 401 once more with that."""
        async with self._first_contact():
            authorization = await self._beforehand(request.repository)
            response = await self._send(request, authorization, deadline)
            if response.status != 401:
                return response
            wanted = challenge(_all(response, "WWW-Authenticate"))
            if wanted is None or (wanted == Challenge() and (authorization or "").startswith("Basic ")):
                return response  # a password that is refused is not offered twice
            self._challenge = wanted
            self._challenged.add(request.repository)
        # The token may have expired on the way, so a new one is taken; the same answer then is an answer.
        if authorization and (known := self._tokens.get(request.repository)) and authorization.endswith(known.value):
            del self._tokens[request.repository]
        authorization = await self._authorization(request.repository)
        if not authorization:
            return response
        return await self._send(request, authorization, deadline)

    async def _send(self, request: Request, authorization: _Authorization, deadline: float) -> Response:
        # A line for each: distribution before 2.5.0 takes a list in one line for a single type that it does not know.
        headers = [("Accept", media_type) for media_type in request.accept]
        headers += [("Authorization", authorization)] if authorization else []
        await self._until_welcome(deadline)
        self._count()
        try:
            return await self._transport.fetch(request.method, self._url(request), headers, request.limit)
        except NotConnectedError as obstacle:
            # As engines do for a registry declared insecure: TLS first, then plain HTTP.
            if self._met or not self._insecure or obstacle.url != self._url(request):
                raise
        self._scheme = "http"
        try:
            return await self._transport.fetch(request.method, self._url(request), headers, request.limit)
        except ObstacleError:
            self._scheme = "https"
            raise

    def _url(self, request: Request) -> URL:
        return URL(f"{self._scheme}://{self._host}/v2/{request.repository}/{request.path}", encoded=True)

    @asynccontextmanager
    async def _first_contact(self) -> AsyncIterator[None]:
        """Until scheme and challenge are known, one request at a time: the others then do it right at once."""
        if not self._met:
            async with self._lock(""):
                if not self._met:
                    yield
                    self._met = True
                    return
        yield

    async def _beforehand(self, repository: str) -> _Authorization:
        """What other repositories were asked for; None if it is not to be had, for this one may be open to all."""
        try:
            return await self._authorization(repository)
        except ObstacleError:
            if repository in self._challenged:
                raise
            return None

    async def _authorization(self, repository: str) -> _Authorization:
        if self._challenge is None:
            return None
        async with self._lock(repository):
            login = await asyncio.to_thread(self._credentials.lookup, self._registry, repository)
            if not self._challenge.realm:
                return basic(login) if login else None
            token = self._tokens.get(repository)
            if token is None or token.expired:
                token = self._tokens[repository] = await self._token(repository, login)
            return f"Bearer {token.value}"

    async def _token(self, repository: str, login: Login | None) -> Token:
        self._count()
        plain_http = self._scheme == "http"
        asked = self._challenge or Challenge()
        return await fetch_token(self._transport, asked, repository, login, plain_http=plain_http)

    def _lock(self, name: str) -> asyncio.Lock:
        return self._locks.setdefault(name, asyncio.Lock())

    def _note_limit(self, response: Response) -> None:
        """Docker Hub says what is left: `ratelimit-remaining: 76;w=21600`."""
        left = response.headers.get("RateLimit-Remaining", "").partition(";")[0].strip()
        if left.isascii() and left.isdecimal() and len(left) < 10:
            self.remaining = int(left)


def _length(seconds: float) -> str:
    for unit, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return f"{seconds:.0f} seconds"


def _all(response: Response, name: str) -> list[str]:
    """Every header of that name: a registry may send one for each way to log in."""
    getall = getattr(response.headers, "getall", None)
    return list(getall(name, [])) if getall else [response.headers[name]] if name in response.headers else []
