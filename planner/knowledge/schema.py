"""The form of the TOML files. Unknown words are refused: a typing error must not hide a fact."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from planner.model.engine import parse_range, parse_version
from planner.model.knowledge import Delivery, Support
from planner.model.retirement import Ending


def _range(text: str) -> str:
    if parse_range(text).last:
        raise ValueError(
            "a range ends with < and the first version that is otherwise, since <= says nothing of what follows"
        )
    return text


def _date(text: str) -> str:
    if text and not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text, re.ASCII):
        raise ValueError(f"{text!r} is no date; write YEAR, YEAR-MONTH or YEAR-MONTH-DAY, such as 2025-03-18")
    return text


def _version(text: str) -> str:
    parse_version(text)
    return text


RangeText = Annotated[str, AfterValidator(_range)]
VersionText = Annotated[str, AfterValidator(_version)]
Sources = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]],
    Field(min_length=1),
]
# How a fact about a registry is known: by running it, from its source or documentation, from a public report, or not
# directly.
Evidence = Literal["ran", "read", "doc", "issue", "inferred"]
# ISO 8601, perhaps without day or month, empty where no date was named.
DateText = Annotated[str, AfterValidator(_date)]
DayText = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CapabilityTable(_Table):
    """One `[[need.ID]]` of an engine file."""

    versions: RangeText
    state: Support
    source: Sources
    store: str = ""
    client: str = ""
    ref: Literal["", "tag", "digest"] = ""
    scope: Literal["", "root", "child"] = ""
    when: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset()
    limit: int = 0
    message: str = ""
    gated_message: str = ""
    warning: str = ""
    note: str = ""
    verified: Literal["ran", "read", "inferred"] = "read"


class BehaviourTable(_Table):
    """One `[[behaviour.RULE]]` of an engine file."""

    versions: RangeText
    value: str
    source: Sources
    store: str = ""
    client: str = ""
    when: frozenset[str] = frozenset()


class AcceptTable(_Table):
    """One `[[accept]]` of an engine file."""

    versions: RangeText
    types: list[str]
    source: Sources
    store: str = ""
    joined: bool = False


class GapTable(_Table):
    """One `[[gap]]` of an engine file."""

    versions: RangeText
    why: str
    source: Sources


class RegistryConfigTable(_Table):
    """`[registry_config]` of an engine file: the kinds of files by which it asks elsewhere than references say."""

    files: list[Literal["registries.conf", "daemon.json", "hosts.toml"]]
    source: Sources


class PullTable(_Table):
    """`[pull]` of an engine file: what people type, by client ("any": whatever it is), with {reference}."""

    commands: dict[str, Annotated[str, Field(pattern=r"\{reference\}")]]
    source: Sources


class EngineEntries(_Table):
    """The entries of an engine file."""

    accept: list[AcceptTable] = []
    gap: list[GapTable] = []
    behaviour: dict[str, list[BehaviourTable]] = {}
    need: dict[str, list[CapabilityTable]] = {}


class EngineFile(EngineEntries):
    """A whole engine file."""

    name: str
    title: str
    first: VersionText
    newest: VersionText
    checked: DayText
    source: Sources
    aliases: list[str] = []
    stores: list[str] = []
    clients: list[str] = []
    registry_config: RegistryConfigTable | None = None
    pull: PullTable | None = None
    need: dict[str, list[CapabilityTable]]


class ExtensionFile(EngineEntries):
    """A file of the user's whose entries come before those of the engine `extends`, and which may raise `newest`."""

    extends: str
    checked: DayText
    source: Sources
    newest: VersionText | None = None


class ReleasesFile(_Table):
    """A list of releases. `complete` is the range of versions in which none is missing."""

    name: str
    source: Sources
    releases: dict[VersionText, DayText | Literal[""]]
    complete: RangeText | None = None


class RuleTable(_Table):
    """One `[[rule]]` of a registry file."""

    versions: RangeText
    action: Delivery
    source: Sources
    stored: frozenset[str] = frozenset()
    ref: Literal["", "tag", "digest"] = ""
    unless_accepted: str = ""
    if_accepted: str = ""
    unaccepted: bool = False
    joined: bool = False
    declared: bool = False
    written_by: RangeText = ""
    status: int = 0
    message: str = ""
    child_status: int = 0
    child_message: str = ""
    cause: str = ""
    wrong_header: bool = False
    verified: Evidence = "read"


class LifetimeTable(_Table):
    """One `[[lifetime]]` of a registry file."""

    versions: RangeText
    explains: str
    text: str
    source: Sources
    untagged: bool = False
    verified: Evidence = "read"


class StoresTable(_Table):
    """One `[[stores]]` of a registry file."""

    versions: RangeText
    source: Sources
    takes: bool = True
    types: frozenset[str] = frozenset()
    status: int = 0
    message: str = ""
    switch: str = ""
    verified: Evidence = "read"

    @model_validator(mode="after")
    def _answers_a_refusal(self) -> Self:
        if self.takes and (self.status or self.message or self.switch):
            raise ValueError("`status`, `message` and `switch` are of what is refused; write takes = false beside them")
        return self


class ReadOnlyTable(_Table):
    """One `[[read_only]]` of a registry file."""

    match: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
    source: Sources
    verified: Evidence = "read"


class RegistryFile(_Table):
    """A whole registry file. `first` and `newest` are both there, or neither: a service whose version is unknowable."""

    name: str
    title: str
    first: VersionText | None = None
    newest: VersionText | None = None
    checked: DayText
    source: Sources
    aliases: list[str] = []
    hosts: list[str] = []
    accept_known: bool = True
    rule: list[RuleTable]
    lifetime: list[LifetimeTable] = []
    stores: list[StoresTable] = []
    read_only: list[ReadOnlyTable] = []

    @model_validator(mode="after")
    def _versions_together(self) -> "RegistryFile":
        if (self.first is None) != (self.newest is None):
            raise ValueError("write both `first` and `newest`, or neither where its version cannot be known")
        return self


class RetiredTable(_Table):
    """One `[[retired]]` of retired.toml or of a file of the user's."""

    match: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
    ending: Ending
    effect: str
    source: Sources
    checked: DayText
    date: DateText = ""
    message: str = ""
    replacement: str = ""
    moved_to: str = ""
    verified: Evidence = "issue"


class RetiredFile(_Table):
    """The whole of retired.toml."""

    retired: list[RetiredTable]


class CauseTable(_Table):
    """One `[[cause]]` of causes.toml. `needs` are the needs whose lack is this cause; `message` needs a source."""

    id: str
    title: str
    explanation: str
    remedies: list[str]
    needs: list[str] = []
    message: str = ""
    source: list[str] = []

    @model_validator(mode="after")
    def _has_source(self) -> Self:
        if self.message and not self.source:
            raise ValueError("a message needs a source")
        return self


class CausesFile(_Table):
    """The whole of causes.toml."""

    cause: list[CauseTable]


class ShipsTable(_Table):
    """One `[[ships]]` of a platform file: one version, or the range `first` to `last` that its hosts may have."""

    releases: Annotated[list[str], Field(min_length=1)]
    engine: str
    source: Sources
    checked: DateText
    package: str = ""
    version: VersionText = ""
    first: VersionText = ""
    last: VersionText = ""
    stores: list[str] = []
    note: str = ""
    verified: Literal["ran", "read", "inferred"] = "read"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.first) != bool(self.last) or (self.version and self.first):
            raise ValueError("write either `version`, or `first` and `last`")
        if self.first and parse_version(self.first) > parse_version(self.last):
            raise ValueError("`first` is later than `last`")
        if not (self.version or self.first or self.note):
            raise ValueError("without a version, `note` must say why it is not known")
        return self


class PlatformFile(_Table):
    """A whole platform file. `ask` says what to declare where the platform does not tell."""

    name: str
    title: str
    ask: str
    source: Sources
    aliases: list[str] = []
    note: str = ""
    ships: list[ShipsTable] = []

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.ships or self.note):
            raise ValueError("without `ships`, `note` must say why nothing is known")
        return self


# The tables that a file may hold several of, by the first key that leads to them.
TABLES: dict[str, type[BaseModel]] = {
    "need": CapabilityTable,
    "behaviour": BehaviourTable,
    "accept": AcceptTable,
    "gap": GapTable,
    "rule": RuleTable,
    "lifetime": LifetimeTable,
    "stores": StoresTable,
    "read_only": ReadOnlyTable,
    "retired": RetiredTable,
    "ships": ShipsTable,
}
