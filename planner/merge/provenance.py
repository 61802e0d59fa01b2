"""What a merged report says of those that it was made of."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from planner import __version__
from planner.merge.named import Named
from planner.model.report import Part, Provenance
from planner.report.words import unique


def merged_provenance(reports: Sequence[Named], *, same_tree: bool) -> Provenance:
    """The provenance of all together: as old as the oldest of them."""
    own = [each.report.provenance for each in reports]
    seen = [each.files_seen for each in own]
    return Provenance(
        version=__version__,
        started=min((each.started for each in own), key=moment_of),
        resolver=", ".join(unique(each.resolver for each in own)),
        files_seen=max(seen) if same_tree else sum(seen),
        knowledge=unique(text for each in own for text in each.knowledge),
        accept=unique(media_type for each in own for media_type in each.accept),
        reports=tuple(part for each in reports for part in _parts(each)),
    )


def _parts(each: Named) -> Iterator[Part]:
    """The report itself or, where it was merged too, those that it was merged from."""
    known = each.report.provenance
    if not known.reports:
        yield Part(each.name, each.report.root, known.version, known.started, known.resolver, known.files_seen)
    for part in known.reports:
        name = f"{each.name}/{part.name}"
        yield Part(name, part.root, part.version, part.started, part.resolver, part.files_seen)


def moment_of(started: str) -> datetime:
    """The time as it is compared; one without a zone is taken for UTC. Raises ValueError."""
    found = datetime.fromisoformat(started)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
