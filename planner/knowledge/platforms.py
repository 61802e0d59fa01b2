"""What platforms ship as their container engine: the TOML files in `platforms/`, and the user's own."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from planner.knowledge.document import read_document
from planner.knowledge.mistakes import validated
from planner.knowledge.schema import PlatformFile, ShipsTable
from planner.model.engine import parse_version
from planner.model.shipment import PlatformKnowledge, Shipment

_FOLDER = Path(__file__).with_name("platforms")


def load_platforms(extra: Sequence[Path] = ()) -> Mapping[str, PlatformKnowledge]:
    """The shipped platforms by name, then those files of `extra` that are of platforms (they have `ask`).

    A later one of the same name replaces the earlier. Raises KnowledgeError, with every mistake and its line, where a
    file cannot be read or is not as its schema says.
    """
    documents = map(read_document, (*sorted(_FOLDER.glob("*.toml")), *extra))
    files = (validated(document, PlatformFile) for document in documents if "ask" in document.members)
    return {file.name: _platform(file) for file in files}


def _platform(file: PlatformFile) -> PlatformKnowledge:
    return PlatformKnowledge(
        name=file.name,
        title=file.title,
        aliases=tuple(file.aliases),
        ask=file.ask,
        note=file.note,
        shipments=tuple(map(_shipment, file.ships)),
        source=tuple(file.source),
    )


def _shipment(table: ShipsTable) -> Shipment:
    low, high = table.version or table.first, table.version or table.last
    return Shipment(
        releases=tuple(table.releases),
        package=table.package,
        engine=table.engine,
        low=parse_version(low) if low else None,
        high=parse_version(high) if high else None,
        stores=tuple(table.stores),
        note=table.note,
        verified=table.verified,
        checked=table.checked,
        source=tuple(table.source),
    )


def platform_lines(extra: Sequence[Path] = ()) -> list[str]:
    """A line for each platform, for the list of `planner engines`; `extra` as for load_platforms."""
    return [
        f"{p.name:<17} {len(p.releases) or 'no':>4} {'release' if len(p.releases) == 1 else 'releases'}      {p.title}"
        for p in load_platforms(extra).values()
    ]


def platform_text(name: str, extra: Sequence[Path] = ()) -> str | None:
    """All about one platform: what each release ships and from where that is known. None for an unknown name.

    `extra` as for load_platforms.
    """
    words = "-".join(name.lower().split())
    found = next((p for p in load_platforms(extra).values() if words in (p.name, *p.aliases)), None)
    return "\n".join(_lines(found)) + "\n" if found else None


def _lines(platform: PlatformKnowledge) -> Iterator[str]:
    yield f"{platform.title} ({platform.name}): what its releases ship, declared as an engine"
    yield f"source: {'; '.join(platform.source)}"
    if platform.aliases:
        yield f"also called {', '.join(platform.aliases)}"
    if platform.note:
        yield platform.note
    yield f"where it does not tell: {platform.ask}"
    for s in platform.shipments:
        package = f" {s.package}" if s.package else ""
        yield f"\n{platform.name} {', '.join(s.releases)}{package}"
        yield f"  {versions(s)}" + (f" ({' or '.join(s.stores)} store)" if s.stores else "")
        if s.note:
            yield f"  {s.note}"
        yield f"  {s.verified}, checked {s.checked}: {'; '.join(s.source)}"


def versions(shipment: Shipment) -> str:
    """The engine and its versions: `docker 26.1.5`, `docker 20.10.12 to 29.1.3`."""
    if shipment.low is None:
        return f"{shipment.engine}, version not known from the release"
    last = "" if shipment.low == shipment.high else f" to {shipment.high}"
    return f"{shipment.engine} {shipment.low}{last}"
