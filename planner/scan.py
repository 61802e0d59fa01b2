"""The stages in order: discover and extract (inventory.py), resolve, assess, plan."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from planner import __version__
from planner.assess import Courses, assess, chart_platform, courses, decisive, every_child_counts
from planner.discover import Ahead, Piped
from planner.errors import UsageError
from planner.hosts.shipped import as_shipped
from planner.hosts.unread import without_unread
from planner.inventory import Inventory, linked, overlooked, take_inventory
from planner.knowledge import load_knowledge
from planner.knowledge.platforms import load_platforms
from planner.model.host import LINUX_AMD64
from planner.model.knowledge import EngineKnowledge, Knowledge
from planner.model.reference import Reference
from planner.model.report import Provenance, Report, asked
from planner.model.resolution import Resolution, State
from planner.model.source import Problem
from planner.plan.fleet import fleet, rings
from planner.plan.ground import Ground
from planner.plan.make import make_plan
from planner.plan.offers import Offers
from planner.plan.options import moved_to
from planner.plan.remedies import with_remedies
from planner.resolve import Platforms, resolve
from planner.resolve.budget import budget_line
from planner.resolve.opening import Opened, Opening, open_resolver
from planner.resolve.snapshot import RecordingResolver, is_snapshot, read_snapshot, write_snapshot
from planner.resolve.snapshot_merge import recorded
from planner.suppress import refuse_unknown_causes, suppress

Progress = Callable[[int, int], None]
Say = Callable[[str], None]


def _nobody(_: str) -> None:
    """Who asks from within a program wants no lines on a terminal."""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """`to` is the registry, perhaps with a prefix, where copies go; empty: beside what they are made from."""

    to: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What to scan and how.

    See resolve.opening for how registries are asked, inventory for `include_tags`, `ahead` and `piped`. `plan` asks
    for the steps as well.
    """

    path: Path
    config: Path | None = None
    hosts: tuple[Path, ...] = ()
    how: Opening = field(default_factory=Opening)
    include_tags: bool = False
    ahead: Ahead | None = None
    piped: Piped | None = None
    plan: PlanRequest | None = None

    @property
    def root(self) -> str:
        """What is scanned, in words for the report."""
        return "stdin" if self.piped else str(self.path)


def scan(request: Request, started: datetime, progress: Progress | None = None, say: Say = _nobody) -> Report:
    """Run every stage. Raises UsageError and KnowledgeError; all else that goes wrong is in the report."""
    inventory, knowledge = _inventory(request)
    opened, ways = _opened(request, inventory), courses(inventory.occurrences, inventory.hosts)
    resolutions = _ask(opened, request, inventory, ways, knowledge, progress, say)
    found = assess(
        inventory.occurrences, resolutions, inventory.hosts, inventory.registries, knowledge, today=started.date()
    )
    links = {} if request.piped else linked(request.path, inventory.occurrences)
    who = fleet(inventory.occurrences, found.groups, found.runners, rings(inventory.hosts), links)
    to = request.plan.to if request.plan else ""
    ground, insecure = Ground(who, inventory.registries, resolutions, knowledge, to), _insecure(inventory)
    report = Report(
        root=request.root,
        occurrences=tuple(inventory.occurrences),
        resolutions=resolutions,
        hosts=tuple(inventory.hosts),
        groups=found.groups,
        registries=inventory.registries,
        findings=with_remedies(
            found.findings,
            found.windows,
            chart_platform(inventory.hosts),
            knowledge,
            insecure,
            Offers(ground, insecure),
        ),
        windows=found.windows,
        problems=(*inventory.problems, *overlooked(inventory), *_unanswered(ways, resolutions), *found.problems),
        causes=knowledge.causes,
        provenance=Provenance(
            version=__version__,
            started=started.isoformat(timespec="seconds"),
            resolver=opened.resolver.name,
            files_seen=inventory.tree.seen,
            knowledge=tuple(map(_extent, knowledge.engines.values())),
            accept=opened.accept,
        ),
        runners=found.runners,
    )
    if request.plan:  # a plan is for every pull, accepted or not
        path = "PATH" if request.piped else request.root
        return replace(report, plan=make_plan(ground, resolutions, insecure, path))
    return suppress(
        report,
        inventory.settings.ignores,
        inventory.marks,
        known=knowledge.causes.keys(),
        today=started.date(),
        must_expire=inventory.settings.ignore_must_expire,
    )


def record(
    request: Request, target: Path, started: datetime, progress: Progress | None = None, say: Say = _nobody
) -> tuple[int, list[Problem]]:
    """Ask for everything that a scan would ask for, and write the answers to `target`.

    Returns how many references were asked for, and what could not be read or was not answered: of that the earlier
    answer stays, or else the failure is recorded. Raises UsageError where `target` cannot be written.
    """
    if target.exists() and not is_snapshot(target):
        raise UsageError(f"{target} is there and is no recorded registry: name another file, or remove it first")
    inventory, knowledge = _inventory(request)
    opened, ways = _opened(request, inventory), courses(inventory.occurrences, inventory.hosts)
    recorder = RecordingResolver(opened.resolver)
    resolutions = _ask(replace(opened, resolver=recorder), request, inventory, ways, knowledge, progress, say)
    moment = started.isoformat(timespec="seconds")
    try:
        before, _ = read_snapshot(target) if target.exists() else ({}, ())
    except OSError as error:
        raise UsageError(f"cannot read {target}: {error.strerror}") from error
    write_snapshot(target, recorded(before, recorder.answers, moment), "")
    return len(resolutions), [*inventory.problems, *_unanswered(ways, resolutions)]


def _extent(engine: EngineKnowledge) -> str:
    """How far the knowledge of an engine goes, and how old it is."""
    return f"{engine.title} up to {engine.newest}" + (f" (checked {engine.checked})" if engine.checked else "")


def _inventory(request: Request) -> tuple[Inventory, Knowledge]:
    """What there is to judge, and what is known: hosts that are declared by their platform have its engine."""
    skipped = [request.how.offline] if request.how.offline else []
    inventory = take_inventory(
        request.path, request.config, request.hosts, skipped, request.include_tags, request.ahead, request.piped
    )
    own_files = inventory.settings.knowledge
    knowledge = load_knowledge(own_files)
    refuse_unknown_causes(inventory.settings.ignores, knowledge.causes)
    shipped = as_shipped(inventory.hosts, load_platforms(own_files), knowledge)
    inventory.hosts, unread = without_unread(shipped, knowledge)
    inventory.problems.extend(unread)
    return inventory, knowledge


def _opened(request: Request, inventory: Inventory) -> Opened:
    opened = open_resolver(replace(request.how, insecure=_insecure(inventory)))
    if inventory.occurrences:
        inventory.problems.extend(opened.problems)
    return opened


def _insecure(inventory: Inventory) -> frozenset[str]:
    declared = frozenset(registry.host for registry in inventory.registries if registry.insecure)
    routes = dict.fromkeys(host.route for host in inventory.hosts if host.route)
    return declared.union(*(route.insecure for route in routes))


def _platforms(inventory: Inventory, knowledge: Knowledge) -> Platforms:
    """Every platform that a host or a file asks for, linux/amd64 where none does; None where every one counts."""
    if every_child_counts(inventory.hosts, knowledge):
        return None
    asked = {host.platform for host in inventory.hosts} | {o.platform for o in inventory.occurrences if o.platform}
    return frozenset(asked or {LINUX_AMD64})


def _ask(  # noqa: PLR0913, PLR0917 - the stage needs what the stages before it found
    opened: Opened,
    request: Request,
    inventory: Inventory,
    ways: Courses,
    knowledge: Knowledge,
    progress: Progress | None,
    say: Say,
) -> dict[Reference, Resolution]:
    try:
        references = {each for some in ways.values() for course in some for each in course.questions()}
        # Nobody pulls the tag beside a digest, but where it has moved the digest may be the next to go.
        named = references & ways.keys()
        tags = inventory.tags or request.plan is not None
        beside = {replace(each, digest=None) for each in named if tags and each.tag and each.digest}
        # Where a retired registry's images went: the same digest may be pinned there.
        moved = {there for each in named if (there := moved_to(each, knowledge))}
        questions = {asked(reference) for reference in references | beside | moved}
        if not (request.how.offline or opened.problems) and (line := budget_line(questions, opened)):
            say(line)
        how, platforms = request.how, _platforms(inventory, knowledge)
        answers = resolve(questions, opened.resolver, platforms, how.at_a_time, progress, how.per_registry)
        # What a tag holds now may take the place of a digest that is gone.
        gone = {each for each in named if each.tag and each.digest and answers[asked(each)].state is State.MISSING}
        tags_left = {replace(each, digest=None) for each in gone} - answers.keys()
        if tags_left:
            answers |= resolve(tags_left, opened.resolver, platforms, how.at_a_time, None, how.per_registry)
        return answers
    finally:
        opened.resolver.close()
        for notice in opened.credentials.notices if opened.credentials else ():
            say(notice)
        for notice in opened.cache.take_notices() if opened.cache else ():
            say(notice)


def _unanswered(ways: Courses, resolutions: dict[Reference, Resolution]) -> Iterator[Problem]:
    """What no registry said anything dependable about although a pull hangs on it, entries of indexes included.

    A missing digest is an answer: it becomes a finding. A resolved one with a detail has a config that cannot be read.
    """
    pulled = decisive(ways, resolutions)
    trees = (resolution.tree() for reference, resolution in resolutions.items() if reference in pulled)
    parts = {part.reference.pinned: part for tree in trees for part in tree}
    for pinned, part in parts.items():
        if part.state is State.RESOLVED and part.detail:
            text = f"{part.detail}. Whether it is for the platform of its hosts was not checked"
            yield Problem("reference", pinned, "config-unread", text)
        elif part.state not in (State.RESOLVED, State.MISSING, State.TYPE_ONLY):
            yield Problem("reference", pinned, str(part.state), part.detail)
