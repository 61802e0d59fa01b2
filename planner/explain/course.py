"""The course of one engine: what its versions do with an image, from the oldest known to the newest, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from planner.assess.compare import Image, Pull, compare
from planner.assess.delivery import RegistryView
from planner.assess.engine_view import EngineView, view
from planner.assess.windows import boundaries
from planner.explain.phrases import release_numbers
from planner.explain.spans import span, spans
from planner.model.engine import Range, Version
from planner.model.finding import Outcome, Verdict
from planner.model.knowledge import Capability, EngineKnowledge, Knowledge, Support
from planner.model.platform import Platform

_GOOD = (Verdict.PULLS, Verdict.AT_RISK)
_HOW = {"read": "read in the source", "ran": "run"}


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring versions that do the same; `outcome` is that of the first."""

    versions: Range
    outcome: Outcome


class Course:
    """One engine with one store or client. Knowledge is narrowed once per version at which something changes."""

    def __init__(self, engine: EngineKnowledge, knowledge: Knowledge, store: str = "", client: str = "") -> None:
        self.engine = engine
        self.where = store or client
        self._cause_of = knowledge.cause_of
        self._views = [view(engine, version, store, client, frozenset()) for version in boundaries(engine)]

    @property
    def title(self) -> str:
        """The engine's title, with store or client."""
        return f"{self.engine.title}, {self.where}" if self.where else self.engine.title

    @property
    def starts(self) -> list[Version]:
        """The versions at which something may change, oldest first."""
        return [each.version for each in self._views]

    def outcomes(
        self, image: Image, platform: Platform, ref: str = "digest", registry: RegistryView | None = None
    ) -> list[Outcome]:
        """The outcome from each of `starts` up to the next. Without `registry`: from one that sends what it stores."""
        asked = registry or RegistryView("")
        return [compare(image, Pull(each, asked, platform, ref, self._cause_of)) for each in self._views]

    def runs(
        self, image: Image, platform: Platform, ref: str = "digest", registry: RegistryView | None = None
    ) -> list[Run]:
        """The same, with versions that do the same as one; without those in which the store or client did not exist."""
        ends = [*self.starts[1:], None]
        each = zip(self.starts, ends, self.outcomes(image, platform, ref, registry), strict=True)
        same = [list(group) for _, group in groupby(each, key=lambda one: _essence(one[2]))]
        return [
            Run(Range(group[0][0], group[-1][1]), group[0][2])
            for group in same
            if group[0][2].cause != "engine-unknown"
        ]

    def switch(self, image: Image, platform: Platform, at: int) -> frozenset[str]:
        """The settings with which the version at that place of `starts` pulls what it else refuses; empty if none."""
        found = self._views[at]
        for switches in _switches(found):
            with_it = view(found.engine, found.version, found.store, found.client, switches)
            pull = Pull(with_it, RegistryView(""), platform, "digest", self._cause_of)
            if compare(image, pull).verdict in _GOOD:
                return switches
        return frozenset()

    def text(self, versions: Range) -> str:
        """A range of versions in words."""
        return span(versions, self.engine.first, self.engine.newest, release_numbers(self.engine))

    def pulls(self, runs: list[Run]) -> str:
        """The ranges that pull, in words; empty if none does."""
        good = [run.versions for run in runs if run.outcome.verdict in _GOOD and not run.outcome.hollow]
        return spans(good, self.engine.first, self.engine.newest, release_numbers(self.engine))

    def unknown(self, runs: list[Run]) -> str:
        """The ranges of which it is not known whether they pull, in words; empty if there is none."""
        unsure = [run.versions for run in runs if run.outcome.verdict is Verdict.UNKNOWN]
        return spans(unsure, self.engine.first, self.engine.newest, release_numbers(self.engine))

    def lifted(self, run: Run, before: Outcome) -> Iterator[str]:
        """Why what was refused until this run is not any more: the needs that its first version meets."""
        for need, entries in self.engine.capabilities.items():
            if self._cause_of.get(need) != before.cause:
                continue
            for entry in entries:
                if entry.versions.low == run.versions.low and self._is_about(entry):
                    how = _HOW.get(entry.verified, entry.verified)
                    yield f"{need} is {entry.state} in {entry.versions} ({how}: {'; '.join(entry.source)})"
                    return

    def _is_about(self, entry: Capability) -> bool:
        is_here = (entry.store or entry.client) in ("", self.where)
        return is_here and entry.state in (Support.SUPPORTED, Support.DEPRECATED) and entry.ref != "tag"


def courses(knowledge: Knowledge, only: str = "") -> list[Course]:
    """A course for each engine (or the one named `only`) and each of its stores or clients."""
    return [
        Course(engine, knowledge, store, client)
        for engine in knowledge.engines.values()
        if only in ("", engine.name)
        for store in engine.stores or ("",)
        for client in engine.clients or ("",)
    ]


def _essence(outcome: Outcome) -> tuple[str, str, str, bool]:
    return outcome.verdict, outcome.cause, outcome.message, outcome.hollow


def _switches(found: EngineView) -> list[frozenset[str]]:
    """Sets of switches that something in this version is off without."""
    entries = [
        entry
        for entries in found.engine.capabilities.values()
        for entry in entries
        if entry.state is Support.SWITCHED_OFF and found.version in entry.versions and entry.store in ("", found.store)
    ]
    return sorted({entry.switches for entry in entries if entry.switches}, key=sorted)
