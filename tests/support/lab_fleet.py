"""A folder with hosts and pins of the oracle's images, their registry recorded, as the commands read it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from planner.model.report import Report
from planner.resolve.opening import Opening
from planner.resolve.snapshot import snapshot_text
from planner.scan import PlanRequest, Request, scan
from tests.cases.record import RECORDED_AT, REGISTRY, Answers, Recording, _lab_images

_NOW = datetime(2026, 11, 29, tzinfo=UTC)


def pinned(kind: str, registry: str = REGISTRY) -> str:
    """An image of the oracle by its digest."""
    image = _lab_images()[kind]
    return f"{registry}/{image['repository']}@{image['pulled_by_digest']}"


def compose(*references: str) -> str:
    """A compose file with one service for each."""
    return "services:\n" + "".join(f"  s{n}:\n    image: {reference}\n" for n, reference in enumerate(references))


def reported(folder: Path, files: Mapping[str, str], *recordings: Recording, planned: bool = False) -> Report:
    """What a run says of these files, with the registry as it is recorded."""
    (folder / "infra").mkdir(parents=True)
    for name, text in files.items():
        (folder / "infra" / name).write_text(text)
    answers: Answers = {}
    for recording in recordings:
        answers.update(recording())
    (folder / "registry.jsonl").write_text(snapshot_text(answers, RECORDED_AT))
    how = Opening(offline=folder / "registry.jsonl", cache=False)
    return scan(Request(folder / "infra", how=how, plan=PlanRequest("") if planned else None), _NOW)
