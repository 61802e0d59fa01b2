"""Knowledge: what engines and registries of each version can do, each entry with its source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from planner.model.engine import Range, Version
from planner.model.reference import Reference
from planner.model.report import Cause
from planner.model.retirement import Retirement
from planner.model.stores import ReadOnly, Stores

_WITHOUT_PLATFORM = frozenset({"never", "any", "same-os", "same-platform", "last-same-platform", "linux-amd64"})
# The rules by which engines choose, and the values that planner understands. An engine's own stores and clients are the
# values of those rules that have none here.
CHOICES: Mapping[str, frozenset[str]] = {
    "amd64-variant": frozenset({"ignored", "exact", "baseline", "host-level"}),
    "arm-variant": frozenset({"ignored", "exact", "exact-else-any", "downwards"}),
    "compatible-architectures": frozenset({"none", "386-and-arm"}),
    "list-entry-without-platform": _WITHOUT_PLATFORM,
    "index-entry-without-platform": _WITHOUT_PLATFORM,
    "os-version": frozenset({"ignored", "same-first", "not-newer", "same", "same-or-stable"}),  # Windows hosts only
    "upgrade-keeps-store": frozenset({"yes"}),
    "default-store": frozenset(),
    "default-client": frozenset(),
}
# The blanks that are filled in, in what an engine prints and in what a registry answers.
ENGINE_BLANKS = frozenset(
    {"reference", "image", "registry", "name", "digest", "media_type", "declared", "platform", "host_platform"}
    | {"os", "architecture", "variant", "size"}
)
REGISTRY_BLANKS = ENGINE_BLANKS | {"accepts"}


class Support(StrEnum):
    """How a version answers a need."""

    SUPPORTED = "supported"
    DEPRECATED = "deprecated-on"  # works, with a warning or an announced end
    SWITCHED_OFF = "deprecated-off-by-default"  # fails unless all `switches` are set
    HOLLOW = "hollow"  # the pull reports success, but gives nothing that runs
    UNCERTAIN = "uncertain"  # depends on what media types do not tell; the note says on what
    UNSUPPORTED = "unsupported"
    REMOVED = "removed"  # unsupported, and will not come back


@dataclass(frozen=True, slots=True)
class Capability:
    """What a range of versions does with an image that has the need `need`.

    Empty `store`, `client`, `ref` ("tag", "digest") and `scope` ("root": the document named by the reference,
    "child": an entry of an index) mean: any. `when` are settings that must be set for the entry to hold, `switches`
    those that re-enable what is off by default. `limit` is a size in bytes: the entry holds for larger documents
    only. `message` is what the engine prints, with {reference}, {image} (with its tag), {registry}, {name}, {digest},
    {media_type}, {platform} (of the image where that is what is wrong), {host_platform}, {os}, {architecture},
    {variant} and {size} filled in; `gated_message` what it prints if the registry refuses the document for want of
    an Accept type, `warning` what it prints where the switches are set (empty: `message`).
    """

    need: str
    versions: Range
    state: Support
    source: tuple[str, ...]
    store: str = ""
    client: str = ""
    ref: str = ""
    scope: str = ""
    when: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset()
    limit: int = 0
    message: str = ""
    gated_message: str = ""
    warning: str = ""
    note: str = ""
    verified: str = "read"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a range of versions chooses, by a named rule: which entry of an index, which store by default."""

    rule: str
    value: str
    versions: Range
    source: tuple[str, ...]
    store: str = ""
    client: str = ""
    when: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Accept:
    """The manifest media types that a range of versions asks a registry for; `*/*` among them: anything.

    `joined`: all in one header line, with commas, which the oldest registries do not take apart.
    """

    types: frozenset[str]
    versions: Range
    source: tuple[str, ...]
    store: str = ""
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that are no release of this engine, and what to do about them."""

    versions: Range
    why: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """A version that was released, and the day (ISO 8601), empty where no source names it."""

    version: Version
    date: str = ""


@dataclass(frozen=True, slots=True)
class EngineKnowledge:
    """All that is known about one engine, from `first` to `newest`; beyond `newest` nothing is assumed to pull.

    `checked` is the day (ISO 8601) on which that was last compared with its sources. `releases` are in order;
    `complete` is the range of versions in which none is missing, None where some may be. `registry_config` are the
    kinds of files that tell it where to ask for images, None where that is not known. `pull_commands` are what people
    type to pull, by client ("any": whatever it is), with {reference} for the image.
    """

    name: str
    title: str
    first: Version
    newest: Version
    aliases: tuple[str, ...]
    stores: tuple[str, ...]
    clients: tuple[str, ...]
    capabilities: Mapping[str, tuple[Capability, ...]]
    behaviours: Mapping[str, tuple[Behaviour, ...]]
    accepts: tuple[Accept, ...]
    gaps: tuple[Gap, ...]
    source: tuple[str, ...]
    checked: str = ""
    releases: tuple[Release, ...] = ()
    complete: Range | None = None
    registry_config: tuple[str, ...] | None = None
    pull_commands: Mapping[str, str] = field(default_factory=dict)

    def reads(self, kind: str) -> bool:
        """Whether files of this kind tell it where to ask; held to be so where that is not known."""
        return not kind or self.registry_config is None or kind in self.registry_config

    def pull_command(self, client: str, reference: Reference) -> str:
        """What to type on a host to pull an image; empty where no command is known for the client."""
        found = self.pull_commands.get(client) or self.pull_commands.get("any", "")
        return found.replace("{reference}", str(reference))

    @property
    def switches(self) -> frozenset[str]:
        """Every setting that changes what some version does."""
        needs = (entry.when | entry.switches for entries in self.capabilities.values() for entry in entries)
        rules = (entry.when for entries in self.behaviours.values() for entry in entries)
        return frozenset[str]().union(*needs, *rules)

    def before(self, version: Version) -> Release | None:
        """The last known release below `version`: the last one with what `version` lost."""
        return _before(self.releases, version)

    def unlisted(self, version: Version) -> str:
        """Why `version` is no release, with the nearest two; empty where it is one, or where the list may have holes.

        A pre-release counts as the release that it precedes.
        """
        listed = {release.version for release in self.releases}
        if self.complete is None or version not in self.complete or version.released in listed:
            return ""
        nearest = (_before(self.releases, version), _after(self.releases, version))
        names = " and ".join(str(release.version) for release in nearest if release)
        return f"{version} is no release of {self.title} known on {self.checked}; the nearest are {names}"


def _before(releases: tuple[Release, ...], version: Version) -> Release | None:
    return next((release for release in reversed(releases) if release.version < version), None)


def _after(releases: tuple[Release, ...], version: Version) -> Release | None:
    return next((release for release in releases if release.version > version), None)


class Delivery(StrEnum):
    """What a registry hands out."""

    AS_STORED = "as-stored"
    REFUSED = "refused"
    TO_SCHEMA1 = "to-schema1"  # the stored image, or the first linux/amd64 one of an index, rewritten
    TO_SCHEMA2 = "to-schema2"  # the stored OCI image, rewritten
    TO_CHILD = "to-child"  # the first linux/amd64 entry of the stored list, under the same rules
    UNKNOWN = "unknown"  # no source says; the message of the rule says what is not known


@dataclass(frozen=True, slots=True)
class DeliveryRule:
    """What a range of registry versions does with a request; the first rule that matches holds.

    `stored` are media types (empty: any), `ref` is "tag", "digest" or empty (any). `unless_accepted` is a media type:
    the rule holds for clients that do not ask for it; `unaccepted` says the same of the type that is stored, whichever
    it is, and `if_accepted` is a type that the client must ask for; `joined` means clients that put all types into one
    header line. `declared` limits the rule to documents that have
    a mediaType member, `written_by` to registries that ran such a version of the same software before the change that
    is judged. `cause` names the defect where the refusal is the registry's own; without it, the client's lack of the
    type is. `status` is 0 where no source names it; `message` may have {media_type} and {accepts}. `child_status` and
    `child_message` are the refusal of a child whose type the client does not ask for (0: it is handed out).
    `wrong_header`: the Docker-Content-Digest header is that of what is stored, not of what is sent.
    """

    action: Delivery
    versions: Range
    source: tuple[str, ...]
    stored: frozenset[str] = frozenset()
    ref: str = ""
    unless_accepted: str = ""
    if_accepted: str = ""
    unaccepted: bool = False
    joined: bool = False
    declared: bool = False
    written_by: Range | None = None
    status: int = 0
    message: str = ""
    child_status: int = 0
    child_message: str = ""
    cause: str = ""
    wrong_header: bool = False
    verified: str = "read"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A way in which a digest stops being pullable though nobody meant to delete the image.

    `explains` is the id of the cause that is then met, `text` a clause that says what happens and when. `untagged`:
    it happens to a digest because no tag leads to it any more.
    """

    explains: str
    text: str
    versions: Range
    source: tuple[str, ...]
    untagged: bool = False
    verified: str = "read"


# The version of what has none that a client could know: a hosted service, or software that is alike in all of them.
VERSIONLESS = Version((0, 0, 0), text="any version")


@dataclass(frozen=True, slots=True)
class RegistryKnowledge:
    """All that is known about one registry software or hosted service.

    `hosts` are patterns (`*` stands for anything) of hosts that run it, at its newest version. `first` and `newest`
    are VERSIONLESS where versions do not matter or cannot be known. `accept_known` is False where no source says
    whether it looks at the Accept header when it is asked for what the rules hand out as stored. `checked` and
    `releases` are as for engines.
    """

    name: str
    title: str
    first: Version
    newest: Version
    aliases: tuple[str, ...]
    rules: tuple[DeliveryRule, ...]
    source: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    lifetimes: tuple[Lifetime, ...] = ()
    stores: tuple[Stores, ...] = ()
    read_only: tuple[ReadOnly, ...] = ()
    accept_known: bool = True
    checked: str = ""
    releases: tuple[Release, ...] = ()

    @property
    def versionless(self) -> bool:
        """Whether its version neither matters nor can be known."""
        return self.newest == VERSIONLESS

    @property
    def span(self) -> str:
        """The versions that are known, for people: `2.0.0 to 3.1.1`."""
        return str(VERSIONLESS) if self.versionless else f"{self.first} to {self.newest}"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that assess knows about the world. `cause_of` maps a need to the id of the cause that its lack is."""

    engines: Mapping[str, EngineKnowledge]
    registries: Mapping[str, RegistryKnowledge]
    causes: Mapping[str, Cause]
    cause_of: Mapping[str, str]
    retirements: tuple[Retirement, ...] = ()

    def engine(self, name: str) -> EngineKnowledge | None:
        """The engine of that name or alias."""
        return self.engines.get(name) or next((e for e in self.engines.values() if name in e.aliases), None)

    def registry(self, name: str) -> RegistryKnowledge | None:
        """The registry software of that name or alias."""
        return self.registries.get(name) or next((r for r in self.registries.values() if name in r.aliases), None)

    def registry_at(self, host: str) -> RegistryKnowledge | None:
        """What runs at a host whose name alone tells; None for every other host."""
        return next((r for r in self.registries.values() if any(_is_at(host, p) for p in r.hosts)), None)

    def is_read_only(self, reference: Reference) -> bool:
        """Whether only the owner of the repository's registry or namespace pushes there."""
        places = (pattern for r in self.registries.values() for place in r.read_only for pattern in place.match)
        return any(_falls_under(reference, pattern) for pattern in places)

    def retirement(self, reference: Reference) -> Retirement | None:
        """The retirement that a reference falls under, the most exact one where several do."""
        matches = [(len(p), r) for r in self.retirements for p in r.match if _falls_under(reference, p)]
        return max(matches, key=lambda found: found[0], default=(0, None))[1]


def _falls_under(reference: Reference, pattern: str) -> bool:
    host, _, namespace = pattern.partition("/")
    return _is_at(reference.registry, host) and f"{reference.repository}/".startswith(namespace and f"{namespace}/")


def _is_at(host: str, pattern: str) -> bool:
    """Whether a host is meant by a pattern: engines keep K8S.gcr.io and ghcr.io:443 as written, and ask the same."""
    return fnmatchcase(host.lower().removesuffix(":443"), pattern.lower())
