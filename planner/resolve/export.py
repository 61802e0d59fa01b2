"""The cache as a recorded registry, for machines that reach no registry."""

from pathlib import Path

from planner.model.manifest import NotAManifestError, parse_manifest
from planner.model.reference import Reference
from planner.resolve.cache import Cache
from planner.resolve.snapshot import Key, config_key, manifest_key, write_snapshot


def export(path: Path, cache: Cache) -> int:
    """Write what a cache keeps as a snapshot, whole or not at all; returns how many answers. Raises OSError."""
    answers = {_key(reference, answer.body or b""): answer for reference, answer in cache.everything()}
    write_snapshot(path, answers, "")
    return len(answers)


def _key(reference: Reference, body: bytes) -> Key:
    """The cache does not tell manifests from configs; their bytes do."""
    try:
        parse_manifest(body)
    except NotAManifestError:
        return config_key(reference, str(reference.digest))
    return manifest_key(reference)
