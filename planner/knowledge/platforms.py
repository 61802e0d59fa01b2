"""What platforms ship as their container engine: the TOML files in `platforms/`, and the user's own."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from planner.errors import KnowledgeError
from planner.knowledge.schema import Sources, VersionText
from planner.model.engine import parse_version
from planner.model.shipment import PlatformKnowledge, Shipment

_FOLDER = Path(__file__).with_name("platforms")


class _ShipsTable(BaseModel):
    """One `[[ships]]` of a platform file: one version, or the range `first` to `last` that updates brought."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    releases: list[str]
    engine: str
    source: Sources
    checked: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    package: str = ""
    version: VersionText | None = None
    first: VersionText | None = None
    last: VersionText | None = None
    stores: list[str] = []
    note: str = ""
    verified: Literal["ran", "read", "inferred"] = "read"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if not self.releases:
            raise ValueError("names no release")
        if (self.first is None) != (self.last is None) or (self.version and self.first):
            raise ValueError("write either `version`, or `first` and `last`")
        if self.first and self.last and parse_version(self.first) > parse_version(self.last):
            raise ValueError("`first` is later than `last`")
        if not (self.version or self.first or self.note):
            raise ValueError("without a version, `note` must say why it is not known")
        return self


class _PlatformFile(BaseModel):
    """A whole platform file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    ask: str
    source: Sources
    aliases: list[str] = []
    note: str = ""
    ships: list[_ShipsTable] = []

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.ships or self.note):
            raise ValueError("without `ships`, `note` must say why nothing is known")
        return self


def load_platforms(extra: Sequence[Path] = ()) -> Mapping[str, PlatformKnowledge]:
    """The shipped platforms by name, then those files of `extra` that are of platforms (they have `ask`).

    A later one of the same name replaces the earlier. Raises KnowledgeError where a file cannot be read or is not as
    its schema says.
    """
    tables = [(path, _read(path)) for path in (*sorted(_FOLDER.glob("*.toml")), *extra)]
    known = (_platform(path, table) for path, table in tables if "ask" in table)
    return {platform.name: platform for platform in known}


def _platform(path: Path, table: dict[str, Any]) -> PlatformKnowledge:
    try:
        file = _PlatformFile.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise KnowledgeError(f"{path.name}: {place}: {first['msg']}; see CONTRIBUTING.md for its form") from error
    return PlatformKnowledge(
        name=file.name,
        title=file.title,
        aliases=tuple(file.aliases),
        ask=file.ask,
        note=file.note,
        shipments=tuple(map(_shipment, file.ships)),
        source=tuple(file.source),
    )


def _shipment(table: _ShipsTable) -> Shipment:
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


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise KnowledgeError(f"cannot read the knowledge file {path}: {error}") from error


def platform_lines() -> list[str]:
    """A line for each platform, for the list of `planner engines`."""
    return [
        f"{p.name:<14} {len(p.releases) or 'no':>4} {'release' if len(p.releases) == 1 else 'releases'}      {p.title}"
        for p in load_platforms().values()
    ]


def platform_text(name: str) -> str | None:
    """All about one platform: what each release ships and from where that is known. None for an unknown name."""
    words = "-".join(name.lower().split())
    found = next((p for p in load_platforms().values() if words in (p.name, *p.aliases)), None)
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
