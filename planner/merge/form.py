"""The form of a JSON report (schema_version 1) as it is read. Imported only to merge: pydantic takes long to start.

Unknown members are left out: a newer planner may add some. Those with a default came later, so older reports lack them.
"""

from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, FailFast, Field

from planner.model.finding import Verdict
from planner.model.moment import Moment

# No file has more lines, and no list more entries.
_MOST = 2**31
_MOST_CAUSES = 10_000
# What to do with a file that is no report.
AGAIN = "write it again with planner scan -o FILE.json"
T = TypeVar("T")
# Given up at the first entry that is wrong: there may be millions.
Many = Annotated[list[T], FailFast()]
Place = Annotated[int, Field(ge=0, lt=_MOST)]
Count = Annotated[int, Field(ge=0, lt=_MOST)]


class NotAReportError(ValueError):
    """The text is no JSON report that this planner reads; the message says why, and what to do."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class OccurrenceForm(_Form):
    """See model.occurrence."""

    id: str
    file: str
    line: Place
    column: Place
    format: str
    role: str
    name: str
    raw: str
    registry: str
    repository: str
    tag: str | None
    digest: str | None
    platform: str | None
    used_in: str | None = None
    used_at: Many[Place] = []
    excerpt: str = ""
    confidence: Literal["parsed", "text"] = "parsed"


class ResolutionForm(_Form):
    """See model.resolution. A state that this planner does not know is a failure to it."""

    reference: str
    state: str
    media_type: str | None
    platforms: Many[str]
    source: str = ""
    digest: str | None = None
    content_type: str | None = None
    detail: str = ""
    fetched_at: str | None = None


class HostForm(_Form):
    """See model.host. `store`, `target_store` and `client` are those of its group, defaults filled in."""

    name: str
    engine: str
    version: str | None
    target_version: str | None
    store: str | None
    platform: str
    declared: str = ""
    declared_target: str | None = None
    target_engine: str | None = None
    target_store: str | None = None
    client: str | None = None
    switches: Many[str] = []
    runs: Many[str] = []
    source: str = ""
    version_origin: str | None = None
    target_version_origin: str | None = None
    registry_config: Many[str] = []
    group: Count | None = None


class RegistryForm(_Form):
    """See model.host."""

    host: str
    software: str | None
    target: str | None
    insecure: bool


class SuppressionForm(_Form):
    """See model.suppression."""

    file: str
    line: Place | None
    reason: str
    owner: str
    expires: Annotated[date | None, Field(strict=False)]


class FindingForm(_Form):
    """See model.finding. `occurrence` is an id, `hosts` are names."""

    occurrence: str
    hosts: Many[str]
    moment: Annotated[Moment, Field(strict=False)]
    verdict: Annotated[Verdict, Field(strict=False)]
    cause: str | None
    message: str
    evidence: Many[str]
    remedies: Many[str]
    suppression: SuppressionForm | None = None


class WindowForm(_Form):
    """See model.report."""

    digest: str
    engine: str
    store: str
    pulls: Many[str]


class ProblemForm(_Form):
    """See model.source. Exactly one of the first four says what it is about."""

    file: str | None = None
    reference: str | None = None
    host: str | None = None
    registry: str | None = None
    kind: str
    text: str
    line: Place = 0
    column: Place = 0


class CauseForm(_Form):
    """See model.report."""

    title: str
    explanation: str


class PartForm(_Form):
    """See model.report."""

    name: str
    root: str
    version: str
    started: str
    resolver: str
    files_seen: Count


class ProvenanceForm(_Form):
    """See model.report."""

    version: str
    started: str
    resolver: str
    files_seen: Count
    knowledge: Many[str] = []
    accept: Many[str] = []
    reports: Many[PartForm] = []


class SummaryForm(_Form):
    """All other numbers follow from the rest."""

    root: str


def _few(value: object) -> object:
    """Refuse a table that nobody wrote before every entry of it is complained of; pydantic counts afterwards."""
    if isinstance(value, dict) and len(value) > _MOST_CAUSES:
        raise ValueError(f"should have at most {_MOST_CAUSES:,} entries")
    return value


class ReportForm(_Form):
    """The whole document."""

    schema_version: Literal[1]
    summary: SummaryForm
    occurrences: Many[OccurrenceForm]
    resolutions: Many[ResolutionForm]
    hosts: Many[HostForm]
    registries: Many[RegistryForm] = []
    findings: Many[FindingForm]
    windows: Many[WindowForm]
    problems: Many[ProblemForm]
    causes: Annotated[dict[str, CauseForm], BeforeValidator(_few)]
    provenance: ProvenanceForm
