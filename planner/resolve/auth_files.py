"""The files in which docker, podman and skopeo keep logins: where they are, what is in them, which entry counts.

Sources: containers-auth.json(5), pkg/docker/config of containers/image, cli/config of docker/cli.
"""

import base64
import binascii
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_LIMIT = 10 * 1024 * 1024
_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_VERSIONS = frozenset({"v1", "v2"})  # of the API: what `docker login` wrote behind a registry for years


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks. `identity_token` stands in for a password where a helper or a file has one. Never shown."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    identity_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AuthFile:
    """One file of logins: `auths` by key as written, `helpers` by registry, `store` is the helper for all others."""

    path: Path
    auths: Mapping[str, Mapping[str, Any]] = field(repr=False)
    helpers: Mapping[str, str]
    store: str


def auth_paths(authfile: Path | None, environment: Mapping[str, str]) -> list[Path]:
    """Where logins are looked for, in order: one that is named is the only one.

    So newer skopeo and podman; skopeo 1.9 looks into those of the home folder too where the named one has no login.
    """
    if named := authfile or environment.get("REGISTRY_AUTH_FILE"):
        return [Path(named)]
    home = Path(environment.get("HOME") or Path.home())
    runtime = environment.get("XDG_RUNTIME_DIR")
    running = Path(runtime) / "containers" if runtime else Path(f"/run/containers/{os.getuid()}")
    settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "containers"
    docker = Path(environment.get("DOCKER_CONFIG") or home / ".docker")
    return [running / "auth.json", settings / "auth.json", docker / "config.json", home / ".dockercfg"]


def read_auth_file(path: Path, notice: Callable[[str], None]) -> AuthFile | None:
    """A file of logins; None where there is none, or none that can be read, which is a notice."""
    unused = "registries are asked without the logins in it"
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_LIMIT))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        notice(f"{path} cannot be read ({error.strerror}): {unused}. Make it readable, or name another with --authfile")
        return None
    except (ValueError, RecursionError):
        notice(f"{path} is no JSON: {unused}. Mend it, or remove it and log in again")
        return None
    if not isinstance(document, dict):
        notice(f"{path} holds no JSON object: {unused}. Mend it, or remove it and log in again")
        return None
    auths = document if path.name == ".dockercfg" else document.get("auths")
    kept = {key: entry for key, entry in _table(auths).items() if isinstance(entry, dict)}
    helpers = {key: name for key, name in _table(document.get("credHelpers")).items() if isinstance(name, str)}
    store = document.get("credsStore")
    return AuthFile(path, kept, helpers, store if isinstance(store, str) else "")


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def entry_of(auths: Mapping[str, Mapping[str, Any]], registry: str, repository: str) -> Mapping[str, Any] | None:
    """The entry of the longest key: a repository, a part of it from the left, the registry, its older spellings."""
    parts = [registry, *repository.split("/")]
    for length in range(len(parts), 0, -1):
        if entry := auths.get("/".join(parts[:length])):
            return entry
    return next((entry for key, entry in auths.items() if entry and host_of(key) == registry), None)


def helper_of(helpers: Mapping[str, str], registry: str) -> tuple[str, str] | None:
    """The helper for a registry, and the name under which it knows it: that which stands before it in the file."""
    keys = [registry, *(key for key in helpers if host_of(key) == registry)]
    return next(((helpers[key], key) for key in keys if helpers.get(key)), None)


def host_of(key: str) -> str:
    """The registry that a key of Docker's config.json means: `https://index.docker.io/v1/` is docker.io.

    A key without a scheme and with a path is a repository of its own, not another name of the registry.
    """
    bare = key.removeprefix("https://").removeprefix("http://")
    host, _, path = bare.partition("/")
    if bare == key and path.strip("/") not in {"", *_VERSIONS}:
        return key
    return "docker.io" if host in _HUB else host


def login_of(entry: Mapping[str, Any]) -> Login | None:
    """The login of an entry; None for one without, as `docker login` leaves beside a helper. ValueError if broken."""
    name, password = entry.get("username"), entry.get("password")
    if encoded := entry.get("auth"):
        try:
            pair = base64.b64decode("".join(str(encoded).split()), validate=True).decode()
        except (binascii.Error, UnicodeError) as error:
            raise ValueError("its `auth` is not base64 of user:password") from error
        name, colon, password = pair.partition(":")
        if not colon:
            raise ValueError("its `auth` has no colon between user and password")
        password = password.strip("\0")  # as Docker does
    token = entry.get("identitytoken")
    try:
        f"{name}{password}{token}".encode()  # JSON can hold what no header can
    except UnicodeError as error:
        raise ValueError("it is no text") from error
    if isinstance(token, str) and token:
        return Login(str(name or ""), "", token)
    if isinstance(name, str) and isinstance(password, str) and name:
        return Login(name, password)
    return None


def entry_for(login: Login) -> dict[str, str]:
    """An entry with this login, in the form of containers-auth.json(5)."""
    pair = base64.b64encode(f"{login.username}:{login.password}".encode()).decode("ascii")
    return {"auth": pair} | ({"identitytoken": login.identity_token} if login.identity_token else {})
