"""What a source of host declarations is, and the register of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from planner.model.host import Host
from planner.model.source import Problem, SourceFile


@dataclass(frozen=True, slots=True)
class HostSource:
    """A kind of file that declares hosts: `claims` is cheap, `read` is pure and turns bad rows into Problems.

    `beside` names folders next to the file that may say more of its hosts and are not read; `instead`: what to do.
    """

    name: str
    title: str
    claims: Callable[[SourceFile], bool]
    read: Callable[[SourceFile], Iterable[Host | Problem]]
    beside: Callable[[SourceFile], tuple[str, ...]] = lambda _: ()
    instead: str = ""


SOURCES: dict[str, HostSource] = {}


def register(source: HostSource) -> None:
    """Make a source known under its name; a second one of that name is a programming error."""
    if source.name in SOURCES:
        raise ValueError(f"two host sources are named {source.name}")
    SOURCES[source.name] = source
