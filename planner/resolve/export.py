"""The cache as a recorded registry, for machines that reach no registry."""

from datetime import UTC, datetime
from pathlib import Path

from planner.resolve.cache import Cache
from planner.resolve.caching import is_manifest
from planner.resolve.snapshot import config_key, manifest_key, write_text
from planner.resolve.snapshot_line import written


def export(path: Path, cache: Cache) -> int:
    """Write what a cache keeps as a snapshot, whole or not at all; returns how many answers. Raises OSError."""
    lines = {}
    for reference, answer, stored_at in cache.everything():
        is_config = not is_manifest(answer.body or b"")
        key = config_key(reference, str(reference.digest)) if is_config else manifest_key(reference)
        lines[key] = written(key, answer, datetime.fromtimestamp(stored_at, UTC).isoformat(timespec="seconds"))
    write_text(path, "".join(f"{lines[key]}\n" for key in sorted(lines)))
    return len(lines)
