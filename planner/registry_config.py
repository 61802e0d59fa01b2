"""Reading the files that `registry_config` of a host names: the edge of planner.hosts.routes, which is pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from planner.errors import UsageError
from planner.hosts.routes import ConfigFile, RouteError, route_of
from planner.model.host import Host
from planner.model.route import Route
from planner.settings import read_declaration

_MOST_REGISTRIES = 1_000
Known = dict[tuple[str, ...], Route]


def with_routes(hosts: Iterable[Host], folder: Path, known: Known | None = None) -> Iterator[Host]:
    """The hosts with what their files say, which are named relative to `folder`. Raises UsageError for a bad file.

    `known` keeps what was read of the same folder.
    """
    known = {} if known is None else known
    for host in hosts:
        names = host.registry_config
        if not names:
            yield host
            continue
        if names not in known:
            known[names] = _route(names, folder)
        yield replace(host, route=known[names])


def _route(names: tuple[str, ...], folder: Path) -> Route:
    files = [file for name in names for file in _files(name, folder / name)]
    try:
        return route_of(names, files)
    except RouteError as error:
        raise UsageError(str(error)) from error


def _files(name: str, path: Path) -> Iterator[ConfigFile]:
    """The file, or a folder's: those of `registries.conf.d`, or one for each registry of a `certs.d`.

    A registry whose folder has no hosts.toml is asked itself, and not as `_default` says: an empty file says so.
    """
    if not path.is_dir():
        yield ConfigFile(name, read_declaration(path), path.absolute().parent.name)
        return
    try:
        inside = sorted(each for each in path.iterdir() if not each.name.startswith("."))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    folders = [each for each in inside if each.is_dir()]
    drop_ins = [each for each in inside if each.suffix == ".conf"]
    if len(folders) > _MOST_REGISTRIES or not (folders or drop_ins):
        many = "too many" if folders else "no"
        raise UsageError(f"{path} has {many} folders of registries; name one such as certs.d")
    for each in drop_ins:
        yield ConfigFile(f"{name.rstrip('/')}/{each.name}", read_declaration(each), path.name)
    for each in folders:
        hosts = each / "hosts.toml"
        text = read_declaration(hosts) if hosts.exists() else ""
        yield ConfigFile(f"{name.rstrip('/')}/{each.name}/hosts.toml", text, each.name)
