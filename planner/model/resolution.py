"""Resolutions: what the registry said to one question, or why it did not answer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from planner.model.manifest import Manifest
from planner.model.media_type import base_type
from planner.model.platform import Platform
from planner.model.reference import Reference


class State(StrEnum):
    """How a question to a registry ended. Only those in ANSWERS say what an engine will meet."""

    RESOLVED = "resolved"
    TYPE_ONLY = "type-only"  # the registry was asked for no more than the media type (--depth type)
    MISSING = "missing"  # the registry says that it has no such manifest
    MISMATCH = "digest-mismatch"  # bytes came, but not those that the digest names
    DENIED = "denied"  # 401, 403: private, deleted and never existed look alike
    RATE_LIMITED = "rate-limited"
    TLS = "tls"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"  # refused, no such host, connection closed
    SERVER_ERROR = "server-error"
    NOT_A_MANIFEST = "not-a-manifest"  # HTML, JSON of another kind, an empty body
    TOO_LARGE = "too-large"
    NOT_ASKED = "not-asked"  # the run had used up what it may ask (--max-requests)
    NOT_RECORDED = "not-recorded"  # an offline run, and the snapshot does not have it
    TOOL_FAILED = "tool-failed"  # skopeo is missing or broken
    REFUSED = "refused"  # this machine's configuration blocks the registry
    FAILED = "failed"  # anything else; the detail has the tool's words


ANSWERS = frozenset({State.RESOLVED, State.MISSING, State.MISMATCH})


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What an image's config says of itself. `diff_ids` counts `rootfs.diff_ids`; None: no rootfs member.

    `size` is that of the config itself, in bytes, 0 where it is not known.
    """

    platform: Platform
    diff_ids: int | None
    size: int = field(default=0, compare=False)  # of the bytes, no part of what they say


@dataclass(frozen=True, slots=True)
class LayerSeen:
    """What was learnt of one layer's blob by whoever looked at it; media types tell neither.

    `available` is False where neither the registry nor the layer's URLs have it. `compression` is that of the blob's
    first bytes: "gzip", "zstd", "bzip2", "xz", "none"; empty where they were not read.
    """

    digest: str
    available: bool
    compression: str = ""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer for one (registry, repository, digest or tag).

    `manifest` is set exactly if `state` is RESOLVED; its bytes were checked against the digest. `content_type` is
    the Content-Type header (all that is known if `state` is TYPE_ONLY), `header_digest` the Docker-Content-Digest
    header, where the resolver saw one. `children` are the resolutions of the index entries that were followed.
    `config` is set where it was asked for, `config_missing` where the registry then said that it has none; `layers`
    are those blobs that were looked at. `digest` is that of the bytes received. `detail` is the resolver's reason, free
    of credentials; `source` says who answered: skopeo, http, cache, snapshot. `fetched_at` is when the registry said
    it, ISO 8601, empty where that is not known.
    """

    reference: Reference
    state: State
    manifest: Manifest | None = None
    digest: str = ""
    content_type: str | None = None
    header_digest: str = ""
    config: ImageConfig | None = None
    layers: tuple[LayerSeen, ...] = ()
    children: tuple["Resolution", ...] = ()
    detail: str = ""
    source: str = ""
    config_missing: bool = False
    fetched_at: str = field(default="", compare=False)  # of the answer, no part of what it says

    @property
    def media_type(self) -> str:
        """The media type of the manifest, as far as it is known: by its content or, of TYPE_ONLY, by its header."""
        if self.manifest:
            return self.manifest.media_type
        return base_type(self.content_type or "") if self.state is State.TYPE_ONLY else ""

    def child(self, digest: str) -> "Resolution | None":
        """The resolution of the index entry `digest`, if it was followed."""
        return next((child for child in self.children if child.reference.digest == digest), None)

    def tree(self) -> Iterator["Resolution"]:
        """This resolution and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.tree()
