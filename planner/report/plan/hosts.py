"""Long lists of hosts, which a plan names again and again: told once, at the end, and referred to."""

from collections.abc import Iterator
from functools import cache

from planner.model.plan import Plan
from planner.report.words import few, host_ranges, plural

# A list of more names than this, folded, is told at the end.
_SHORT = 4

Hosts = tuple[str, ...]


@cache  # the same hosts stand in many steps
def folded(hosts: Hosts) -> tuple[str, ...]:
    """Names as people declare them: `web-[01:12]`."""
    return tuple(host_ranges(hosts))


def some(hosts: Hosts) -> str:
    """Those that a step has room for: `web-[01:12]`, or the first few and how many more there are."""
    names = folded(hosts)
    return few(names, _SHORT) if len(names) <= _SHORT else few(names, 2)


def count(hosts: Hosts) -> str:
    """`12 hosts`; empty for one, whose name says it."""
    return plural(len(hosts), "host") if len(hosts) > 1 else ""


def long_lists(plan: Plan) -> dict[Hosts, int]:
    """The lists that no step has room for, numbered from 1 in the order in which the plan comes to them."""
    found = dict.fromkeys(hosts for hosts in _lists(plan) if len(folded(hosts)) > _SHORT)
    return {hosts: number for number, hosts in enumerate(found, 1)}


def _lists(plan: Plan) -> Iterator[Hosts]:
    for step in plan.steps:
        yield step.hosts
        yield from (pull.hosts for pull in step.pulls)
    for blocked in plan.blocked:
        yield blocked.hosts
    for ceiling in plan.ceilings:
        yield ceiling.hosts
