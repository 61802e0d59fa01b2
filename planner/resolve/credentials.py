"""Logins to registries, from the files and helpers of the user's own tools. What is wrong there is a notice.

Order and keys are those of containers/image (pkg/docker/config), which skopeo and podman use, with one addition:
`credsStore` of Docker's config.json, which they ignore. See containers-auth.json(5) and docs.docker.com on
`docker login`.
"""

import base64
import binascii
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planner.resolve.answer import plain
from planner.resolve.credential_helpers import HelperError, ask_helper

_LIMIT = 10 * 1024 * 1024
_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_HUB_SERVER = "https://index.docker.io/v1/"


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks. `identity_token` stands for a password where a helper or a file has one. Never shown."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    identity_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AuthFile:
    """One file of logins: `auths` by key as written, `helpers` by registry, `store` for all others."""

    path: Path
    auths: Mapping[str, Mapping[str, Any]]
    helpers: Mapping[str, str]
    store: str


class Credentials:
    """Looks logins up, for many threads at once; each is looked up once. `notices` are sentences for the user.

    `authfile` is the only file to look in, if it is named.
    """

    def __init__(self, authfile: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        self.authfile = authfile
        self.notices: list[str] = []
        self._environment = os.environ if environment is None else environment
        self._paths = auth_paths(authfile, self._environment)
        self._lock = threading.Lock()
        self._files: list[AuthFile] | None = None
        self._found: dict[tuple[str, str], Login | None] = {}
        self._helped: dict[tuple[str, str], Login | None] = {}

    def lookup(self, registry: str, repository: str) -> Login | None:
        """The login to pull `repository` of `registry`; None asks as a stranger."""
        with self._lock:
            key = (registry, repository)
            if key not in self._found:
                self._found[key] = next(self._logins(registry, repository), None)
            return self._found[key]

    def identity(self, registry: str, repository: str) -> str:
        """A mark of who asks, from which no login can be had back; empty for strangers."""
        login = self.lookup(registry, repository)
        if login is None:
            return ""
        # An identity token may belong to anybody, and has no name with it.
        who = f"{registry}\0{login.username}\0{login.identity_token}"
        return hashlib.sha256(who.encode()).hexdigest()[:16]

    def from_store(self, registry: str, repository: str) -> Login | None:
        """The login, if it is one that skopeo would not find by itself: from the `credsStore` of Docker."""
        with self._lock:
            stored = [file.store for file in self._read() if file.store]
        login = self.lookup(registry, repository) if stored else None
        with self._lock:
            return login if any(self._helped.get((name, _server(registry))) is login for name in stored) else None

    def _logins(self, registry: str, repository: str) -> Iterator[Login]:
        for file in self._read():
            if (helper := file.helpers.get(registry)) and (login := self._ask(helper, registry)):
                yield login
            entry = _entry(file.auths, registry, repository)
            if entry and (login := self._login(file, entry)):
                yield login
            if file.store and (login := self._ask(file.store, registry)):
                yield login

    def _read(self) -> list[AuthFile]:
        if self._files is None:
            read = (_read_file(path, self.notices.append) for path in self._paths)
            self._files = [file for file in read if file]
        return self._files

    def _login(self, file: AuthFile, entry: Mapping[str, Any]) -> Login | None:
        try:
            return _login_of(entry)
        except ValueError as error:
            self.notices.append(f"A login in {file.path.name} cannot be used: {error}. Log in again.")
            return None

    def _ask(self, helper: str, registry: str) -> Login | None:
        key = (helper, _server(registry))
        if key not in self._helped:
            self._helped[key] = None
            try:
                if found := ask_helper(helper, key[1], self._environment):
                    name, secret = found
                    self._helped[key] = Login("", "", secret) if name == "<token>" else Login(name, secret)
            except HelperError as error:
                self.notices.append(f"{error}; {registry} is asked without a login.")
        return self._helped[key]


def auth_file(registry: str, login: Login) -> bytes:
    """A login in the form of containers-auth.json(5)."""
    pair = base64.b64encode(f"{login.username}:{login.password}".encode()).decode("ascii")
    entry = {"auth": pair} | ({"identitytoken": login.identity_token} if login.identity_token else {})
    return json.dumps({"auths": {registry: entry}}).encode()


def auth_paths(authfile: Path | None, environment: Mapping[str, str]) -> list[Path]:
    """Where logins are looked for, in order: one that is named is the only one."""
    if named := authfile or environment.get("REGISTRY_AUTH_FILE"):
        return [Path(named)]
    home = Path(environment.get("HOME") or Path.home())
    runtime = environment.get("XDG_RUNTIME_DIR")
    running = Path(runtime) / "containers" if runtime else Path(f"/run/containers/{os.getuid()}")
    settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "containers"
    docker = Path(environment.get("DOCKER_CONFIG") or home / ".docker")
    return [running / "auth.json", settings / "auth.json", docker / "config.json", home / ".dockercfg"]


def _read_file(path: Path, notice: Callable[[str], None]) -> AuthFile | None:
    """A file of logins; None where there is none, or none that can be read."""
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_LIMIT))
    except FileNotFoundError:
        return None
    except OSError as error:
        notice(f"The logins in {path.name} cannot be read ({error.strerror}): registries are asked without them.")
        return None
    except (ValueError, RecursionError):
        notice(f"{path.name} is no JSON: registries are asked without its logins. Log in again to write it anew.")
        return None
    if not isinstance(document, dict):
        notice(f"{path.name} holds no JSON object: registries are asked without its logins.")
        return None
    auths = document if path.name == ".dockercfg" else document.get("auths")
    kept = {key: entry for key, entry in _table(auths).items() if isinstance(entry, dict)}
    helpers = {key: name for key, name in _table(document.get("credHelpers")).items() if isinstance(name, str)}
    store = document.get("credsStore")
    return AuthFile(path, kept, helpers, store if isinstance(store, str) else "")


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _entry(auths: Mapping[str, Mapping[str, Any]], registry: str, repository: str) -> Mapping[str, Any] | None:
    """The entry of the longest key: a repository, a part of it from the left, the registry, its older spellings."""
    parts = [registry, *repository.split("/")]
    for length in range(len(parts), 0, -1):
        if entry := auths.get("/".join(parts[:length])):
            return entry
    return next((entry for key, entry in auths.items() if entry and _host(key) == _host(registry)), None)


def _host(key: str) -> str:
    """The registry that a key of Docker's config.json means: `https://index.docker.io/v1/` is docker.io."""
    bare = key.removeprefix("https://").removeprefix("http://")
    # A key without a scheme and with a path is a repository of its own, not another name of the registry.
    host, _, path = bare.partition("/")
    if path.strip("/") and bare == key and path.strip("/") not in ("v1", "v2"):
        return key
    return "docker.io" if host in _HUB else host


def _server(registry: str) -> str:
    return _HUB_SERVER if registry in _HUB else registry


def _login_of(entry: Mapping[str, Any]) -> Login | None:
    """The login of an entry; None for one without, as `docker login` leaves beside a helper. ValueError if broken."""
    token = entry.get("identitytoken")
    name, password = entry.get("username"), entry.get("password")
    if encoded := entry.get("auth"):
        try:
            name, colon, password = base64.b64decode(str(encoded), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError("its `auth` is not base64 of user:password") from error
        if not colon:
            raise ValueError("its `auth` has no colon between user and password")
        password = password.strip("\0")  # as Docker does
    if isinstance(token, str) and token:
        return Login(plain(str(name or "")), "", token)
    if isinstance(name, str) and isinstance(password, str) and name:
        return Login(name, password)
    return None
