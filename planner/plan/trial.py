"""Trials: what assess says of a unit at a stop that pulls an option, with every registry at one of its stops."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from planner.assess.compare import Image
from planner.assess.delivery import Refused, RegistryView, deliver
from planner.assess.engine_view import ANYTHING
from planner.assess.judge import Judge, image_of
from planner.assess.lasting import retired
from planner.assess.shape import shape_of
from planner.assess.storing import storable
from planner.model import media_type as mt
from planner.model.finding import HostGroup, Outcome, Verdict
from planner.model.host import Registry
from planner.model.knowledge import Knowledge
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution, State
from planner.plan.fleet import Way
from planner.plan.options import Option

# What is not known of the hosts or registries themselves is no reason to prefer one digest to another.
_NOT_UNDERSTOOD = ("engine-unknown", "registry-unknown")
# For each registry on the move the number of its stop.
Stage = tuple[tuple[str, int], ...]


class Trials:
    """Outcomes for one run; what is asked twice is answered from memory.

    `groups` are all groups that will be tried, each at one version. `stops` are those of every registry, by host, as
    `bridges.registry_stops` has them.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        groups: Sequence[HostGroup],
        stops: Mapping[str, Sequence[Registry]],
        resolutions: Mapping[Reference, Resolution],
    ) -> None:
        self._knowledge = knowledge
        self._groups = groups
        self._stops = stops
        self._resolutions = resolutions
        self._number = {group: number for number, group in enumerate(groups)}
        self._judges: dict[Stage, Judge] = {}
        self._images: dict[Reference, tuple[Image, int]] = {}
        self._numbers: dict[Image, int] = {}
        self._ends: dict[Reference, Outcome | None] = {}
        self._told: dict[str, bool] = {}

    def moving(self, group: HostGroup, reference: Reference) -> tuple[str, ...]:
        """The registries with more than one stop that the group asks for a reference."""
        if group.route is None:
            return (reference.registry,) if len(self._stops.get(reference.registry, ())) > 1 else ()
        course = group.route.course(reference)
        hosts = {each.registry for each in course.questions()} if course else {reference.registry}
        return tuple(sorted(host for host in hosts if len(self._stops.get(host, ())) > 1))

    def key(self, reference: Reference, *, routed: bool) -> object:
        """References of one key are judged alike by everybody; `routed`: by hosts that are told where to ask."""
        where = reference.registry if self._is_told(reference.registry) else ""
        return reference if routed else (self._image(reference)[1], where, self._closed(reference) is not None)

    def _is_told(self, registry: str) -> bool:
        """Whether it is known what a registry runs, by declaration or by its name."""
        if registry not in self._told:
            self._told[registry] = registry in self._stops or self._knowledge.registry_at(registry) is not None
        return self._told[registry]

    def registry(self, host: str, stage: Stage) -> RegistryView:
        """What is known of a registry at a stage."""
        return self._judge(stage).registry(host, Moment.AFTER)[0]

    def source(self, reference: Reference) -> Resolution | None:
        """What a registry has under a reference, if that was asked."""
        return self._resolutions.get(asked(reference))

    def outcome(
        self, group: HostGroup, occurrence: Occurrence, reference: Reference, way: Way, stage: Stage
    ) -> Outcome:
        """What becomes of the pull; an occurrence stands for where it is written, `reference` is what is pulled."""
        if reference.digest:  # which tag stands beside it changes nothing, that one does may
            reference = replace(reference, tag=(reference.tag or "latest") if way.is_tagged else None)
        image, number = self._image(reference)
        there = replace(occurrence, reference=reference, platform=way.platform)
        judge, index = self._judge(stage), self._number[group]
        outcome, closed = judge.outcome(there, image, number, index, Moment.AFTER), self._closed(reference)
        return closed if closed and judge.course(reference, index) is None else outcome

    def _closed(self, reference: Reference) -> Outcome | None:
        """That it breaks for everybody who asks the registry, which is retired; None where it is not, or still answers.

        An end that is announced counts as past: a plan is for what comes.
        """
        if reference not in self._ends:
            retirement, found = self._knowledge.retirement(reference), self.source(reference)
            outcome = retired(retirement, found.state if found else State.NOT_RECORDED, None) if retirement else None
            self._ends[reference] = outcome if outcome and outcome.verdict is Verdict.BREAKS else None
        return self._ends[reference]

    def _image(self, reference: Reference) -> tuple[Image, int]:
        if reference not in self._images:
            image = image_of(reference, self._resolutions.get(asked(reference)))
            self._images[reference] = image, self._numbers.setdefault(image, len(self._numbers))
        return self._images[reference]

    def _judge(self, stage: Stage) -> Judge:
        if stage not in self._judges:
            at = dict(stage)
            registries = [stops[at.get(host, 0)] for host, stops in self._stops.items()]
            self._judges[stage] = Judge(self._knowledge, self._groups, registries, self._resolutions)
        return self._judges[stage]


def works(outcome: Outcome) -> bool:
    """Whether the pull gives something that runs."""
    return outcome.verdict in (Verdict.PULLS, Verdict.AT_RISK) and not outcome.hollow


def is_unknown(outcome: Outcome) -> bool:
    """Whether nobody can tell."""
    return outcome.verdict is Verdict.UNKNOWN


def can_copy(option: Option, trials: Trials, stage: Stage) -> bool:
    """Whether a conversion can be made with the registries as they are at `stage`, as far as is known."""
    conversion, copy = option.conversion, option.resolution
    if conversion is None or copy is None:
        return False
    there = trials.registry(conversion.destination.registry, stage)
    if storable(there, copy.media_type) is False:
        return False
    source = trials.source(conversion.source)
    shape = shape_of(source) if source else None
    here = trials.registry(conversion.source.registry, stage)
    return shape is not None and not isinstance(deliver(shape, here, "digest", frozenset({ANYTHING})), Refused)


def doubt_of_copy(option: Option, trials: Trials, stage: Stage) -> str:
    """Why nobody knows whether a registry stores a conversion's form, as a sentence; empty where it is known to.

    Every registry that is known stores schema 2 and manifest lists, so that these need no proof. What a registry has
    already, it stores.
    """
    conversion, copy = option.conversion, option.resolution
    if conversion is None or copy is None or copy.media_type in (mt.SCHEMA2, mt.MANIFEST_LIST):
        return ""
    host, source = conversion.destination.registry, trials.source(conversion.source)
    there = set[str]()
    if source and source.manifest and conversion.source.registry == host:
        there = {source.media_type, *(entry.media_type for entry in source.manifest.entries)}
    if copy.media_type in there or storable(trials.registry(host, stage), copy.media_type) is not None:
        return ""
    kind = mt.TITLES.get(copy.media_type, copy.media_type)
    return f"nobody knows whether {host} stores a {kind}: declare what it runs with [[registries]], or try it first"


def holds(outcome: Outcome, original: Outcome, *, is_original: bool) -> bool:
    """Whether a pull keeps the rule: it works or, of the pin as it is, might; a change has to be proven."""
    if is_original:
        return outcome.verdict is not Verdict.BREAKS and not outcome.hollow
    if is_unknown(outcome) and is_unknown(original):
        return original.cause in _NOT_UNDERSTOOD and outcome.cause in _NOT_UNDERSTOOD
    return works(outcome)
