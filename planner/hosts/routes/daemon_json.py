"""daemon.json of Docker: `registry-mirrors`, which it asks for images of Docker Hub alone.

As moby reads it (registry/service_v2.go, lookupV2Endpoints): the mirrors in order, then Docker Hub; whatever error a
mirror answers leads on (distribution/errors.go, continueOnError).
"""

import json
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictStr

from planner.hosts.routes.file import ConfigFile, Kind, RouteError, address, place, registry, unasked, validated
from planner.model.route import Place, Route, Rule


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    mirrors: Annotated[list[StrictStr], Field(alias="registry-mirrors")] = []


def read(names: tuple[str, ...], files: Sequence[ConfigFile]) -> Route:
    """The route of the file. A daemon reads one only, so there may be no second one."""
    file = files[0]
    if len(files) > 1:
        raise RouteError(f"{file.path} and {files[1].path}: a daemon reads one daemon.json; name that of this host")
    try:
        table = json.loads(file.text)
    except (ValueError, RecursionError) as error:
        raise RouteError(f"{file.path} is no JSON: {error or 'nested too deep'}; correct it and run again") from error
    mirrors = validated(file, _File, table).mirrors
    if not mirrors:
        return Route(names)
    where = f"{file.path}, registry-mirrors"
    found = [_place(file, url) for url in mirrors]
    rule = Rule("docker.io/", (*(mirror for mirror, _ in found), Place()), where)
    insecure = frozenset(host for _, host in found if host)
    return Route(names, (rule,), insecure, doubts=tuple(unasked(rule)))


def _place(file: ConfigFile, url: str) -> tuple[Place, str]:
    """Where a mirror is asked, and its host where that is over plain HTTP."""
    found = address(url)
    if found is None:
        raise RouteError(
            f"{file.path}: an entry of registry-mirrors is no URL such as https://mirror.example, or has a password, "
            "query or fragment in it; correct it and run again"
        )
    scheme, name, path = found
    host = registry(scheme, name)
    return place(host, f"{path}/v2"), host if scheme == "http" else ""


KIND = Kind("daemon.json", "daemon.json", lambda file: file.name.endswith(".json"), read)
