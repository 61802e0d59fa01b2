"""What the kinds of registry configuration have in common: a file, its mistakes, and addresses of registries."""

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from planner.hosts.table import complaint
from planner.model.reference import Reference
from planner.model.route import Place, Route, Rule, at

_URL = re.compile(r"(?:(https?)://)?((?:\[[0-9A-Fa-f:]+\]|[\w.-]+)(?::[0-9]+)?)(/[^?#@\s]*)?", re.ASCII)
_Model = TypeVar("_Model", bound=BaseModel)


class RouteError(ValueError):
    """A file is not as the engine that reads it wants it; the message names the file and says what to do."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file as it was declared, its text, and the name of the folder that it is in."""

    path: str
    text: str
    folder: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.replace("\\", "/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of files that one engine reads: `claims` goes by the name, `read` takes the names given and the files.

    `name` is what the knowledge of engines calls it.
    """

    name: str
    title: str
    claims: Callable[[ConfigFile], bool]
    read: Callable[[tuple[str, ...], Sequence[ConfigFile]], Route]


def toml(file: ConfigFile) -> dict[str, Any]:
    """The file as TOML; RouteError where it is none."""
    try:
        return tomllib.loads(file.text)
    except (ValueError, RecursionError) as error:
        raise RouteError(f"{file.path} is no TOML: {error or 'nested too deep'}; correct it and run again") from error


def validated(file: ConfigFile, model: type[_Model], table: object) -> _Model:
    """The table as its model says; RouteError with the place where it is not."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        place, words = complaint(error)
        # A key may be a URL, and that may have a password in it.
        parts = (f"number {part + 1}" if isinstance(part, int) else "…" if "@" in part else part for part in place)
        where = ", ".join(parts)
        raise RouteError(f"{file.path}: {where or 'the file'}: {words}; correct it and run again") from error


def unread(file: ConfigFile, model: BaseModel, known: Iterable[str], where: str = "") -> list[str]:
    """A sentence for each word that the model does not have; those that are `known` decide nothing here."""
    strange = sorted(set(model.model_extra or ()) - set(known))
    place = f"{where}, " if where else ""
    return [f"{file.path}: {place}{word} is no word that planner knows there, so it was not used" for word in strange]


def unasked(rule: Rule) -> list[str]:
    """A sentence for each place of a rule of which planner cannot say what is asked there."""
    unknown = [place.unknown for place in rule.places if place.unknown]
    return [f"{rule.where}: {why}; pulls that depend on it are unknown" for why in unknown]


def address(url: str) -> tuple[str, str, str] | None:
    """Scheme (empty where there is none), host with port, and path of a URL; None where it is none.

    A name with a password in it, a query or a fragment is none.
    """
    found = _URL.fullmatch(url.strip())
    return (found[1] or "", found[2], (found[3] or "").rstrip("/")) if found else None


def registry(scheme: str, host: str) -> str:
    """The host as it can stand in a reference: one without dot and port gets the port of its scheme."""
    if host == "localhost" or re.search(r"[.:\[]", host):
        return host
    return f"{host}:{80 if scheme == 'http' else 443}"


def place(host: str, root: str) -> Place:
    """Where a registry is asked whose API begins at the path `root`, in place of the host and `/` of a name.

    References have no room for an API that is elsewhere than at /v2.
    """
    inside = root.removeprefix("/v2")
    if root != "/v2" and not root.startswith("/v2/"):
        return Place(unknown=f"the API of {host} is at {root or '/'}, and planner can only ask below /v2")
    if at(f"{host}{inside}/name", Reference("", "")) is None:
        return Place(unknown=f"{host}{inside} cannot stand in a reference")
    return Place(f"{host}{inside}/")
