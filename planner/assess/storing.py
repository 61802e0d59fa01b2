"""What a registry stores when it is pushed: a copy in a form that it refuses cannot be made there."""

from planner.assess.delivery import RegistryView
from planner.model import media_type as mt
from planner.model.stores import Stores


def storable(known: RegistryView, media_type: str) -> bool | None:
    """Whether a manifest of that type can be pushed; None where nobody knows, as of a registry of unknown software.

    What a setting of the registry would allow is not storable: settings are not declared.
    """
    entry = _entry(known, media_type)
    return entry.takes if entry else None


def why_refused(known: RegistryView, media_type: str) -> str:
    """One sentence on why such a manifest is not storable, and what would lift it; empty where it is or may be."""
    entry = _entry(known, media_type)
    if entry is None or entry.takes or known.knowledge is None:
        return ""
    version = "" if known.knowledge.versionless else f" {known.version}"
    answer = " ".join(word for word in (str(entry.status or ""), entry.message) if word)
    kind = mt.TITLES.get(media_type, media_type)
    what = f"{known.knowledge.title}{version} at {known.host} refuses to store a {kind}"
    unless = f", unless {entry.switch} is set there" if entry.switch else ""
    return f"{what}{f' ({answer})' if answer else ''}{unless}: {entry.source[0]}"


def _entry(known: RegistryView, media_type: str) -> Stores | None:
    """The first entry that holds; none of a version beyond those that are known."""
    registry, version = known.knowledge, known.version
    if registry is None or version is None:
        return None
    if not registry.versionless and not registry.first <= version.released <= registry.newest:
        return None
    entries = (entry for entry in registry.stores if version in entry.versions)
    return next((entry for entry in entries if not entry.types or media_type in entry.types), None)
