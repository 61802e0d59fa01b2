"""Hosts: machines or groups that run an engine now and perhaps another after the upgrade; registries likewise."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from planner.model.engine import Software, Version
from planner.model.moment import Moment
from planner.model.platform import Platform
from planner.model.route import Route

LINUX_AMD64 = Platform("linux", "amd64")


@dataclass(frozen=True, slots=True)
class Host:
    """One machine, or a group that is declared as one.

    `target` is the engine after the planned upgrade (None: it stays). `store` is Docker's image store, `client`
    who asks containerd; empty: the default of the version. `switches` are the re-enabling switches that are set.
    `runs` are globs below the scan root: the files whose images this host pulls; empty: all. `source` is where it is
    declared. Where a platform that ships the engine was declared, `declared` and `declared_target` are its words, and
    `engine_origin` and `target_origin` say where the versions come from; no verdict depends on these four. Where the
    platform leaves the version open, the host may have any from `engine_since` (`target_since`) up to the engine's.
    `registry_config` are the files of the engine that say where it asks for images, as declared, and `route` is what
    they say (None: no such file is declared). `ring` is its place in the canary order, the lowest first (None: it has
    none). `labels` are those of a node of a cluster, by which pods choose it; empty: it is no node.
    """

    name: str
    engine: Software
    target: Software | None = None
    store: str = ""
    client: str = ""
    switches: frozenset[str] = frozenset()
    platform: Platform = LINUX_AMD64
    runs: tuple[str, ...] = ()
    source: str = ""
    declared: str = ""
    declared_target: str = ""
    engine_origin: str = ""
    target_origin: str = ""
    engine_since: Version | None = None
    target_since: Version | None = None
    registry_config: tuple[str, ...] = ()
    route: Route | None = None
    ring: int | None = None
    labels: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class HostRule:
    """What planner.toml says of hosts that a file declares, where the file itself does not say it.

    It is for those whose name matches one of `names` and whose engine's name matches `engine`; both are shell patterns.
    The others are as in Host, but `target` is as written: a version alone is one of the host's own engine.
    """

    names: tuple[str, ...] = ("*",)
    engine: str = "*"
    target: str = ""
    store: str = ""
    client: str = ""
    switches: frozenset[str] = frozenset()
    runs: tuple[str, ...] = ()
    ring: int | None = None

    def is_for(self, host: Host) -> bool:
        """Whether the rule is for this host."""
        return fnmatchcase(host.engine.name, self.engine) and any(fnmatchcase(host.name, name) for name in self.names)


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry as software with a version, declared by the user: nothing it sends tells its version dependably.

    `software` is None where only `insecure` is declared. `insecure` means plain HTTP or unverified TLS.
    """

    host: str
    software: Software | None = None
    target: Software | None = None
    insecure: bool = False

    def at(self, moment: Moment) -> Software | None:
        """What it runs at that moment."""
        return self.target if moment is Moment.AFTER and self.target else self.software


def is_loopback(registry: str) -> bool:
    """Whether engines take this registry over plain HTTP without being told so (127.0.0.0/8, ::1, localhost)."""
    host = registry.rpartition(":")[0] if registry.rpartition(":")[2].isdigit() else registry
    return host in ("localhost", "[::1]") or fnmatchcase(host, "127.*.*.*")
