"""What to do first: for each cause that no planned upgrade ends, one sentence, and whom it is for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from planner.model.finding import Finding, Verdict
from planner.model.occurrence import Occurrence
from planner.report.fate import Fate, Position
from planner.report.page.aggregate import Block
from planner.report.words import unique


@dataclass(frozen=True, slots=True)
class Step:
    """The first thing to do about blocks of one verdict. Hosts and places are those that no planned upgrade helps."""

    blocks: tuple[Block, ...]
    text: str
    whose: tuple[tuple[Position, tuple[str, ...]], ...]
    places: tuple[Occurrence, ...]

    @property
    def images(self) -> tuple[str, ...]:
        """The images by their repositories, which is how people call them."""
        return unique(place.reference.repository for place in self.places)


def steps(blocks: Iterable[Block]) -> list[Step]:
    """What to do where no planned upgrade helps, in the order of the blocks; the same for the same hosts once."""
    alike: dict[tuple[object, ...], Step] = {}
    for step in filter(None, map(_step, blocks)):
        key = (step.blocks[0].verdict, step.text, step.whose)
        same = alike.get(key)
        alike[key] = _together(same, step) if same else step
    return list(alike.values())


def _together(one: Step, other: Step) -> Step:
    places = tuple(dict.fromkeys((*one.places, *other.places)))
    return Step((*one.blocks, *other.blocks), one.text, one.whose, places)


def mended(blocks: Iterable[Block]) -> int:
    """How many places break today and need nothing but the planned upgrade."""
    fates: dict[Occurrence, Fate] = {}
    for entry in (e for block in blocks if block.verdict is Verdict.BREAKS for e in block.entries):
        for place in entry.places:
            fates[place] = min(fates.get(place, Fate.MENDED), *(line.fate for line in entry.lines))
    return sum(fate is Fate.MENDED for fate in fates.values())


def _step(block: Block) -> Step | None:
    lines = [line for entry in block.entries for line in entry.lasting]
    findings = [finding for line in lines for finding in line.findings]
    if not any(finding.remedies for finding in findings):
        return None
    hosts: dict[Position, tuple[str, ...]] = {}
    for line in lines:
        hosts[line.group] = unique((*hosts.get(line.group, ()), *line.hosts))
    places = tuple(dict.fromkeys(place for entry in block.entries if entry.lasting for place in entry.places))
    return Step((block,), _advice(findings), tuple(hosts.items()), places)


def _advice(findings: Iterable[Finding]) -> str:
    """The first remedy of all; where they differ, what most of them begin with, up to the part that differs.

    Where even that differs (each closed registry has its own replacement), it says that there are others.
    """
    first = Counter(_short(finding.remedies[0]) for finding in findings if finding.remedies)
    if len(first) > 1:
        first = Counter(text.partition(": ")[0].removesuffix(".") + "." for text in first.elements())
    most = first.most_common(1)[0][0]
    return f"{most} The others have remedies of their own, see below." if len(first) > 1 else most


def _short(remedy: str) -> str:
    """Without the command, which stands with the finding."""
    text, has_command, _ = remedy.partition(": `")
    return f"{text}." if has_command else remedy
