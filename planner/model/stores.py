"""What a registry takes when it is pushed."""

from dataclasses import dataclass

from planner.model.engine import Range


@dataclass(frozen=True, slots=True)
class Stores:
    """Whether a range of registry versions stores what is pushed; of several, the first that names the type holds.

    `types` are media types of manifests (empty: any). Where it does not take them, `status` (0: no source names it) and
    `message` are its answer, and `switch` is the setting of the registry by which it takes them after all.
    """

    versions: Range
    takes: bool
    source: tuple[str, ...]
    types: frozenset[str] = frozenset()
    status: int = 0
    message: str = ""
    switch: str = ""
    verified: str = "read"


@dataclass(frozen=True, slots=True)
class ReadOnly:
    """Where those who pull cannot push: only the owner publishes there. `match` are hosts, or hosts with namespaces."""

    match: tuple[str, ...]
    source: tuple[str, ...]
    verified: str = "read"
