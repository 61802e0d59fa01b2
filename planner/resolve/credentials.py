"""Logins to registries, from the files and helpers of the user's own tools. What is wrong there is a notice.

The order is that of containers/image (pkg/docker/config), which skopeo and podman use, with one addition: `credsStore`
of Docker's config.json, which they ignore, is asked where its file has no login. Both ways to ask registries use what
is found here.
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from planner.resolve.auth_files import (
    AuthFile,
    Login,
    auth_paths,
    entry_for,
    entry_of,
    helper_of,
    login_of,
    read_auth_file,
)
from planner.resolve.credential_helpers import HELPER_SECONDS, HelperError, ask_helper
from planner.resolve.process import Processes
from planner.resolve.secrets import without

_HUB = "docker.io"
_HUB_SERVER = "https://index.docker.io/v1/"  # so `docker login` calls Docker Hub before a helper
_UNUSED = "its logins are not used. Mend or install it, or log in with skopeo login --authfile FILE"


class Credentials:
    """Looks logins up, for many threads at once; each is looked up once. `notices` are sentences for the user.

    `authfile` is the only file to look in, if it is named. `helper_seconds` is how long a helper may take.
    """

    def __init__(
        self,
        authfile: Path | None = None,
        environment: Mapping[str, str] | None = None,
        helper_seconds: float = HELPER_SECONDS,
    ) -> None:
        self.authfile = authfile
        self.notices: list[str] = []
        self._environment = os.environ if environment is None else environment
        self._helper_seconds = helper_seconds
        self._processes = Processes()
        self._lock = threading.Lock()
        self._files: list[AuthFile] | None = None
        self._found: dict[tuple[str, str], Login | None] = {}
        self._helped: dict[tuple[str, str], Login | None] = {}
        self._broken: set[str] = set()  # helpers that are missing or hang: they are not tried for each registry

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

    def file_for(self, registry: str, repository: str) -> bytes | None:
        """An auth.json(5) with the login for a repository; None for strangers.

        All else in it is as in the user's files, for mirrors of the registry have logins of their own.
        """
        login = self.lookup(registry, repository)
        if login is None:
            return None
        auths: dict[str, Mapping[str, Any]] = {}
        helpers: dict[str, str] = {}
        with self._lock:
            for file in reversed(self._read()):
                auths |= file.auths
                helpers |= file.helpers
        # skopeo before 1.3 knows no keys of repositories, all others try them first.
        auths |= {registry: entry_for(login), f"{registry}/{repository}": entry_for(login)}
        helpers.pop(registry, None)
        return json.dumps({"auths": auths, "credHelpers": helpers}).encode()

    def hide(self, text: str, *others: str) -> str:
        """Foreign words without the secrets that were used, and without `others`, such as tokens got with them."""
        secrets = {*others}
        for login in [found for found in list(self._found.values()) if found]:
            secrets |= {entry_for(login)["auth"], login.password, login.identity_token}
        return without(text, secrets)

    def close(self) -> None:
        """End the helpers that run, from any thread; none is started any more."""
        self._processes.close()

    def _logins(self, registry: str, repository: str) -> Iterator[Login]:
        for file in self._read():
            helper = helper_of(file.helpers, registry)
            if helper and (login := self._ask(*helper)):
                yield login
            entry = entry_of(file.auths, registry, repository)
            if entry and (login := self._login(file, entry)):
                yield login
            server = _HUB_SERVER if registry == _HUB else registry
            if file.store and (login := self._ask(file.store, server)):
                yield login

    def _read(self) -> list[AuthFile]:
        if self._files is None:
            paths = auth_paths(self.authfile, self._environment)
            read = (read_auth_file(path, self._notice) for path in paths)
            self._files = [file for file in read if file]
            if len(paths) == 1 and not paths[0].exists():
                self._notice(
                    f"{paths[0]} is named as the file of logins and is not there: registries are asked without"
                )
        return self._files

    def _login(self, file: AuthFile, entry: Mapping[str, Any]) -> Login | None:
        try:
            return login_of(entry)
        except ValueError as error:
            self._notice(f"A login in {file.path} is not used: {error}. Log in again")
            return None

    def _ask(self, helper: str, server: str) -> Login | None:
        key = (helper, server)
        if key not in self._helped and helper not in self._broken:
            self._helped[key] = None
            try:
                found = ask_helper(self._processes, helper, server, self._environment, self._helper_seconds)
                if found:
                    name, secret = found
                    self._helped[key] = Login("", "", secret) if name == "<token>" else Login(name, secret)
            except HelperError as error:
                if error.wholly:
                    self._broken.add(helper)
                self._notice(f"{error}: {_UNUSED}" if error.wholly else f"{error} for {server}: {_UNUSED}")
        return self._helped.get(key)

    def _notice(self, text: str) -> None:
        if text not in self.notices:
            self.notices.append(text)
