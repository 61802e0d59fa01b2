"""A first planner.toml, from what is in the tree and in the files that declare hosts. Pure: the command writes it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from planner.inventory import Inventory
from planner.model.host import Host
from planner.model.knowledge import Knowledge
from planner.model.occurrence import Occurrence
from planner.report.escape import visible
from planner.report.words import host_ranges, plural

_MOST_LINES = 12  # of one list in a comment
_MOST_GLOBS = 6
# What usually pulls the images of a format, with a release as an example; nothing but a suggestion in a comment.
_PULLED_BY: Mapping[str, tuple[str, ...]] = {
    "containerd 1.7.27": (
        "kubernetes", "helm-values", "helm-chart", "helm-objects", "kustomize", "argocd", "flux", "openshift", "tekton",
    ),
    "docker 20.10.24": ("compose", "shell-script", "systemd", "ansible", "cloud-init", "docker-stack"),
    "podman 4.9.4": ("quadlet",),
    "buildkit 0.23.0": ("dockerfile", "bake"),
}  # fmt: skip


def outline(inventory: Inventory, knowledge: Knowledge, host_files: Sequence[str]) -> str:
    """The text of a planner.toml: it loads as it is, and what nobody can know from the files is a comment.

    `inventory` has the references by tag as well; `host_files` are named as the settings name them.
    """
    parts = (
        _head(inventory),
        _tags(inventory.occurrences),
        _hosts(inventory, knowledge, host_files) if host_files else _examples(inventory, knowledge),
        _registries(inventory, knowledge),
    )
    return "\n\n".join(filter(None, map("\n".join, parts))) + "\n"


def _head(inventory: Inventory) -> Iterator[str]:
    yield "# Who pulls the images of this tree, now and after the planned upgrade. All behind # are suggestions."
    yield "# Every word: docs/settings.md; files that declare hosts: docs/hosts.md; names of engines: planner engines"
    pins = _pins(inventory.occurrences)
    files = {occurrence.file for occurrence in pins}
    yield "#"
    if pins:
        yield f"# {plural(len(pins), 'pinned reference')} in {plural(len(files), 'file')}:"
        yield from _counted(Counter(occurrence.format for occurrence in pins))
    else:
        yield "# No reference that is pinned by digest was found."
    unread = sum(problem.about == "file" for problem in inventory.problems)
    if unread:
        yield f"# {plural(unread, 'problem')} in files, those of references by tag included:"
        yield "# planner scan --include-tags names each."


def _counted(counter: Counter[str]) -> Iterator[str]:
    ranked = sorted(counter.items(), key=lambda each: (-each[1], each[0]))
    for name, count in ranked[:_MOST_LINES]:
        yield f"#   {count:>5}  {_comment(name)}"
    if len(ranked) > _MOST_LINES:
        yield f"#          and {len(ranked) - _MOST_LINES} more"


def _hosts(inventory: Inventory, knowledge: Knowledge, host_files: Sequence[str]) -> Iterator[str]:
    yield f"host_files = [{', '.join(map(_quoted, host_files))}]   # read anew by each run; beside this file"
    alike: dict[tuple[str, str, str], list[Host]] = {}
    for host in inventory.hosts:
        alike.setdefault((str(host.engine), host.store, str(host.platform)), []).append(host)
    ranked = sorted(alike.items(), key=lambda each: -len(each[1]))
    for (engine, store, platform), hosts in ranked[:_MOST_LINES]:
        names = host_ranges([host.name for host in hosts])
        named = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        what = ", ".join(filter(None, (engine, f"{store} store" if store else "", platform)))
        yield f"#   {len(hosts):>5}  {_comment(what)}: {_comment(named)}"
    if len(ranked) > _MOST_LINES:
        yield f"#          and {plural(len(ranked) - _MOST_LINES, 'more kind')} of hosts"
    yield "#"
    yield '# What such files do not say, for those whose names match (names = ["node-*"]) or that run an engine:'
    globs = _globs(inventory.occurrences)
    for name in dict.fromkeys(host.engine.name for host in inventory.hosts if knowledge.engine(host.engine.name)):
        yield "#"
        yield "# [[for_hosts]]"
        yield f"# engine = {_quoted(name)}"
        yield from _suggested(name, knowledge, globs.get(name, ()))


def _examples(inventory: Inventory, knowledge: Knowledge) -> Iterator[str]:
    yield "# No host is declared: planner says for each image which versions of each engine pull it. To judge your own,"
    yield "# declare them, or name a file that does, such as what kubectl get nodes -o json prints:"
    yield "#"
    yield '# host_files = ["nodes.json", "inventory.ini", "docker-info.jsonl", "fleet.csv"]'
    globs = _globs(inventory.occurrences)
    engines = [engine for engine in _PULLED_BY if engine.split()[0] in globs] or ["docker 20.10.24"]
    for number, engine in enumerate(engines, 1):
        name = engine.split()[0]
        yield "#"
        yield "# [[hosts]]"
        yield f'# name = "{name}-[01:04]"   # any name of yours; a range stands for several hosts'
        yield f'# engine = "{engine}"' + ("   # as the engine itself prints it" if number == 1 else "")
        yield from _suggested(name, knowledge, globs.get(name, ()))


def _suggested(name: str, knowledge: Knowledge, globs: Sequence[str]) -> Iterator[str]:
    if engine := knowledge.engine(name):
        yield f'# target = "{name} {engine.newest}"   # the planned upgrade; this is the newest that planner knows'
    if globs:
        yield f"# runs = [{', '.join(map(_quoted, globs))}]   # the files whose images it pulls; default: every file"


def _globs(occurrences: Iterable[Occurrence]) -> dict[str, list[str]]:
    """For each engine the folders at the top, or files, whose images it usually pulls."""
    engine_of = {format_: engine.split()[0] for engine, formats in _PULLED_BY.items() for format_ in formats}
    found: dict[str, dict[str, None]] = {}
    for occurrence in occurrences:
        if engine := engine_of.get(occurrence.format):
            top, *below = PurePosixPath(occurrence.file).parts
            glob = re.sub(r"([\\*?\[\]!#])", r"\\\1", top) + ("/**" if below else "")
            found.setdefault(engine, {})[glob if below else f"/{glob}"] = None
    return {engine: sorted(globs) for engine, globs in found.items() if len(globs) <= _MOST_GLOBS}


def _registries(inventory: Inventory, knowledge: Knowledge) -> Iterator[str]:
    counter = Counter(occurrence.reference.registry for occurrence in _pins(inventory.occurrences))
    if not counter:
        return
    own = {host: count for host, count in counter.items() if knowledge.registry_at(host) is None}
    yield f"# Registries: {plural(len(counter), 'host')}, of which planner knows {len(counter) - len(own)} by name."
    yield from _counted(counter)
    for host in sorted(own, key=lambda host: (-own[host], host))[:_MOST_LINES]:
        yield "#"
        yield "# [[registries]]"
        yield f"# host = {_quoted(host)}"
        yield '# software = "distribution 2.8.3"   # an example: write what it runs; the names: planner engines'
        yield '# # target = "distribution 3.0.0"   # an example: only where you plan an upgrade of it'


def _tags(occurrences: Sequence[Occurrence]) -> Iterator[str]:
    count = len(occurrences) - len(_pins(occurrences))
    if not count:
        return
    yield f"# {plural(count, 'reference')} by tag, whose images may change or be converted. To judge them too:"
    yield "# include_tags = true"


def _pins(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    return [occurrence for occurrence in occurrences if occurrence.reference.digest]


def _quoted(text: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return visible(text)[:200]
