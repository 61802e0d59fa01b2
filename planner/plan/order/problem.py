"""What the search solves, without engines and images: actors that move through places, and links that must hold.

An actor is a group of hosts, a registry or a pin; its places are versions or digests, the first is where it is now.
A link is the pull of one pin by one group, over the registries that it asks: it is broken at some combinations of
places. The rule: a link that is not broken never becomes so. A wave moves any number of actors by one place each, and
the rule holds in whatever order they move within it.
"""

from dataclasses import dataclass
from typing import NamedTuple


class At(NamedTuple):
    """One place of one actor, both by number."""

    actor: int
    place: int


@dataclass(frozen=True, slots=True)
class Preparation:
    """What must be made before an actor may go to a place, in an earlier wave: a copy of an image.

    `barred` are the places of other actors at which it cannot be made.
    """

    barred: frozenset[At] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """`ordered`: its places are met in their order, some perhaps not at all; else in any, each at most once.

    It must end at one of `goals`. `costs` is what it costs to have been at each place, in no unit; to have been at
    `bridges` counts before that. `prepared` says what has to be made before a place is reached. `last_resorts` are
    places for want of any other.
    """

    costs: tuple[int, ...]
    goals: frozenset[int]
    ordered: bool = True
    prepared: tuple[tuple[int, Preparation], ...] = ()
    bridges: frozenset[int] = frozenset()
    last_resorts: frozenset[int] = frozenset()

    @property
    def places(self) -> range:
        """The numbers of its places."""
        return range(len(self.costs))


@dataclass(frozen=True, slots=True)
class Link:
    """`broken` are the combinations of places, one for each of `actors` in their order, at which the pull fails.

    `weight` is how many pulls it stands for.
    """

    actors: tuple[int, ...]
    broken: frozenset[tuple[int, ...]]
    weight: int = 1

    @property
    def is_broken_now(self) -> bool:
        """Whether it fails before anything has moved."""
        return (0,) * len(self.actors) in self.broken


@dataclass(frozen=True, slots=True)
class Turn:
    """An order that is wished for: no actor of `then` reaches its goal in an earlier wave than one of `first` moves."""

    first: tuple[int, ...]
    then: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Actors by number, links and wishes between them."""

    actors: tuple[Actor, ...]
    links: tuple[Link, ...]
    turns: tuple[Turn, ...] = ()


class Leg(NamedTuple):
    """An actor comes to a place in a wave; waves count from 1."""

    wave: int
    actor: int
    place: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """The legs in the order of waves, and in which wave each preparation is made, by the place that needs it.

    `waves` is the number of them. `missed` are the turns that could not be kept. `is_optimal`: no schedule mends more
    or has fewer waves, nor as few with fewer bridges or at lower cost; else the search ran out of its allowance after
    it had found this one.
    """

    legs: tuple[Leg, ...]
    prepared: tuple[tuple[At, int], ...]
    waves: int
    missed: tuple[Turn, ...] = ()
    is_optimal: bool = True
