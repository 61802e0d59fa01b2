"""Predictions agree with what real engines did when they pulled real images: every row, none left open."""

import pytest

from planner.model.finding import Outcome, Verdict
from tests.oracle.agreement import agreements
from tests.oracle.predict import Oracle, Row, load_rows

# Kinds of which a pull that succeeds gives nothing that runs on the host, a Linux machine of amd64.
HOLLOW = {
    "cosign-sig",
    "helm",
    "oci-arm64",
    "oci-artifact11",
    "oci-artifact11-nolayers",
    "s2-arm64",
    "s2-plugin",
    "s2-windows",
    "x-attest-direct",
    "x-s1-arm64",
    "y-artifact-empty",
}
Judged = list[tuple[Row, Outcome | None]]


@pytest.fixture(scope="module")
def judged() -> Judged:
    oracle = Oracle()
    return [(row, oracle.predict(row)) for row in load_rows()]


def test_every_row_is_predicted(judged: Judged) -> None:
    found = agreements(judged)
    print("", *found, sep="\n")
    assert sum(agreement.total for agreement in found) == len(load_rows()) > 0
    assert not [miss for agreement in found for miss in agreement.misses]


def test_every_failure_and_every_warning_has_a_cause(judged: Judged) -> None:
    known = Oracle().knowledge.causes
    assert not [str(row) for row, outcome in judged if row.outcome != "ok" and _cause(outcome) not in known]


def test_a_warning_is_a_risk(judged: Judged) -> None:
    assert not [str(row) for row, outcome in judged if row.outcome == "warn" and not _is(Verdict.AT_RISK, outcome)]


def test_what_pulls_and_gives_nothing_that_runs_is_a_risk(judged: Judged) -> None:
    rows = [(row, outcome) for row, outcome in judged if row.image_kind in HOLLOW and row.outcome == "ok"]
    assert rows
    assert not [str(row) for row, outcome in rows if not _is(Verdict.AT_RISK, outcome) or not _cause(outcome)]


def test_refusals_name_what_the_engine_said(judged: Judged) -> None:
    """The expected message is the engine's own: most of its fixed words stand in what it printed."""
    failures = [(row, outcome) for row, outcome in judged if row.outcome == "fail" and row.message and outcome]
    strange = [f"{row}: {outcome.message}\n  {row.message}" for row, outcome in failures if not _is_said(row, outcome)]
    print(f"\nmessages: {len(failures) - len(strange)} of {len(failures)} as printed", *strange, sep="\n")
    assert failures
    assert not strange


def _is_said(row: Row, outcome: Outcome) -> bool:
    """Whether one of the wordings that are expected is in what was printed; no wording at all is none."""
    return any(_is_in(wording, row.message) for wording in outcome.message.split(" | "))


def _is_in(wording: str, text: str) -> bool:
    words = [word for word in wording.replace('"', " ").replace(":", " ").split() if word.isalpha()]
    return bool(words) and sum(word in text for word in words) >= len(words) * 0.7


def _cause(outcome: Outcome | None) -> str:
    return outcome.cause if outcome else ""


def _is(verdict: Verdict, outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.verdict is verdict
