"""Platforms (operating system, architecture, variant), spelled as in the OCI image index specification."""

from dataclasses import dataclass

# What kernels and package managers print, and the GOARCH value (with variant) that images use.
_ARCHITECTURES = {
    "x86_64": ("amd64", ""),
    "x86-64": ("amd64", ""),
    "aarch64": ("arm64", ""),
    "armhf": ("arm", "v7"),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "armel": ("arm", "v6"),
    "i386": ("386", ""),
    "i686": ("386", ""),
}


# Architectures that a host may run besides its own; whether an engine lets it is knowledge.
ALSO_RUNS = {"amd64": "386", "arm64": "arm"}


@dataclass(frozen=True, slots=True)
class Platform:
    """What an image runs on, or what a host is. An empty member means: not stated."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


def parse_platform(text: str) -> Platform:
    """Parse `os/architecture[/variant]`; `arm64/v8` is plain arm64, `amd64/v1` a CPU that is known to be of level 1.

    Raises ValueError for anything else (an architecture alone is refused: engines disagree on its os).
    """
    parts = text.strip().lower().split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise ValueError(f"{text!r} is no platform; write os/architecture, such as linux/amd64 or linux/arm/v7")
    os, architecture, *variant = parts
    return normalise(Platform(os, architecture, variant[0] if variant else ""))


def normalise(platform: Platform) -> Platform:
    """The same platform under the names that indexes use."""
    architecture, default = _ARCHITECTURES.get(platform.architecture, (platform.architecture, ""))
    variant = platform.variant or default
    if (architecture, variant) == ("arm64", "v8"):
        variant = ""
    return Platform(platform.os, architecture, variant, platform.os_version)
