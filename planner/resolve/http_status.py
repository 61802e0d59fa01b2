"""What an HTTP status means for a question about an image; the same states that skopeo's words amount to."""

import json
from collections.abc import Callable

from planner.model.manifest import matches_digest
from planner.model.resolution import State
from planner.resolve.answer import Answer, plain
from planner.resolve.content_type import media_type
from planner.resolve.transport import Response

_DIGEST_LENGTH = 150  # a sha512 digest has 135 characters
_LATER = "run again later, what is answered is kept"
_MEANINGS = {
    401: (State.DENIED, "The registry wants a login (private, deleted and never existed look alike): log in to it"),
    403: (State.DENIED, "The registry denies access: it could not be checked; log in as somebody who may pull it"),
    407: (State.UNREACHABLE, "The proxy on the way wants a login, or another one: put it into HTTP_PROXY"),
    429: (State.RATE_LIMITED, f"The registry's rate limit is used up: it could not be checked; log in, or {_LATER}"),
}


def answer_of(response: Response, what: str, asked: str, hide: Callable[[str], str]) -> Answer:
    """The answer to a question for `what` ("manifest" or "blob") `asked`, a digest or tag, before it is believed.

    `hide` takes secrets out of foreign words, before they are cut. It never touches the digest of what came or was
    asked for: a password may be `sha256`.
    """
    if response.status == 200:
        digest = response.headers.get("Docker-Content-Digest", "").strip()
        right = digest == asked or matches_digest(response.body, digest)
        return Answer(
            State.RESOLVED,
            response.body,
            content_type=media_type(response.headers.get("Content-Type"), hide),
            source="http",
            status=200,
            header_digest=plain(digest if right else hide(digest), _DIGEST_LENGTH),
        )
    state, meaning = _meaning(response, what)
    words = _words(response.body, hide)
    detail = f"{meaning}. HTTP {response.status}" + (f": {words}" if words else "")
    if wait := response.headers.get("Retry-After"):
        detail += f" (it says: Retry-After {plain(hide(wait), 40)})"
    return Answer(state, detail=plain(detail), source="http", status=response.status)


def _meaning(response: Response, what: str) -> tuple[State, str]:
    text = response.body[:4096].decode("utf-8", "replace").lower()
    odd = "The registry answered in a way that planner does not know"
    found = State.FAILED, f"{odd}: it could not be checked; see what answers there"
    match response.status:
        case 404 | 406 if "accept" in text:  # distribution 2.7 to 2.8 and GHCR: 404 for what is there
            found = State.FAILED, "The registry has it but does not hand out its kind: it could not be checked"
        case 404 if "no longer supported" in text:  # Red Hat article 6138332
            found = State.MISSING, "The registry no longer serves schema 1 digests: re-pin to the schema 2 digest"
        case 404 if _is_page(response):
            found = State.NOT_A_MANIFEST, "A web page answered, no registry: it could not be checked; see what is there"
        case 404:
            found = State.MISSING, f"The registry has no such {what}: every pull of it fails; push it again or re-pin"
        case status if status in _MEANINGS:
            found = _MEANINGS[status]
        case status if status >= 500 and "manifest schema version 1" in text:
            meaning = "The registry has it as schema 1, which distribution 3 stores but no longer serves"
            found = State.SERVER_ERROR, f"{meaning}: pull it through an older registry, convert it and re-pin"
        case status if status >= 500:
            found = State.SERVER_ERROR, f"The registry failed: it could not be checked; {_LATER}"
    return found


def may_pass(response: Response) -> bool:
    """Whether the same question may be answered in a moment: not where the registry fails on what it has stored."""
    settled = b"manifest schema version 1" in response.body
    return response.status == 429 or (response.status in (500, 502, 503, 504) and not settled)


def _is_page(response: Response) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind == "text/html" or response.body.lstrip()[:1] == b"<"


def _words(body: bytes, hide: Callable[[str], str]) -> str:
    """The code and message of a registry's error document; of anything else nothing, since it may be anything."""
    try:
        document = json.loads(body[:65536])
        error = document["errors"][0]
        return plain(hide(f"{error.get('code', '')} {error.get('message', '')}"), 140)
    except (ValueError, RecursionError, TypeError, LookupError, AttributeError):
        return ""
