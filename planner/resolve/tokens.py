"""How registries want to be asked: the challenge of a 401, and the tokens that answer it.

Source: distribution spec, and the token flow of docs.docker.com/registry/spec/auth/token and .../oauth.
"""

import base64
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from yarl import URL

from planner.model.resolution import State
from planner.resolve.answer import ObstacleError
from planner.resolve.auth_files import Login
from planner.resolve.retry_after import retry_after
from planner.resolve.transport import Response, Transport, http_url

_CHALLENGE = re.compile(r"\s*(bearer|basic)\b(.*)", re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(r'([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))', re.IGNORECASE)
_TOKEN_LIMIT = 1024 * 1024
_TOKEN_CHARACTERS = re.compile(r"[\x21-\x7e]+")
_LIFE = 60.0  # seconds, where the server does not say: so the specification
_LONGEST_LIFE = 24 * 3600.0
_MARGIN = 5.0  # seconds before its end at which a token counts as expired


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a WWW-Authenticate header asks for; `realm` is where tokens are given out, empty for Basic."""

    realm: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token. `until` is on the monotonic clock, in seconds."""

    value: str
    until: float

    def __repr__(self) -> str:
        return "Token(…)"

    @property
    def expired(self) -> bool:
        """Whether it is too old to be sent."""
        return time.monotonic() > self.until - _MARGIN


class RefusedLoginError(ObstacleError):
    """The login itself is not taken: 401, or 400 for an identity token. A 403 is about what it may pull."""


def challenge(headers: list[str]) -> Challenge | None:
    """The challenge in the WWW-Authenticate headers, Bearer before Basic; None for any other or a broken one."""
    found = {}
    for header in headers:
        if match := _CHALLENGE.match(header):
            found[match[1].lower()] = {
                name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(match[2])
            }
    if bearer := found.get("bearer"):
        return Challenge(bearer["realm"], bearer.get("service", "")) if bearer.get("realm") else None
    return Challenge() if "basic" in found else None


def basic(login: Login) -> str:
    """The value of Authorization for a login with a password."""
    return "Basic " + base64.b64encode(f"{login.username}:{login.password}".encode()).decode("ascii")


async def fetch_token(
    transport: Transport, asked: Challenge, repository: str, login: Login | None, *, plain_http: bool
) -> Token:
    """A token to pull from `repository`. Raises ObstacleError.

    `plain_http`: the registry itself is asked without TLS, so that its realm may be so too.
    """
    realm = _realm(asked.realm, plain_http=plain_http)
    scope = f"repository:{repository}:pull"
    query = {"service": asked.service, "scope": scope} if asked.service else {"scope": scope}
    if login and login.identity_token:
        form = {**query, "grant_type": "refresh_token", "refresh_token": login.identity_token, "client_id": "planner"}
        response = await transport.fetch("POST", realm, (), _TOKEN_LIMIT, form)
    else:
        headers = [("Authorization", basic(login))] if login else []
        response = await transport.fetch("GET", realm.update_query(query), headers, _TOKEN_LIMIT)
    return _token(response, known=login is not None)


def _realm(text: str, *, plain_http: bool) -> URL:
    try:
        realm = http_url(text)
    except ValueError as error:
        words = (
            "The registry names no HTTP URL where tokens are given out: it could not be checked; see what answers there"
        )
        raise ObstacleError(State.FAILED, words) from error
    if realm.scheme == "http" and not plain_http:
        # Whoever reads along would have the password.
        raise ObstacleError(
            State.TLS,
            "The registry wants credentials sent over plain HTTP, not done: it could not be checked; see who answers",
        )
    return realm


def _token(response: Response, *, known: bool) -> Token:
    if response.status in (400, 401, 403):
        who = (
            "refuses the stored credentials: log in again (docker login, skopeo login)"
            if known
            else "gives no token to strangers: log in (docker login, skopeo login)"
        )
        denied = RefusedLoginError if known and response.status != 403 else ObstacleError
        raise denied(State.DENIED, f"The registry {who}, so this could not be checked")
    wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
    if response.status == 429:
        words = (
            "The registry says that there were too many requests for tokens: it could not be checked; run again later"
        )
        raise ObstacleError(State.RATE_LIMITED, words, again=True, wait=wait)
    if response.status != 200:
        words = f"The registry gave out no token (HTTP {response.status}): it could not be checked; run again later"
        raise ObstacleError(State.SERVER_ERROR, words, again=response.status >= 500, wait=wait)
    try:
        document = json.loads(response.body)
    except (ValueError, RecursionError):
        document = None
    fields = document if isinstance(document, dict) else {}
    value = fields.get("token") or fields.get("access_token")
    if not isinstance(value, str) or not _TOKEN_CHARACTERS.fullmatch(value):
        raise ObstacleError(
            State.FAILED, "What should be a token is none: it could not be checked; see what gives them out"
        )
    life = fields.get("expires_in")
    # An integer may be larger than any float: it is bounded before the two meet.
    seconds = min(life, _LONGEST_LIFE) if isinstance(life, int | float) and life > 0 else _LIFE
    return Token(value, time.monotonic() + seconds)
