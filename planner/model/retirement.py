"""Registries and namespaces that are closed, or about to be."""

from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """What became of a retired registry or namespace."""

    GONE = "gone"  # what still answers is a cache
    PARTLY = "partly"  # gone but for exceptions: what does not answer is not among them
    AT_RISK = "at-risk"  # still answers, with an announced, expected or partial end


@dataclass(frozen=True, slots=True)
class Retirement:
    """A registry or namespace that its owner has closed, frozen or is about to close.

    `match` are hosts or `host/namespace` prefixes; `*` in a host stands for anything. `date` is ISO 8601, perhaps
    without day or month, empty if none was named. `effect` says what a pull meets since then, `message` the words that
    the registry answers, where a source has them. `replacement` says where the images are now, empty: nowhere;
    `moved_to` is the host, or host and namespace, that has them under the same path and digest, empty: none has all.
    `checked` is the day on which the sources were last read.
    """

    match: tuple[str, ...]
    ending: Ending
    effect: str
    source: tuple[str, ...]
    checked: str
    date: str = ""
    message: str = ""
    replacement: str = ""
    moved_to: str = ""
    verified: str = "issue"
