"""Real engines pull every image of the oracle, and planner predicts from what its own resolver saw of the same."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from planner.model.finding import Outcome
from planner.model.reference import Reference, parse_reference
from planner.model.report import asked
from planner.model.resolution import Resolution, State
from planner.resolve import resolve
from planner.resolve.skopeo import SkopeoResolver
from tests.engines.shelf import CONVERTED, CONVERTED_FROM, REFS, Shelf
from tests.oracle.images import OracleImage
from tests.oracle.predict import Oracle, Row
from tests.support.engines import Engine, Pulled, running_engine


@dataclass(frozen=True)
class Sight:
    """What is known of the images before anybody pulls them.

    `seen` is what planner learns through skopeo; `full` adds what skopeo does not show: header digests, the bytes of
    layers, manifests above its limit. Both predict: the one as a scan does today, the other as knowledge allows.
    """

    seen: Oracle
    full: Oracle


def look(shelf: Shelf) -> Sight:
    """Ask for every reference of the shelf with planner's resolver."""
    full = Oracle()
    resolver = SkopeoResolver()
    try:
        found = resolve([_reference(shelf, *key) for key in shelf.references], resolver, None, jobs=2)
    finally:
        resolver.close()
    by_key = {key: found[asked(_reference(shelf, *key))] for key in shelf.references}
    kinds = {kind for kind, _ in shelf.references}
    known = {**full.images, CONVERTED: _converted(full.images)} if CONVERTED in kinds else full.images
    stored = {kind: "registry" if shelf.in_registry(kind) else "stub" for kind in kinds}
    seen = Oracle()
    seen.images = {kind: OracleImage(kind, stored[kind], *(by_key[kind, ref] for ref in REFS)) for kind in kinds}
    full.images = {
        kind: OracleImage(
            kind,
            stored[kind],
            _completed(by_key[kind, "tag"], known[kind].by_tag, stored[kind]),
            _completed(by_key[kind, "digest"], known[kind].by_digest, stored[kind]),
        )
        for kind in kinds
    }
    return Sight(seen, full)


def pull_all(name: str, shelf: Shelf) -> list[Row]:
    """Run one engine, let it pull every reference, and note what happened in the form of the recorded outcomes."""
    # The path of a socket holds 108 bytes at most, so a short folder.
    with tempfile.TemporaryDirectory(prefix="planner-") as folder, running_engine(name, Path(folder)) as engine:
        return [_row(engine, kind, ref, engine.pull(reference)) for (kind, ref), reference in shelf.references.items()]


def predictions(rows: list[Row], oracle: Oracle) -> list[tuple[Row, Outcome | None]]:
    """Every row with what planner says of it."""
    return [(row, oracle.predict(row)) for row in rows]


def _row(engine: Engine, kind: str, ref: str, pulled: Pulled) -> Row:
    warned = "deprecat" in pulled.said.lower()
    outcome = "fail" if not pulled.worked else "warn" if warned else "ok"
    return Row(
        engine.name, engine.version, engine.client or engine.store or "default", kind, ref, outcome, pulled.said.strip()
    )


def _reference(shelf: Shelf, kind: str, ref: str) -> Reference:
    return parse_reference(shelf.references[kind, ref])


def _converted(images: Mapping[str, OracleImage]) -> OracleImage:
    source = images[CONVERTED_FROM]
    missing = Resolution(source.by_digest.reference, State.MISSING)
    return OracleImage(CONVERTED, source.stored_by, source.by_tag, missing)


def _completed(seen: Resolution, known: Resolution, stored_by: str) -> Resolution:
    """What was seen, with what only a look at headers and layers tells."""
    if seen.state is State.TOO_LARGE and known.state is State.RESOLVED:
        return known
    if seen.state is not known.state:
        return seen  # what planner did not see rightly it may not predict rightly: the comparison tells
    children = (
        _completed(child, known.child(child.reference.digest or "") or child, stored_by) for child in seen.children
    )
    return replace(
        seen,
        content_type=seen.content_type or known.content_type,
        # A real registry names what it sends; only the other server can be made to lie.
        header_digest=seen.digest if stored_by == "registry" else known.header_digest,
        layers=known.layers,
        config=seen.config or known.config,
        config_missing=seen.config_missing or known.config_missing,
        children=tuple(children),
    )
