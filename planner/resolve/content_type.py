"""A Content-Type header, as what may stand in a report."""

import re
from collections.abc import Callable

from planner.model.media_type import MANIFESTS

# Nothing else can stand in a media type (RFC 9110, section 8.3.1); parameters follow after a semicolon.
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~/-]{1,255}")
_COMMON = MANIFESTS | {"application/json", "application/octet-stream", "text/html", "text/plain"}


def media_type(header: str | None, hide: Callable[[str], str]) -> str:
    """A Content-Type without parameters, in small letters; empty if there is none, "unreadable" if it is no type.

    `hide` takes secrets out of it, unless it is a type that everybody knows: a password may be `docker`.
    """
    value = (header or "").partition(";")[0].strip()
    if not value or value.lower() in _COMMON:
        return value.lower()
    value = hide(value)
    return value.lower() if _MEDIA_TYPE.fullmatch(value) else "unreadable"
