"""The anchors of the HTML page: the same for the same finding in every run, so that links of last week lead there."""

import hashlib
from collections.abc import Callable, Iterable

from planner.model.finding import Finding
from planner.report.page.aggregate import Block, Entry


def block_id(block: Block) -> str:
    """The anchor of a cause: a word that no host, file or finding id can be mistaken for."""
    return f"cause-{block.verdict.value}-{_short(block.cause.id)}"


def entry_id(entry: Entry) -> str:
    """The anchor of an image with a cause, at the places that it is met at by the same hosts."""
    places = sorted(place.id for place in entry.places)
    return f"image-{_short(entry.verdict.value, entry.cause, entry.image.pinned, *places)}"


def linker(found: Iterable[Block], shown: frozenset[str]) -> Callable[[Finding], str]:
    """A function that names the anchor of a finding: its own, or its cause's where the finding is not `shown`."""
    causes = {(block.cause.id, block.verdict): block_id(block) for block in found}

    def link(finding: Finding) -> str:
        if finding.suppression:
            return "suppressed"
        return finding.id if finding.id in shown else causes[finding.outcome.cause, finding.verdict]

    return link


def block_finder(found: Iterable[Block]) -> Callable[[Finding], Block]:
    """A function that names the block a finding is in."""
    known = {(block.cause.id, block.verdict): block for block in found}
    return lambda finding: known[finding.outcome.cause, finding.verdict]


def _short(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:8]
