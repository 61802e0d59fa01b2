"""A report moved below a folder, as if the scanned trees stood side by side."""

import re
from dataclasses import replace

from planner.model.finding import Finding
from planner.model.host import Host
from planner.model.occurrence import Occurrence
from planner.model.report import Report
from planner.model.source import Problem

# What has a meaning in a glob of gitignore, wherever it stands.
_SPECIAL = re.compile(r"([\\*?\[\]!# ])")


def below(name: str, report: Report) -> Report:
    """The report with its files, and the globs of its hosts, below the folder `name`; ids follow from that."""
    moved = {o.id: _occurrence(name, o) for o in report.occurrences}
    return replace(
        report,
        occurrences=tuple(moved.values()),
        hosts=tuple(_host(name, host) for host in report.hosts),
        findings=tuple(_finding(name, f, moved[f.occurrence.id]) for f in report.findings),
        suppressed=tuple(_finding(name, f, moved[f.occurrence.id]) for f in report.suppressed),
        problems=tuple(_problem(name, problem) for problem in report.problems),
        runners={moved[id_].id: running for id_, running in report.runners.items()},
    )


def _finding(name: str, f: Finding, place: Occurrence) -> Finding:
    told = f.suppression and replace(f.suppression, file=f"{name}/{f.suppression.file}")
    return replace(f, occurrence=place, suppression=told)


def _occurrence(name: str, o: Occurrence) -> Occurrence:
    return replace(o, file=f"{name}/{o.file}", used_in=f"{name}/{o.used_in}" if o.used_in else None)


def _host(name: str, host: Host) -> Host:
    runs = tuple(moved_glob(name, glob) for glob in host.runs or ("**",))
    return replace(host, runs=runs, source=f"{name}/{host.source}" if host.source else "")


def _problem(name: str, problem: Problem) -> Problem:
    return replace(problem, subject=f"{name}/{problem.subject}") if problem.about == "file" else problem


def moved_glob(name: str, glob: str) -> str:
    """The glob, as gitignore reads it, for the same files below the folder `name`.

    One without a slash, but at its end, holds in every folder; what matches no file stays as it is.
    """
    mark, pattern = ("!", glob[1:]) if glob.startswith("!") else ("", glob)
    if glob.startswith("#") or not pattern.strip(" /"):
        return glob
    folder = _SPECIAL.sub(r"\\\1", name)
    is_anchored = "/" in pattern.rstrip(" ").removesuffix("/")
    return f"{mark}{folder}/{'' if is_anchored else '**/'}{pattern.removeprefix('/')}"
