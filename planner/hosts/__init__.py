"""Host declarations: one module per kind of file, each of which registers itself; planner.toml uses the same table."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules

from planner.hosts.source import SOURCES, HostSource
from planner.model.host import Host
from planner.model.source import Problem, SourceFile

__all__ = ["SOURCES", "HostSource", "read_hosts", "source_of"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def source_of(source: SourceFile) -> HostSource | None:
    """What reads this file; None if nothing claims it."""
    return next((known for known in SOURCES.values() if known.claims(source)), None)


def read_hosts(source: SourceFile) -> Iterable[Host | Problem]:
    """The hosts that a file declares; a Problem if no source claims it."""
    if found := source_of(source):
        return found.read(source)
    known = "; ".join(f"{s.name}: {s.title}" for s in SOURCES.values())
    text = f"not a host declaration that planner reads, so its hosts were not judged; it reads {known}"
    return [Problem("file", source.path, "host-source", text)]
