"""The globs of `runs`, which are those of .gitignore: what is wrong with one is told before a file is matched."""

import re
from functools import lru_cache

from pathspec import GitIgnoreSpec


@lru_cache(maxsize=1024)  # many hosts share few globs
def checked_glob(text: str) -> str:
    """The glob itself; raises ValueError for one that matches nothing by its form, such as `!`."""
    try:
        GitIgnoreSpec.from_lines([text])
    except (ValueError, re.error) as error:
        raise ValueError(f"{text[:80]!r} is no glob as .gitignore has them, such as web/**") from error
    return text
