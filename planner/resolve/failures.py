"""What skopeo's last words mean: a state, an explanation for the reader, and the words themselves, made safe."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from planner.model.resolution import State
from planner.resolve.answer import Answer, plain

_TABLE = Path(__file__).parent.parent / "knowledge" / "skopeo_failures.toml"
_WORDS_LENGTH = 140
_MESSAGE_HALF = 1000  # of a long message, the beginning and the end tell
_MESSAGE = re.compile(r'\blevel=(?:fatal|error)\s+msg=("(?:[^"\\]|\\.)*"|\S+)')
_ESCAPES = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\"}
_PREFIX = re.compile(
    r'(?:error )?(?:parsing image name|retrieving manifest for image|reading configuration blob)(?: "[^"]*")?:\s*'
    r"|reading manifest \S+ in \S+: ",
    re.IGNORECASE,
)
_REQUEST = re.compile(r'(?:pinging container registry \S+: )?(?:get|head|post) "[^"]*"', re.IGNORECASE)
# skopeo repeats the reference, and a repository may be called anything: it must not decide the class.
_REFERENCE = re.compile(r"(?:docker://)?[\w.:\[\]-]+(?:/[\w.-]+)+(?:@sha\d+:|:)[\w.-]+")


@dataclass(frozen=True, slots=True)
class Failure:
    """A way in which skopeo fails. `match` are lower-case parts of its text; `status` is the HTTP status if certain."""

    id: str
    match: tuple[str, ...]
    state: State
    explanation: str
    source: str
    status: int | None = None


@cache
def failures() -> tuple[Failure, ...]:
    """All known failures, the deciding order first."""
    entries = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["failure"]
    return tuple(
        Failure(
            entry["id"],
            tuple(text.lower() for text in entry["match"]),
            State(entry["state"]),
            entry["explanation"],
            entry["source"],
            entry.get("status"),
        )
        for entry in entries
    )


def failed(stderr: str, hide: Callable[[str], str] = str) -> Answer:
    """The answer that skopeo's stderr amounts to; FAILED with its words if they are not known.

    `hide` takes the secrets that it knows out of the words; a token that skopeo got by itself is none of them. What
    the words mean is told before that, for a password may be `denied`.
    """
    message = _message(stderr)
    # What is left may be the code alone ("denied"), which elsewhere follows a colon.
    cause = ": " + _REFERENCE.sub(" ", _REQUEST.sub(" ", _cause(message))).lower()
    words = plain(_REQUEST.sub("", _cause(hide(message))).lstrip(": "), _WORDS_LENGTH)
    for failure in failures():
        if any(text in cause for text in failure.match):
            detail = f"{failure.explanation}. skopeo: {words}"
            return Answer(failure.state, detail=plain(detail), source="skopeo", status=failure.status)
    detail = "skopeo failed in a way that planner does not know: it could not be checked; try it by hand. skopeo: "
    return Answer(State.FAILED, detail=plain(detail + words), source="skopeo")


def last_words(stderr: str) -> str:
    """The cause in skopeo's stderr: the last fatal message, without what it repeats and what its mirrors said."""
    return _cause(_message(stderr))


def _message(stderr: str) -> str:
    """The last fatal message, without the quotes of the log."""
    messages = _MESSAGE.findall(stderr)
    text = messages[-1] if messages else stderr.strip()
    if text.startswith('"'):
        text = re.sub(r"\\.", lambda escape: _ESCAPES.get(escape.group(), " "), text[1:-1])
    return text


def _cause(text: str) -> str:
    if len(text) > 2 * _MESSAGE_HALF:
        text = f"{text[:_MESSAGE_HALF]} {text[-_MESSAGE_HALF:]}"
    text = _PREFIX.sub("", text)
    mirrors, _, primary = text.rpartition("]): ")
    # What follows is the primary location, a colon and the cause.
    return primary.partition(": ")[2] or primary if "mirrors also failed" in mirrors.lower() else text
