"""Predictions agree with what real engines did when they pulled real images."""

from collections import Counter

import pytest

from planner.model.finding import Verdict
from tests.oracle.predict import Oracle, Row, compared, contradicts, load_rows

# What manifests cannot tell, each with the reason. Anything else that contradicts is a defect.
LIMITS = {
    "s2-gziptype-zstddata": "zstd bytes under a gzip media type: only the layer itself tells, and it is not read",
    "x-digest-mismatch": "by tag: the header announces another digest than the bytes have; by digest it is predicted",
}
# An unknown must be for a reason that the manifest cannot settle.
OPEN_CAUSES = {"foreign-layer"}


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle()


def _is_limit(row: Row) -> bool:
    return row.image_kind in LIMITS and not (row.image_kind == "x-digest-mismatch" and row.ref_kind == "digest")


def test_no_prediction_contradicts_reality(oracle: Oracle) -> None:
    wrong = [
        f"{row}: {row.outcome} ({row.message[:80]}), predicted {outcome.verdict} {outcome.cause}"
        for row, outcome in compared(oracle)
        if contradicts(row, outcome) and not _is_limit(row)
    ]
    assert not wrong, "\n".join(wrong)


def test_unknown_is_kept_for_what_cannot_be_known(oracle: Oracle) -> None:
    vague = [
        f"{row}: {outcome.cause} {outcome.evidence}"
        for row, outcome in compared(oracle)
        if outcome.verdict is Verdict.UNKNOWN and outcome.cause not in OPEN_CAUSES
    ]
    assert not vague, "\n".join(vague)


def test_refusals_name_what_the_engine_said(oracle: Oracle) -> None:
    """The expected message is the engine's own: most of its fixed words stand in what it printed."""
    checked = Counter[bool]()
    for row, outcome in compared(oracle):
        if outcome.verdict is Verdict.BREAKS and outcome.message and row.message and row.outcome == "fail":
            wanted = outcome.message.split("{")[0].split(" | ")[0]
            words = [word for word in wanted.replace('"', " ").split() if word.isalpha()]
            checked[sum(word in row.message for word in words) >= len(words) * 0.7] += 1
    print(f"\nmessages: {checked[True]} of {checked.total()} as printed")
    assert checked[True] >= checked.total() * 0.9


def test_most_rows_are_judged(oracle: Oracle) -> None:
    rows = load_rows()
    judged = Counter(row.engine for row, _ in compared(oracle))
    left_out = Counter(row.engine for row in rows) - judged
    agreed = sum(not contradicts(row, outcome) for row, outcome in compared(oracle))
    print(f"\nagreed: {agreed} of {judged.total()} predictions; no data on: {dict(left_out)}")
    assert judged.total() >= len(rows) * 0.75
