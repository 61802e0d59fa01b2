"""hosts.toml of containerd: the hosts that are asked in place of, or before, one registry.

As containerd reads it (core/remotes/docker/config/hosts.go; resolver.go, Resolve; run: containerd 1.6.20): the folder
is named like the registry, with `host_port_` for a port, or `_default` for every other one. Hosts are asked in the
order of the file, then `server`, which is the registry itself where it is not named; there is no other way on. Hosts
without `pull` are not asked, and for a tag only those with `resolve` as well. Without override_path, `/v2` is put
behind a path that does not end with it.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, StrictBool

from planner.hosts.routes.file import (
    ConfigFile,
    Kind,
    RouteError,
    address,
    place,
    registry,
    toml,
    unasked,
    unread,
    validated,
)
from planner.model.reference import Reference
from planner.model.route import Place, Route, Rule, at

_ANY = "_default"
_CAPABILITIES = {"pull", "resolve", "push"}
# Words that say how to connect, not where.
_CONNECTION = ("ca", "client", "header", "dial_timeout")
# github.com/containerd/containerd/issues/10027; run: containerd 1.6.20
_NO_TREE = "a file with server and no [host] is passed over by releases before 2.0: add the line [host] at its end"
# k3s, rke2: names are rewritten by regular expressions that have no counterpart here.
_REWRITE = "rewrite"


class _Host(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    capabilities: list[str] = []
    override_path: StrictBool = False
    skip_verify: StrictBool | None = None


class _File(_Host):
    server: str = ""
    host: dict[str, _Host] = {}


def read(names: tuple[str, ...], files: Sequence[ConfigFile]) -> Route:
    """The route of the files, one for each registry."""
    rules: dict[str, Rule] = {}
    insecure: set[str] = set()
    doubts: list[str] = []
    for file in files:
        prefix = _prefix(file)
        if prefix in rules:
            raise RouteError(f"{file.path}: there is another hosts.toml for the same registry; name one of them")
        parsed = validated(file, _File, toml(file))
        rules[prefix] = Rule(prefix, tuple(_places(file, parsed)), file.path)
        insecure.update(_insecure(parsed))
        doubts += unread(file, parsed, (*_CONNECTION, _REWRITE))
        for url, host in parsed.host.items():
            doubts += unread(file, host, (*_CONNECTION, _REWRITE), f'[host."{url}"]')
        doubts += unasked(rules[prefix])
    return Route(names, tuple(rules.values()), frozenset(insecure), doubts=tuple(doubts))


def _prefix(file: ConfigFile) -> str:
    """What names begin with that a file is about, by the folder that it is in."""
    if file.folder == _ANY:
        return ""
    host = re.sub(r"_(\d+)_$", r":\1", file.folder)
    found = at(f"{host}/name", Reference("", ""))
    if found is None:
        raise RouteError(
            f"{file.path} is in the folder {file.folder!r}, which is no registry; put it into a folder named as in "
            "certs.d: docker.io, registry.example_5000_, _default"
        )
    return f"{found.registry}/"


def _places(file: ConfigFile, parsed: _File) -> Iterator[Place]:
    for url, host in parsed.host.items():
        yield _place(file, url, host)
    last = _place(file, parsed.server, parsed) if parsed.server else Place()
    yield last if "host" in parsed.model_fields_set or not parsed.server else Place(unknown=_NO_TREE)


def _place(file: ConfigFile, url: str, host: _Host) -> Place:
    found = address(url)
    if found is None:
        raise RouteError(f"{file.path}: a host is no URL such as https://mirror.example; correct it and run again")
    if strange := sorted({word.lower() for word in host.capabilities} - _CAPABILITIES):
        raise RouteError(
            f"{file.path}: {strange[0]!r} is no capability (pull, resolve, push), for which the engine passes over the "
            "whole file; correct it there as well"
        )
    scheme, name, path = found
    root = posixpath.normpath(path) if path else ""
    if not host.override_path and not root.endswith("/v2"):
        root += "/v2"
    where = place(registry(scheme, name), root)
    if _REWRITE in (host.model_extra or {}):
        where = Place(unknown=f"names are rewritten for {name}, which planner cannot follow")
    may = {word.lower() for word in host.capabilities} or _CAPABILITIES
    return replace(where, digests="pull" in may, tags={"pull", "resolve"} <= may)


def _insecure(parsed: _File) -> Iterator[str]:
    """Hosts that are asked over plain HTTP or whose certificate is not looked at; those that are no URL have none."""
    for url, host in (*parsed.host.items(), (parsed.server, parsed)):
        found = address(url)
        if found and (found[0] == "http" or host.skip_verify):
            yield registry(found[0], found[1])


KIND = Kind("hosts.toml", "hosts.toml (or a folder of them, as certs.d)", lambda file: file.name == "hosts.toml", read)
