"""Credential helpers: programs `docker-credential-NAME` that keep logins elsewhere (docker-credential-helpers)."""

import json
import re
import subprocess
from collections.abc import Mapping

_SECONDS = 20.0  # a helper may ask a cloud, or the user's keyring
_LIMIT = 64 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NOT_THERE = ("credentials not found", "no credentials server url", "item not found")


class HelperError(Exception):
    """A helper cannot be used; the text has none of its output, which may be anything."""


def ask_helper(name: str, server: str, environment: Mapping[str, str]) -> tuple[str, str] | None:
    """User and secret that a helper has for `server`; None if it has none. Raises HelperError.

    The user `<token>` says that the secret is an identity token.
    """
    if not _NAME.fullmatch(name):
        raise HelperError("A credential helper has a name that no program can have")
    program = f"docker-credential-{name}"
    try:
        done = subprocess.run(
            [program, "get"],
            input=server.encode(),
            capture_output=True,
            timeout=_SECONDS,
            env=dict(environment),
            check=False,
        )
    except FileNotFoundError as error:
        raise HelperError(f"The credential helper {program} is not installed") from error
    except OSError as error:
        raise HelperError(f"The credential helper {program} cannot be started ({error.strerror})") from error
    except subprocess.TimeoutExpired as error:
        raise HelperError(f"The credential helper {program} did not answer within {_SECONDS:g} seconds") from error
    said = (done.stdout + done.stderr)[:_LIMIT].decode("utf-8", "replace").lower()
    if done.returncode != 0:
        if any(words in said for words in _NOT_THERE):
            return None
        raise HelperError(f"The credential helper {program} failed with exit code {done.returncode}")
    try:
        document = json.loads(done.stdout[:_LIMIT])
        user, secret = document["Username"], document["Secret"]
    except (ValueError, RecursionError, TypeError, LookupError) as error:
        raise HelperError(f"The credential helper {program} gave no answer that planner understands") from error
    if not (isinstance(user, str) and isinstance(secret, str)):
        raise HelperError(f"The credential helper {program} gave no answer that planner understands")
    return (user, secret) if secret else None
