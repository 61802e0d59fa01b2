"""What there is to judge: references in files, declared hosts and registries, and what could not be read."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from planner.discover import Ahead, Piped, PipedTree, Tree, discover
from planner.errors import UsageError
from planner.extract import distinct, extract, indirect, names_images
from planner.model.excerpt import excerpt
from planner.model.host import Host, Registry
from planner.model.occurrence import Occurrence, number
from planner.model.source import Problem, SourceFile
from planner.model.suppression import Rule
from planner.settings import Settings, load_settings, read_declaration
from planner.suppress.inline import marks

_HUB = "docker.io"
_HOSTS_MIB = 64  # what kubectl prints of 5,000 nodes, each with the images that it has


@dataclass(slots=True)
class Inventory:
    """What the files say: references, hosts, registries, and what could not be read.

    `tags`: references by tag are among the occurrences. `marks` are the suppressions that stand in the files.
    """

    settings: Settings
    tree: Tree | PipedTree
    tags: bool = False
    occurrences: list[Occurrence] = field(default_factory=list)
    hosts: list[Host] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    marks: list[Rule | Problem] = field(default_factory=list)

    @property
    def registries(self) -> tuple[Registry, ...]:
        """The declared registries."""
        return self.settings.registries


def take_inventory(  # noqa: PLR0913, PLR0917 - what a scan is asked for
    path: Path,
    config: Path | None = None,
    host_files: Sequence[Path] = (),
    skip: Iterable[Path] = (),
    include_tags: bool = False,
    ahead: Ahead | None = None,
    piped: Piped | None = None,
) -> Inventory:
    """Read the settings, the hosts and every file below `path`; nothing is asked yet.

    `config` is the settings' file (None: planner.toml at `path`), `host_files` declare more hosts, `skip` are files
    that are no image sources. `include_tags` takes references by tag as well, and so may the settings. `ahead` has
    begun to read `path`. `piped` is read in place of the files, and `path` is then where the settings are. Raises
    UsageError.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist; name a folder or a file to scan")
    settings = load_settings(path, config)
    host_files = [*settings.host_files, *host_files]
    own_files = [*host_files, *skip, *([settings.path] if settings.path else [])]
    tags = include_tags or settings.include_tags
    wanted = names_images if tags else None
    tree: Tree | PipedTree
    if piped:
        tree = PipedTree(piped, wanted)
    else:
        tree = discover(path, indirect=indirect(), skip=own_files, wanted=wanted, ahead=ahead)
    inventory = Inventory(settings, tree, tags)
    declared = [*settings.hosts, *_with_rules(_declared(host_files), settings)]
    hosts = _once(found for found in declared if isinstance(found, Host))
    for found in [*(p for p in declared if isinstance(p, Problem)), *hosts, *distinct(_extracted(inventory))]:
        match found:
            case Occurrence():
                inventory.occurrences.append(found)
            case Host():
                inventory.hosts.append(found)
            case Problem():
                inventory.problems.append(found)
    if isinstance(tree, Tree) and any(each.selector for each in inventory.occurrences):
        from planner.kustomized import without_patched

        inventory.occurrences = without_patched(tree, inventory.occurrences)
    inventory.occurrences = number(inventory.occurrences)
    return inventory


def _extracted(inventory: Inventory) -> Iterator[Occurrence | Problem]:
    """What every file holds, in the order of the files; extracted in that in which they are read.

    The suppressions in them, and in files that are only used by them, become the inventory's.
    """
    tree, found = inventory.tree, dict[int, list[Occurrence | Problem]]()
    beside: dict[str, list[Rule | Problem]] = {}
    for turn, source in tree.by_turns():
        if isinstance(source, Problem):
            found.setdefault(turn, []).append(source)
        else:
            found.setdefault(turn, []).extend(
                _shown({source.path: source}, extract(source, tree.lookup, inventory.tags))
            )
            beside[source.path] = list(marks(source))
    every = [one for turn in sorted(found) for one in found[turn]]
    used: dict[str, SourceFile] = {}
    for name in dict.fromkeys(one.file for one in every if isinstance(one, Occurrence) and not one.excerpt):
        if file := tree.lookup(name):  # used by another file: an .env that no commit may have
            used[name] = file
            beside.setdefault(name, list(marks(file)))
    inventory.marks = [mark for name in sorted(beside) for mark in beside[name]]
    yield from _shown(used, every)


def _shown(sources: Mapping[str, SourceFile], found: Iterable[Occurrence | Problem]) -> Iterator[Occurrence | Problem]:
    """What was found, with what is shown of the lines of these files, which are by their path."""
    known: dict[str, list[str]] = {}
    for one in found:
        if isinstance(one, Occurrence) and one.file in sources:
            lines = known.get(one.file) or known.setdefault(one.file, sources[one.file].text.split("\n"))
            line = lines[one.line - 1] if one.line <= len(lines) else ""
            yield replace(one, excerpt=excerpt(line, one.column, one.raw, one.reference.digest))
        else:
            yield one


def _declared(paths: Sequence[Path]) -> Iterator[Host | Problem]:
    if not paths:
        return
    from planner.hosts import read_hosts

    for path in dict.fromkeys(paths):
        source = SourceFile(path.name, read_declaration(path, _HOSTS_MIB))
        found = list(_routed(read_hosts(source), path))
        if not any(isinstance(each, Host) for each in found):
            why = next((_at_line(each) for each in found if isinstance(each, Problem)), "it is empty")
            raise UsageError(f"{path} declares no host: {why}")
        yield from _beside(source, path)
        yield from found


def _with_rules(rows: Iterable[Host | Problem], settings: Settings) -> Iterable[Host | Problem]:
    if not settings.host_rules:
        return rows
    from planner.hosts.rules import with_rules

    return with_rules(rows, settings.host_rules, settings.path.name if settings.path else "")


def _at_line(problem: Problem) -> str:
    return f"line {problem.line}: {problem.text}" if problem.line else problem.text


def _beside(source: SourceFile, path: Path) -> Iterator[Problem]:
    """A Problem where folders next to the file say more of its hosts, perhaps other versions than it does."""
    from planner.hosts import source_of

    known = source_of(source)
    if known and (there := [name for name in known.beside(source) if (path.parent / name).is_dir()]):
        what = " and ".join(f"{name}/" for name in there)
        text = f"{what} next to it may say otherwise of its hosts, and was not read; {known.instead}"
        yield Problem("file", path.name, "hosts-beside", text)


def _routed(rows: Iterable[Host | Problem], path: Path) -> Iterator[Host | Problem]:
    """The hosts with what the files say that decide where they ask; without those every verdict would be a guess."""
    from planner.registry_config import Known, with_routes

    known: Known = {}
    for source, same in groupby(rows, lambda row: row.source if isinstance(row, Host) else None):
        found = list(same)
        try:
            hosts = with_routes((host for host in found if isinstance(host, Host)), path.parent, known)
            yield from hosts if source is not None else found
        except UsageError as error:
            text = f"{error}; the hosts of this row were not judged"
            yield Problem("file", path.name, "registry-config", text, int((source or "").rpartition(":")[2] or 0))


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


def linked(path: Path, occurrences: Iterable[Occurrence]) -> dict[str, str]:
    """For files that are links, or in folders that are: the one that they lead to. Who edits one of them edits that."""
    root = path if path.is_dir() else path.parent
    files = {name for o in occurrences for name in (o.file, o.used_in) if name}
    top = root.resolve()
    real = {name: os.path.relpath((root / name).resolve(), top).replace(os.sep, "/") for name in files}
    return {name: found for name, found in real.items() if found != name}


def overlooked(inventory: Inventory) -> Iterator[Problem]:
    """Declarations that were not applied: what planner cannot, and what references do not meet, being misspelt."""
    yield from _unapplied(inventory)
    yield from _short_names(inventory)
    seen = {occurrence.reference.registry for occurrence in inventory.occurrences}
    undeclared = sorted(seen - {registry.host for registry in inventory.registries})
    for registry in inventory.registries:
        for meant in [host for host in undeclared if _plain(host) == _plain(registry.host)]:
            text = f"declared so, but references say {meant}: the declaration was not applied to them; "
            text += "write it as they do" if registry.host not in seen else "declare that spelling, too, or change them"
            yield Problem("registry", registry.host, "registry-misspelt", text)
    where = "--stdin-name names what is piped in" if isinstance(inventory.tree, PipedTree) else "globs are below PATH"
    for runs in dict.fromkeys(host.runs for host in inventory.hosts if host.runs):
        if not _matches_some(inventory, runs):
            host = next(host for host in inventory.hosts if host.runs == runs)
            text = f"no file matches its `runs` ({', '.join(runs)}), so nothing was judged for it; {where}"
            yield Problem("host", host.name, "host-runs-nothing", text)


def _unapplied(inventory: Inventory) -> Iterator[Problem]:
    """Entries of the hosts' own registry configuration that planner cannot apply."""
    for route in dict.fromkeys(host.route for host in inventory.hosts if host.route and host.route.doubts):
        names = [host.name for host in inventory.hosts if host.route == route]
        whose = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
        yield from (Problem("host", whose, "registry-config", doubt) for doubt in route.doubts)


def _short_names(inventory: Inventory) -> Iterator[Problem]:
    """Names without a registry that a host looks for elsewhere than on Docker Hub, as which they were judged."""
    from pathspec import GitIgnoreSpec

    short = {o.file for o in inventory.occurrences if o.reference.registry == _HUB and _HUB not in o.raw}
    searching = [host for host in inventory.hosts if host.route and host.route.search[:1] not in ((), (_HUB,))]
    for host in searching if short else ():
        if not host.runs or any(map(GitIgnoreSpec.from_lines(host.runs).match_file, short)):
            first = host.route.search[0] if host.route else ""
            text = (
                f"looks for names without a registry in {first} first, by {host.registry_config[-1]}, and they were "
                f"judged as those of {_HUB}; write the registry into them"
            )
            yield Problem("host", host.name, "short-name", text)
            return


def _matches_some(inventory: Inventory, runs: tuple[str, ...]) -> bool:
    from pathspec import GitIgnoreSpec

    globs = GitIgnoreSpec.from_lines(runs)
    if any(globs.match_file(occurrence.file) for occurrence in inventory.occurrences):
        return True
    return any(globs.match_file(path) for path in inventory.tree.paths())


def _plain(registry: str) -> str:
    return registry.lower().removesuffix(":443").removesuffix(":80")
