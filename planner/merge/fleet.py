"""The hosts and groups of several reports as those of one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.merge.named import Named
from planner.model.engine import Software
from planner.model.finding import Finding, HostGroup
from planner.model.host import Host
from planner.model.report import Report
from planner.model.source import Problem
from planner.report.words import unique

# What a verdict depends on: the host without its name and files, and its group.
Nature = tuple[Host, HostGroup]


@dataclass(frozen=True, slots=True)
class Fleet:
    """All hosts and groups. `turn` is where each host stands in them.

    For each report: `names` are the new names of its hosts, `positions` those of its groups.
    """

    hosts: tuple[Host, ...]
    groups: tuple[HostGroup, ...]
    names: tuple[Mapping[str, str], ...]
    positions: tuple[tuple[int, ...], ...]
    problems: tuple[Problem, ...]
    turn: Mapping[str, int]

    def placed(self, report: int, finding: Finding, group: int | None) -> Finding:
        """A finding of the report with that number, whose group is `group` there, under the new names."""
        if group is None:
            return finding
        names = self.names[report]
        new = self.groups[self.positions[report][group]]
        return replace(finding, group=new, hosts=tuple(names[host] for host in finding.hosts))


def fleet(reports: Sequence[Named]) -> Fleet:
    """Hosts of one name and nature are one, which runs the files of all; of one name only, they get their report's."""
    declared: dict[str, dict[Nature, list[tuple[str, Host]]]] = defaultdict(dict)
    natures = [_natures(each.report) for each in reports]
    for each, known in zip(reports, natures, strict=True):
        for host in each.report.hosts:
            declared[host.name].setdefault(known[host.name], []).append((each.name, host))
    named = _told_apart(declared)
    groups: dict[HostGroup, list[str]] = defaultdict(list)
    for (_, nature), name in named.items():
        groups[nature[1]].append(name)
    first = {_plain_group(group): group for each in reversed(reports) for group in reversed(each.report.groups)}
    position = {group: n for n, group in enumerate(groups)}
    return Fleet(
        hosts=tuple(_one_host(new, [h for _, h in declared[old][nature]]) for (old, nature), new in named.items()),
        groups=tuple(replace(first[group], hosts=tuple(names)) for group, names in groups.items()),
        names=tuple({name: named[name, nature] for name, nature in known.items()} for known in natures),
        positions=tuple(tuple(position[_plain_group(g)] for g in each.report.groups) for each in reports),
        problems=tuple(_differing(declared, named)),
        turn={name: n for n, name in enumerate(named.values())},
    )


def differing_host(reports: Sequence[Named]) -> str:
    """A host that is not the same in all reports, files included, in words; empty if there is none."""
    first, *others = ({host.name: host for host in each.report.hosts} for each in reports)
    natures = [_natures(each.report) for each in reports]
    for n, hosts in enumerate(others, 1):
        for name in [*first, *hosts]:
            one, other = first.get(name), hosts.get(name)
            if not one or not other:
                which = reports[n if other else 0].name
                return f"the host {name} is declared in {which} only"
            if natures[0][name] != natures[n][name] or one.runs != other.runs:
                return f"the host {name} is not the same in {reports[0].name} and {reports[n].name}"
    return ""


def _natures(report: Report) -> dict[str, Nature]:
    groups = {name: plain for group in report.groups for plain in [_plain_group(group)] for name in group.hosts}
    return {host.name: (_plain_host(host), groups[host.name]) for host in report.hosts}


def _plain_host(host: Host) -> Host:
    """The host by what a verdict depends on, so that ways to declare the same are equal."""
    return replace(
        host,
        name="",
        engine=_plain(host.engine),
        target=_plain(host.target) if host.target else None,
        runs=(),
        source="",
        declared="",
        declared_target="",
        engine_origin="",
        target_origin="",
    )


def _plain_group(group: HostGroup) -> HostGroup:
    return replace(group, engine=_plain(group.engine), target=_plain(group.target) if group.target else None, hosts=())


def _plain(software: Software) -> Software:
    """By name and version as reports show it: `26.1.3 to 26.1.5` is another than 26.1.5, though it orders alike."""
    return replace(software, text=str(software.version), why="") if software.version else software


def _told_apart(declared: Mapping[str, Mapping[Nature, Sequence[tuple[str, Host]]]]) -> dict[tuple[str, Nature], str]:
    """The new name of each host, in their order: its own unless reports disagree on it, and then with its report's."""
    named: dict[tuple[str, Nature], str] = {}
    taken = set(declared)
    for name, natures in declared.items():
        for nature, where in natures.items():
            new = name
            while len(natures) > 1 and new in taken:
                new = f"{new} ({where[0][0]})"
            taken.add(new)
            named[name, nature] = new
    return named


def _one_host(name: str, same: Sequence[Host]) -> Host:
    runs = tuple(glob for globs in dict.fromkeys(host.runs for host in same) for glob in globs)
    return replace(same[0], name=name, runs=runs, source=", ".join(unique(host.source for host in same)))


def _differing(
    declared: Mapping[str, Mapping[Nature, Sequence[tuple[str, Host]]]], named: Mapping[tuple[str, Nature], str]
) -> Iterator[Problem]:
    for name, natures in declared.items():
        if len(natures) > 1:
            told = [f"{_words(nature[1])} in {', '.join(r for r, _ in where)}" for nature, where in natures.items()]
            new = ", ".join(named[name, nature] for nature in natures)
            text = (
                f"declared as {'; as '.join(told)}: they were judged each as its report says, and are {new} here; if "
                "it is one host, declare it alike and scan again, else give each a name of its own"
            )
            yield Problem("host", name, "host-differs", text)


def _words(group: HostGroup) -> str:
    switches = "".join(f", {switch}" for switch in sorted(group.switches))
    return f"{group.label}, {group.platform}{switches}"
