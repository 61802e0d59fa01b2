"""Images of Windows fit by build: os.version of an entry against the host's. The rules are data, explained here."""

from collections.abc import Iterable, Iterator

from planner.assess.shape import Entry
from planner.model.platform import Platform

# The first build whose hosts also run images of the builds since: Windows Server 2022.
_STABLE_ABI = (10, 0, 20348)
Ranked = tuple[int, Entry]


class Undecided(Exception):  # noqa: N818 - an answer, not an error
    """The choice depends on something of the host that is not declared; `cause` is the id of the cause that says so."""

    def __init__(self, cause: str, why: str) -> None:
        super().__init__(why)
        self.cause = cause


def by_build(ranked: Iterable[Ranked], rule: str, host: Platform) -> Iterator[Ranked]:
    """The entries that fit the host's build; raises Undecided where that decides and is not declared or not known.

    ignored: every entry; same-first: every entry, those of the host's build first; not-newer: those up to the host's
    build, its own first; same: its own alone; same-or-stable: those as well that a host of Server 2022 or newer runs.
    An entry without os.version fits every host.
    """
    entries = list(ranked)
    if rule == "ignored" or not any(_build(entry.platform) for _, entry in entries):
        yield from entries
        return
    of_host = _build(host)
    if not rule or (not of_host and not (rule == "same-first" and len(entries) == 1)):
        raise Undecided(
            "windows-build", "the entries for the host are of builds of Windows, and its own is not declared"
        )
    for rank, entry in entries:
        build = _build(entry.platform)
        if not build or _fits(build, of_host, rule):
            yield (rank if build == of_host else rank + 1), entry


def _fits(build: tuple[int, ...], host: tuple[int, ...], rule: str) -> bool:
    match rule:
        case "same-first":
            return True
        case "not-newer":
            return build <= host
        case "same-or-stable":
            return build == host or _STABLE_ABI <= build <= host
        case _:
            return build == host


def _build(platform: Platform | None) -> tuple[int, ...]:
    """Major, minor and build of an os.version such as 10.0.20348.1129; empty where it is none."""
    words = platform.os_version.split(".")[:3] if platform else []
    return tuple(int(word) for word in words) if len(words) == 3 and all(_is_number(word) for word in words) else ()


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 10
