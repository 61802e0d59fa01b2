"""Asks registries through skopeo, the default way: it knows every login, proxy and registries.conf of this machine."""

import json
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO

from planner.model import media_type as mt
from planner.model.host import is_loopback
from planner.model.reference import InvalidReferenceError, Reference, parse_reference
from planner.model.resolution import State
from planner.resolve.answer import BODY_LIMIT, Answer, ObstacleError, plain
from planner.resolve.credentials import Credentials
from planner.resolve.debug_log import content_type, waits, without_debug
from planner.resolve.failures import failed
from planner.resolve.process import Ending, Finished, Processes

_STARTING = 10.0  # seconds for `skopeo --version`
_GRACE = 3.0  # seconds after the timeout, at which skopeo should end by itself
_TOO_MANY = "toomanyrequests: skopeo was still waiting to ask again when its time was up"
_WITHOUT = "--resolver http asks without it; --offline FILE reports from a recorded registry."
_MISSING = (
    "skopeo is not installed, so no registry could be asked. Install it (Debian, Ubuntu: apt-get install skopeo; "
    f"macOS: brew install skopeo; others: the package skopeo of your distribution). {_WITHOUT}"
)
# What skopeo and its credential helpers need of our environment; all else stays here.
_VARIABLES = re.compile(
    r"HOME|PATH|USER|LOGNAME|TMPDIR|DISPLAY|DBUS_SESSION_BUS_ADDRESS|GNUPGHOME|PASSWORD_STORE_DIR|DOCKER_CONFIG"
    r"|REGISTRY_AUTH_FILE|CONTAINERS_REGISTRIES_CONF|REGISTRIES_CONFIG_PATH|SSL_CERT_(?:FILE|DIR)"
    r"|(?i:(?:https?|no|all)_proxy)|GOOGLE_APPLICATION_CREDENTIALS|(?:XDG|AWS|AZURE|CLOUDSDK)_\w+"
)


class SkopeoResolver:
    """Asks with `skopeo inspect`, one process per question.

    `credentials` find the logins, so that a helper is asked once and not for each question. `insecure` names the
    registries that may be plain HTTP or have an unverified certificate, besides loopback. `timeout` is in seconds, for
    one question; skopeo spends up to 30 of them on retries after a 429. `count` is called before each question, and
    raises ObstacleError where no more may be asked: skopeo sends two or three requests for one.
    """

    name = "skopeo"
    # The same in containers/skopeo@v1.9.3 and @v1.22.2 (image/v5/manifest/manifest.go).
    accept = (mt.OCI_MANIFEST, mt.SCHEMA2, mt.SCHEMA1_SIGNED, mt.SCHEMA1, mt.MANIFEST_LIST, mt.OCI_INDEX)

    def __init__(
        self,
        credentials: Credentials | None = None,
        insecure: frozenset[str] = frozenset(),
        timeout: float = 60.0,
        count: Callable[[], None] = lambda: None,
        program: str = "skopeo",
    ) -> None:
        self._credentials = credentials or Credentials()
        self._count = count
        self._insecure = insecure
        self._timeout = timeout
        self._program = program
        self._environment = environment(os.environ)
        self._processes = Processes()
        self._lock = threading.Lock()
        self._checked = False
        self._unusable = ""

    def manifest(self, reference: Reference) -> Answer:
        """The manifest's bytes, exactly as the registry sent them, and the Content-Type that it gave them."""
        return self._inspect(reference, "--raw", debug=True)

    def config(self, reference: Reference, digest: str) -> Answer:  # noqa: ARG002  skopeo finds the config by itself
        """The config of an image. skopeo refuses artifacts by name, and for an index reads that of this machine."""
        return self._inspect(reference, "--config", "--raw")

    def at_hand(self, reference: Reference, config: str = "") -> Answer | None:  # noqa: ARG002  see Resolver
        """Nothing is."""
        return None

    def close(self) -> None:
        """Kill the skopeo processes that run."""
        self._credentials.close()
        self._processes.close()

    def unusable(self) -> str:
        """Why no question can be asked at all, found out once; empty if skopeo works."""
        with self._lock:
            if not self._checked:
                self._unusable = self._check()
                self._checked = True
            return self._unusable

    def _check(self) -> str:
        try:
            finished = self._processes.run([self._program, "--version"], self._environment, _STARTING, BODY_LIMIT)
        except FileNotFoundError:
            return _MISSING
        except OSError as error:
            return _broken(f"it cannot be started ({error.strerror})")
        if finished.ending is Ending.EXITED and finished.code == 0 and finished.stdout.strip():
            if b"skopeo" in finished.stdout[:1000].lower():
                return ""
            words = plain(finished.stdout[:1000].decode("utf-8", "replace"), 60)
            return _broken(f"what has its name on PATH is something else, which calls itself {words!r}")
        return "planner was interrupted" if finished.ending is Ending.STOPPED else _broken(_symptom(finished))

    def _inspect(self, reference: Reference, *flags: str, debug: bool = False) -> Answer:
        if why := self.unusable():
            return Answer(State.TOOL_FAILED, detail=why, source=self.name)
        try:
            # A Reference can be built from anything: only what parses may become an argument.
            name = parse_reference(reference.pinned).pinned
        except InvalidReferenceError as error:
            detail = plain(f"not asked, for the reference is not one: {error}; correct it where it is written")
            return Answer(State.FAILED, detail=detail, source=self.name)
        # Only its debug log says which Content-Type came.
        loud = ["--debug"] if debug else []
        arguments = [self._program, *loud, "--command-timeout", f"{self._timeout:g}s", "inspect", *flags]
        if reference.registry in self._insecure or is_loopback(reference.registry):
            arguments.append("--tls-verify=false")
        try:
            self._count()
            with logins(self._credentials, [reference]) as (flags_of_login, stdin):
                command = [*arguments, *flags_of_login, f"docker://{name}"]
                limit = self._timeout + _GRACE
                finished = self._processes.run(command, self._environment, limit, BODY_LIMIT, stdin)
        except ObstacleError as obstacle:
            return Answer(obstacle.state, detail=obstacle.detail, source=self.name)
        except OSError as error:
            return Answer(
                State.TOOL_FAILED, detail=_broken(f"it cannot be started ({error.strerror})"), source=self.name
            )
        answer = _answer(finished, self._credentials.hide)
        return failed(_TOO_MANY) if answer.state is State.TIMEOUT and waits(finished.stderr) else answer


@contextmanager
def logins(
    credentials: Credentials, references: Sequence[Reference], strangers: Sequence[str] = ("--no-creds",)
) -> Iterator[tuple[list[str], IO[bytes] | None]]:
    """Flags that give skopeo the logins for these references, and the stdin that they name.

    The logins go into a file of mode 0600 without a name, which ends with the two processes that hold it open,
    however they end. Without any skopeo looks for itself: its registries.conf may name helpers. `strangers` are the
    flags that keep it from doing so.
    """
    found = [credentials.file_for(each.registry, each.repository) for each in references]
    if files := [json.loads(content) for content in found if content]:
        merged = {key: {name: each for file in files for name, each in file[key].items()} for key in files[0]}
        with tempfile.TemporaryFile() as file:
            file.write(json.dumps(merged).encode())
            file.seek(0)
            yield ["--authfile=/dev/stdin"], file
    elif credentials.notices:
        # What is broken there, be it for another registry, would make skopeo fail altogether.
        yield [*strangers], None
    else:
        named = credentials.authfile
        yield ([f"--authfile={named}"] if named else []), None


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The part of our environment that skopeo gets, with messages in English."""
    kept = {name: value for name, value in variables.items() if _VARIABLES.fullmatch(name)}
    return {**kept, "LC_ALL": "C"}


def _answer(finished: Finished, hide: Callable[[str], str]) -> Answer:
    log = finished.stderr
    finished = replace(finished, stderr=without_debug(log))
    hidden = replace(finished, stderr=hide(finished.stderr))
    match finished.ending:
        case Ending.TIMEOUT:
            return failed("context deadline exceeded (skopeo was killed)")
        case Ending.TOO_LARGE:
            return failed(f"the answer exceeded maximum allowed size of {BODY_LIMIT} bytes")
        case Ending.STOPPED:
            return Answer(State.FAILED, detail="not asked: planner was interrupted", source="skopeo")
        case Ending.EXITED if finished.code == 0:
            return Answer(State.RESOLVED, finished.stdout, content_type=content_type(log, hide), source="skopeo")
        case _ if finished.code < 0 or not finished.stderr.strip():
            return Answer(State.TOOL_FAILED, detail=_broken(_symptom(hidden)), source="skopeo")
    return failed(finished.stderr, hide)


def _symptom(finished: Finished) -> str:
    if finished.ending is not Ending.EXITED:
        return "it does not end"
    if finished.code < 0:
        return f"it was ended by signal {-finished.code}"
    words = plain(finished.stderr, 100)
    return f"it exits with code {finished.code}" + (f" and says {words}" if words else " and says nothing")


def _broken(symptom: str) -> str:
    return plain(f"skopeo is broken: {symptom}; so this could not be checked. Reinstall it. {_WITHOUT}", 400)
