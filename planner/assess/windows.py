"""Version windows: for one image, the versions of an engine that pull it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from planner.assess.compare import BY_TYPE_ALONE, Image, Pull, compare
from planner.assess.delivery import RegistryView
from planner.assess.engine_view import EngineView, view
from planner.model.engine import Range, Version
from planner.model.finding import Outcome, Verdict
from planner.model.knowledge import EngineKnowledge, Knowledge
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.report import Window
from planner.model.resolution import State

_GOOD = (Verdict.PULLS, Verdict.AT_RISK)
_OF_THE_PLATFORM = ("no-matching-platform", "amd64-level", "windows-build", "other-platform", "not-checked")


class Chart:
    """The windows of images over one engine, store and client; knowledge is narrowed once per boundary version."""

    def __init__(self, engine: EngineKnowledge, cause_of: Mapping[str, str], store: str = "", client: str = "") -> None:
        self.engine = engine
        self.where = store or client
        self._cause_of = cause_of
        self._views: list[EngineView] = [view(engine, v, store, client, frozenset()) for v in boundaries(engine)]
        self._known: dict[tuple[Image, Platform], tuple[str, ...]] = {}

    def outcomes(self, image: Image, platform: Platform) -> list[tuple[Version, Outcome]]:
        """The outcome from each boundary version up to the next, by digest, if the registry sends what it stores."""
        registry = RegistryView("")
        pulls = (Pull(v, registry, platform, "digest", self._cause_of) for v in self._views)
        return [(pull.view.version, compare(image, pull)) for pull in pulls]

    def pulls(self, image: Image, platform: Platform) -> tuple[str, ...]:
        """The ranges in which the image pulls, oldest first; deprecated counts as pulling, hollow does not."""
        if (image, platform) not in self._known:
            self._known[image, platform] = tuple(_ranges(self.outcomes(image, platform), self.engine.newest))
        return self._known[image, platform]


def charts(knowledge: Knowledge) -> list[Chart]:
    """One chart for each engine and each of its stores or clients."""
    return [
        Chart(engine, knowledge.cause_of, store, client)
        for engine in knowledge.engines.values()
        for store in engine.stores or ("",)
        for client in engine.clients or ("",)
    ]


def nowhere(image: Image, platform: Platform, every: Sequence[Chart]) -> Outcome | None:
    """The mildest outcome among the newest versions, where no known version of any engine pulls; None where one does.

    A platform that the image does not have is `unknown`: it was assumed, no host asked for it.
    """
    if image.state is State.TYPE_ONLY:
        return BY_TYPE_ALONE
    plain = Image(image.shape, image.state)
    if any(chart.pulls(plain, platform) for chart in every):
        return None
    newest = (chart.outcomes(plain, platform)[-1][1] for chart in every)
    mildest = min(newest, key=lambda outcome: outcome.verdict.severity)
    if mildest.cause in _OF_THE_PLATFORM:
        return Outcome(Verdict.UNKNOWN, mildest.cause, "", (f"no host is declared, so {platform} was assumed",))
    return mildest


def windows(images: Mapping[Reference, Image], platform: Platform, every: Sequence[Chart]) -> Iterator[Window]:
    """For each resolved digest the versions of every engine that pull it, however a reference spells it."""
    by_digest = {
        ref.digest: Image(image.shape, image.state)
        for ref, image in images.items()
        if ref.digest and image.state is State.RESOLVED
    }
    known: dict[Image, list[tuple[str, str, tuple[str, ...]]]] = {}
    for digest, image in by_digest.items():
        if image not in known:
            known[image] = [(chart.engine.name, chart.where, chart.pulls(image, platform)) for chart in every]
        yield from (Window(digest, *each) for each in known[image])


def boundaries(engine: EngineKnowledge) -> list[Version]:
    """Every version at which something changes, from the first release known."""
    entries = [
        *(entry.versions for entries in engine.capabilities.values() for entry in entries),
        *(entry.versions for entries in engine.behaviours.values() for entry in entries),
        *(accept.versions for accept in engine.accepts),
    ]
    bounds = {bound for versions in entries for bound in (versions.low, versions.high) if bound}
    return sorted({engine.first} | {b for b in bounds if engine.first < b <= engine.newest})


def _ranges(outcomes: list[tuple[Version, Outcome]], newest: Version) -> Iterable[str]:
    start: Version | None = None
    for version, outcome in outcomes:
        if outcome.verdict in _GOOD and not outcome.hollow:
            start = start or version
        elif start:
            yield str(Range(start, version))
            start = None
    if start:
        yield str(Range(start, last=newest))
