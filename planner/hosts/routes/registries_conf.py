"""registries.conf of podman, CRI-O, Buildah and skopeo: locations, mirrors and blocks by prefix of the name.

As containers/image reads it (pkg/sysregistriesv2/system_registries_v2.go; containers-registries.conf.5): the table
with the longest prefix counts, mirrors come before the location. A block is looked up under the name that is asked for
in the end (docker/docker_client.go, newDockerClient): it stops neither the mirrors of its own table nor a pull that
its table sends elsewhere (run: skopeo 1.9.3 and podman 4.3.1).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from planner.hosts.routes.file import ConfigFile, Kind, RouteError, toml, unasked, unread, validated
from planner.model.reference import Reference
from planner.model.route import Place, Route, Rule, at

_WILDCARD = re.compile(r"\*\.[A-Za-z0-9.-]+(:[0-9]+)?")
# Words that decide nothing for a name with its registry.
_OTHER = (
    "additional-layer-store-auth-helper",
    "aliases",
    "credential-helpers",
    "short-name-mode",
)


class _Table(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class _Mirror(_Table):
    location: str = ""
    insecure: StrictBool = False
    pull_from_mirror: Literal["", "all", "digest-only", "tag-only"] = Field(default="", alias="pull-from-mirror")


class _Registry(_Mirror):
    prefix: str = ""
    blocked: StrictBool = False
    mirror_by_digest_only: StrictBool = Field(default=False, alias="mirror-by-digest-only")
    mirror: list[_Mirror] = []

    @property
    def about(self) -> str:
        return (self.prefix or self.location).rstrip("/")


class _List(_Table):
    registries: list[str] = []


class _Version1(_Table):
    search: _List = _List()
    insecure: _List = _List()
    block: _List = _List()


class _File(_Table):
    registry: list[_Registry] = []
    registries: _Version1 = _Version1()
    search: list[str] = Field(default=[], alias="unqualified-search-registries")


def read(names: tuple[str, ...], files: Sequence[ConfigFile]) -> Route:
    """The route of one such file, or of several as of registries.conf.d: a later one replaces tables by prefix."""
    rules: dict[str, Rule] = {}
    insecure: set[str] = set()
    doubts: list[str] = []
    search: tuple[str, ...] = ()
    for file in files:
        parsed = validated(file, _File, toml(file))
        search = tuple(parsed.search or parsed.registries.search.registries) or search
        doubts += unread(file, parsed, _OTHER)
        own: dict[str, Rule] = {}
        for table in _tables(file, parsed):
            where = f"{file.path}, [[registry]] {table.about}"
            if table.about in own:
                raise RouteError(f"{where} is there twice; releases differ in which one they take, so remove one")
            own[table.about] = _rule(where, table)
            insecure.update(_insecure(table))
            doubts += [*unread(file, table, (), f"[[registry]] {table.about}"), *_doubts(own[table.about])]
            doubts += [text for mirror in table.mirror for text in unread(file, mirror, (), f"mirror of {table.about}")]
        rules |= own
    return Route(names, tuple(rules.values()), frozenset(insecure), search, tuple(doubts))


def _tables(file: ConfigFile, parsed: _File) -> Iterator[_Registry]:
    """The tables of a file, those of version 1 as they would be written in version 2."""
    old = parsed.registries
    if parsed.registry and any((old.search.registries, old.insecure.registries, old.block.registries)):
        raise RouteError(f"{file.path} mixes [registries.…] and [[registry]], which engines refuse; write [[registry]]")
    insecure = set(old.insecure.registries)
    names = dict.fromkeys((*old.block.registries, *old.insecure.registries))
    blocked = set(old.block.registries)
    first = [_Registry(location=name, blocked=name in blocked, insecure=name in insecure) for name in names]
    for table in (*first, *parsed.registry):
        _check(file, table)
        yield table


def _check(file: ConfigFile, table: _Registry) -> None:
    """Refuse what engines refuse: they then pull nothing at all."""
    locations = (table.location, *(mirror.location for mirror in table.mirror))
    if any("@" in location for location in locations):
        raise RouteError(f"{file.path}: a location has an @ in it; engines want host[:port][/path] and nothing else")
    where = f"{file.path}: [[registry]] {table.about}".rstrip()
    if not table.location and not table.prefix.startswith("*."):
        raise RouteError(f"{where} has no location; only a prefix such as *.example.com goes without")
    if table.prefix.startswith("*.") and not _WILDCARD.fullmatch(table.prefix):
        raise RouteError(f"{where}: a prefix with * is host names below another one, such as *.example.com")
    if table.pull_from_mirror:
        raise RouteError(f"{where} has pull-from-mirror, which belongs into [[registry.mirror]]")
    if table.mirror_by_digest_only and any(mirror.pull_from_mirror for mirror in table.mirror):
        raise RouteError(f"{where} has mirror-by-digest-only and pull-from-mirror; engines take one of them")
    if any(not mirror.location for mirror in table.mirror):
        raise RouteError(f"{where} has a mirror without location; write where it is")
    if any("://" in location for location in (table.prefix, *locations)):
        raise RouteError(f"{where} has a URL; engines want host[:port][/path] without http:// or https://")


def _rule(where: str, table: _Registry) -> Rule:
    mirrors = [_mirror(mirror, table.mirror_by_digest_only) for mirror in table.mirror]
    upstream = _place(table.location) if table.location.rstrip("/") not in ("", table.about) else Place()
    return Rule(table.about, (*mirrors, upstream), where, table.blocked)


def _mirror(mirror: _Mirror, by_digest_only: bool) -> Place:
    return replace(
        _place(mirror.location),
        digests=mirror.pull_from_mirror != "tag-only",
        tags=mirror.pull_from_mirror != "digest-only" and not by_digest_only,
    )


def _place(location: str) -> Place:
    """A location takes the place of the prefix; it may be a whole repository, and the name then ends with it."""
    location = location.rstrip("/")
    if at(f"{location}/name", Reference("", "")) is None:
        return Place(unknown=f"the location {location!r} is no host[:port][/path] as it can stand in a reference")
    return Place(location)


def _doubts(rule: Rule) -> Iterator[str]:
    """What cannot be applied. A prefix with a tag or digest is taken by some releases and matches nothing in others."""
    if "@" in rule.prefix or ":" in rule.prefix.partition("/")[2]:
        yield f"{rule.where}: a prefix with a tag or digest was not applied; planner knows hosts and repositories"
    yield from unasked(rule)


def _insecure(table: _Registry) -> Iterator[str]:
    for each in (table, *table.mirror):
        if each.insecure and (found := at(f"{each.location}/name", Reference("", ""))):
            yield found.registry


KIND = Kind("registries.conf", "registries.conf", lambda file: file.name.endswith(".conf"), read)
