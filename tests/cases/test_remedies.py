"""Every re-pin that a report offers is carried out and judged anew: no host that runs it fails then, now or after."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from planner.assess import assess
from planner.model.finding import Verdict
from planner.model.reference import Reference, parse_reference
from planner.model.report import Report, asked
from planner.model.resolution import Resolution
from planner.resolve.opening import Opening
from planner.scan import Request, scan
from tests.support.knowledge import KNOWLEDGE

CASES = Path(__file__).parent
FOLDERS = sorted(path.parent for path in CASES.glob("*/registry.jsonl"))
_NOW = datetime(2026, 11, 29, tzinfo=UTC)
_REPIN = re.compile(r"^Re-pin to `([^`]+)`")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_pin_that_is_offered_is_pulled_by_all(folder: Path) -> None:
    report = scan(Request(folder / "inventory", how=Opening(offline=folder / "registry.jsonl")), _NOW)
    known = _known(report)
    offers = {(f.occurrence, found[1]) for f in report.findings for r in f.remedies if (found := _REPIN.match(r))}
    for occurrence, text in offers:
        new = parse_reference(text)
        edited = [replace(o, reference=new) if o.reference == occurrence.reference else o for o in report.occurrences]
        hosts = report.hosts
        after = assess(edited, known, hosts, report.registries, KNOWLEDGE, today=_NOW.date())
        broken = [f for f in after.findings if f.occurrence.reference == new and f.hosts]
        worst = {f.outcome.cause for f in broken if f.verdict is Verdict.BREAKS or f.outcome.hollow}
        assert not worst, f"{occurrence.file}:{occurrence.line} re-pinned to {text}"


def test_there_are_offers() -> None:
    """The test above would pass without any."""
    folder = CASES / "cause-ambiguous-manifest"
    report = scan(Request(folder / "inventory", how=Opening(offline=folder / "registry.jsonl")), _NOW)
    assert any(_REPIN.match(remedy) for finding in report.findings for remedy in finding.remedies)


def _known(report: Report) -> dict[Reference, Resolution]:
    """Every document that was read, by its own digest."""
    parts = [part for found in report.resolutions.values() for part in found.tree()]
    return {asked(part.reference): part for part in parts} | dict(report.resolutions)
