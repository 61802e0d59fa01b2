"""What discover hands to extract and hosts: a file's text, or the reason why there is none."""

from dataclasses import dataclass
from typing import Literal

Subject = Literal["file", "reference", "host", "registry"]
# Kinds of problems that leave nothing unchecked and no declaration unheeded.
ADVICE = frozenset({"suppression-unused"})
# Kinds of problems that say of a pull that it fails, whatever registry and engine.
FATAL = frozenset({"invalid-reference"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text file. `path` is relative to the scanned path, with forward slashes; line ends are as stored."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Indirect:
    """Files that hold no digest themselves, but use one that stands in another file.

    `names` is a regular expression of their file names. They are looked at if a file named in `beside` in the same
    folder holds a digest, or if their own text matches the expression `words` (they name another file).
    """

    names: str
    beside: frozenset[str]
    words: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be checked. It reaches every report, the summary line and the exit code.

    Of what is advice alone, the exit code hears nothing.

    `about` says what `subject` is; `kind` is a kebab-case word for machines; `text` says what happened, what
    it means for the result, and what to do. Line and column are 1-based; 0 means: no place in a file.
    """

    about: Subject
    subject: str
    kind: str
    text: str
    line: int = 0
    column: int = 0

    @property
    def is_fatal(self) -> bool:
        """Whether it is known that the pull fails, before any registry is asked."""
        return self.kind in FATAL

    @property
    def is_advice(self) -> bool:
        """Whether a run is complete all the same: something can be tidied up, nothing was left unchecked."""
        return self.kind in ADVICE
