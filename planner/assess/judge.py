"""The judge: one class of hosts, one image, one moment. What is asked twice is answered from memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from planner.assess.any_of import any_of
from planner.assess.compare import Image, Pull, compare, refusal, unsure
from planner.assess.delivery import Refused, RegistryView, Unsure, deliver, released_registry
from planner.assess.engine_view import (
    ANYTHING,
    EngineView,
    released_view,
    view,
    why_misplaced,
    why_unknown,
)
from planner.assess.needs import answer_needs
from planner.assess.routes import BLOCKED, Stop, follow, stop_at, told
from planner.assess.shape import shape_of
from planner.knowledge.near import nearest
from planner.model.finding import HostGroup, Outcome, Verdict
from planner.model.host import Registry
from planner.model.knowledge import Knowledge, Support
from planner.model.moment import Moment
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference
from planner.model.report import asked
from planner.model.resolution import Resolution, State
from planner.model.route import Course, Endpoint
from planner.model.source import Problem


def image_of(reference: Reference, resolution: Resolution | None) -> Image:
    """What of a reference and its resolution can change a verdict."""
    needs = []
    if reference.digest:
        needs.append("pull-by-digest")
        if reference.tag:
            needs.append("tag-and-digest")
        if not reference.digest.startswith("sha256:"):
            needs.append("digest-not-sha256")
    if resolution is None:
        return Image(None, State.NOT_RECORDED, tuple(needs))
    needs.extend(answer_needs(resolution))
    return Image(shape_of(resolution), resolution.state, tuple(needs))


def whatever_the_engine(image: Image) -> Outcome | None:
    """The outcome where no engine could change it, None where the engine decides."""
    match image.state:
        case State.RESOLVED:
            return None
        case State.TYPE_ONLY if image.shape:
            return None
        case State.MISSING:
            return Outcome(Verdict.BREAKS, "digest-missing" if "pull-by-digest" in image.needs else "tag-missing")
        case State.MISMATCH:
            return Outcome(Verdict.BREAKS, "digest-mismatch")
        case _:
            return Outcome(Verdict.UNKNOWN, "not-checked")


class Judge:
    """Outcomes for the groups of one run. `resolutions` are for the groups that ask elsewhere than references say."""

    def __init__(
        self,
        knowledge: Knowledge,
        groups: Sequence[HostGroup],
        registries: Sequence[Registry],
        resolutions: Mapping[Reference, Resolution] = MappingProxyType({}),
    ) -> None:
        self._knowledge = knowledge
        self._groups = groups
        self._registries = {registry.host: registry for registry in registries}
        self._views: dict[tuple[int, Moment], EngineView | str] = {}
        self._may: dict[tuple[int, Moment], list[EngineView]] = {}
        self._found: dict[tuple[str, Moment], tuple[RegistryView, str]] = {}
        self._numbers: dict[Image, int] = {}
        self._outcomes: dict[tuple[object, ...], Outcome] = {}
        self._resolutions = resolutions
        self._courses: dict[tuple[Reference, int], Course | None] = {}
        self._stops: dict[Course, tuple[Stop, ...]] = {}

    def number(self, image: Image) -> int:
        """A small number for the image: equal images share it, and it is quicker to look up than the image."""
        return self._numbers.setdefault(image, len(self._numbers))

    def moments(self, reference: Reference, index: int) -> tuple[Moment, ...]:
        """The moments that differ for a group and a reference: `after` only where a change is planned."""
        planned = self._groups[index].target is not None
        if not planned and self._registries:
            course = self.course(reference, index)
            hosts = [each.registry for each in course.questions()] if course else [reference.registry]
            planned = any(each and each.target for each in map(self._registries.get, hosts))
        return (Moment.NOW, Moment.AFTER) if planned else (Moment.NOW,)

    def course(self, reference: Reference, index: int) -> Course | None:
        """Where a group asks for a reference, None where it asks the registry that the reference names."""
        route = self._groups[index].route
        if route is None:
            return None
        if (reference, index) not in self._courses:
            self._courses[reference, index] = route.course(reference)
        return self._courses[reference, index]

    def outcome(self, occurrence: Occurrence, image: Image, number: int, index: int, moment: Moment) -> Outcome:
        """What the group at `index` does at `moment`; `number` is that of the image."""
        host = occurrence.reference.registry
        is_known = host in self._registries or self.registry(host, moment)[0].knowledge
        course = self.course(occurrence.reference, index)
        what = occurrence.reference if course else number
        key = (what, index, moment, occurrence.platform, host if is_known else "")
        known = self._outcomes.get(key)
        if known is None:
            found = self._view(index, moment)
            if course and (why := self._forgets(index, moment)):
                self._outcomes[key] = Outcome(Verdict.UNKNOWN, "not-checked", "", (why,))
                return self._outcomes[key]
            known = self._settle(occurrence, course or image, index, moment, found)
            if isinstance(found, EngineView) and (others := self._others(found, index, moment)):
                also = ((each, self._settle(occurrence, course or image, index, moment, each)) for each in others)
                known = any_of([(found, known), *also])
            if course:
                known = told(known, occurrence.reference, course, self._along(course))
            self._outcomes[key] = known
        return known

    def _forgets(self, index: int, moment: Moment) -> str:
        """Why it is not known where a group asks at that moment: its engine then reads files of another kind."""
        group = self._groups[index]
        engine = self._knowledge.engine(group.at(moment)[0].name)
        if group.route is None or engine is None or engine.reads(group.route.kind):
            return ""
        files, reads = ", ".join(group.route.files), " and ".join(engine.registry_config or ()) or "none of its kind"
        return f"{engine.title} reads {reads}, not {files}: where it asks for this after the upgrade is not known"

    def _settle(
        self, occurrence: Occurrence, what: Course | Image, index: int, moment: Moment, found: EngineView | str
    ) -> Outcome:
        """The outcome for an image, or for what is met on the course of a group that is told where to ask."""
        if isinstance(what, Image):
            return self._judge(occurrence, what, index, moment, found)

        def judge(stop: Stop) -> Outcome:
            there = replace(occurrence, reference=stop.endpoint.reference or occurrence.reference)
            return self._judge(there, stop.image or image_of(there.reference, None), index, moment, found)

        def refuses(stop: Stop) -> bool:
            if not (stop.image and stop.image.shape and stop.endpoint.reference):
                return False
            accept, joined = (found.accept, found.joined) if isinstance(found, EngineView) else ({ANYTHING}, False)
            known, _ = self.registry(stop.endpoint.reference.registry, moment)
            kind = _kind(stop.endpoint.reference)
            return isinstance(deliver(stop.image.shape, known, kind, frozenset(accept), joined), Refused)

        by_digest = occurrence.reference.digest is not None
        return follow(self._along(what), by_digest, judge, refuses, self._knowledge.causes[BLOCKED])

    def _along(self, course: Course) -> tuple[Stop, ...]:
        """What the registries on the course answered."""
        if course not in self._stops:
            self._stops[course] = tuple(self._stop(endpoint) for endpoint in course.endpoints)
        return self._stops[course]

    def _stop(self, endpoint: Endpoint) -> Stop:
        reference = endpoint.asked
        resolution = self._resolutions.get(asked(reference)) if reference else None
        return stop_at(endpoint, image_of(reference, resolution) if reference else None, resolution)

    def _others(self, found: EngineView, index: int, moment: Moment) -> list[EngineView]:
        """What the hosts of a group may have as well, where the version or the store is not known."""
        if (index, moment) not in self._may:
            self._may[index, moment] = [
                view(found.engine, version, store, found.client, found.switches)
                for version, store in self._groups[index].may(moment)
            ]
        return self._may[index, moment]

    def anywhere(self, reference: Reference, image: Image) -> Iterator[tuple[Moment, Outcome]]:
        """What holds whatever the engine: what the registry does not have, or will not hand out to anybody."""
        if outcome := whatever_the_engine(image):
            yield Moment.NOW, with_reasons(outcome, image.state, self.registry(reference.registry, Moment.NOW)[0])
        elif image.shape:
            for moment in self.changes(reference.registry):
                known, why = self.registry(reference.registry, moment)
                match deliver(image.shape, known, _kind(reference), frozenset({ANYTHING})):
                    case _ if why:
                        yield moment, Outcome(Verdict.UNKNOWN, "registry-unknown", "", (why,))
                    case Refused() as found:
                        yield moment, refusal(found, known)
                    case Unsure() as found:
                        yield moment, unsure(found, known)

    def changes(self, host: str) -> tuple[Moment, ...]:
        """The moments at which a registry differs, whatever the engines."""
        declared = self._registries.get(host)
        return _moments(declared) if declared else (Moment.NOW,)

    def _judge(
        self, occurrence: Occurrence, image: Image, index: int, moment: Moment, found: EngineView | str
    ) -> Outcome:
        registry, why = self.registry(occurrence.reference.registry, moment)
        if isinstance(found, str):
            general = whatever_the_engine(image)
            if general:
                return with_reasons(general, image.state, registry)
            return self._beyond(occurrence, image, index, moment, found)
        outcome = with_reasons(compare(image, self._pull(occurrence, found, registry, index)), image.state, registry)
        if why and outcome.verdict is not Verdict.BREAKS:
            return Outcome(Verdict.UNKNOWN, "registry-unknown", "", (why,))
        later = (released_view(found), released_registry(registry))
        if later[0] is found and later[1] is registry:
            return outcome
        released = compare(image, self._pull(occurrence, *later, index))
        return outcome if released.verdict is outcome.verdict else _between(found, registry, outcome, released)

    def _beyond(self, occurrence: Occurrence, image: Image, index: int, moment: Moment, why: str) -> Outcome:
        """Unknown; where the version is newer than all that is known, say what the newest known one does."""
        group = self._groups[index]
        software, store = group.at(moment)
        engine = self._knowledge.engine(software.name)
        evidence = [why]
        if engine and software.version and software.version > engine.newest:
            newest = view(engine, engine.newest, store, group.client, group.switches)
            last = compare(image, self._pull(occurrence, newest, RegistryView(""), index))
            evidence.append(f"{newest.label}: {last.verdict}" + (f", {last.cause}" if last.cause else ""))
        return Outcome(Verdict.UNKNOWN, "engine-unknown", "", tuple(evidence))

    def _pull(self, occurrence: Occurrence, found: EngineView, registry: RegistryView, index: int) -> Pull:
        platform = occurrence.platform or self._groups[index].platform
        return Pull(found, registry, platform, _kind(occurrence.reference), self._knowledge.cause_of)

    def _view(self, index: int, moment: Moment) -> EngineView | str:
        """The knowledge for a group at a moment, or why there is none."""
        if (index, moment) not in self._views:
            group = self._groups[index]
            software, store = group.at(moment)
            engine = self._knowledge.engine(software.name)
            why = why_unknown(software, self._knowledge)
            if engine and not why:
                why = why_misplaced(engine, store, group.client, self._knowledge)
            self._views[index, moment] = (
                view(engine, software.version, store, group.client, group.switches)
                if engine and software.version and not why
                else why
            )
        return self._views[index, moment]

    def registry(self, host: str, moment: Moment) -> tuple[RegistryView, str]:
        """The registry's rules at a moment, and why they are not known where it is declared with something unknown."""
        if (host, moment) not in self._found:
            self._found[host, moment] = self._find_registry(host, moment)
        return self._found[host, moment]

    def _find_registry(self, host: str, moment: Moment) -> tuple[RegistryView, str]:
        declared = self._registries.get(host)
        software = declared.at(moment) if declared else None
        if software is None:
            at_host = self._knowledge.registry_at(host)
            return (RegistryView(host, at_host, at_host.newest) if at_host else RegistryView(host)), ""
        known = self._knowledge.registry(software.name)
        if known and known.versionless:
            return RegistryView(host, known, known.newest), ""
        if known is None or software.version is None:
            names = ", ".join(sorted(self._knowledge.registries))
            meant = nearest(software.name, self._knowledge.registries)
            why = f"planner knows no registry {software.name!r}{meant}; it knows {names}"
            return RegistryView(host), software.why or why
        if not known.first <= software.version <= known.newest:
            why = f"{known.title} is known from {known.first} to {known.newest}, not {software.version}"
            return RegistryView(host), why
        now = declared.software if declared and moment is Moment.AFTER else None
        before = now.version if now and self._knowledge.registry(now.name) is known else None
        return RegistryView(host, known, software.version, before), ""

    def fetches_every_child(self) -> bool:
        """Whether some host fails where an entry of an index is missing that is for another platform."""
        views = (self._view(i, moment) for i, group in enumerate(self._groups) for moment in _moments(group))
        entries = (v.capability("other-children-present", "digest", "root") for v in views if isinstance(v, EngineView))
        return any(entry and entry.state is Support.UNSUPPORTED for entry in entries)

    def problems(self) -> Iterator[Problem]:
        """Hosts and registries that are not understood."""
        for index, group in enumerate(self._groups):
            yield from self._strange_switches(group)
            names = ", ".join(group.hosts[:5]) + (" …" if len(group.hosts) > 5 else "")
            for moment in _moments(group):
                match self._view(index, moment):
                    case str(why):
                        hint = "" if "`planner engines" in why else ". `planner engines` lists what is known"
                        text = f"{why}; verdicts for it are unknown {moment.words}{hint}"
                        yield Problem("host", names, "engine-unknown", text)
                    case EngineView(engine=engine, version=version) if why := engine.unlisted(version):
                        place = f"verdicts {moment.words} are those of its place among them"
                        text = f"{why}; {place}. Correct it if it is a slip"
                        yield Problem("host", names, "version-unlisted", text)
        for host, declared in self._registries.items():
            for moment in _moments(declared):
                if why := self.registry(host, moment)[1]:
                    yield Problem("registry", host, "registry-unknown", f"{why}; its pulls are unknown {moment.words}")

    def _strange_switches(self, group: HostGroup) -> Iterator[Problem]:
        """Switches that no engine of the group has: a typing error would let a pull seem to break that works."""
        engines = [e for s in (group.engine, group.target) if s and (e := self._knowledge.engine(s.name))]
        known = {switch for engine in engines for switch in engine.switches}
        for switch in sorted(group.switches - known) if engines else ():
            names = ", ".join(sorted(known)) or "none"
            text = f"{switch!r} is no switch that changes a pull, and was ignored; known for this engine: {names}"
            yield Problem("host", group.hosts[0], "switch-unknown", text)


def with_reasons(outcome: Outcome, state: State, registry: RegistryView) -> Outcome:
    """The outcome, with what is known of the registry that may be the reason for it; `state`: how asking it ended."""
    if registry.knowledge is None or registry.version is None:
        return outcome
    if outcome.cause == "not-checked" and state is not State.DENIED:
        return outcome  # the reasons are those of a refusal; a record or a network that lacks the answer tells nothing
    reasons = tuple(
        f"possible reason on {registry.knowledge.title}: {lifetime.text} ({lifetime.source[0]})"
        for lifetime in registry.knowledge.lifetimes
        if lifetime.explains == outcome.cause and registry.version in lifetime.versions
    )
    return replace(outcome, evidence=(*outcome.evidence, *reasons)) if reasons else outcome


def _kind(reference: Reference) -> str:
    return "digest" if reference.digest else "tag"


def _between(view: EngineView, registry: RegistryView, before: Outcome, released: Outcome) -> Outcome:
    """A pre-release of a version that changes something may do as the one before or as the release."""
    what = view.label if released_registry(registry) is registry else f"{registry.host} {registry.version}"
    why = f"{what} is a pre-release of a version that changes this: {before.verdict} before, {released.verdict} in it"
    return Outcome(Verdict.UNKNOWN, "engine-unknown", "", (why,))


def _moments(declared: HostGroup | Registry) -> tuple[Moment, ...]:
    return (Moment.NOW, Moment.AFTER) if declared.target else (Moment.NOW,)
