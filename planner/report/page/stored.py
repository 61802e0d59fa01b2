"""What is known of a stored manifest, as terms with words: what it is, what the registry called it, who says so."""

from planner.model.resolution import Resolution, State
from planner.report.words import media_title, platforms

_BY = {"skopeo": "asked through skopeo", "http": "asked over HTTP", "cache": "from the cache", "snapshot": "recorded"}


def facts(resolution: Resolution | None) -> list[tuple[str, str]]:
    """Pairs of a term and what is known, in the order people ask; empty where nobody asked.

    Media types stand in backticks.
    """
    if resolution is None:
        return []
    told = [("Stored as", _stored(resolution)), ("Answered as", _answered(resolution))]
    if found := platforms(resolution):
        told.append(("Platforms", ", ".join(found)))
    return [*told, ("Known from", _source(resolution))]


def _stored(resolution: Resolution) -> str:
    if resolution.media_type:
        title = media_title(resolution)
        return f"{title}, `{resolution.media_type}`" if title != resolution.media_type else f"`{title}`"
    if resolution.state is State.MISSING:
        return "nothing under this name"
    return f"not known: {resolution.state.value.replace('-', ' ')}"


def _answered(resolution: Resolution) -> str:
    """The Content-Type that came with the answer, which an engine compares with what the manifest says of itself."""
    if resolution.content_type is None:
        return "Content-Type not seen" if resolution.media_type else resolution.detail or "no answer"
    if resolution.content_type == resolution.media_type:
        return "the same, by its Content-Type"
    return f"`{resolution.content_type}`" if resolution.content_type else "no Content-Type"


def _source(resolution: Resolution) -> str:
    when = f" on {resolution.fetched_at[:16].replace('T', ' ')}" if resolution.fetched_at else ""
    return _BY.get(resolution.source, resolution.source or "an earlier report") + when
