"""What became of findings between two reports of one tree."""

from dataclasses import dataclass
from enum import StrEnum

from planner.model.finding import Verdict
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence


class Status(StrEnum):
    """What became of one thing that is wrong with one reference, the most urgent first."""

    NEW = "new"
    UNKNOWN = "newly-unknown"  # could not be checked this time; it is not fixed, whatever it was
    OPEN = "still-open"
    SUPPRESSED = "suppressed"  # counted then, accepted by somebody now
    FIXED = "fixed"  # or gone: see Change.gone


@dataclass(frozen=True, slots=True)
class Change:
    """One reference with one cause and verdict, and the moments at which this status is so.

    `occurrence` is that of the newer report, of what is gone that of the older one. `hosts` are those that meet it
    (FIXED: that met it; empty: whatever the engine), `more_hosts` those of them that did not meet it before.
    `findings` are ids in the report that the occurrence is from. `was` is what was wrong with the reference instead, as
    verdicts with causes. `gone` is "reference" or "hosts" where nothing was mended, but what it was about is not there.
    """

    status: Status
    occurrence: Occurrence
    verdict: Verdict
    cause: str
    title: str
    moments: tuple[Moment, ...]
    hosts: tuple[str, ...] = ()
    more_hosts: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    was: tuple[tuple[Verdict, str], ...] = ()
    gone: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the two reports: what it is called, what it is of, and when and by which planner it was made."""

    name: str
    root: str
    started: str
    version: str


@dataclass(frozen=True, slots=True)
class Since:
    """The changes from `old` to `new`, the most urgent first. `warnings` are reasons to doubt the comparison."""

    old: Compared
    new: Compared
    changes: tuple[Change, ...]
    warnings: tuple[str, ...] = ()

    def of(self, status: Status) -> tuple[Change, ...]:
        """The changes of one status."""
        return tuple(change for change in self.changes if change.status is status)

    @property
    def fresh(self) -> tuple[Change, ...]:
        """What `--fail-on-new` looks at: what is new, and what is newly unknown."""
        return tuple(change for change in self.changes if change.status in (Status.NEW, Status.UNKNOWN))
