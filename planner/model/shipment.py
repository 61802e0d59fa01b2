"""Platforms that bring their container engine with them: operating systems, Kubernetes distributions, products."""

from dataclasses import dataclass

from planner.model.engine import Version


@dataclass(frozen=True, slots=True)
class Shipment:
    """The engine that some releases of a platform ship.

    `releases` are all names of those releases. `package` tells the engines of one release apart, empty where there is
    one only. Updates within a release brought the versions from `low` to `high`, both included; both None: what it
    ships is not known from the release alone, and `note` says why. `stores` are Docker's image stores that its hosts
    may have (empty: the default of the engine's version). `checked` is the date of the look-up, ISO 8601.
    """

    releases: tuple[str, ...]
    package: str
    engine: str
    low: Version | None
    high: Version | None
    stores: tuple[str, ...]
    note: str
    verified: str
    checked: str
    source: tuple[str, ...]

    def holds_for(self, release: str) -> bool:
        """Whether `release` is one of `releases`, written with more detail (12.5 for 12) or without the +k3s1 of it."""
        return any(
            known == release
            or known.startswith(f"{release}+")
            or release.startswith((f"{known}.", f"{known}-", f"{known}+"))
            for known in self.releases
        )


@dataclass(frozen=True, slots=True)
class PlatformKnowledge:
    """All that is known of one platform. `ask` says what to declare where it does not tell, as a sentence's end.

    `note` says why nothing is known from the release alone, where `shipments` is empty.
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    ask: str
    note: str
    shipments: tuple[Shipment, ...]
    source: tuple[str, ...]

    @property
    def releases(self) -> tuple[str, ...]:
        """Every release known, in the order of the file."""
        return tuple(dict.fromkeys(release for shipment in self.shipments for release in shipment.releases))
