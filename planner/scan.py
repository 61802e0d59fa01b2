"""The stages in order: discover, extract, resolve, assess, plan. The only module that knows them all."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from planner import __version__
from planner.assess import assess, chart_platform
from planner.discover import Tree, discover
from planner.errors import ExitCode, UsageError
from planner.extract import distinct, extract, indirect
from planner.hosts import read_hosts
from planner.knowledge import load_knowledge
from planner.model.finding import Verdict
from planner.model.host import LINUX_AMD64, Host, Registry
from planner.model.occurrence import Occurrence, number
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.report import Provenance, Report
from planner.model.resolution import Resolution, State
from planner.model.source import Problem, SourceFile
from planner.plan.remedies import with_remedies
from planner.resolve import Resolver, resolve
from planner.resolve.opening import Opening, open_resolver
from planner.resolve.snapshot import RecordingResolver, write_snapshot
from planner.settings import Settings, load_settings, read_declaration

Progress = Callable[[int, int], None]

FAIL_ON = {
    "breaks": {Verdict.BREAKS},
    "at-risk": {Verdict.BREAKS, Verdict.AT_RISK},
    "unknown": {Verdict.BREAKS, Verdict.AT_RISK, Verdict.UNKNOWN},
    "never": set[Verdict](),
}


@dataclass(frozen=True, slots=True)
class Request:
    """What to scan and how: see resolve.opening for how registries are asked."""

    path: Path
    config: Path | None = None
    hosts: tuple[Path, ...] = ()
    offline: Path | None = None
    authfile: Path | None = None
    cache: bool = True
    jobs: int = 8


@dataclass(slots=True)
class Inventory:
    """What the files say: references, hosts, registries, and what could not be read."""

    settings: Settings
    tree: Tree
    occurrences: list[Occurrence] = field(default_factory=list)
    hosts: list[Host] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def registries(self) -> tuple[Registry, ...]:
        """The declared registries."""
        return self.settings.registries

    @property
    def platforms(self) -> frozenset[Platform]:
        """Every platform that a host or a file asks for; linux/amd64 where none does."""
        asked = {host.platform for host in self.hosts} | {o.platform for o in self.occurrences if o.platform}
        return frozenset(asked or {LINUX_AMD64})


def scan(request: Request, started: datetime, progress: Progress | None = None) -> Report:
    """Run every stage. Raises UsageError and KnowledgeError; all else that goes wrong is in the report."""
    inventory = take_inventory(request)
    knowledge = load_knowledge(inventory.settings.knowledge)
    resolver = _resolver(request, inventory)
    resolutions = _ask(resolver, request, inventory, progress)
    found = assess(inventory.occurrences, resolutions, inventory.hosts, inventory.registries, knowledge)
    return Report(
        root=str(request.path),
        occurrences=tuple(inventory.occurrences),
        resolutions=resolutions,
        hosts=tuple(inventory.hosts),
        groups=found.groups,
        registries=inventory.registries,
        findings=with_remedies(found.findings, found.windows, chart_platform(inventory.hosts), knowledge),
        windows=found.windows,
        problems=(*inventory.problems, *_unanswered(resolutions), *found.problems),
        causes=knowledge.causes,
        provenance=Provenance(
            version=__version__,
            started=started.isoformat(timespec="seconds"),
            resolver=resolver.name,
            files_seen=inventory.tree.seen,
            knowledge=tuple(f"{e.title} up to {e.newest}" for e in knowledge.engines.values()),
        ),
        runners=found.runners,
    )


def record(
    request: Request, target: Path, started: datetime, progress: Progress | None = None
) -> tuple[int, list[Problem]]:
    """Ask for everything that a scan would ask for, and write the answers to `target`.

    Returns how many references were asked for, and what could not be read or was not answered: the latter is recorded
    as it is. Raises UsageError where `target` cannot be written.
    """
    inventory = take_inventory(request)
    recorder = RecordingResolver(_resolver(request, inventory))
    resolutions = _ask(recorder, request, inventory, progress)
    try:
        write_snapshot(target, recorder.answers, started.isoformat(timespec="seconds"))
    except OSError as error:
        raise UsageError(f"cannot write to {target}: {error.strerror}") from error
    return len(resolutions), [*inventory.problems, *_unanswered(resolutions)]


def take_inventory(request: Request) -> Inventory:
    """Read the settings, the hosts and every file below the path; nothing is asked yet."""
    if not request.path.exists():
        raise UsageError(f"{request.path} does not exist; name a folder or a file to scan")
    settings = load_settings(request.path, request.config)
    own_files = [
        *request.hosts,
        *([settings.path] if settings.path else []),
        *([request.offline] if request.offline else []),
    ]
    tree = discover(request.path, indirect=indirect(), skip=own_files)
    inventory = Inventory(settings, tree)
    declared = [*settings.hosts, *_declared(request.hosts)]
    hosts = _once(found for found in declared if isinstance(found, Host))
    for found in [*(p for p in declared if isinstance(p, Problem)), *hosts, *distinct(_extracted(tree))]:
        match found:
            case Occurrence():
                inventory.occurrences.append(found)
            case Host():
                inventory.hosts.append(found)
            case Problem():
                inventory.problems.append(found)
    inventory.occurrences = number(inventory.occurrences)
    return inventory


def _extracted(tree: Tree) -> Iterator[Occurrence | Problem]:
    for source in tree:
        if isinstance(source, Problem):
            yield source
        else:
            yield from extract(source, tree.lookup)


def _declared(paths: Iterable[Path]) -> Iterator[Host | Problem]:
    for path in paths:
        yield from read_hosts(SourceFile(path.name, read_declaration(path)))


def _once(hosts: Iterable[Host]) -> Iterator[Host | Problem]:
    """Each host by its first declaration: two of one name could not be told apart in the report."""
    first: dict[str, Host] = {}
    for host in hosts:
        known = first.setdefault(host.name, host)
        if known is host:
            yield host
        else:
            text = (
                f"declared in {known.source} and again in {host.source}: only the first was judged; "
                "give each host a name of its own, or remove one"
            )
            yield Problem("host", host.name, "host-twice", text)


def _resolver(request: Request, inventory: Inventory) -> Resolver:
    insecure = frozenset(registry.host for registry in inventory.registries if registry.insecure)
    resolver, problems = open_resolver(Opening(request.offline, request.authfile, request.cache, insecure))
    if inventory.occurrences:
        inventory.problems.extend(problems)
    return resolver


def _ask(
    resolver: Resolver, request: Request, inventory: Inventory, progress: Progress | None
) -> dict[Reference, Resolution]:
    try:
        references = {occurrence.reference for occurrence in inventory.occurrences}
        return resolve(references, resolver, inventory.platforms, request.jobs, progress)
    finally:
        resolver.close()


def _unanswered(resolutions: dict[Reference, Resolution]) -> Iterator[Problem]:
    """What no registry said anything dependable about, entries of indexes included.

    A missing digest is an answer: it becomes a finding. A resolved one with a detail has a config that cannot be read.
    """
    parts = {part.reference.pinned: part for resolution in resolutions.values() for part in resolution.tree()}
    for pinned, part in parts.items():
        if part.state is State.RESOLVED and part.detail:
            text = f"{part.detail}. Whether it is for the platform of its hosts was not checked"
            yield Problem("reference", pinned, "config-unread", text)
        elif part.state not in (State.RESOLVED, State.MISSING):
            yield Problem("reference", pinned, str(part.state), part.detail)


def exit_code(report: Report, fail_on: str) -> ExitCode:
    """What the command returns: findings win over incomplete, incomplete over clean."""
    if not report.occurrences and not report.problems:
        return ExitCode.NOTHING
    verdicts = {finding.verdict for finding in report.findings}
    if verdicts & FAIL_ON[fail_on]:
        return ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if report.problems or Verdict.UNKNOWN in verdicts else ExitCode.CLEAN
