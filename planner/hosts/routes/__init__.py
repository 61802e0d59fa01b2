"""Where the engine of a host asks: one module per kind of its configuration files. Pure: texts in, a Route out."""

from collections.abc import Sequence
from dataclasses import replace

from planner.hosts.routes import daemon_json, hosts_toml, registries_conf
from planner.hosts.routes.file import ConfigFile, Kind, RouteError
from planner.model.route import Route

__all__ = ["ConfigFile", "RouteError", "route_of"]

_KINDS = (registries_conf.KIND, daemon_json.KIND, hosts_toml.KIND)


def route_of(names: Sequence[str], files: Sequence[ConfigFile]) -> Route:
    """The route that `files` declare together; `names` are those that the user gave. Raises RouteError.

    An engine reads files of one kind, so several kinds for one host are refused.
    """
    kinds = {file.path: _kind(file) for file in files}
    if len(set(kinds.values())) > 1:
        paths = " and ".join(kinds)
        raise RouteError(f"{paths} are read by different engines; name those of the engine of this host")
    for kind in kinds.values():
        return replace(kind.read(tuple(names), files), kind=kind.name)
    return Route(tuple(names))


def _kind(file: ConfigFile) -> Kind:
    found = next((kind for kind in _KINDS if kind.claims(file)), None)
    if found is None:
        known = ", ".join(kind.title for kind in _KINDS)
        raise RouteError(f"{file.path} is no registry configuration that planner reads; it reads {known}")
    return found
