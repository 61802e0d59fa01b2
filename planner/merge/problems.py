"""What could not be read or checked in any of the reports, and where they contradict one another."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace

from planner.merge.fleet import Fleet
from planner.merge.named import Named
from planner.merge.registries import differing_registries
from planner.model.reference import Reference
from planner.model.report import Report, asked
from planner.model.resolution import ANSWERS
from planner.model.source import Problem


def merged_problems(
    reports: Sequence[Named], hosts: Fleet, unheard: Sequence[Set[Reference]], merged: Report
) -> tuple[Problem, ...]:
    """The problems of all, each once, but for questions that another report has the answer to."""
    found = []
    for n, each in enumerate(reports):
        is_over = _over(each.report, unheard[n], merged)
        kept = (p for p in each.report.problems if p.about != "reference" or not is_over(p.subject))
        found += [_renamed(problem, hosts, n) for problem in kept]
    if not merged.is_list:
        found += [*hosts.problems, *differing_registries(reports), *_without_hosts(reports)]
    return tuple(dict.fromkeys(found))


def _renamed(problem: Problem, hosts: Fleet, position: int) -> Problem:
    if problem.about != "host":
        return problem
    return replace(problem, subject=hosts.names[position].get(problem.subject, problem.subject))


def _over(report: Report, unheard: Set[Reference], merged: Report) -> Callable[[str], bool]:
    """A function that says whether a report's trouble with a reference is over: others are heard on it, and know it.

    What is no occurrence itself is an entry of some index of the same repository: its trouble is over with all of them.
    """
    over: dict[str, list[bool]] = defaultdict(list)
    named = {asked(o.reference) for o in report.occurrences}
    for reference in named:
        found = merged.resolutions.get(reference)
        known = reference in unheard and found is not None and found.state in ANSWERS
        over[reference.pinned].append(known)
        over[reference.name].append(known)
    for reference in report.resolutions.keys() - named:  # asked elsewhere than files say, by a mirror
        found = merged.resolutions[reference]
        over[reference.pinned].append(found.state in ANSWERS and not (found.manifest and found.detail))

    def is_over(subject: str) -> bool:
        concerned = over.get(subject) or over.get(subject.partition("@")[0], [])
        return bool(concerned) and all(concerned)

    return is_over


def _without_hosts(reports: Sequence[Named]) -> Iterator[Problem]:
    """Beside reports with hosts, one without would look as if nobody pulled what it found."""
    if any(each.report.hosts for each in reports):
        for each in reports:
            if each.report.occurrences and not each.report.hosts:
                text = (
                    "this report declares no host, so its pulls were judged for none; declare its hosts (planner.toml "
                    "or --hosts) and scan it again"
                )
                yield Problem("file", each.name, "no-host", text)
