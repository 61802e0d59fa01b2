"""What a run asks of registries, in one line before it starts."""

from collections.abc import Collection

from planner.model.reference import Reference
from planner.resolve.opening import Opened

_HUB = "docker.io"
# Without a login, for an address, in six hours. https://docs.docker.com/docker-hub/usage/pulls (seen in 2026-11)
_HUB_PULLS = 100
_MANY = 200


def budget_line(references: Collection[Reference], opened: Opened) -> str:
    """What will be asked for, in words; empty if there is nothing to know.

    The entries of indexes and the configs of images come on top: nobody knows them before.
    """
    asked = [reference for reference in references if opened.resolver.at_hand(reference) is None]
    kept = len(references) - len(asked)
    if not asked:
        return f"nothing to ask: {_many(kept, 'digest')} in the cache; --no-cache asks again" if kept else ""
    registries = {reference.registry for reference in asked}
    what = "digest" if all(reference.digest for reference in asked) else "reference"
    line = f"asking for {_many(len(asked), what)}, {_many(len(registries), 'registry', 'registries')}"
    line += f" ({kept} more in the cache)" if kept else ""
    hub = sorted((reference for reference in asked if reference.registry == _HUB), key=str)
    if hub and opened.types:
        return f"{line}; no pull that Docker Hub counts, unless it does not answer to HEAD"
    left = opened.http.remaining(hub[0]) if hub and opened.http else None
    if hub:
        allowed = f"{left} left" if left is not None else f"{_HUB_PULLS} in 6 hours are free without a login"
        line += f"; Docker Hub: {_many(len(hub), 'counted pull')} at least, {allowed}"
    if not opened.http and (len(asked) > _MANY or 2 * len(hub) > _HUB_PULLS):
        # skopeo fetches a manifest again to find its config.
        line += "; --resolver http is faster" + (", and takes half of the counted pulls" if hub else "")
    return line


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"
