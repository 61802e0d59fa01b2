"""Suppressions: findings that somebody accepts, for a reason and perhaps for a time."""

from dataclasses import dataclass
from datetime import date

# In place of a cause: every one.
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why findings do not count, and who says so, where.

    `file` and 1-based `line` are where it is written (0: the line is not known). `expires` is the last day on which it
    holds; None: it has none.
    """

    file: str
    line: int
    reason: str
    owner: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A suppression, and which findings it is for: those that fit in everything that is set.

    `causes` are cause ids, or EVERY. `image` and `host` are globs over an image's spellings and a host's name (`*`
    crosses slashes), `path` is one of .gitignore over the file. `inline`: it stands in the file of the references,
    beside or above them, and is for those alone. `alone`: nothing else is on its line, so it may be for the line below.
    """

    told: Suppression
    causes: tuple[str, ...] = (EVERY,)
    image: str = ""
    path: str = ""
    host: str = ""
    inline: bool = False
    alone: bool = False

    def is_for(self, cause: str) -> bool:
        """Whether a finding of this cause is meant."""
        return EVERY in self.causes or cause in self.causes
