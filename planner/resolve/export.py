"""The cache as a recorded registry, for machines that reach no registry."""

from dataclasses import dataclass
from pathlib import Path

from planner.errors import UsageError
from planner.model.manifest import NotAManifestError, parse_manifest
from planner.model.reference import Reference
from planner.resolve.cache import Cache
from planner.resolve.snapshot import Key, config_key, manifest_key, write_snapshot


@dataclass(frozen=True, slots=True)
class Exported:
    """How many answers were written, and how many were not: those that this machine's registries.conf led elsewhere."""

    count: int
    left_out: int


def export(path: Path, cache: Cache) -> Exported:
    """Write what a cache keeps of the registries that it names as a snapshot, whole or not at all.

    Raises UsageError where it cannot be written, the cache not be read, or nothing is to be written over something.
    """
    answers = {_key(reference, answer.body or b""): answer for reference, answer in cache.everything()}
    left_out = cache.other_ways()
    if wrong := cache.take_notices():
        raise UsageError(f"{' '.join(wrong)} Nothing was written to {path}")
    if not answers and path.exists() and path.stat().st_size:
        holds = f"holds nothing but what came by registries.conf ({left_out})" if left_out else "is empty"
        raise UsageError(f"the cache {cache.path} {holds}, so {path} was left as it was")
    write_snapshot(path, answers, "")
    return Exported(len(answers), left_out)


def _key(reference: Reference, body: bytes) -> Key:
    """The cache does not tell manifests from configs; their bytes do."""
    try:
        parse_manifest(body)
    except NotAManifestError:
        return config_key(reference, str(reference.digest))
    return manifest_key(reference)
