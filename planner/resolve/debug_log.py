"""What skopeo notes down while it works: the two lines that are of use, and all others kept from whoever reads on.

Its debug log names files, users and whole requests, and repeats what registries say: none of that is for reports.
"""

import re
from collections.abc import Callable

from planner.resolve.content_type import media_type

# containers/image writes this line for every manifest that it fetches, error pages included (`fetchManifest`, first in
# docker_image_src.go, later in docker_client.go). Both the library and its logger put the value into quotes.
_CONTENT_TYPE = re.compile(
    r'^time="[^"\n]*" level=debug msg="Content-Type from manifest GET is \\"((?:[^"\\\n]|\\[^\n])*?)\\""[ \t]*$',
    re.MULTILINE,
)
# After a 429 it waits, up to a minute at a time whatever Retry-After says, and then asks again (docker_client.go,
# `makeRequestToResolvedURL`).
_REQUEST = re.compile(r'^time="[^"\n]*" level=debug msg="(GET|Too many requests to) ', re.MULTILINE)
_DEBUG = re.compile(r"\s*(?:time=(?:\"[^\"]*\"|\S+) )?level=(?:debug|trace) ")


def content_type(log: str, hide: Callable[[str], str] = str) -> str | None:
    """The media type under which the last manifest came; empty if the registry gave none, None if no line says it.

    Parameters are left out, and so is a value that is no media type at all: it counts as "unreadable".
    """
    found = _CONTENT_TYPE.findall(log)
    return media_type(found[-1], hide) if found else None


def waits(log: str) -> bool:
    """Whether skopeo was waiting after a 429 when it ended."""
    return _REQUEST.findall(log)[-1:] == ["Too many requests to"]


def without_debug(log: str) -> str:
    """The other lines: warnings, errors, and what is no log at all."""
    return "\n".join(line for line in log.split("\n") if not _DEBUG.match(line))
