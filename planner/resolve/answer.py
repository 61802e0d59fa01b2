"""Questions to registries and what comes back, before anything is believed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from planner.model.reference import Reference
from planner.model.resolution import LayerSeen, State

# Registries must accept manifests up to 4 MiB, and skopeo takes no larger ones; configs have no such limit. A recorded
# manifest may be larger than what any engine takes: the largest limit of an engine is 8 MiB.
BODY_LIMIT = 16 * 1024 * 1024
DETAIL_LENGTH = 300

_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_SECRETS = (
    (re.compile(r"(\w://)[^/\s\"@]*@"), r"\1…@"),  # user and password in a URL
    (re.compile(r"(\w://[^\s\"?]*\?)[^\s\"]*"), r"\1…"),  # signed URLs carry their secret in the query
    (re.compile(r"(?i)\b(authorization\"?[:=]\s*\"?)(?:(?:basic|bearer|negotiate|digest)\s+)?[^\s\",;]+"), r"\1…"),
    # What looks like a word is none of them: "requesting bearer token", "auth token: invalid username" stay readable.
    (re.compile(r"(?i)\b(basic|bearer)\s+(?=\S*[\d=._-]|\S{16})[^\s\",;:]+"), r"\1 …"),
    (
        re.compile(r"(?i)(token|password|passwd|secret)(\"?=\"?|\"?:\s*\"?(?=(?=\S{6})\S*\d|\S{20}))[^\s\",;&]+"),
        r"\1\2…",
    ),
    (re.compile(r"\beyJ[\w-]+(?:\.[\w-]+)*"), "…"),  # a JSON web token
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one question. The bytes are as received: nobody has checked them yet.

    `body` is set exactly if `state` is RESOLVED. `content_type` and `status` (HTTP) are None where the resolver
    cannot see them: skopeo shows no status. `header_digest` is the Docker-Content-Digest header, empty where it was not
    seen. `layers` is what is known of layers in the repository of a manifest, by digest. `detail` is fit for a report:
    see `plain`. `fetched_at` is when a recorded or cached answer came from the registry, ISO 8601, empty where that
    is not known.
    """

    state: State
    body: bytes | None = None
    detail: str = ""
    content_type: str | None = None
    source: str = ""
    status: int | None = None
    header_digest: str = ""
    layers: Mapping[str, LayerSeen] = field(default_factory=dict, hash=False)
    fetched_at: str = field(default="", compare=False)


class ObstacleError(Exception):
    """Why no response came: `state` classifies it, `detail` is fit for a report. `again` if a retry may help.

    `wait` are the seconds that whoever refused asks to wait before that. As text it has the words as they came.
    """

    def __init__(self, state: State, detail: str, *, again: bool = False, wait: float | None = None) -> None:
        super().__init__(detail)
        self.state = state
        self.detail = plain(detail)
        self.again = again
        self.wait = wait


class Resolver(Protocol):
    """Something that answers questions, from several threads at once; failures are answers, never exceptions."""

    name: str

    def manifest(self, reference: Reference) -> Answer:
        """The manifest that `reference` names, by digest or, without one, by tag."""

    def config(self, reference: Reference, digest: str) -> Answer:
        """The config blob `digest` of the image whose manifest is `reference`."""

    def at_hand(self, reference: Reference, config: str = "") -> Answer | None:
        """The answer for a manifest, or for that `config` of it, where it takes no waiting; else None.

        Thousands of answers from a cache would otherwise cost more for changing threads than for finding them.
        """

    def close(self) -> None:
        """End what is under way, from any thread; questions asked later fail."""


def plain(text: str, limit: int = DETAIL_LENGTH) -> str:
    """Make foreign words fit for a report: one line, no credentials or control characters, at most `limit` long."""
    # Secrets go before the cut, so that half a token never remains; a giant text is cut first all the same.
    text = _CONTROL.sub(" ", text[: 20 * limit].encode("utf-8", "replace").decode("utf-8")).strip()
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
