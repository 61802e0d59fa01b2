"""What could not be read, in words for the report."""

import os

from planner.discover.ignore import MAX_STARS
from planner.model.source import Problem


def printable(path: str) -> str:
    r"""Bytes of a file name that are no UTF-8 as `\xff`, so that every report can be encoded."""
    path = path.replace(os.sep, "/")
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def wrong_encoding(path: str, line: int) -> Problem:
    """A file with bytes that are none of its encoding, the first in `line`."""
    text = (
        "this file is not in UTF-8; references in it were read, but engines and tools may refuse the file or read "
        "names differently; save it as UTF-8"
    )
    return Problem("file", printable(path), "wrong-encoding", text, line)


def too_large(path: str, max_bytes: int) -> Problem:
    """A text file beyond the limit."""
    text = (
        f"larger than {max_bytes:,} bytes, so its images were not checked; split the file, raise the limit, or name it "
        "in .plannerignore"
    )
    return Problem("file", printable(path), "too-large", text)


def link_outside(path: str, links: str = "a link that leads") -> Problem:
    """A link, or what is left of them, that leads out of the tree."""
    text = (
        f"{links} out of the scanned folder: not followed, so that the images behind it were not checked; scan its "
        "target, or name the link in .plannerignore"
    )
    return Problem("file", printable(path), "link-outside", text)


def too_many_stars(path: str) -> Problem:
    """An ignore file with patterns that were left out."""
    text = (
        f"a pattern has more than {MAX_STARS} stars inside names, which takes too long to match, and was left out: "
        "files that it names were read, or ignored if it is to keep them; write it with fewer"
    )
    return Problem("file", printable(path), "ignore-pattern", text)


def unreadable(path: str, error: Exception, meaning: str) -> Problem:
    """A file or folder that the system does not let us read; `meaning` is what follows for the result."""
    why = error.strerror if isinstance(error, OSError) else str(error)
    text = f"cannot be read ({why}): {meaning}; make it readable, or name it in .plannerignore"
    return Problem("file", printable(path), "unreadable", text)
