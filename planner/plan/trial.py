"""Trials: what assess says of a unit at a stop that pulls an option, with every registry at one of its stops."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from planner.assess.compare import Image
from planner.assess.delivery import RegistryView
from planner.assess.judge import Judge, image_of
from planner.model.finding import HostGroup, Outcome, Verdict
from planner.model.host import Registry
from planner.model.knowledge import Knowledge
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution

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

    def moving(self, group: HostGroup, reference: Reference) -> tuple[str, ...]:
        """The registries with more than one stop that the group asks for a reference."""
        if group.route is None:
            return (reference.registry,) if len(self._stops.get(reference.registry, ())) > 1 else ()
        course = group.route.course(reference)
        hosts = {each.registry for each in course.questions()} if course else {reference.registry}
        return tuple(sorted(host for host in hosts if len(self._stops.get(host, ())) > 1))

    def key(self, reference: Reference, *, routed: bool) -> object:
        """References of one key are judged alike by everybody; `routed`: by hosts that are told where to ask."""
        known = reference.registry in self._stops or self._knowledge.registry_at(reference.registry)
        where = reference.registry if known else ""
        return reference if routed else (self._image(reference)[1], where)

    def registry(self, host: str, stage: Stage) -> RegistryView:
        """What is known of a registry at a stage."""
        return self._judge(stage).registry(host, Moment.AFTER)[0]

    def source(self, reference: Reference) -> Resolution | None:
        """What a registry has under a reference, if that was asked."""
        return self._resolutions.get(asked(reference))

    def outcome(
        self, group: HostGroup, occurrence: Occurrence, reference: Reference, platform: Platform | None, stage: Stage
    ) -> Outcome:
        """What becomes of the pull; an occurrence stands for where it is written, `reference` is what is pulled."""
        image, number = self._image(reference)
        there = replace(occurrence, reference=reference, platform=platform)
        return self._judge(stage).outcome(there, image, number, self._number[group], Moment.AFTER)

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
