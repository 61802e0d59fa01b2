"""The plan: steps from what is declared to what is wanted, in an order in which no pull that works stops working."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from planner.model.occurrence import Occurrence
from planner.model.platform import Platform
from planner.model.reference import Reference

# The program that makes copies, and how it names an image at a registry.
COPY_PROGRAM = "skopeo"
AT_REGISTRY = "docker://"


class StepKind(StrEnum):
    """What a step changes."""

    CONVERT = "convert"  # a copy of an image in another form, under a new name: nothing that exists is changed
    REGISTRY_UPGRADE = "registry-upgrade"
    SWITCH = "switch"  # a setting of the engine that lets it do what its version has off by default
    UPGRADE = "upgrade"  # of an engine; a downgrade too
    REPIN = "repin"


@dataclass(frozen=True, slots=True)
class Conversion:
    """A copy to make. `destination` has a tag of its own and no digest, which nobody knows before the copy is made.

    `format` is what skopeo calls it: v2s2 (schema 2, manifest lists), v2s1 (schema 1) or oci. `platform` is the one
    image of an index that is copied; None: all of them. `gzip`: the layers are compressed anew.
    """

    source: Reference
    destination: Reference
    format: str
    platform: Platform | None = None
    gzip: bool = False


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull that must work after a step: who pulls what, and the digest that must arrive.

    `command` is what to type on the host. `reference` is by digest where it is known. `unproven` says why planner
    cannot tell that it works; empty: assess says that it does.
    """

    hosts: tuple[str, ...]
    reference: Reference
    command: str
    unproven: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One change. Steps of one wave may be done in any order, but for rings; a wave begins when the last is done.

    `hosts` are those that change, or that pull what changes. `before` and `after` are what it changes: software with
    version, switches, or pinned references. `occurrences` are the places to edit (of a re-pin), or the pulls that it
    is done for. `old_reference` and `new_reference` are those of a re-pin or conversion; what a conversion will give
    has no digest yet. `why` is one sentence. `commands` are for a shell, in order; `check` says what to see before
    the next wave, `pulls` are the pulls to try. `backout` is how to undo it, empty where that is impossible, which
    `no_backout` then explains. `costs` says what else it changes: content, signatures, platforms, layers to download.
    `unproven` are the pulls that nobody could check, each as a sentence: the step hangs on them. `ring` is the canary
    order within the wave (None: hosts without one, last). `is_bridge`: the upgrade is not to the declared target.
    """

    wave: int
    kind: StepKind
    hosts: tuple[str, ...]
    before: str
    after: str
    why: str
    occurrences: tuple[Occurrence, ...] = ()
    old_reference: Reference | None = None
    new_reference: Reference | None = None
    conversion: Conversion | None = None
    commands: tuple[str, ...] = ()
    check: str = ""
    pulls: tuple[Pull, ...] = ()
    backout: str = ""
    no_backout: str = ""
    costs: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    ring: int | None = None
    is_bridge: bool = False

    @property
    def id(self) -> str:
        """Twelve characters, the first an `s`; stable between runs while what it changes stays, whatever the wave."""
        places = sorted(occurrence.id for occurrence in self.occurrences)
        words = (self.kind, self.before, self.after, str(self.old_reference), str(self.new_reference))
        return "s" + hashlib.sha256("\0".join((*words, *sorted(self.hosts), *places)).encode()).hexdigest()[:11]


@dataclass(frozen=True, slots=True)
class Blocked:
    """What stands against a change, as few facts as make it impossible: leave out any one of them and it can be done.

    `hosts` (or registries) are held where they are, or pull what stays broken; `occurrences` and `cause` are the pulls
    that forbid it. `held` is the target that is given up, empty where nothing is held and a pull merely stays broken.
    `lifts` are changes that would each do away with what is told here, and maybe show what else is in the way.
    """

    hosts: tuple[str, ...]
    occurrences: tuple[Occurrence, ...]
    cause: str
    why: str
    held: str = ""
    lifts: tuple[str, ...] = ()

    @property
    def is_tried(self) -> bool:
        """Whether each of `lifts` was tried on these facts; else they are advice that is known for the cause."""
        return bool(self.held and self.occurrences)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """For hosts without a target: how far they can go with the pins as they are.

    `now` is what they run, `newest` the newest known version that pulls all that they pull today, empty where even
    `now` is unknown. `next` is the first version that does not, empty where nothing stands in the way; `obstacles`
    are the pulls that break there, with their causes.
    """

    hosts: tuple[str, ...]
    now: str
    newest: str
    next: str = ""
    obstacles: tuple[tuple[Occurrence, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in the order to carry them out.

    `feasible`: every declared target is reached, and no pull of a host stays broken. `notes` are sentences on the
    whole, such as a ring order that cannot be kept.
    """

    feasible: bool
    steps: tuple[Step, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def waves(self) -> tuple[tuple[Step, ...], ...]:
        """The steps of each wave, first to last."""
        numbers = sorted({step.wave for step in self.steps})
        return tuple(tuple(step for step in self.steps if step.wave == number) for number in numbers)


@dataclass(frozen=True, slots=True)
class Move:
    """A row of mapping.csv: where `old` stands, `new` shall stand; in `files` alone, or everywhere if none are named.

    `files` are relative to the scanned path. `wave` is that of the plan, None where there was none.
    """

    old: Reference
    new: Reference
    why: str
    files: tuple[str, ...] = ()
    wave: int | None = None
