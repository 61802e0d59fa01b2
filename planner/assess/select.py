"""Which entry of an index an engine chooses for a platform. The rules are data; their values are explained here."""

import re

from planner.assess.builds import Undecided, by_build
from planner.assess.engine_view import EngineView
from planner.assess.shape import Entry, Shape
from planner.model import media_type as mt
from planner.model.platform import ALSO_RUNS, Platform

_ARM_DEFAULT = 7
_UNSTATED = Platform("linux", "amd64")
# Ranks: lower is closer. An entry of a compatible architecture comes after every entry of the host's own.
_COMPATIBLE = 100


def choose(index: Shape, view: EngineView, host: Platform) -> Entry | None:
    """The entry that the engine pulls for `host`, None if it finds none; raises Undecided if the host's CPU decides."""
    kind = "list" if index.served == mt.MANIFEST_LIST else "index"
    rule = view.behaviour(f"{kind}-entry-without-platform")
    stated = [(entry.platform or _assumed(rule), entry) for entry in index.entries]
    ranked = [(rank, entry) for platform, entry in stated if (rank := _rank(platform, view, host)) is not None]
    if ranked and host.os == "windows":
        ranked = list(by_build(ranked, view.behaviour("os-version"), host))
    if ranked:
        return min(ranked, key=lambda pair: pair[0])[1]  # of equals, the first in the document
    if without := [entry for entry in index.entries if entry.platform is None]:
        # As a rule the first alone is looked at.
        tried = without[::-1] if rule == "last-same-platform" else without[:1]
        if taken := next((entry for entry in tried if _takes(entry, rule, host)), None):
            return taken
    if any(_above_unknown_level(entry.platform, view, host) for entry in index.entries):
        raise Undecided("amd64-level", "the only entries for the host ask for a level of amd64")
    return None


def _assumed(rule: str) -> Platform | None:
    """linux-amd64: an entry without platform is one for that, in its place among the others; else nothing is."""
    return _UNSTATED if rule == "linux-amd64" else None


def _rank(platform: Platform | None, view: EngineView, host: Platform) -> int | None:
    """How close an entry is to the host, None if it does not match."""
    if platform is None or platform.os != host.os:
        return None
    if platform.architecture == host.architecture:
        return _own(platform, view, host)
    also = ALSO_RUNS.get(host.architecture) if view.behaviour("compatible-architectures") == "386-and-arm" else None
    return _COMPATIBLE - _level(platform.variant, _ARM_DEFAULT) if platform.architecture == also else None


def _own(platform: Platform, view: EngineView, host: Platform) -> int | None:
    match host.architecture:
        case "amd64":
            return _amd64(platform, view.behaviour("amd64-variant"), host)
        case "arm":
            return _arm(platform, view.behaviour("arm-variant"), _level(host.variant, _ARM_DEFAULT))
        case _:
            return 0


def _amd64(platform: Platform, rule: str, host: Platform) -> int | None:
    """ignored: any level; exact: none stated; baseline: none, v1; host-level: up to the CPU's, highest first."""
    level = _level(platform.variant, 1)
    match rule:
        case "ignored":
            return 0
        case "exact":
            return None if platform.variant else 0
        case "host-level":
            return -level if level <= _level(host.variant, 1) else None
        case _:
            return 0 if platform.variant in ("", "v1") else None


def _arm(platform: Platform, rule: str, host_level: int) -> int | None:
    """ignored: any variant; exact: the host's; exact-else-any: that, else the first; downwards: the host's or lower."""
    level = _level(platform.variant, _ARM_DEFAULT)
    match rule:
        case "ignored":
            return 0
        case "exact":
            return 0 if level == host_level else None
        case "exact-else-any":
            return 0 if level == host_level else 1
        case _:
            return host_level - level if level <= host_level else None


def _takes(entry: Entry, rule: str, host: Platform) -> bool:
    """never; any: whatever it holds; same-os, (last-)same-platform: if the entry's config says so, or was not read."""
    found = entry.shape.platform if entry.shape else None
    match rule:
        case "any":
            return True
        case "same-os":
            return found is None or found.os in ("", host.os)
        case "same-platform" | "last-same-platform":
            return found is None or (found.os, found.architecture) == (host.os, host.architecture)
        case _:
            return False


def _above_unknown_level(platform: Platform | None, view: EngineView, host: Platform) -> bool:
    return (
        platform is not None
        and host.architecture == platform.architecture == "amd64"
        and platform.os == host.os
        and not host.variant
        and view.behaviour("amd64-variant") == "host-level"
    )


def _level(variant: str, default: int) -> int:
    digits = variant.removeprefix("v")
    return int(digits) if re.fullmatch(r"[0-9]{1,2}", digits) else default
