"""What the filters of the HTML page know: names by number, and for each part of a finding the numbers that it is of.

Ranges of numbers (`0-11 40-40`) stand for names, so that a page does not grow with hosts x findings.
"""

from collections.abc import Iterable, Sequence

from planner.model.report import Report
from planner.report.escape import visible
from planner.report.page.aggregate import Block, Entry, Line
from planner.report.words import change, unique


class Index:
    """The names that a page filters by: `hosts` as declared, `engines` of the groups, `files` that have findings."""

    def __init__(self, report: Report, blocks: Iterable[Block]) -> None:
        self._runners = report.runners
        self.hosts = unique(host.name for host in report.hosts)
        self.engines = tuple(change(group) for group in report.groups)
        places = [place for block in blocks for entry in block.entries for place in entry.places]
        self.files = tuple(sorted({place.file for place in places}))
        self.registries = tuple(sorted({place.reference.registry for place in places}))
        self._hosts = {name: n for n, name in enumerate(self.hosts)}
        self._files = {name: n for n, name in enumerate(self.files)}

    def names(self) -> dict[str, Sequence[str]]:
        """The names as the script reads them, each by its number; spelled out as on the page, where they are read."""
        lists = {"hosts": self.hosts, "engines": self.engines, "files": self.files}
        return {kind: tuple(map(visible, names)) for kind, names in lists.items()}

    def hosts_of(self, entry: Entry, line: Line) -> str:
        """The hosts of a line; where it names none, those that run the image."""
        running = [] if line.hosts else [self._runners.get(place.id, {}).values() for place in entry.places]
        names = line.hosts or tuple(name for groups in running for hosts in groups for name in hosts)
        return ranges(self._hosts[name] for name in names if name in self._hosts)

    def engines_of(self, entry: Entry, line: Line) -> str:
        """The groups of a line; where it is of none, those that run the image."""
        if line.group is not None:
            return ranges([line.group])
        return ranges(group for place in entry.places for group in self._runners.get(place.id, ()))

    def file(self, name: str) -> int:
        """The number of a file."""
        return self._files[name]

    def files_of(self, entry: Entry) -> str:
        """The files of an entry, those of places that the page leaves out as well."""
        return ranges(self._files[place.file] for place in entry.places)


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as ranges in order: 2, 0, 1 and 7 are `0-2 7-7`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join(f"{low}-{high}" for low, high in runs)
