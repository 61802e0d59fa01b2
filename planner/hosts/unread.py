"""Registry configuration that the engine of its host does not read: not applied, as on the host itself."""

from collections.abc import Iterable
from dataclasses import replace

from planner.model.host import Host
from planner.model.knowledge import Knowledge
from planner.model.source import Problem

_MOST_NAMED = 5


def without_unread(hosts: Iterable[Host], knowledge: Knowledge) -> tuple[list[Host], list[Problem]]:
    """The hosts, without the route where their engine reads no such file; and a Problem for those of one engine."""
    kept: list[Host] = []
    unread: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for host in hosts:
        engine = knowledge.engine(host.engine.name)
        if host.route is None or engine is None or engine.reads(host.route.kind):
            kept.append(host)
            continue
        kept.append(replace(host, route=None))
        reads = " and ".join(engine.registry_config or ()) or "none that planner knows"
        unread.setdefault((engine.title, host.registry_config, reads), []).append(host.name)
    problems = []
    for (title, files, reads), names in unread.items():
        whose = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
        text = (
            f"{title} does not read {', '.join(files)}, so it was not applied; the registry configuration that it "
            f"reads is {reads}: declare that, or remove this"
        )
        problems.append(Problem("host", whose, "registry-config-unread", text))
    return kept, problems
