"""Credential helpers: programs `docker-credential-NAME` that keep logins elsewhere (docker-credential-helpers)."""

import json
import re
import tempfile
from collections.abc import Mapping

from planner.resolve.process import Ending, Finished, Processes

HELPER_SECONDS = 20.0  # a helper may ask a cloud, or the user's keyring
_LIMIT = 64 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# What helpers say instead of an answer, with exit code 1: credentials/error.go of docker-credential-helpers.
_NOT_THERE = ("credentials not found", "no credentials server url", "no credentials username", "item not found")


class HelperError(Exception):
    """A helper cannot be used; the text has none of its output, which may be anything. `wholly`: for no registry."""

    def __init__(self, text: str, *, wholly: bool = False) -> None:
        super().__init__(text)
        self.wholly = wholly


def ask_helper(
    processes: Processes, name: str, server: str, environment: Mapping[str, str], seconds: float = HELPER_SECONDS
) -> tuple[str, str] | None:
    """User and secret that a helper has for `server`; None if it has none. Raises HelperError.

    The user `<token>` says that the secret is an identity token.
    """
    if not _NAME.fullmatch(name):
        raise HelperError("A credential helper has a name that no program can have", wholly=True)
    program = f"docker-credential-{name}"
    try:
        with tempfile.TemporaryFile() as question:
            question.write(server.encode())
            question.seek(0)
            finished = processes.run([program, "get"], environment, seconds, _LIMIT, question)
    except FileNotFoundError as error:
        raise HelperError(f"The credential helper {program} is not installed", wholly=True) from error
    except OSError as error:
        text = f"The credential helper {program} cannot be started ({error.strerror})"
        raise HelperError(text, wholly=True) from error
    return _answer(program, finished, seconds)


def _answer(program: str, finished: Finished, seconds: float) -> tuple[str, str] | None:
    match finished.ending:
        case Ending.STOPPED:
            return None
        case Ending.TIMEOUT:
            text = f"The credential helper {program} did not answer within {seconds:g} seconds"
            raise HelperError(text, wholly=True)
        case Ending.TOO_LARGE:
            raise HelperError(f"The credential helper {program} printed more than {_LIMIT} bytes")
    if finished.code != 0:
        said = finished.stdout.decode("utf-8", "replace") + finished.stderr
        if any(words in said.lower() for words in _NOT_THERE):
            return None
        raise HelperError(f"The credential helper {program} failed with exit code {finished.code}")
    try:
        document = json.loads(finished.stdout)
        user, secret = document["Username"], document["Secret"]
        f"{user}{secret}".encode()  # JSON can hold what no header can
    except (ValueError, RecursionError, TypeError, LookupError) as error:
        raise HelperError(f"The credential helper {program} gave no answer that planner understands") from error
    if not (isinstance(user, str) and isinstance(secret, str)):
        raise HelperError(f"The credential helper {program} gave no answer that planner understands")
    return (user, secret) if secret else None
