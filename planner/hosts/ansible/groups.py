"""An Ansible inventory as groups, hosts and variables, and which of them counts for a host."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from planner.hosts.table import expand
from planner.hosts.tree import Value
from planner.model.source import Problem

_MOST_ENTRIES = 200_000  # hosts in groups, ranges spread
_MOST_STEPS = 5_000_000  # groups looked at, of all hosts
_PORT = re.compile(r"((?:\[[^\]]*\]|[^:\[\]])+):\d+")
ALL, UNGROUPED = "all", "ungrouped"


@dataclass(slots=True)
class Group:
    """Its variables, and the names of the groups above it."""

    variables: dict[str, Value] = field(default_factory=dict)
    above: dict[str, None] = field(default_factory=dict)
    is_declared: bool = False


@dataclass(slots=True)
class Member:
    """A host: where it is first named, 1-based, its own variables and the groups that list it."""

    line: int
    variables: dict[str, Value] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)


class Inventory:
    """What one file declares; `problems` are those of reading it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.groups = {name: Group(is_declared=True) for name in (ALL, UNGROUPED)}
        self.hosts: dict[str, Member] = {}
        self.problems: list[Problem] = []
        self._entries = 0

    def refuse(self, line: int, why: str) -> None:
        """Keep a Problem for what stands at that line; `why` says what it means for the result."""
        self.problems.append(Problem("file", self.path, "host-row", f"{why}; correct it and run again", line))

    def group(self, name: str, *, declares: bool = True) -> Group:
        """The group of that name, new if need be. A section of variables alone does not declare one."""
        found = self.groups.setdefault(name, Group())
        found.is_declared = found.is_declared or declares
        return found

    def add(self, name: str, group: str, line: int) -> Member | None:
        """A host by its very name; None beyond what an inventory may hold."""
        self._entries += 1
        if self._entries > _MOST_ENTRIES:
            if self._entries == _MOST_ENTRIES + 1:
                self.refuse(line, f"it lists more than {_MOST_ENTRIES:,} hosts, so those from here on were not read")
            return None
        member = self.hosts.setdefault(name, Member(line))
        member.groups[group] = None
        return member

    def spread(self, pattern: str, group: str, line: int) -> Iterator[Member]:
        """The hosts of a pattern such as `web[01:12].example:2222`; its port is not part of their names."""
        port = _PORT.fullmatch(pattern)
        try:
            names = expand(port[1] if port else pattern)
        except ValueError as error:
            self.refuse(line, f"{error}, so none of them was judged")
            return
        for name in names:
            if member := self.add(name, group, line):
                yield member


class Lookup:
    """Which value of a variable counts for a host: its own, else that of the deepest group, as Ansible has it."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._depths = dict(_depths(inventory))
        self._lines: dict[tuple[str, ...], list[Group]] = {}
        self._steps = 0

    def value(self, host: Member, name: str) -> Value:
        """The value, None where there is none. Raises ValueError where the groups are too many to look at."""
        if name in host.variables:
            return host.variables[name]
        return next((group.variables[name] for group in self._of(host) if name in group.variables), None)

    def _of(self, host: Member) -> list[Group]:
        """All groups of a host, those first that win: of two of one depth the higher priority, then the later name."""
        direct = tuple(sorted(host.groups))
        if direct not in self._lines:
            groups, found = self._inventory.groups, dict.fromkeys((*direct, ALL))
            waiting = list(direct)
            while waiting:
                above = groups[waiting.pop()].above
                waiting += [name for name in above if name not in found]
                found |= above
            self._steps += len(found)
            if self._steps > _MOST_STEPS:
                raise ValueError("its groups are nested in too many ways")
            ranked = sorted(found, key=lambda name: (self._depths.get(name, 0), _priority(groups[name]), name))
            self._lines[direct] = [groups[name] for name in reversed(ranked)]
        return self._lines[direct]


def _priority(group: Group) -> int:
    value = group.variables.get("ansible_group_priority")
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value) else 1


def _depths(inventory: Inventory) -> Iterator[tuple[str, int]]:
    """How many groups are above each, by the longest way; those that contain themselves are a Problem."""
    groups = inventory.groups
    left = Counter({name: len(group.above) for name, group in groups.items()})
    below: dict[str, list[str]] = {}
    for name, group in groups.items():
        for above in group.above:
            below.setdefault(above, []).append(name)
    depths = {name: int(name != ALL) for name in groups}
    waiting = [name for name in groups if not left[name]]
    while waiting:
        name = waiting.pop()
        yield name, depths[name]
        for child in below.get(name, ()):
            depths[child] = max(depths[child], depths[name] + 1)
            left[child] -= 1
            if not left[child]:
                waiting.append(child)
    if stuck := sorted(name for name in groups if left[name]):
        inventory.refuse(0, f"the groups {', '.join(stuck[:5])} are below themselves, so what they say is not certain")
