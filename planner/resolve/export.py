"""The cache as a recorded registry, for machines that reach no registry."""

from datetime import UTC, datetime
from pathlib import Path

from planner.model.manifest import NotAManifestError, parse_manifest
from planner.model.reference import Reference
from planner.resolve.cache import Cache
from planner.resolve.snapshot import write_text
from planner.resolve.snapshot_line import Key, config_key, manifest_key, written


def export(path: Path, cache: Cache) -> int:
    """Write what a cache keeps as a snapshot, whole or not at all; returns how many answers. Raises OSError."""
    lines = {}
    for reference, answer, stored_at in cache.everything():
        key = _key(reference, answer.body or b"")
        lines[key] = written(key, answer, datetime.fromtimestamp(stored_at, UTC).isoformat(timespec="seconds"))
    write_text(path, "".join(f"{lines[key]}\n" for key in sorted(lines)))
    return len(lines)


def _key(reference: Reference, body: bytes) -> Key:
    """The cache does not tell manifests from configs; their bytes do."""
    try:
        parse_manifest(body)
    except NotAManifestError:
        return config_key(reference, str(reference.digest))
    return manifest_key(reference)
