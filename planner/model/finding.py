"""Findings: an occurrence, the hosts that pull it, a moment, and what will happen."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from planner.model.engine import Software, Version
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform
from planner.model.route import Route
from planner.model.suppression import Suppression


class Verdict(StrEnum):
    """What happens to a pull. `unknown` is never folded into `pulls`."""

    PULLS = "pulls"
    AT_RISK = "at-risk"  # works, but deprecated, behind a switch, only while cached, or gives nothing that runs
    UNKNOWN = "unknown"  # could not be checked
    BREAKS = "breaks"

    @property
    def severity(self) -> int:
        """0 for pulls up to 3 for breaks."""
        return _SEVERITY[self]


# Looked up for every pull of every host, hence no search.
_SEVERITY = {verdict: severity for severity, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class HostGroup:
    """Hosts that share everything a verdict depends on. `hosts` are their names in the order of declaration.

    `engine_may` and `target_may` are the versions with stores that the hosts may have as well, where it is not known
    which: one for each run of versions that behave alike. `route` says where they ask, None: where the reference says.
    """

    engine: Software
    target: Software | None
    store: str
    target_store: str
    client: str
    switches: frozenset[str]
    platform: Platform
    hosts: tuple[str, ...]
    engine_may: tuple[tuple[Version, str], ...] = ()
    target_may: tuple[tuple[Version, str], ...] = ()
    route: Route | None = None

    def may(self, moment: Moment) -> tuple[tuple[Version, str], ...]:
        """Versions and stores that its hosts may have at that moment instead of those of `at`."""
        return self.target_may if moment is Moment.AFTER and self.target else self.engine_may

    def at(self, moment: Moment) -> tuple[Software, str]:
        """Engine and store at that moment."""
        if moment is Moment.AFTER and self.target:
            return self.target, self.target_store
        return self.engine, self.store

    @property
    def label(self) -> str:
        """Short words for a table: engine, versions, store or client."""
        change = f" → {self.target}" if self.target else ""
        where = " ".join(word for word in (self.store, self.client) if word)
        return f"{self.engine}{change}" + (f" ({where})" if where else "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one engine does with one image: verdict, cause id (empty if it pulls), the engine's words, and why.

    `hollow`: the pull reports success, but gives nothing that runs on the host.
    """

    verdict: Verdict
    cause: str = ""
    message: str = ""
    evidence: tuple[str, ...] = ()
    hollow: bool = False


PULLS = Outcome(Verdict.PULLS)


@dataclass(frozen=True, slots=True)
class Finding:
    """An outcome other than `pulls` at a place, for the hosts of one group that run it.

    `group` is None and `hosts` empty where no host is declared, or where the outcome holds whatever the engine.
    `remedies` are sentences, the best first. `suppression` says who accepts it, None: nobody does, it counts.
    """

    occurrence: Occurrence
    moment: Moment
    outcome: Outcome
    group: HostGroup | None = None
    hosts: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    suppression: Suppression | None = None

    @property
    def verdict(self) -> Verdict:
        """The outcome's verdict."""
        return self.outcome.verdict

    @property
    def id(self) -> str:
        """Twelve hex digits, the first of them `f`, stable between runs while occurrence, hosts, moment and cause stay.

        The letter keeps spreadsheets from reading an id such as 12345e678901 as a number.
        """
        words = (self.occurrence.id, self.moment, self.outcome.cause, *self.hosts)
        return "f" + hashlib.sha256("\0".join(words).encode()).hexdigest()[:11]
