"""Engines and registries as software with a version, and the order of versions as they are found in the field."""

import re
from dataclasses import dataclass
from functools import lru_cache, total_ordering

# dev < tp < alpha < beta < rc < the release. "tp" are Docker's tech previews (18.09.0-ce-tp6).
_STAGES = ("dev", "tp", "alpha", "beta", "rc")
# Builds of what is to be released; they rank with "dev", since nothing says how far they are.
_UNFINISHED = ("pre", "preview", "nightly", "snapshot", "unreleased", "canary")
_VERSION = re.compile(
    r"""
    (?:[a-z][a-z.-]*://)?                   # docker://20.10.7, as a kubelet reports it
    (?:\d{1,9}:)?(?:docker-)?v?             # 5:20.10.7 (the epoch of a package), docker-v29.0.0, v1.7.2
    (?P<release>\d{1,9}\.\d{1,9}\.\d{1,9})
    (?P<rest>(?:[-+~_.].*)?)$
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_STAGE = re.compile(
    rf"(?:^|[-~._])({'|'.join((*_STAGES, *_UNFINISHED))})[-.]?(\d{{0,9}})(?![a-z])", re.IGNORECASE | re.ASCII
)


# docker-ce-20.10.7-3.el8.x86_64, docker-ce=5:20.10.7~3-0~ubuntu-focal: as packages name themselves.
_JOINED = re.compile(r"([a-z][a-z0-9.-]*?)[-=](?=(?:\d{1,9}:)?v?\d{1,9}\.\d)", re.IGNORECASE | re.ASCII)


class InvalidVersionError(ValueError):
    """The text is no release of the form MAJOR.MINOR.PATCH; the message says what to write."""


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A release number. Editions (-ce, -ee-5, -cs9) and packaging suffixes (+dfsg1, ~ds1, +k3s1) do not order.

    `text` is as it was written, but for what stands before the number (a scheme, the epoch of a package, a v).

    `stage` is (index in dev < tp < alpha < beta < rc, number) of a pre-release, which sorts below its release.
    """

    release: tuple[int, int, int]
    stage: tuple[int, int] = (len(_STAGES), 0)
    text: str = ""

    @property
    def key(self) -> tuple[int, int, int, int, int]:
        """What versions are compared by."""
        return (*self.release, *self.stage)

    @property
    def released(self) -> "Version":
        """The release that a pre-release precedes; itself for a release."""
        return self if self.stage[0] == len(_STAGES) else Version(self.release)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.key == other.key

    def __lt__(self, other: "Version") -> bool:
        return self.key < other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        return self.text or ".".join(map(str, self.release))


@lru_cache(maxsize=4096)  # the knowledge names a few hundred, each many times
def parse_version(text: str) -> Version:
    """Read a version as engines, packages and nodes print it; InvalidVersionError if it names no release."""
    text = text.strip()
    found = _VERSION.match(text)
    if not found:
        raise InvalidVersionError(_why_invalid(text))
    major, minor, patch = (int(number) for number in found["release"].split("."))
    # What follows "+" is the packager's; "~" too, except that Debian writes pre-releases as ~rc1.
    rest = found["rest"].partition("+")[0]
    stage = _STAGE.search(rest)
    position = (_rank(stage[1].lower()), int(stage[2] or 0)) if stage else (len(_STAGES), 0)
    return Version((major, minor, patch), position, found["release"] + rest + found["rest"][len(rest) :])


def _rank(stage: str) -> int:
    return 0 if stage in _UNFINISHED else _STAGES.index(stage)


def _why_invalid(text: str) -> str:
    if re.fullmatch(r"v?\d+(\.(\d+|x|\*))?(\.(x|\*))?", text):
        return f"{text!r} names no patch release, and behaviour changes within a series; write all three numbers"
    if text.lower() in ("", "unknown", "latest"):
        return f"{text!r} names no version; write MAJOR.MINOR.PATCH, as the engine itself prints it (`--version`)"
    return f"{text!r} is no version; write MAJOR.MINOR.PATCH, such as 20.10.24"


@dataclass(frozen=True, slots=True)
class Software:
    """An engine or registry with a version. `version` is None where `text` could not be understood; `why` says so."""

    name: str
    version: Version | None
    text: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}" if self.version else self.text


def parse_software(text: str) -> Software:
    """Read `docker 20.10.24`, `docker://20.10.7`, what `podman --version` prints or a package's name and version.

    Nothing is refused: see Software.version.
    """
    text = text.strip()
    if joined := _JOINED.match(text):
        name, version = joined[1], text[joined.end() :]
    else:
        name, _, version = text.partition("://") if "://" in text else text.partition(" ")
    # `Docker version 20.10.24, build 297e128`, `containerd github.com/containerd/containerd v1.7.2 0cae528`
    version = next((word for word in version.replace(",", " ").split() if re.match(r"v?\d", word)), version)
    try:
        return Software(name.strip().lower(), parse_version(version.strip()), text)
    except InvalidVersionError as error:
        return Software(name.strip().lower(), None, text, str(error))


@dataclass(frozen=True, slots=True)
class Range:
    """A contiguous range of versions. `low` and `last` are included, `high` is not; None is an open end."""

    low: Version | None = None
    high: Version | None = None
    last: Version | None = None

    def __contains__(self, version: Version) -> bool:
        return (
            (self.low is None or self.low <= version)
            and (self.high is None or version < self.high)
            and (self.last is None or version <= self.last)
        )

    def __str__(self) -> str:
        low = f">={self.low}" if self.low else ""
        high = f"<{self.high}" if self.high else ""
        last = f"<={self.last}" if self.last else ""
        return ",".join(part for part in (low, high, last) if part) or "every version"


@lru_cache(maxsize=4096)
def parse_range(text: str) -> Range:
    """Read `>=1.10.0,<18.06.0`, `>=29.0.0,<=29.7.2`, `<1.6.0` or `*`; raise InvalidVersionError for anything else."""
    low = high = last = None
    for part in [] if text.strip() == "*" else text.split(","):
        match part.strip():
            case str(word) if word.startswith(">="):
                low = parse_version(word[2:])
            case str(word) if word.startswith("<="):
                last = parse_version(word[2:])
            case str(word) if word.startswith("<"):
                high = parse_version(word[1:])
            case word:
                raise InvalidVersionError(f"{word!r} is no bound; write >=VERSION, <VERSION or <=VERSION")
    return Range(low, high, last)
