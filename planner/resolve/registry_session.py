"""One registry as the direct client meets it: scheme and challenge are learnt once, tokens are kept per repository."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import stamina
from yarl import URL

from planner.model.host import is_loopback
from planner.model.resolution import State
from planner.resolve.answer import ObstacleError
from planner.resolve.auth_files import Login
from planner.resolve.http_status import may_pass
from planner.resolve.offers import Offers
from planner.resolve.retry_after import retry_after
from planner.resolve.tokens import Challenge, RefusedLoginError, Token, basic, challenge, fetch_token
from planner.resolve.transport import NotConnectedError, Response, Transport

# Docker Hub's API has a host of its own: distribution/reference and every engine know that.
_API_HOSTS = {"docker.io": "registry-1.docker.io"}
_ATTEMPTS = 4
# After so many questions in vain the rest are put once: ten thousand would otherwise take hours to fail.
_IN_VAIN = 5
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0  # seconds
_Authorization = str | None
# How a question for a token may end so that the registry is not asked without one either.
_NO_WAY_ROUND = frozenset({State.RATE_LIMITED, State.SERVER_ERROR, State.NOT_ASKED})
_SPENT = (
    "The registry refused the stored credentials before, so they were not offered again: this could not be checked; "
    "log in again (docker login, skopeo login)"
)


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
    login: Login | None = None


class _AgainError(Exception):
    """An attempt failed and another may not: `wait` are the seconds that the registry asks for, if it does."""

    def __init__(self, outcome: Response | ObstacleError, wait: float | None = None) -> None:
        super().__init__()
        self.outcome = outcome
        self.wait = wait


class RegistrySession:
    """Asks one registry."""

    def __init__(self, registry: str, transport: Transport, insecure: bool) -> None:
        self.remaining: int | None = None
        self._host = api_host(registry)
        self._registry = registry
        self._transport = transport
        self._insecure = insecure or is_loopback(registry)
        self._scheme = "https"
        self._challenge: Challenge | None = None
        self._challenged: set[str] = set()  # the repositories that asked for a login themselves
        self._offers = Offers()
        self._tokens: dict[str, Token] = {}
        self._given: dict[str, set[str]] = {}  # every token that was got for a repository
        self._locks: dict[str, asyncio.Lock] = {}
        self._met = False
        self._in_vain = 0  # how many questions in a row got no answer, however often they were put
        self._not_before = 0.0  # loop time: until then the registry wants no more requests

    def secrets(self, repository: str) -> Collection[str]:
        """The tokens that were sent with questions for a repository."""
        return self._given.get(repository, ())

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
                self._note_pause(obstacle.wait)
                raise _AgainError(obstacle, obstacle.wait or None) from None
            raise
        self._note_limit(response)
        if may_pass(response):
            wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            if response.status == 429:
                self._note_pause(wait)
            raise _AgainError(response, wait or None)  # "at once" is no reason to hammer
        return response

    def _note_pause(self, seconds: float | None) -> None:
        self._not_before = max(self._not_before, asyncio.get_running_loop().time() + (seconds or 0.0))

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
            guess = self._challenge
            authorization, refusal = await self._beforehand(request, deadline)
            response = await self._send(request, authorization, deadline)
            if response.status != 401:
                return response
            wanted = challenge(_all(response, "WWW-Authenticate"))
            if wanted is None or (wanted == Challenge() and (authorization or "").startswith("Basic ")):
                return response  # a password that is refused is not offered twice
            self._challenge = wanted
            self._challenged.add(request.repository)
        if refusal and wanted == guess:
            raise refusal
        # The token may have expired on the way, so a new one is taken; the same answer then is an answer.
        if authorization and (known := self._tokens.get(request.repository)) and authorization.endswith(known.value):
            del self._tokens[request.repository]
        authorization = await self._authorization(request, deadline)
        if not authorization:
            return response
        return await self._send(request, authorization, deadline)

    async def _send(self, request: Request, authorization: _Authorization, deadline: float) -> Response:
        login = request.login
        if login is None or not (authorization or "").startswith("Basic "):
            return await self._sent(request, authorization, deadline)
        async with self._offers.turn("", login):
            if self._offers.spent("", login):  # found out while this one waited
                return await self._sent(request, None, deadline)
            response = await self._sent(request, authorization, deadline)
            if response.status == 401:
                self._offers.refused("", login)
            elif request.repository in self._challenged:
                self._offers.accepted("", login)
            return response

    async def _sent(self, request: Request, authorization: _Authorization, deadline: float) -> Response:
        # A line for each: distribution before 2.5.0 takes a list in one line for a single type that it does not know.
        headers = [("Accept", media_type) for media_type in request.accept]
        headers += [("Authorization", authorization)] if authorization else []
        await self._until_welcome(deadline)
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

    async def _beforehand(self, request: Request, deadline: float) -> tuple[_Authorization, ObstacleError | None]:
        """What other repositories were asked for; or why it is not to be had, for this one may be open to all.

        Raises ObstacleError where it is not, or where whoever gives tokens out wants to be left alone.
        """
        try:
            return await self._authorization(request, deadline), None
        except ObstacleError as obstacle:
            if request.repository in self._challenged or obstacle.state in _NO_WAY_ROUND:
                raise
            return None, obstacle

    async def _authorization(self, request: Request, deadline: float) -> _Authorization:
        if self._challenge is None:
            return None
        login, repository = request.login, request.repository
        if not self._challenge.realm:
            return basic(login) if login and not self._offers.spent("", login) else None
        async with self._lock(repository):
            token = self._tokens.get(repository)
            if token is None or token.expired:
                token = self._tokens[repository] = await self._token(self._challenge, request, deadline)
                self._given.setdefault(repository, set()).add(token.value)
            return f"Bearer {token.value}"

    async def _token(self, asked: Challenge, request: Request, deadline: float) -> Token:
        login, plain_http = request.login, self._scheme == "http"
        if login is None:
            await self._until_welcome(deadline)
            return await fetch_token(self._transport, asked, request.repository, None, plain_http=plain_http)
        async with self._offers.turn(asked.realm, login):
            if self._offers.spent(asked.realm, login):
                raise ObstacleError(State.DENIED, _SPENT)
            await self._until_welcome(deadline)
            try:
                token = await fetch_token(self._transport, asked, request.repository, login, plain_http=plain_http)
            except RefusedLoginError:
                self._offers.refused(asked.realm, login)
                raise
            self._offers.accepted(asked.realm, login)
            return token

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
